"""The tokens that an exchange brings: whose they are, who may exchange them, who acts for whom (RFC 8693 §2.1, §4.1, §4.4)."""

from dataclasses import dataclass
from typing import Any

from auth_service.protocol import dpop, resource_indicators, token_facts
from auth_service.protocol.errors import ProtocolError
from auth_service.protocol.grant_types import checks
from shared.models.client import DELEGATION, IMPERSONATION, Client
from shared.models.scope import parse
from shared.models.user import User
from shared.services import authorizations, exchanges, subjects
from shared.web import tenancy

KIND = "urn:ietf:params:oauth:token-type:"
ACCESS_TOKEN, ID_TOKEN, JWT = f"{KIND}access_token", f"{KIND}id_token", f"{KIND}jwt"
READABLE = (ACCESS_TOKEN, JWT, ID_TOKEN)
# Who acts for whom who acts for whom …: this many at most, and as many exchanges that name nobody.
DEEPEST = 4
# What stays true of the person's login, whoever holds the token.
CARRIED = ("auth_time", "acr", "amr", "sid")


@dataclass(frozen=True)
class Brought:
    """A token that stands and that the client may exchange. `user` is None when it speaks for a client in its own name.

    `audience` and `scopes` are what it may be used for by the client that brings it; `own` says that it was given to that one.
    """

    jti: str
    claims: dict[str, Any]
    user: User | None
    audience: list[str]
    scopes: list[str]
    own: bool


def subject(client: Client, params: dict[str, str]) -> Brought:
    """The token in whose stead the client wants another one. Raises ProtocolError."""
    token = checks.needed(params, "subject_token", "RFC 8693 §2.1")
    kind = checks.needed(params, "subject_token_type", "RFC 8693 §2.1")
    found = check_usable("subject_token", _read(client, token, check_kind("subject_token_type", kind)))
    check_bound(found)
    check_not_too_often(found)
    return found


def actor(client: Client, params: dict[str, str], of: Brought) -> dict[str, Any] | None:
    """The `act` of the new token: who acts, with those who acted before; None when nobody is named. Raises ProtocolError."""
    acting = _acting(client, params)
    check_may_act(of.claims.get("may_act"), acting or _named(client.client_id, client.client_id))
    before = of.claims.get("act")
    if acting is None:
        # Who acted before is not forgotten by one more exchange.
        return before
    check_depth(before)
    return {**acting, **({"act": before} if before else {})}


def check_kind(name: str, unverified: str) -> str:
    """The token is of a kind that can be exchanged here (RFC 8693 §2.1, §3): no refresh token, nothing of other issuers."""
    if unverified not in READABLE:
        raise ProtocolError(
            "invalid_request",
            "A token of this type cannot be exchanged here.",
            section="RFC 8693 §2.1, §3",
            expected=READABLE,
            came=unverified,
            mend=f"Send an access token, or an ID token of this client, and say which in {name}.",
        )
    return unverified


def check_usable(name: str, found: Brought | None) -> Brought:
    """The token stands, and was given to this client or is meant for it (RFC 8693 §2.2.2, §5)."""
    if found is None:
        raise ProtocolError(
            "invalid_request",
            f"The {name} is not valid, or not for this client to exchange.",
            section="RFC 8693 §2.2.2, §5",
            expected="a token of this tenant that stands, of the type named, given to this client or meant for its API",
            came="another one",
            mend="Bring an unexpired token for a resource that names this client, or one that this client was given.",
        )
    return found


def check_bound(found: Brought) -> None:
    """What is bound to a key is never exchanged for what is not; who was given it proves that very key (RFC 9449 §5, §6.1)."""
    bound_to = found.claims.get("cnf", {}).get("jkt")
    if bound_to is not None and (dpop.key() is None or (found.own and dpop.key() != bound_to)):
        raise ProtocolError(
            "invalid_dpop_proof",
            "The subject_token is bound to a key: send a DPoP proof with it.",
            section="RFC 9449 §5, §6.1",
            expected=f"a proof by {bound_to}" if found.own else "a proof by a key of the client that asks",
            came=dpop.key() or "no proof",
            mend="Prove a key in the request: the new token is bound to it.",
        )


def check_not_too_often(found: Brought) -> None:
    """A token is passed on a few times, not for ever (RFC 8693 §4.1)."""
    if exchanges.count(found.jti) >= DEEPEST:
        raise _refused(exchanges.count(found.jti))


def check_depth(before: object) -> None:
    """Those who acted before are not too many for one more (RFC 8693 §4.1)."""
    depth = 0
    while isinstance(before, dict):
        depth, before = depth + 1, before.get("act")
    if depth >= DEEPEST:
        raise _refused(depth)


