"""The guard of the API: access tokens in requests (RFC 6750, RFC 9449 §7), believed after the checks of RFC 9068 §4."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, Response, current_app, g, make_response, request

from shared.kit import clock, ids, log
from shared.kit.errors import AppError
from shared.kit.settings import Settings
from shared.models.authorization import TWO_FACTORS
from shared.models.scope import ADMIN
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.services import authorizations, factors, granted, users
from shared.web import access_token, dpop, dpop_proof, errors, tenancy
from shared.web.access_token import AccessToken, NotBelieved
from shared.web.dpop_proof import NotProved
from shared.web.jwks_source import JwksSource

P = ParamSpec("P")
R = TypeVar("R")

EXTENSION = "bailiwick.bearer"
REMEMBERED = 4096  # tokens
ASKED_AGAIN = 0.5  # seconds
READING = ("GET", "HEAD")
BEARER, DPOP = "Bearer", "DPoP"
SCHEMES = {scheme.lower(): scheme for scheme in (BEARER, DPOP)}


class Refused(AppError):
    """The request is not let in. `error` is a code of RFC 6750 §3.1, RFC 9449 §7.1 or RFC 9470 §3, None without any credentials.

    `asks` is what a new token must be asked for with.
    """

    def __init__(
        self, status: int, error: str | None, message: str, scopes: tuple[str, ...] = (), asks: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = error or "unauthorized"
        self.error = error
        self.scopes = scopes
        self.asks = asks or {}


def init_app(app: Flask, settings: Settings) -> None:
    """Guard the views of `app` that ask for it."""
    app.extensions[EXTENSION] = _Guard(settings.issuer_internal_url or settings.public_url)
    app.register_error_handler(Refused, _refusal)


def require(
    *scopes: str, acr: str | None = None, max_age: int | None = None, whole: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a request in only with an access token of this tenant's issuer that has all of `scopes`.

    And, for what matters more, only if its person signed in as surely as `acr` says, not longer than `max_age` seconds ago, and,
    where they must be `whole`, with the second factor that is demanded of them by now: they could not open the page either.
    """

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            g.access_token = _admit(scopes)
            _check_login(g.access_token, scopes, acr, max_age)
            if whole:
                check_whole(*scopes)
            return view(*args, **kwargs)

        guarded.__dict__["scopes"] = scopes  # for the API document
        return guarded

    return guard


def token() -> AccessToken:
    """The access token that this request was let in with."""
    return g.access_token


def claims() -> Mapping[str, object]:
    """What the token says (RFC 9068 §2.2)."""
    return token().claims


def subject() -> User:
    """The person the token speaks for. Raises Refused when there is no such person any more, or they are disabled."""
    user = _find_person(token())
    if user is None or user.disabled:
        raise nobody()
    return user


def _find_person(believed: AccessToken) -> User | None:
    # RFC 9068 §5: a client in its own name is nobody, whatever its client_id looks like, also when another one stands in for it.
    if believed.subject == believed.client_id or authorizations.is_of_client(str(believed.claims.get("jti"))):
        return None
    # `sub` may be pairwise (§6): whose the authorization is says more.
    if authorization_id := believed.authorization_id:
        return authorizations.find_person(tenancy.tenant(), authorization_id)
    return users.find(tenancy.tenant(), believed.subject)


def check_whole(*scopes: str) -> None:
    """Raise Refused unless the person gave all that is demanded of them now, whatever it was before (RFC 9470 §3).

    Whom a trusted issuer vouches for gave it there or not, as its operator knows who trusts it; here nobody signed in. The API of
    operators is not opened so.
    """
    person, authorization_id = _find_person(token()), token().authorization_id
    if person is None or not factors.demanded(tenancy.tenant(), person, token().amr):
        return
    if ADMIN in scopes or authorization_id is None or not granted.is_vouched_for(authorization_id):
        words = f"The person must give a second factor: ask for a token with acr_values={TWO_FACTORS}."
        raise Refused(401, "insufficient_user_authentication", words, scopes, {"acr_values": TWO_FACTORS})


def nobody() -> Refused:
    """The refusal of a token whose person is gone or disabled."""
    return Refused(401, "invalid_token", "The token speaks for no active person.")


def keys_of(tenant: Tenant) -> JwksSource:
    """The published keys of the tenant's issuer."""
    return current_app.extensions[EXTENSION].source(tenant.path)


class _Recent:
    """Tokens believed lately, by fingerprint. Two halves: when the younger is full, the older is dropped."""

    def __init__(self, size: int) -> None:
        self._half = size // 2
        self._young: dict[bytes, AccessToken] = {}
        self._old: dict[bytes, AccessToken] = {}

    def find(self, fingerprint: bytes) -> AccessToken | None:
        found = self._young.get(fingerprint)
        if found is None and (found := self._old.get(fingerprint)):
            self.keep(fingerprint, found)
        return found

    def keep(self, fingerprint: bytes, believed: AccessToken) -> None:
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[fingerprint] = believed


@dataclass
class _Guard:
    """What one process knows of issuers and tokens."""

    origin: str
    recent: _Recent = field(default_factory=lambda: _Recent(REMEMBERED))
    sources: dict[str, JwksSource] = field(default_factory=dict)

    def source(self, path: str) -> JwksSource:
        """The keys of the issuer at `path`; only known tenants ask, so their number is bounded."""
        found = self.sources.get(path)
        # Two threads may both make one here: setdefault lets one win.
        return found or self.sources.setdefault(path, JwksSource(f"{self.origin}{path}/.well-known/jwks.json"))

    def believe(self, text: str, *, path: str, issuer: str) -> AccessToken:
        """The token that `text` is. Raises NotBelieved, or Unavailable when the issuer's keys are not to be had."""
        fingerprint, source, now = ids.fingerprint(text), self.source(path), clock.timestamp()
        known = self.recent.find(fingerprint)
        if known and known.issuer == issuer and known.expires_at > now and source.find(str(known.key.kid)) is known.key:
            return known
        believed = access_token.verify(text, issuer=issuer, audience=f"{issuer}/api", find_key=source.find, now=now)
        self.recent.keep(fingerprint, believed)
        return believed


