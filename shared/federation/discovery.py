"""Where a provider's endpoints are: from its discovery document, or as an operator wrote them (OpenID Connect Discovery §4)."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson

from shared.federation.faults import Silent, Wrong
from shared.kit import clock, fetch
from shared.kit.fetch import FetchFailed
from shared.models.provider import Provider
from shared.services import documents
from shared.services.provider_presets import BASIC, DISCOVERY, MICROSOFT, OPENID, POST
from shared.services.providers import preset_of

SHORTEST, LONGEST = 300, 86400  # seconds
STALE = 86400  # seconds that a document serves while its address does not answer
ASK_AGAIN_AFTER = 10  # seconds after one that failed
MOST = 1000
# How Microsoft writes the issuer of all its directories; in a token the directory stands in its place.
ANY_DIRECTORY = "{tenantid}"
GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SHARED = ("common", "organizations")
CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"


@dataclass(frozen=True)
class Metadata:
    """What is known of a provider. `issuer` and `jwks_uri` are None for a plain OAuth 2 provider."""

    authorization: str
    token: str
    issuer: str | None = None
    jwks_uri: str | None = None
    userinfo: str | None = None
    # The answer of its authorization endpoint says who gave it (RFC 9207 §3).
    names_itself: bool = False
    authentication: tuple[str, ...] = (BASIC,)


@dataclass
class _Kept:
    found: Metadata | None = None
    fetched_at: float = float("-inf")
    due_at: float = field(default=float("-inf"))
    fault: str = ""


_kept: dict[tuple[UUID, str], _Kept] = {}


def read(provider: Provider) -> Metadata:
    """The metadata of a provider, fetched when it is due. Raises Silent, Wrong."""
    if preset_of(provider).kind != OPENID:
        return _written(provider)
    kept = _kept_of(provider)
    if clock.timestamp() >= kept.due_at:
        _ask(provider, kept)
    if kept.found is None or clock.timestamp() - kept.fetched_at > STALE:
        raise Silent(provider, kept.fault)
    return kept.found


def check(provider: Provider) -> Metadata:
    """Ask now, whatever is kept. Raises Silent, Wrong."""
    _kept.pop((provider.id, str(provider.discovery_url)), None)
    return read(provider)


def is_issuer(metadata: Metadata, claims: dict[str, Any]) -> bool:
    """Whether a token with these claims is by this provider, letter by letter (OpenID Connect Core §3.1.3.7)."""
    expected, directory = str(metadata.issuer), claims.get("tid")
    if ANY_DIRECTORY in expected:
        if not isinstance(directory, str) or not re.fullmatch(GUID, directory):
            return False
        expected = expected.replace(ANY_DIRECTORY, directory)
    return claims.get("iss") == expected


def _kept_of(provider: Provider) -> _Kept:
    if len(_kept) >= MOST:
        _kept.clear()
    # By its address: one that an operator changed is asked anew.
    return _kept.setdefault((provider.id, str(provider.discovery_url)), _Kept())


def _ask(provider: Provider, kept: _Kept) -> None:
    now = clock.timestamp()
    # Meanwhile others go on with what there is.
    kept.due_at = now + ASK_AGAIN_AFTER
    try:
        found = documents.get(str(provider.discovery_url))
        kept.found = _metadata(provider, orjson.loads(found.body))
    except FetchFailed as error:
        kept.fault = error.why or "it was fetched in vain a moment ago"
        return
    except ValueError:
        kept.fault = "its discovery document is no JSON"
        return
    except Wrong as fault:
        kept.found, kept.fault = None, fault.why
        raise
    kept.fetched_at = now
    kept.due_at = now + min(max(found.fresh_seconds, SHORTEST), LONGEST)


def _metadata(provider: Provider, document: Any) -> Metadata:
    if not isinstance(document, dict):
        raise Wrong(provider, "its discovery document is no JSON object")
    supported = document.get("token_endpoint_auth_methods_supported")
    methods = tuple(each for each in supported if each in (BASIC, POST)) if isinstance(supported, list) else (BASIC,)
    return Metadata(
        authorization=_endpoint(provider, document, "authorization_endpoint"),
        token=_endpoint(provider, document, "token_endpoint"),
        issuer=_issuer(provider, document),
        jwks_uri=_endpoint(provider, document, "jwks_uri"),
        userinfo=_endpoint(provider, document, "userinfo_endpoint") if "userinfo_endpoint" in document else None,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        authentication=methods,
    )


def _issuer(provider: Provider, document: dict[str, Any]) -> str:
    """The issuer is where its document was found (Discovery §4.3); Microsoft's shared documents are found at no issuer's."""
    came, expected = document.get("issuer"), str(provider.discovery_url).removesuffix(DISCOVERY)
    if provider.preset == MICROSOFT:
        home, directory = urlsplit(expected), str(provider.settings.get("directory"))
        origin = re.escape(f"{home.scheme}://{home.netloc}")
        pattern = re.escape(ANY_DIRECTORY) if directory in SHARED else _directory_pattern(directory)
        right = isinstance(came, str) and re.fullmatch(f"{origin}/{pattern}/v2\\.0", came) is not None
    else:
        right = came == expected
    if not right:
        raise Wrong(provider, f"its discovery document names the issuer {str(came)[:100]!r}, not {expected!r}")
    return str(came)


def _directory_pattern(directory: str) -> str:
    if directory == "consumers":
        return CONSUMERS
    return directory if re.fullmatch(GUID, directory) else GUID


def _endpoint(provider: Provider, document: dict[str, Any], name: str) -> str:
    url = document.get(name)
    try:
        right = isinstance(url, str) and url.startswith("https://") and url.isprintable() and bool(urlsplit(url).hostname)
    except ValueError:
        right = False
    if not right or len(str(url)) > fetch.LONGEST_URL:
        raise Wrong(provider, f"its discovery document names no https address as {name}")
    return str(url)


def _written(provider: Provider) -> Metadata:
    endpoints = provider.endpoints
    return Metadata(
        authorization=endpoints["authorization"],
        token=endpoints["token"],
        issuer=endpoints.get("issuer"),
        userinfo=endpoints["userinfo"],
    )
