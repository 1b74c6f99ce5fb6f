"""Challenges: what an authenticator signs tells by itself whose it is, so none is kept before it was used (WebAuthn §13.4.3)."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from shared.kit import clock, ids, seal
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.services import marks

# People leave a login page open for a while; a challenge is used once all the same.
LIVES_SECONDS = 3600
MARK = "passkey challenge"
NONCE, TIME, PROOF = 16, 8, 32


@dataclass(frozen=True)
class Ceremony:
    """What a challenge is good for: one thing, at one tenant, in one browser, and for one person where it is known who."""

    name: str
    tenant_id: UUID
    browser: str
    user_id: UUID | None = None


def ceremony(name: str, tenant: Tenant, *, browser: str, user: User | None = None) -> Ceremony:
    """A ceremony at `tenant` in the browser with this secret, for `user` or for whoever comes."""
    return Ceremony(name, tenant.id, browser, user.id if user else None)


def make(of: Ceremony) -> bytes:
    """A challenge that nobody can foresee."""
    body = ids.random_bytes(NONCE) + (clock.timestamp() + LIVES_SECONDS).to_bytes(TIME, "big")
    return body + _proof(of, body)


def fits(challenge: bytes, of: Ceremony) -> bool:
    """Whether we made this challenge for this ceremony, and it has not expired."""
    body, proof = challenge[: NONCE + TIME], challenge[NONCE + TIME :]
    return ids.same(proof, _proof(of, body)) and int.from_bytes(body[NONCE:], "big") > clock.timestamp()


def made_at(challenge: bytes) -> int:
    """When a challenge that fits was made, in seconds since 1970."""
    return int.from_bytes(challenge[NONCE : NONCE + TIME], "big") - LIVES_SECONDS


def spend(challenge: bytes) -> bool:
    """Whether a challenge that fits is used for the first time; inside the transaction of what it buys."""
    until = datetime.fromtimestamp(int.from_bytes(challenge[NONCE : NONCE + TIME], "big"), UTC)
    return marks.spend(MARK, challenge.hex(), until=until)


def _proof(of: Ceremony, body: bytes) -> bytes:
    said = "\0".join((of.name, str(of.tenant_id), of.browser, str(of.user_id or "")))
    return hmac.new(seal.derive("passkey challenge"), said.encode() + b"\0" + body, hashlib.sha256).digest()
