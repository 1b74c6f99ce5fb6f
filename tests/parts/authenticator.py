"""An authenticator in software (Web Authentication Level 3 §6): makes ES256 credentials and signs with them, rightly or not."""

import base64
import hashlib
import html
import json
import re
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from shared.kit import ids
from tests.parts.browsing import Browser, Page

PRESENT, VERIFIED, COPYABLE, COPIED, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass
class Credential:
    """A key for one site, and the counter of its signatures."""

    rp_id: str
    user_handle: bytes
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: ids.random_bytes(32))
    count: int = 0

    @property
    def cose(self) -> bytes:
        """The public key as authenticators write it (RFC 9053 §7.1)."""
        numbers = self.key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})


@dataclass(frozen=True)
class Behaviour:
    """How it answers; each change is something that a server must notice, or allow."""

    origin: str = ""
    rp_id: str | None = None
    flags: int = PRESENT | VERIFIED
    step: int = 1
    type: str | None = None
    challenge: str | None = None
    cross_origin: bool = False
    tampered: bool = False
    user_handle: bytes | None = None
    without_handle: bool = False
    fmt: str = "none"
    statement: dict[str, Any] = field(default_factory=dict)


class Authenticator:
    """One device with its credentials, at a browser that is on the pages of `origin`."""

    def __init__(self, origin: str, **behaviour: Any) -> None:
        self.right = Behaviour(origin=origin, **behaviour)
        self.credentials: list[Credential] = []

    def create(self, options: dict[str, Any], credential: Credential | None = None, **wrong: Any) -> str:
        """What `navigator.credentials.create` gives for these options, as JSON."""
        how = replace(self.right, **wrong)
        credential = credential or Credential(options["rp"]["id"], _bytes(options["user"]["id"]))
        self.credentials.append(credential)
        client_data = self._client_data("webauthn.create", options["challenge"], how)
        credential.count += how.step
        attested = bytes(16) + len(credential.id).to_bytes(2, "big") + credential.id + credential.cose
        data = self._data(credential, replace(how, flags=how.flags | ATTESTED)) + attested
        attestation = cbor2.dumps({"fmt": how.fmt, "attStmt": how.statement, "authData": data})
        return self._answer(credential, client_data, attestationObject=_text(attestation), transports=["internal"])

    def get(self, options: dict[str, Any], credential: Credential | None = None, **wrong: Any) -> str:
        """What `navigator.credentials.get` gives for these options, as JSON."""
        how, chosen = replace(self.right, **wrong), credential or self.credentials[-1]
        client_data = self._client_data("webauthn.get", options["challenge"], how)
        chosen.count += how.step
        data = self._data(chosen, how)
        signature = bytearray(chosen.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256())))
        if how.tampered:
            signature[-1] ^= 1
        more = {} if how.without_handle else {"userHandle": _text(how.user_handle or chosen.user_handle)}
        return self._answer(chosen, client_data, authenticatorData=_text(data), signature=_text(bytes(signature)), **more)

    def _client_data(self, kind: str, challenge: str, how: Behaviour) -> bytes:
        said = {"type": how.type or kind, "challenge": how.challenge or challenge, "origin": how.origin}
        return json.dumps({**said, "crossOrigin": how.cross_origin}).encode()

    def _data(self, credential: Credential, how: Behaviour) -> bytes:
        site = hashlib.sha256((how.rp_id or credential.rp_id).encode()).digest()
        return site + bytes([how.flags]) + credential.count.to_bytes(4, "big")

    def _answer(self, credential: Credential, client_data: bytes, **response: Any) -> str:
        named = {"id": _text(credential.id), "rawId": _text(credential.id), "type": "public-key", "clientExtensionResults": {}}
        return json.dumps({**named, "response": {"clientDataJSON": _text(client_data), **response}})


def options_on(page: Page) -> dict[str, Any]:
    """What a page asks of the authenticator."""
    found = re.search(r'data-options="([^"]*)"', page.text)
    assert found, page.words
    return json.loads(html.unescape(found[1]))


def add_passkey(browser: Browser, device: Authenticator, at: str = "/account/factors/passkey/new", **wrong: Any) -> Page:
    """Add a passkey of `device` in a browser that is signed in."""
    page = browser.get(at)
    return browser.submit(credential=device.create(options_on(page), **wrong), name="")


def sign_in_with(browser: Browser, device: Authenticator, at: str = "/login", **wrong: Any) -> Page:
    """Sign in by a passkey, without a name."""
    page = browser.get(at)
    return browser.submit(credential=device.get(options_on(page), **wrong))


def device_for(url: str, **behaviour: Any) -> Authenticator:
    """A device whose browser is at the server with this address."""
    parts = urlsplit(url)
    return Authenticator(f"{parts.scheme}://{parts.netloc}", **behaviour)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
