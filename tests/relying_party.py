"""A client of ours that speaks only HTTP: a relying party, with the browser of the person who uses it."""

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

import requests

from shared.kit import ids
from tests.parts.browsing import Browser, Page
from tests.parts.world import Application, Person

SCOPE = "openid profile email offline_access"


@dataclass(frozen=True)
class Reply:
    """An answer in JSON; its members are attributes too, and None when missing: `reply.error`, `tokens.access_token`."""

    status: int
    json: dict[str, Any]
    headers: Any
    text: str

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.json.get(name)


@dataclass(frozen=True)
class Asked:
    """What one authorization request was sent with, and must be answered with."""

    state: str | None
    nonce: str | None
    verifier: str
    redirect_uri: str


class RelyingParty:
    """`application` as its developers would write it, and `browser`, in which `person` signs in."""

    def __init__(self, issuer: str, application: Application, person: Person, browser: Browser | None = None) -> None:
        self.issuer = issuer
        self.application = application
        self.person = person
        self.browser = browser or Browser(_origin_of(issuer))
        self.http = requests.Session()
        self.http.trust_env = False
        self.asked = Asked(None, None, "", application.redirect_uri)

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """The discovery document (OpenID Connect Discovery §4)."""
        return self.http.get(f"{self.issuer}/.well-known/openid-configuration", timeout=30).json()

    def authorize_url(self, **params: str | list[str] | None) -> str:
        """An authorization request with PKCE, state and nonce; `params` add to it and replace, None takes away."""
        verifier = ids.token(32)
        sent = {
            "response_type": "code",
            "client_id": self.application.client_id,
            "redirect_uri": self.application.redirect_uri,
            "scope": SCOPE,
            "state": ids.token(8),
            "nonce": ids.token(8),
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
            **params,
        }
        self.asked = Asked(sent["state"], sent["nonce"], verifier, sent["redirect_uri"] or self.application.redirect_uri)
        given = {name: value for name, value in sent.items() if value is not None}
        return f"{self.metadata['authorization_endpoint']}?{urlencode(given, doseq=True, quote_via=quote)}"

    def start(self, **params: str | list[str] | None) -> Page:
        """Send the browser to us. What it sees then: a page to answer, or the way back in `answer`."""
        return self.browser.get(self.authorize_url(**params))

    def sign_in(self) -> Page:
        """Fill in the login page that the browser sees."""
        return self.browser.submit(email=self.person.email, password=self.person.password)

    def allow(self) -> Page:
        """Press Allow on the consent page."""
        return self.browser.submit(press="allow")

    def deny(self) -> Page:
        """Press Deny on the consent page."""
        return self.browser.submit(press="deny")

    def walk(self, **params: str | list[str] | None) -> Page:
        """Start, and answer login and consent pages until the browser leaves or sees something else."""
        page = self.start(**params)
        for _ in range(4):
            if page.left_to is not None:
                break
            if page.path.endswith("/login"):
                page = self.sign_in()
            elif page.path.endswith("/consent"):
                page = self.allow()
            else:
                break
        return page

    def sign_in_and_allow(self, **params: str | list[str] | None) -> str:
        """Start, sign in where asked, allow where asked. The code, after the checks that a good relying party makes."""
        answer = self.walk(**params).answer
        assert answer.get("error") is None, answer
        assert answer.get("state") == self.asked.state
        assert answer.get("iss") == self.issuer
        return answer["code"]

    def exchange(self, code: str, **params: str | list[str] | None) -> Reply:
        """Exchange a code for tokens (RFC 6749 §4.1.3)."""
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.asked.redirect_uri,
            "code_verifier": self.asked.verifier,
            **params,
        }
        return self.token(**sent)

    def refresh(self, refresh_token: str, **params: str | list[str] | None) -> Reply:
        """Ask for new tokens (RFC 6749 §6)."""
        return self.token(**{"grant_type": "refresh_token", "refresh_token": refresh_token, **params})

    def tokens(self, **params: str | list[str] | None) -> Reply:
        """Sign in, allow, exchange: the tokens."""
        reply = self.exchange(self.sign_in_and_allow(**params))
        assert reply.status == 200, reply.text
        return reply

    def token(self, *, headers: dict[str, str] | None = None, **params: str | list[str] | None) -> Reply:
        """Ask the token endpoint, authenticated in the header (client_secret_basic), or by name alone for a public client."""
        given = {name: value for name, value in params.items() if value is not None}
        if self.application.client_secret is None:
            given.setdefault("client_id", self.application.client_id)
            return self.post(self.metadata["token_endpoint"], given, headers or {})
        return self.post(self.metadata["token_endpoint"], given, self.basic() if headers is None else headers)

    def basic(self, secret: str | None = None) -> dict[str, str]:
        """The header of client_secret_basic (RFC 6749 §2.3.1)."""
        pair = f"{quote(self.application.client_id)}:{quote(secret or self.application.client_secret or '')}"
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}

    def userinfo(self, access_token: str, *, method: str = "GET") -> Reply:
        """Ask who the token speaks for (OpenID Connect Core §5.3)."""
        headers = {"Authorization": f"Bearer {access_token}"}
        return reply_of(self.http.request(method, self.metadata["userinfo_endpoint"], headers=headers, timeout=30))

    def logout(self, **params: str | list[str] | None) -> Page:
        """Send the browser to the logout endpoint (OpenID Connect RP-Initiated Logout §2)."""
        given = {name: value for name, value in params.items() if value is not None}
        return self.browser.get(self.metadata["end_session_endpoint"], **given)

    def jwks(self) -> dict[str, Any]:
        """The issuer's public keys."""
        return self.http.get(self.metadata["jwks_uri"], timeout=30).json()

    def post(self, url: str, fields: dict[str, Any], headers: dict[str, str]) -> Reply:
        """Post a form as a program does: no cookies, no redirects."""
        return reply_of(self.http.post(url, data=fields, headers=headers, timeout=30, allow_redirects=False))


def challenge(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636 §4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def unverified_claims(token: str) -> dict[str, Any]:
    """What a JWT says, without looking at its signature."""
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def unverified_header(token: str) -> dict[str, Any]:
    """The header of a JWT, without looking at its signature."""
    head = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))


def reply_of(response: requests.Response) -> Reply:
    """The answer, with its JSON if it is any."""
    try:
        body = response.json()
    except ValueError:
        body = {}
    return Reply(response.status_code, body if isinstance(body, dict) else {}, response.headers, response.text)


def _origin_of(issuer: str) -> str:
    return "/".join(issuer.split("/")[:3])
