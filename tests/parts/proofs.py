"""A client that proves to hold a key: the proofs that it makes, and its requests with them (RFC 9449)."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

import requests

from shared.kit import clock, ids
from tests.parts.signing import Signer, new_key
from tests.relying_party import RelyingParty, Reply, reply_of


@dataclass
class Holder:
    """Holds a key, and makes proofs with it. Keeps the newest nonce that it was given."""

    alg: str = "ES256"
    nonce: str | None = None
    signer: Signer = field(init=False)

    def __post_init__(self) -> None:
        self.signer = Signer("", "", new_key(self.alg), self.alg)

    @property
    def jwk(self) -> dict[str, Any]:
        """The public key as a proof brings it."""
        return {name: value for name, value in self.signer.key.as_dict(private=False).items() if name != "kid"}

    @property
    def jkt(self) -> str:
        """The thumbprint of the key (RFC 7638)."""
        return self.signer.key.thumbprint()

    def proof(
        self, method: str, url: str, *, token: str | None = None, header: dict[str, Any] | None = None, **changes: Any
    ) -> str:
        """A good proof with `changes` to its claims and `header` added to its header; None takes a member away."""
        head = {"typ": "dpop+jwt", "alg": self.alg, "jwk": self.jwk, **(header or {})}
        claims = {
            "jti": ids.token(9),
            "htm": method,
            "htu": url,
            "iat": clock.timestamp(),
            "nonce": self.nonce,
            "ath": hash_of(token) if token else None,
            **changes,
        }
        return self.signer.sign(_given(head), _given(claims))

    def post(self, rp: RelyingParty, path: str, form: dict[str, Any], headers: dict[str, str] | None = None) -> Reply:
        """Post a form with a proof, and once more when the nonce is refused, as RFC 9449 §8 has it."""
        url = rp.issuer + path
        for _ in range(2):
            reply = rp.post(url, form, {**(headers or {}), "DPoP": self.proof("POST", url)})
            self.nonce = reply.headers.get("DPoP-Nonce", self.nonce)
            if reply.error != "use_dpop_nonce":
                break
        return reply

    def token(self, rp: RelyingParty, **form: Any) -> Reply:
        """Ask the token endpoint, with the secret of the application, or by name alone."""
        given = {name: value for name, value in form.items() if value is not None}
        if rp.application.client_secret is None:
            return self.post(rp, "/token", {"client_id": rp.application.client_id, **given})
        return self.post(rp, "/token", given, rp.basic())

    def exchange(self, rp: RelyingParty, code: str, **form: Any) -> Reply:
        """Exchange a code for tokens."""
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": rp.asked.redirect_uri,
            "code_verifier": rp.asked.verifier,
        }
        return self.token(rp, **{**sent, **form})

    def refresh(self, rp: RelyingParty, refresh_token: str) -> Reply:
        """Ask for new tokens."""
        return self.token(rp, grant_type="refresh_token", refresh_token=refresh_token)

    def get(self, url: str, token: str, *, scheme: str = "DPoP", proof: str | None = None, method: str = "GET") -> Reply:
        """Ask a resource with `proof`, or a good one; and once more when the nonce is refused (§9)."""
        for _ in range(1 if proof else 2):
            made = proof or self.proof(method, url, token=token)
            reply = ask(url, token, scheme=scheme, proof=made, method=method)
            self.nonce = reply.headers.get("DPoP-Nonce", self.nonce)
            if "use_dpop_nonce" not in reply.headers.get("WWW-Authenticate", ""):
                break
        return reply


def ask(url: str, token: str, *, scheme: str = "DPoP", proof: str | None = None, method: str = "GET") -> Reply:
    """Ask a resource once."""
    headers = {"Authorization": f"{scheme} {token}", **({"DPoP": proof} if proof is not None else {})}
    return reply_of(requests.request(method, url, headers=headers, timeout=30))


def hash_of(token: str) -> str:
    """The `ath` of an access token (RFC 9449 §4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()


def _given(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
