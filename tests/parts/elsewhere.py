"""A provider as an operator adds it, and that says whatever a test wants: over https, from its discovery document on."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc.jwk import Key

from shared.kit import clock, ids
from shared.kit.db import db
from shared.models.provider import Identity, Provider
from shared.models.user import User
from shared.services import providers
from tests.parts.browsing import Browser, Page
from tests.parts.https import Https
from tests.parts.signing import Signer, new_key
from tests.parts.world import TESTS, World

CLIENT_ID, SECRET = "our-client-id", "our secret/at+the provider"
SOMEBODY = {"sub": "somebody-1", "email": "some@body.example", "email_verified": True, "name": "Some Body"}


@dataclass
class Elsewhere:
    """Serves discovery, keys, tokens and userinfo below `https.url` and `path`. `claims` is who signs in there."""

    https: Https
    path: str = "/op"
    key: Key = field(default_factory=lambda: new_key("ES256"))
    claims: dict[str, Any] = field(default_factory=lambda: dict(SOMEBODY))

    def __post_init__(self) -> None:
        self.discover()
        self.json("/jwks.json", {"keys": [{**self.key.as_dict(private=False), "alg": "ES256", "use": "sig"}]})
        self.json("/userinfo", self.claims)

    @property
    def issuer(self) -> str:
        return self.https.url + self.path

    def discover(self, **changes: Any) -> None:
        """Answer with a good discovery document, changed; None takes a member away."""
        good = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks.json",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "response_types_supported": ["code"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        }
        told = {name: value for name, value in {**good, **changes}.items() if value is not None}
        self.json("/.well-known/openid-configuration", told)

    def json(self, path: str, body: Any, *, status: int = 200) -> None:
        """Answer `path` with JSON."""
        self.https.answer(self.path + path, json.dumps(body).encode(), status=status)

    def add_to(self, world: World, slug: str = "elsewhere", **rules: Any) -> Provider:
        """Let people of `world` sign in with it."""
        told = {"preset": "openid", "name": slug.capitalize(), "discovery_url": self.issuer, "trusts_email": True, **rules}
        with world.inside():
            tenant = told.pop("tenant", world.tenant)
            return providers.create(tenant, slug=slug, client_id=CLIENT_ID, secret=told.pop("secret", SECRET), by=TESTS, **told)

    def id_token(
        self, sent: dict[str, str], *, header: dict[str, Any] | None = None, key: Key | None = None, **changes: Any
    ) -> str:
        """A good ID token for the request that was `sent`, changed."""
        now = clock.timestamp()
        good = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": sent.get("nonce"), **self.claims}
        good["auth_time"] = now
        claims = {name: value for name, value in {**good, **changes}.items() if value is not None}
        head = {"alg": "ES256", "kid": self.key.kid, **(header or {})}
        return Signer("", "", key or self.key, "ES256").sign({n: v for n, v in head.items() if v is not None}, claims)

    def tokens(self, id_token: str | None = None, **changes: Any) -> None:
        """Answer the token endpoint with these."""
        good = {
            "access_token": ids.token(16),
            "token_type": "Bearer",
            "expires_in": 300,
            "refresh_token": "a refresh token",
            "id_token": id_token,
        }
        self.json("/token", {name: value for name, value in {**good, **changes}.items() if value is not None})

    def exchanged(self) -> dict[str, Any]:
        """What the token endpoint was sent last: its form, and `authorization`."""
        asked = next(asked for asked in reversed(self.https.asked) if asked["path"] == f"{self.path}/token")
        form = {name: values[0] for name, values in parse_qs(asked["body"]).items()}
        return {**form, "authorization": asked.get("Authorization")}


def sent(page: Page) -> dict[str, str]:
    """What the browser was sent to a provider with."""
    assert page.left_to is not None, page.words
    return {name: values[0] for name, values in parse_qs(urlsplit(page.left_to).query).items()}


def leave(browser: Browser, slug: str = "elsewhere", *, at: str = "/login") -> dict[str, str]:
    """Press the button of a provider on the login page: what the browser is sent there with."""
    browser.get(at)
    return sent(browser.submit(press=f"with-{slug}"))


def come_back(browser: Browser, asked: dict[str, str], slug: str = "elsewhere", **changes: str | None) -> Page:
    """Come back from there with a code, and whatever else."""
    answer = {"code": "a-code", "state": asked["state"], **changes}
    return browser.get(f"/login/with/{slug}/callback", **{name: value for name, value in answer.items() if value is not None})


def sign_in(browser: Browser, elsewhere: Elsewhere, slug: str = "elsewhere", **changes: Any) -> Page:
    """There and back again, with a good answer."""
    asked = leave(browser, slug)
    elsewhere.tokens(elsewhere.id_token(asked, **changes))
    return come_back(browser, asked, slug)


def nobody(browser: Browser) -> bool:
    """Whether nobody is signed in at this browser."""
    return browser.get("/account").path == "/login"


def slow_token(elsewhere: Elsewhere, seconds: float) -> None:
    """The token endpoint answers what it answers now, and takes its time."""
    (pieces, _) = elsewhere.https._answers["/op/token"]
    elsewhere.https.raw("/op/token", [b"", *pieces], pause=seconds)


def linked(world: World) -> list[tuple[str, str]]:
    """Who elsewhere is linked to whose account."""
    with world.inside():
        rows = db.session.query(Identity.subject, User.email).join(User, User.id == Identity.user_id)
        return sorted((str(subject), str(email)) for subject, email in rows)


OVER, UNVERIFIED = "This sign-in is over", "could not be verified"
