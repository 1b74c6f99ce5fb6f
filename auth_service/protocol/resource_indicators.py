"""Resource indicators: the APIs that a token is for (RFC 8707)."""

from collections.abc import Sequence

from auth_service.protocol.access_token import Target, audience
from auth_service.protocol.errors import ProtocolError
from shared.models.authorization import Authorization
from shared.models.client import Client
from shared.models.resource import Resource, is_identifier
from shared.models.scope import parse
from shared.services import resources, user_fields
from shared.web import tenancy


def read(params: dict[str, str]) -> list[str]:
    """The resources that a request names, each once, in the order named; parameters.py joins them by blanks."""
    return parse(params.get("resource"))


def check_named(client: Client, params: dict[str, str]) -> None:
    """Every resource named is one that the client may have tokens for (RFC 8707 §2)."""
    admitted(client, read(params))


def askable(client: Client, params: dict[str, str]) -> list[str]:
    """The scopes that this request may ask for: the client's own, and those of the resources it names."""
    of_resources = [scope for resource in admitted(client, read(params)) for scope in resource.scopes]
    ours = user_fields.scopes(tenancy.tenant())
    return list(dict.fromkeys([*(scope for scope in ours if scope in client.scopes), *of_resources]))


def default_scope(client: Client, params: dict[str, str]) -> dict[str, str]:
    """The scope of a request that names resources and no scope: all that these have (RFC 6749 §3.3); nothing for every other."""
    if "scope" in params:
        return {}
    scopes = dict.fromkeys(scope for resource in admitted(client, read(params)) for scope in resource.scopes)
    return {"scope": " ".join(scopes)} if scopes else {}


def admitted(client: Client, identifiers: Sequence[str]) -> list[Resource]:
    """The resources with these identifiers, without our own API. Raises ProtocolError unless the client may ask for each."""
    for identifier in identifiers:
        check_syntax(identifier)
    foreign = [identifier for identifier in identifiers if identifier != audience(tenancy.issuer())]
    found = {resource.identifier: resource for resource in resources.named(tenancy.tenant(), foreign)}
    return [check_admits(found.get(identifier), client, identifier) for identifier in foreign]


def check_syntax(unverified: str) -> None:
    """A resource is an absolute URI without a fragment (RFC 8707 §2)."""
    if not is_identifier(unverified):
        raise _invalid("The resource is not an absolute URI without a fragment.", "https://api.example.com", unverified)


def check_admits(resource: Resource | None, client: Client, unverified: str) -> Resource:
    """The resource is known here, and this client may ask for it (RFC 8707 §2)."""
    if resource is None or not resource.admits(client):
        raise _invalid(
            "The resource is unknown, or not for this client.", "the identifier of a resource that admits it", unverified
        )
    return resource


def check_granted(asked: Sequence[str], granted: Sequence[str]) -> None:
    """No token is for a resource that was not granted (RFC 8707 §2.2)."""
    if wider := [identifier for identifier in asked if identifier not in granted]:
        raise _invalid("A resource is asked for that was not granted.", granted, wider)


def granted_by(authorization: Authorization) -> list[str]:
    """The resources that a person granted; those who named none granted our own API."""
    return authorization.details.get("resources") or [audience(tenancy.issuer())]


def aim(client: Client, authorization: Authorization, params: dict[str, str], scopes: Sequence[str]) -> Target:
    """What a token with `scopes` is for: the resources that the request names, or all that were granted. Raises ProtocolError."""
    granted, asked = granted_by(authorization), read(params)
    check_granted(asked, granted)
    chosen = asked or granted
    return target(client, chosen, admitted(client, chosen), scopes)


def target(client: Client, identifiers: Sequence[str], foreign: Sequence[Resource], scopes: Sequence[str]) -> Target:
    """A token for `identifiers` (RFC 9068 §3), of which `foreign` are not our own API.

    It has only scopes that mean something there (§2.2.3), and lives as long as the strictest says.
    """
    ours = user_fields.scopes(tenancy.tenant()) if len(foreign) < len(identifiers) else ()
    meant = {scope for resource in foreign for scope in resource.scopes} | set(ours)
    seconds = [client.access_token_seconds, *(resource.token_seconds for resource in foreign if resource.token_seconds)]
    return Target(list(identifiers), [scope for scope in scopes if scope in meant], min(seconds))


def shown(target: Target, scopes: Sequence[str]) -> list[str]:
    """Those of `scopes` that an answer names: what was granted besides, such as openid, shows in the other tokens."""
    ours = user_fields.scopes(tenancy.tenant())
    return [scope for scope in scopes if scope in target.scopes or scope in ours]


def _invalid(words: str, expected: object, came: object) -> ProtocolError:
    return ProtocolError(
        "invalid_target",
        words,
        section="RFC 8707 §2, §2.2",
        expected=expected,
        came=came,
        mend="Name resources as the dashboard has them, letter by letter, and let each admit the client there.",
    )
