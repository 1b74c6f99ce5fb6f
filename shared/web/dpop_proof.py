"""DPoP proofs: what makes one to be believed (RFC 9449 §4.2, §4.3): pure, one check a rule."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.util import urlsafe_b64decode

from shared.kit import ids, urls
from shared.services import client_keys

# What a proof may be signed with.
ALGORITHMS = client_keys.STRICT
TYPE = "dpop+jwt"
LONGEST = 8192  # characters
LONGEST_JTI = 300
# FAPI 2.0 Security Profile §5.3.2.1: 10 seconds must be accepted, 60 refused.
FAST_CLOCK = 30  # seconds
SLOW_CLOCK = 300  # seconds; how fresh a proof is, its nonce says more exactly
INVALID_PROOF, USE_NONCE = "invalid_dpop_proof", "use_dpop_nonce"


class NotProved(Exception):
    """The proof fails a check. `error` and `description` are public; the rest is for the operator."""

    def __init__(
        self, description: str, *, section: str, expected: object, came: object, mend: str, error: str = INVALID_PROOF
    ) -> None:
        super().__init__(description)
        self.error, self.description = error, description
        self.section, self.expected, self.came, self.mend = section, expected, came, mend


@dataclass(frozen=True)
class Asked:
    """The request that a proof must have been made for. `access_token` is None where none is presented."""

    method: str
    url: str
    moment: int
    access_token: str | None = None


@dataclass(frozen=True)
class Proof:
    """A proof as it came: nothing in it is verified."""

    compact: str
    header: dict[str, Any]
    claims: dict[str, Any]


@dataclass(frozen=True)
class Proved:
    """A proof that passed every check: the thumbprint of its key (RFC 7638), until when it must not come again, as what."""

    jkt: str
    mark: str
    until: int


def verify(unverified: str, asked: Asked, *, is_fresh: Callable[[str], bool]) -> Proved:
    """The proof in the header was made for this request, now. `is_fresh` tells a nonce of ours. Raises NotProved."""
    check_one(unverified)
    proof = parsed(unverified)
    check_type(proof)
    check_extensions(proof)
    alg = check_alg(proof)
    key = check_key(proof, alg)
    check_signature(proof, key, alg)
    check_id(proof)
    check_method(proof, asked)
    check_url(proof, asked)
    check_time(proof, asked)
    check_validity(proof, asked)
    check_token(proof, asked)
    # Last, so that who can never be believed is not asked to try again.
    check_nonce(proof, is_fresh)
    jkt = key.thumbprint()
    mark = f"{jkt} {asked.method} {asked.url} {proof.claims['jti']}"
    return Proved(jkt, mark, int(proof.claims["iat"]) + SLOW_CLOCK + 1)


def check_one(unverified: str) -> None:
    """There is not more than one DPoP header (§4.3 1); servers join several by commas, which no JWT has."""
    if "," in unverified:
        raise _refused("one DPoP header", "more than one", "Send one proof with each request.", "1")


def parsed(unverified: str) -> Proof:
    """The header holds one well-formed JWT (§4.3 2)."""
    try:
        head, body, _ = unverified[: LONGEST + 1].split(".")
        header, claims = (orjson.loads(urlsafe_b64decode(part.encode("ascii"))) for part in (head, body))
        if isinstance(header, dict) and isinstance(claims, dict) and len(unverified) <= LONGEST:
            return Proof(unverified, header, claims)
    except (ValueError, RecursionError):
        pass
    raise _refused("a signed JWT in three parts", "something else", "Send the JWT in its compact form.", "2")


def check_type(proof: Proof) -> None:
    """Its typ is dpop+jwt, so that no other JWT passes for a proof (§4.3 4, RFC 8725 §3.11)."""
    if proof.header.get("typ") != TYPE:
        raise _refused(f"typ {TYPE}", proof.header.get("typ"), f"Put typ {TYPE} into the header.", "4")


def check_extensions(proof: Proof) -> None:
    """It demands no extension of us (RFC 7515 §4.1.11)."""
    if found := [name for name in ("crit", "b64", "zip") if name in proof.header]:
        raise _refused("no extension", found, "Leave these out of the header.", "2")


def check_alg(proof: Proof) -> str:
    """The algorithm is an asymmetric one that is offered here (§4.3 5)."""
    alg = proof.header.get("alg")
    if not isinstance(alg, str) or alg not in ALGORITHMS:
        mend = "Sign with one of dpop_signing_alg_values_supported."
        raise _refused(ALGORITHMS, alg, mend, "5")
    return alg


def check_key(proof: Proof, alg: str) -> Key:
    """The jwk is a public key, strong enough and fit for the algorithm (§4.3 3, 7; RFC 8725 §3.2)."""
    jwk = proof.header.get("jwk")
    key = client_keys.public_key(jwk, alg) if isinstance(jwk, dict) else None
    if key is None:
        mend = "Put the public key that signs, and nothing else of it, into jwk."
        raise _refused(f"a public key for {alg} in jwk", "none, a private one, or one of another kind", mend, "7")
    return key


def check_signature(proof: Proof, key: Key, alg: str) -> None:
    """It is signed with the key that it brings (§4.3 6)."""
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    registry.max_header_length = LONGEST
    try:
        jws.deserialize_compact(proof.compact, key, registry=registry)
    except (JoseError, ValueError, TypeError, RecursionError):
        raise _refused(f"a signature by {alg} with the key in jwk", "another", "Sign with the key in jwk.", "6") from None


def check_id(proof: Proof) -> None:
    """It has an id (§4.2, §4.3 3)."""
    jti = proof.claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= LONGEST_JTI:
        raise _refused(f"a jti of 1 to {LONGEST_JTI} characters", jti, "Give each proof an id of its own.", "3")


def check_method(proof: Proof, asked: Asked) -> None:
    """It was made for this HTTP method (§4.3 8)."""
    if proof.claims.get("htm") != asked.method:
        raise _refused(asked.method, proof.claims.get("htm"), "Put the method of the request into htm.", "8")


def check_url(proof: Proof, asked: Asked) -> None:
    """It was made for this address, whatever its query and fragment, in any spelling (§4.3 9, RFC 3986 §6.2.2, §6.2.3)."""
    htu = proof.claims.get("htu")
    if not isinstance(htu, str) or not urls.same(htu, asked.url):
        raise _refused(asked.url, htu, "Put the address of the request, as discovery has it, into htu.", "9")


def check_time(proof: Proof, asked: Asked) -> None:
    """It was made just now, but for clocks that differ a little (§4.3 11, §11.1)."""
    iat = _moment(proof, "iat")
    if iat is None or not asked.moment - SLOW_CLOCK <= iat <= asked.moment + FAST_CLOCK:
        expected = f"an iat from {SLOW_CLOCK} seconds ago to {FAST_CLOCK} seconds ahead"
        raise _refused(expected, proof.claims.get("iat"), "Make a new proof for each request; compare the clocks.", "11")


def check_validity(proof: Proof, asked: Asked) -> None:
    """It is valid now, where it says when (RFC 7519 §4.1.4, §4.1.5)."""
    soonest, latest = _moment(proof, "exp"), _moment(proof, "nbf")
    ended = "exp" in proof.claims and (soonest is None or soonest <= asked.moment)
    if ended or ("nbf" in proof.claims and (latest is None or latest > asked.moment + FAST_CLOCK)):
        raise _refused("exp and nbf around now, or none", "others", "Leave exp and nbf out.", "11")


def check_token(proof: Proof, asked: Asked) -> None:
    """It was made for the access token that comes with it (§4.3 12)."""
    if asked.access_token is None:
        return
    ath = proof.claims.get("ath")
    if not isinstance(ath, str) or not ids.same(ath, hash_of(asked.access_token)):
        raise _refused("the SHA-256 of the access token in ath", ath, "Hash the access token that is sent.", "12")


def check_nonce(proof: Proof, is_fresh: Callable[[str], bool]) -> None:
    """It has a nonce that this server gave out lately (§4.3 10, §8, §9)."""
    nonce = proof.claims.get("nonce")
    if not isinstance(nonce, str) or not is_fresh(nonce):
        raise NotProved(
            "The proof needs the nonce of the DPoP-Nonce header.",
            section="RFC 9449 §8, §9",
            expected="a nonce that was given out in the last minutes",
            came="none" if nonce is None else "another one",
            mend="Make a new proof with the nonce of the answer, and send the request again.",
            error=USE_NONCE,
        )


def hash_of(access_token: str) -> str:
    """The `ath` of an access token (§4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()).rstrip(b"=").decode()


def _moment(proof: Proof, name: str) -> float | None:
    value = proof.claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        return None
    return value


def _refused(expected: object, came: object, mend: str, number: str) -> NotProved:
    section = f"RFC 9449 §4.3 ({number})"
    return NotProved("The DPoP proof is not valid.", section=section, expected=expected, came=came, mend=mend)
