"""DPoP at the authorization server: proofs at the token and PAR endpoints, and what is bound to their key (RFC 9449)."""

import re
from typing import Any

from flask import g

from auth_service.protocol.errors import ProtocolError
from shared.models.client import Client
from shared.web import dpop, dpop_proof
from shared.web.dpop_proof import NotProved, Proved

ALGORITHMS = dpop_proof.ALGORITHMS
BEARER, DPOP = "Bearer", "DPoP"
THUMBPRINT = re.compile(r"[A-Za-z0-9\-_]{43}")


def read() -> Proved | None:
    """The proof of this request, verified and not yet used up; None when it brings none (§4.3). Raises ProtocolError."""
    if not dpop.sent():
        return None
    try:
        return dpop.prove()
    except NotProved as refused:
        raise _refused(refused) from None


def use(proof: Proved) -> None:
    """Use the proof up (§11.1). Raises ProtocolError."""
    try:
        dpop.spend(proof)
    except NotProved as refused:
        raise _refused(refused) from None


def bind(client: Client, proof: Proved | None) -> None:
    """Use the proof of a token request up: what is given in answer is bound to its key (§5). Raises ProtocolError."""
    check_required(client, proof)
    if proof is not None:
        use(proof)
        g.dpop_jkt = proof.jkt


def pushed(proof: Proved | None, params: dict[str, str]) -> dict[str, str]:
    """A pushed request whose code is for the holder of the key that it proves, if it proves one (§10.1). Raises ProtocolError."""
    if proof is None:
        return params
    check_pushed_key(proof, params)
    use(proof)
    return {**params, "dpop_jkt": proof.jkt}


def key() -> str | None:
    """The thumbprint of the key that this token request proved to have; None when it proved none."""
    return g.get("dpop_jkt")


def token_type() -> str:
    """The type of the access token that answers this request (§5)."""
    return DPOP if key() else BEARER


def confirmation() -> dict[str, Any]:
    """The claim that binds an access token to the key of this request (§6.1), or nothing."""
    return {"cnf": {"jkt": key()}} if key() else {}


def type_of(claims: dict[str, Any]) -> str:
    """The type of an access token that says this of itself (§6.2)."""
    return DPOP if "cnf" in claims else BEARER


def check_required(client: Client, proof: Proved | None) -> None:
    """A client that uses DPoP always does (§5.2)."""
    if client.dpop_bound_access_tokens and proof is None:
        raise ProtocolError(
            "invalid_request",
            "This client must send a DPoP proof.",
            section="RFC 9449 §5.2",
            expected="a DPoP header",
            came="none",
            mend="Let the client send proofs, or lift the rule in its settings.",
        )


def check_thumbprint(client: Client, params: dict[str, str]) -> None:
    """The dpop_jkt is the SHA-256 thumbprint of a key (§10, RFC 7638)."""
    if not THUMBPRINT.fullmatch(params.get("dpop_jkt", "-" * 43)):
        raise ProtocolError(
            "invalid_request",
            "The dpop_jkt is not a thumbprint.",
            section="RFC 9449 §10",
            expected="43 base64url characters",
            came=f"{len(params['dpop_jkt'])} characters",
            mend="Send the SHA-256 JWK thumbprint of the public key, or leave it out.",
        )


def check_pushed_key(proof: Proved, params: dict[str, str]) -> None:
    """Where a pushed request names a key and proves one, both are the same (§10.1)."""
    if params.get("dpop_jkt", proof.jkt) != proof.jkt:
        raise ProtocolError(
            "invalid_request",
            "The dpop_jkt is not that of the DPoP proof.",
            section="RFC 9449 §10.1",
            expected=proof.jkt,
            came=params["dpop_jkt"],
            mend="Leave dpop_jkt out: the proof at the PAR endpoint binds the code.",
        )


def check_key(bound_to: str | None) -> None:
    """What is bound to a key is used with that key alone: codes (§10), and refresh tokens of public clients (§5)."""
    if bound_to is not None and key() != bound_to:
        raise ProtocolError(
            "invalid_grant",
            "This was given to the holder of another key.",
            section="RFC 9449 §5, §10",
            expected=f"a proof by the key {bound_to}",
            came=key() or "no proof",
            mend="Keep one key from the authorization request to the last refresh.",
        )


def _refused(refused: NotProved) -> ProtocolError:
    return ProtocolError(
        refused.error,
        refused.description,
        section=refused.section,
        expected=refused.expected,
        came=refused.came,
        mend=refused.mend,
    )