def _admit(scopes: tuple[str, ...]) -> AccessToken:
    tenant = tenancy.tenant()  # first: where there is no tenant, there is nothing to be let into
    text = _credentials(scopes)
    guard: _Guard = current_app.extensions[EXTENSION]
    try:
        believed = guard.believe(text, path=tenant.path, issuer=tenancy.issuer())
    except NotBelieved as error:
        raise Refused(401, "invalid_token", str(error), scopes) from None
    _check_scheme(believed)
    _check_stands(believed)
    if not believed.scopes.issuperset(scopes):
        raise Refused(403, "insufficient_scope", "The token does not have the scope that this needs.", scopes)
    if believed.jkt is not None:
        _check_proof(text, believed.jkt)
    if isinstance(act := believed.claims.get("act"), dict):
        # RFC 8693 §4.1: the rights are the person's, and the log says who uses them.
        log.bind(acting=act.get("sub"))
    return believed


def _check_login(believed: AccessToken, scopes: tuple[str, ...], acr: str | None, max_age: int | None) -> None:
    """The person signed in as this needs it (RFC 9470 §3); a token that does not say is not believed to be of such a login."""
    asks = {name: value for name, value in {"acr_values": acr, "max_age": max_age}.items() if value is not None}
    sure = acr is None or believed.claims.get("acr") == acr
    if not (sure and (max_age is None or believed.login_age(clock.timestamp()) <= max_age)):
        words = "The person must sign in for this: ask for a token with " + " and ".join(f"{name}={asks[name]}" for name in asks)
        raise Refused(401, "insufficient_user_authentication", f"{words}.", scopes, asks)


def _check_scheme(believed: AccessToken) -> None:
    """A token that is bound to a key comes as DPoP, and any other one as Bearer (RFC 9449 §7.1, §7.2)."""
    fit = BEARER if believed.jkt is None else DPOP
    if g.scheme != fit:
        g.scheme = fit
        how = "comes as Bearer" if fit == BEARER else "is bound to a key and comes as DPoP, with a proof"
        raise Refused(401, "invalid_token", f"This token {how}.")


def _check_proof(text: str, jkt: str) -> None:
    """The request proves to hold the key that its token is bound to, now and for this alone (RFC 9449 §4.3, §7.1)."""
    try:
        proved = dpop.prove(access_token=text)
        if proved.jkt != jkt:
            raise Refused(401, "invalid_token", "The proof is by another key than that of the token.")
        dpop.spend(proved)
    except NotProved as refused:
        log.get().info("protocol.refused", error=refused.error, section=refused.section, mend=refused.mend)
        raise Refused(401, refused.error, refused.description) from None


def _check_stands(believed: AccessToken) -> None:
    """What the token was given for still stands; asked again after half a second, so that no node believes it for longer.

    And for whatever changes something: a program that sees the end coming is quicker than half a second.
    """
    moment = clock.ticks()
    if request.method in READING and moment - believed.asked_at < ASKED_AGAIN:
        return
    if not authorizations.stands(str(believed.claims.get("jti")), kid=believed.key.kid):
        raise Refused(401, "invalid_token", "What this token was given for has ended.")
    believed.asked_at = moment


def _credentials(scopes: tuple[str, ...]) -> str:
    """The one token in the request, from the header or a form body (RFC 6750 §2.1, §2.2; RFC 9449 §7.1)."""
    if "access_token" in request.args:
        # §2.3 is not offered: addresses end up in logs and histories.
        raise Refused(400, "invalid_request", "A token in the address is not accepted: send it in the Authorization header.")
    scheme, _, in_header = request.headers.get("Authorization", "").partition(" ")
    in_body = [text for text in request.form.getlist("access_token") if text] if request.method == "POST" else []
    g.scheme = SCHEMES.get(scheme.lower(), BEARER if in_body else None)
    found = ([in_header.strip()] if scheme.lower() in SCHEMES else []) + in_body
    if not found:
        raise Refused(401, None, "This needs an access token.", scopes)
    if len(found) > 1:
        raise Refused(400, "invalid_request", "The request carries more than one token.")
    if not found[0]:
        raise Refused(400, "invalid_request", "The token is missing.")
    return found[0]


def _refusal(refused: Refused) -> Response:
    response = make_response(errors.answer(refused.status, refused.message, code=refused.code))
    tried = g.get("scheme")
    for scheme in [tried] if tried else [BEARER, DPOP]:
        response.headers.add("WWW-Authenticate", _challenge(scheme, refused))
    return response


def _challenge(scheme: str, refused: Refused) -> str:
    """A challenge of RFC 6750 §3, RFC 9449 §7.1 or RFC 9470 §3. Every value is ours, so none needs escaping."""
    said = {
        "realm": tenancy.issuer(),
        "scope": " ".join(refused.scopes),
        "error": refused.error,
        "error_description": refused.message if refused.error else None,
        **refused.asks,
        "resource_metadata": tenancy.resource_metadata(),  # RFC 9728 §5.1
        "algs": " ".join(dpop_proof.ALGORITHMS) if scheme == DPOP else None,
    }
    return f"{scheme} " + ", ".join(f'{name}="{value}"' for name, value in said.items() if value)
