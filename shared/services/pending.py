"""Pending requests: authorization requests that someone is still answering (RFC 9126), in Redis."""

from dataclasses import dataclass, replace
from typing import cast

import orjson

from shared.kit import clock, ids, origin, redis
from shared.kit.errors import NotFound
from shared.kit.words import said
from shared.models.client import Client
from shared.models.scope import parse
from shared.models.tenant import Tenant

PREFIX = "urn:ietf:params:oauth:request_uri:"
# A pushed request waits this long for its browser; then its person may take time to answer.
PUSHED_SECONDS = 90
ANSWERING_SECONDS = 3600
# However often its person comes back to it.
LONGEST_SECONDS = 2 * 3600


@dataclass(frozen=True)
class Pending:
    """An authorization request, checked. `browser` is the one that brought it, `passed` the steps done for it, and by whom."""

    request_uri: str
    tenant_id: str
    client_id: str
    params: dict[str, str]
    browser: str | None
    created_at: int
    passed: tuple[str, ...] = ()
    denied: bool = False
    # Whether it is kept in Redis; one that needs no page is answered at once and never is.
    kept: bool = False
    # The network from which it came and waits for its person, empty before it does: those of one network are counted.
    network: str = ""

    @property
    def scopes(self) -> list[str]:
        return parse(self.params.get("scope"))

    @property
    def resources(self) -> list[str]:
        """The identifiers of the APIs that tokens are asked for (RFC 8707)."""
        return parse(self.params.get("resource"))

    @property
    def claims(self) -> dict[str, list[str]]:
        """The claims asked for by name, for userinfo and for the ID token (OpenID Connect Core §5.5)."""
        return orjson.loads(self.params.get("claims", "{}"))

    @property
    def claim_names(self) -> list[str]:
        """The claims asked for by name, wherever they are to stand."""
        return list(dict.fromkeys(name for names in self.claims.values() for name in names))

    @property
    def login_hint(self) -> str:
        return self.params.get("login_hint", "")


def of(tenant: Tenant, client: Client, params: dict[str, str], *, browser: str) -> Pending:
    """A checked request that `browser` brought. It is kept nowhere until `keep`."""
    return _new(tenant, client, params, browser)


def keep(asked: Pending) -> Pending:
    """Keep a request, which needs its person, until it is answered."""
    asked = replace(asked, network=origin.network())
    if not asked.kept:
        return _push(asked, ANSWERING_SECONDS)
    _keep(asked)
    return asked


def push(tenant: Tenant, client: Client, params: dict[str, str]) -> Pending:
    """Keep a checked request that no browser has brought yet: the first one to bring it will own it."""
    return _push(_new(tenant, client, params, None), PUSHED_SECONDS)


def find(tenant: Tenant, request_uri: str, *, client_id: str, browser: str) -> Pending | None:
    """The request that this browser answers for this client; None when expired, answered, or of another browser or client."""
    with redis.needed() as r:
        packed = cast(bytes | None, r.get(_key(request_uri)))
    asked = _unpack(packed) if packed else None
    if asked is None or (asked.tenant_id, asked.client_id) != (str(tenant.id), client_id):
        return None
    if asked.browser is None:
        asked = _claimed(asked, browser)
    return asked if ids.same(asked.browser or "", browser) else None


def get(tenant: Tenant, request_uri: str, *, client_id: str, browser: str) -> Pending:
    """Like `find`. Raises NotFound in words for the person."""
    asked = find(tenant, request_uri, client_id=client_id, browser=browser)
    if asked is None:
        raise NotFound(said("This sign-in has expired or was already answered. Go back to the application and start again."))
    return asked


def passed(asked: Pending, step: str) -> Pending:
    """Remember that the person did `step` for this request, for example gave their password again."""
    asked = replace(asked, passed=tuple(dict.fromkeys((*asked.passed, step))))
    _keep(asked)
    return asked


def deny(asked: Pending) -> None:
    """The person refused."""
    _keep(replace(asked, denied=True))


def finish(asked: Pending) -> bool:
    """Use the request up. True for exactly one of many callers at once."""
    if not asked.kept:
        return True
    with redis.needed() as r:
        return bool(r.delete(_key(asked.request_uri)))


def _new(tenant: Tenant, client: Client, params: dict[str, str], browser: str | None) -> Pending:
    return Pending(
        request_uri=PREFIX + ids.token(),
        tenant_id=str(tenant.id),
        client_id=client.client_id,
        params=params,
        browser=browser,
        created_at=clock.timestamp(),
    )


def _push(asked: Pending, seconds: int) -> Pending:
    asked = replace(asked, kept=True)
    with redis.needed() as r:
        r.set(_key(asked.request_uri), orjson.dumps(asked), ex=seconds)
    return asked


def _claimed(asked: Pending, browser: str) -> Pending:
    """The request as it belongs to whichever browser brought it first."""
    claim = f"{_key(asked.request_uri)}:browser"
    with redis.needed() as r:
        # The gate: of many browsers at once, one writes itself down.
        r.set(claim, browser, nx=True, ex=PUSHED_SECONDS)
        first = cast(bytes | None, r.get(claim)) or b""
    asked = replace(asked, browser=first.decode())
    if asked.browser == browser:
        with redis.needed() as r:
            r.set(_key(asked.request_uri), orjson.dumps(asked), keepttl=True, xx=True)
    return asked


def _keep(asked: Pending) -> None:
    seconds = min(ANSWERING_SECONDS, asked.created_at + LONGEST_SECONDS - clock.timestamp())
    with redis.needed() as r:
        # xx: one that was answered meanwhile does not come back.
        r.set(_key(asked.request_uri), orjson.dumps(asked), ex=max(1, seconds), xx=True)


def _key(request_uri: str) -> str:
    return f"pending:{ids.fingerprint(request_uri).hex()}"


def _unpack(packed: bytes) -> Pending:
    values = orjson.loads(packed)
    return Pending(**{**values, "passed": tuple(values["passed"])})