def check_actor_type(params: dict[str, str]) -> None:
    """The type of an actor's token comes with that token, and only then (RFC 8693 §2.1)."""
    if ("actor_token" in params) != ("actor_token_type" in params):
        raise ProtocolError(
            "invalid_request",
            "Send actor_token and actor_token_type together.",
            section="RFC 8693 §2.1",
            expected="both or neither",
            came="one of them",
            mend="Name the type of the actor's token, or leave both out.",
        )


def check_policy(client: Client, way: str) -> None:
    """The client may exchange tokens in this way (RFC 8693 §1.1, §2.2.2)."""
    if way not in client.token_exchange:
        raise ProtocolError(
            "unauthorized_client",
            "This client may not exchange tokens in this way.",
            section="RFC 8693 §1.1, §5",
            expected=client.token_exchange or "nothing: the client has no such policy",
            came=way,
            mend="Allow impersonation or delegation in the client's settings; with an actor_token it is delegation.",
        )


def check_actor(client: Client, found: Brought) -> None:
    """Who acts is whom this very client speaks for, and not itself acted for by another (RFC 8693 §4.1, §5)."""
    if not found.own or "act" in found.claims:
        raise ProtocolError(
            "invalid_request",
            "The actor_token does not name an actor of this client.",
            section="RFC 8693 §4.1, §5",
            expected="a token that this client was given, without act",
            came="one that another client was given" if not found.own else "one with act",
            mend="Bring the client's own token as actor_token, for example one by client credentials.",
        )


def check_may_act(may_act: object, acting: dict[str, Any]) -> None:
    """Where the token says who may act for its subject, it is this one (RFC 8693 §4.4)."""
    if may_act is None:
        return
    named = may_act if isinstance(may_act, dict) else {}
    wanted = {"iss": tenancy.issuer(), **acting}
    if not named or any(wanted.get(name) != value for name, value in named.items()):
        raise ProtocolError(
            "invalid_request",
            "The subject_token names another party that may act.",
            section="RFC 8693 §4.4",
            expected=may_act,
            came=acting,
            mend="Let the party that may_act names exchange the token.",
        )


def _acting(client: Client, params: dict[str, str]) -> dict[str, Any] | None:
    check_actor_type(params)
    if "actor_token" in params:
        check_policy(client, DELEGATION)
        kind = check_kind("actor_token_type", params["actor_token_type"])
        found = check_usable("actor_token", _read(client, params["actor_token"], kind))
        check_actor(client, found)
        return _named(found.claims["sub"], client.client_id)
    if IMPERSONATION in client.token_exchange:
        return None
    check_policy(client, DELEGATION)
    return _named(client.client_id, client.client_id)


def _named(sub: str, client_id: str) -> dict[str, Any]:
    """An actor (RFC 8693 §4.1): a client in its own name where both are alike, as in RFC 9068 §2.2."""
    return {"sub": sub, "client_id": client_id}


def _read(client: Client, unverified: str, kind: str) -> Brought | None:
    return _read_id_token(client, unverified) if kind == ID_TOKEN else _read_access_token(client, unverified)


def _read_access_token(client: Client, unverified: str) -> Brought | None:
    facts = token_facts.find_access(tenancy.tenant(), client, unverified)
    if facts is None:
        return None
    said = facts.said
    of = authorizations.id_of_token(said["jti"])
    user = authorizations.run_of(of)[1] if of else None
    return Brought(said["jti"], said, user, said["aud"], parse(said["scope"]), said["client_id"] == client.client_id)


def _read_id_token(client: Client, unverified: str) -> Brought | None:
    """An ID token stands for what its client was granted in that session."""
    facts = token_facts.find_id_token(tenancy.tenant(), client, unverified)
    if facts is None or facts.authorization_id is None:
        return None
    of, user = authorizations.run_of(facts.authorization_id)
    if subjects.of(user, client) != facts.said.get("sub"):
        return None
    claims = {**facts.said, "permissions": user.permissions if client.first_party else []}
    return Brought(authorizations.token_id(of), claims, user, resource_indicators.granted_by(of), of.scopes, own=True)


def _refused(depth: int) -> ProtocolError:
    return ProtocolError(
        "invalid_request",
        "The token was passed on too often.",
        section="RFC 8693 §4.1",
        expected=f"at most {DEEPEST} exchanges, one after another",
        came=depth,
        mend="Exchange a token that is nearer to the person's own, or let fewer services stand in between.",
    )
