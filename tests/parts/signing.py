"""A client that signs: its key, and the assertions that it makes (RFC 7523)."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from shared.kit import clock, ids

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Signer:
    """Makes assertions of `client_id` for `audience`."""

    client_id: str
    audience: str
    key: Key
    alg: str

    @property
    def public(self) -> dict[str, Any]:
        """The key as it is registered."""
        return {**self.key.as_dict(private=False), "use": "sig", "alg": self.alg}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Good claims with `changes`; None takes one away."""
        now = clock.timestamp()
        good = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.audience,
            "iat": now,
            "exp": now + 60,
            "jti": ids.token(9),
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def assertion(self, *, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """A good assertion with `changes` to its claims and `header` added to its header."""
        told = {"alg": self.alg, "kid": self.key.kid, **(header or {})}
        return self.sign({name: value for name, value in told.items() if value is not None}, self.claims(**changes))

    def sign(self, header: dict[str, Any], claims: Any) -> str:
        """Whatever it is, also what the library would not sign."""
        unsigned = f"{segment(header)}.{segment(claims)}"
        signature = jws.JWSRegistry.algorithms[self.alg].sign(unsigned.encode(), self.key)
        return f"{unsigned}.{base64url(signature)}"

    def form(self, **changes: Any) -> dict[str, str]:
        """The parameters of client authentication with a good assertion."""
        return sent(self.assertion(**changes))


def sent(assertion: str) -> dict[str, str]:
    """The parameters that carry an assertion."""
    return {"client_assertion_type": TYPE, "client_assertion": assertion}


def segment(value: Any) -> str:
    """One part of a JWT: JSON in base64url."""
    return base64url(json.dumps(value).encode())


def base64url(raw: bytes) -> str:
    """Bytes as they stand in a JWT."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def new_key(alg: str, *, secret: str = "") -> Key:
    """A key that signs with `alg`, with a kid."""
    named = {"kid": ids.token(6)}
    if alg == "HS256":
        return OctKey.import_key(secret)
    if alg == "ES256":
        return ECKey.generate_key("P-256", named)
    if alg in ("EdDSA", "Ed25519"):
        return OKPKey.generate_key("Ed25519", named)
    return RSAKey.generate_key(2048, named)
