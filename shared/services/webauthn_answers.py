"""What authenticators answer, checked (Web Authentication Level 3 §7.1, §7.2): the one place that knows the library."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import (
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import AttestationFormat, CredentialDeviceType

from shared.kit import settings
from shared.kit.errors import Invalid
from shared.kit.words import said

REFUSED = said("This passkey was not accepted. Try again, or go on another way.")
# No authenticator is asked what it is: what comes is nothing, or signed by the new key itself.
FORMATS = (AttestationFormat.NONE, AttestationFormat.PACKED)
LONGEST_ID = 1023


@dataclass(frozen=True)
class Made:
    """A new credential."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: list[str]
    aaguid: str
    synced: bool
    backed_up: bool
    verified: bool


@dataclass(frozen=True)
class Used:
    """A credential that signed: its counter, and whether its person was verified by it, not only present."""

    sign_count: int
    synced: bool
    backed_up: bool
    verified: bool


def rp_id() -> str:
    """Whose credentials they are: the host of the configured public URL, whatever a request says."""
    return urlsplit(settings.current().public_url).hostname or ""


def challenge_of(unverified: str, *, made: bool) -> bytes:
    """The challenge that an answer says it signed. Raises Invalid for what is no answer, or was made inside another site."""
    with _refusing():
        parse = parse_registration_credential_json if made else parse_authentication_credential_json
        client_data = parse_client_data_json(parse(unverified).response.client_data_json)
        return b"" if client_data.cross_origin else client_data.challenge


def credential_of(unverified: str) -> tuple[bytes, bytes | None]:
    """Which credential an answer says it is of, and whose (the user handle). Raises Invalid."""
    with _refusing():
        answer = parse_authentication_credential_json(unverified)
        return answer.raw_id, answer.response.user_handle


def made(unverified: str, challenge: bytes) -> Made:
    """The credential that was made for `challenge`. Raises Invalid."""
    with _refusing():
        answer = parse_registration_credential_json(unverified)
        _check_format(answer.response.attestation_object)
        found = webauthn.verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=rp_id(), expected_origin=settings.current().public_url
        )
        if len(found.credential_id) > LONGEST_ID or found.credential_id != answer.raw_id:
            raise ValueError("another credential id")
        return Made(
            credential_id=found.credential_id,
            public_key=found.credential_public_key,
            sign_count=found.sign_count,
            transports=[transport.value for transport in answer.response.transports or ()],
            aaguid=found.aaguid,
            synced=found.credential_device_type == CredentialDeviceType.MULTI_DEVICE,
            backed_up=found.credential_backed_up,
            verified=found.user_verified,
        )


def used(unverified: str, challenge: bytes, public_key: bytes, *, verified: bool) -> Used:
    """What a credential with this key signed for `challenge`; `verified` demands that it verified its person. Raises Invalid.

    The counter is for the caller to compare, in the database.
    """
    with _refusing():
        found = webauthn.verify_authentication_response(
            credential=parse_authentication_credential_json(unverified),
            expected_challenge=challenge,
            expected_rp_id=rp_id(),
            expected_origin=settings.current().public_url,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=verified,
        )
        synced = found.credential_device_type == CredentialDeviceType.MULTI_DEVICE
        return Used(found.new_sign_count, synced, found.credential_backed_up, found.user_verified)


def _check_format(attestation_object: bytes) -> None:
    found: Any = parse_attestation_object(attestation_object)
    if found.fmt not in FORMATS or found.att_stmt.x5c:
        raise ValueError("an attestation that was not asked for")


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # whatever a parser of CBOR, keys and certificates trips over was sent by a stranger
        raise Invalid(REFUSED) from error
