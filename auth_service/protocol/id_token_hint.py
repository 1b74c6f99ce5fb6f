"""ID token hints: whom a request is about, by an ID token of ours (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §4)."""

from dataclasses import dataclass

from joserfc import jwt
from joserfc.errors import JoseError

from auth_service.protocol import token_facts
from auth_service.protocol.errors import ProtocolError
from shared.kit import ids
from shared.models.client import ALGORITHMS, Client
from shared.models.user import User
from shared.services import clients, subjects
from shared.web import tenancy


@dataclass(frozen=True)
class Hint:
    """What a valid ID token of ours says of whom it was for, and in which session."""

    client_id: str
    sub: str
    sid: str | None


def read(unverified: str | None) -> Hint | None:
    """The hint, if it is an ID token that we signed, expired or not (it names whom, it opens nothing); else None."""
    if unverified is None:
        return None
    try:
        decoded = jwt.decode(unverified, token_facts.key_set(tenancy.tenant()), algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):  # joserfc trusts the shape of a header
        return None
    claims = decoded.claims
    if claims.get("iss") != tenancy.issuer() or decoded.header.get("typ") == "at+jwt" or "azp" not in claims:
        return None
    return Hint(str(claims["azp"]), str(claims["sub"]), claims.get("sid"))


def is_about(hint: Hint, user: User) -> bool:
    """Whether `hint` names this person, by the `sub` that its client knows them by."""
    client = clients.find(tenancy.tenant(), hint.client_id)
    return client is not None and ids.same(hint.sub, subjects.of(user, client))


def check(client: Client, params: dict[str, str]) -> None:
    """A hint, where there is one, is an ID token that this client was given (OpenID Connect Core §3.1.2.1)."""
    hint = read(params.get("id_token_hint"))
    if "id_token_hint" in params and (hint is None or hint.client_id != client.client_id):
        raise ProtocolError(
            "invalid_request",
            "The id_token_hint is not an ID token of this client.",
            section="OpenID Connect Core §3.1.2.1",
            expected="an ID token that we gave to this client, which may have expired",
            came="another token" if hint is None else "a token of another client",
            mend="Send the newest ID token, or leave the hint out.",
        )
