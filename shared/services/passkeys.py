"""Passkeys: making them, signing in by them alone, and giving them as a second factor (Web Authentication Level 3)."""

from dataclasses import dataclass
from datetime import timedelta

import webauthn
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from webauthn.helpers import options_to_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from shared.kit import clock
from shared.kit.db import db, transaction
from shared.kit.errors import Conflict, Invalid
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.factor import Passkey
from shared.models.tenant import PASSKEY, Tenant
from shared.models.user import User
from shared.services import audit, challenges, enrolments, factors, guesses, locks, second_factors, sign_ins, webauthn_answers
from shared.services.challenges import Ceremony
from shared.services.webauthn_answers import REFUSED, Made, Used

CREATE, SIGN_IN, SECOND = "create", "sign in", "second factor"
TIMEOUT = int(timedelta(minutes=5).total_seconds()) * 1000
OVER = said("This took too long, or was done already. Please try again.")
KNOWN = said("This passkey is added already.")
# Verified when there is no such credential, so that the answer takes as long as for one that exists: an ES256 key of nobody.
_NOBODY = bytes.fromhex(
    "a50102032620012158208309d8bdee356d009f0d29aab2174de5afdf9bf25ce50c67a459205da8dfe453"
    "2258208b234e4657188c7b873d258f45fef1e87c95c7da0f74b1cc04d4ade41c6906f4"
)


@dataclass(frozen=True)
class Added:
    """A passkey that was added: the recovery codes made with it, and what it adds to the proofs of the session."""

    codes: list[str]
    proofs: tuple[str, ...]


def creation_options(tenant: Tenant, user: User, *, browser: str) -> str:
    """What the browser is asked to make, as JSON (§5.1.8)."""
    ceremony = challenges.ceremony(CREATE, tenant, browser=browser, user=user)
    selection = AuthenticatorSelectionCriteria(
        resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
    )
    options = webauthn.generate_registration_options(
        rp_id=webauthn_answers.rp_id(),
        rp_name=tenant.name,
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.display_name,
        challenge=challenges.make(ceremony),
        timeout=TIMEOUT,
        authenticator_selection=selection,
        exclude_credentials=_descriptors(user),
    )
    return options_to_json(options)


def add(
    tenant: Tenant, user: User, unverified: str, *, browser: str, name: str, by: Actor, device: str = "", half: bool = False
) -> Added:
    """Add the passkey that the browser made. Raises as `enrolments.add` does, and Conflict for one that is known."""
    challenge = _challenge(unverified, challenges.ceremony(CREATE, tenant, browser=browser, user=user), made=True)
    made = webauthn_answers.made(unverified, challenge)
    name = enrolments.checked_name(name, said("Passkey"))
    try:
        with transaction():
            if not challenges.spend(challenge):
                raise Invalid(OVER)
            codes = enrolments.add(user, _row(user, made, name), by=by, device=device, half=half)
    except IntegrityError:
        raise Conflict(KNOWN) from None
    return Added(codes, _proofs(made.synced, made.verified))


def sign_in_options(tenant: Tenant, *, browser: str) -> str:
    """What any passkey of `tenant` may sign, for whoever comes, as JSON (§5.5). Nothing is written for it."""
    return _request_options(challenges.ceremony(SIGN_IN, tenant, browser=browser), [], UserVerificationRequirement.REQUIRED)


def sign_in(tenant: Tenant, unverified: str, *, browser: str) -> tuple[User, tuple[str, ...]]:
    """Whose passkey signed, and the proofs of the session: it counts twice, as it verified its person too.

    Raises Invalid, in the same words whether or not there is such a passkey, and TooMany.
    """
    guess = guesses.of(tenant, "")
    guesses.take_address(guess)
    challenge = _challenge(unverified, challenges.ceremony(SIGN_IN, tenant, browser=browser), made=False)
    passkey, user = _owner(tenant, unverified)
    used = _used(tenant, passkey, unverified, challenge, verified=True)
    if passkey is None or user is None or user.disabled or PASSKEY not in tenant.factors:
        sign_ins.failed(tenant, "", factor=PASSKEY)
        raise Invalid(REFUSED)
    proofs = factors.combined(_proofs(used.synced, used.verified), ())
    _take(passkey, user, used, challenge, sign_ins.SIGNED_IN)
    guesses.uncount_address(guess)
    return user, proofs


def second_options(tenant: Tenant, user: User, *, browser: str) -> str:
    """What a passkey of this person may sign as their second factor, as JSON."""
    ceremony = challenges.ceremony(SECOND, tenant, browser=browser, user=user)
    return _request_options(ceremony, _descriptors(user), UserVerificationRequirement.PREFERRED)


def prove(tenant: Tenant, user: User, unverified: str, *, amr: tuple[str, ...], browser: str) -> tuple[str, ...]:
    """Take a passkey of this person as their second factor: what it adds to the proofs. Raises Invalid, NotFound, TooMany."""
    second_factors.check_usable(tenant, user, PASSKEY, amr=amr)
    guess = guesses.of(tenant, user.email_folded)
    guesses.take_address(guess)
    challenge = _challenge(unverified, challenges.ceremony(SECOND, tenant, browser=browser, user=user), made=False)
    passkey, owner = _owner(tenant, unverified)
    used = _used(tenant, passkey, unverified, challenge, verified=False)
    if passkey is None or owner is None or owner.id != user.id:
        sign_ins.failed(tenant, user.email_folded, factor=PASSKEY)
        raise Invalid(REFUSED)
    _take(passkey, user, used, challenge, sign_ins.SECOND)
    guesses.uncount_address(guess)
    return _proofs(used.synced, used.verified)


def _challenge(unverified: str, ceremony: Ceremony, *, made: bool) -> bytes:
    """The challenge that was signed, if it is one of this ceremony (§7.1, §7.2: step "verify that C.challenge equals …")."""
    challenge = webauthn_answers.challenge_of(unverified, made=made)
    if not challenges.fits(challenge, ceremony):
        raise Invalid(OVER)
    return challenge


def _owner(tenant: Tenant, unverified: str) -> tuple[Passkey | None, User | None]:
    """The passkey that is said to have signed, and whose it is: of this tenant, and the one that the authenticator names too."""
    credential_id, handle = webauthn_answers.credential_of(unverified)
    query = select(Passkey, User).join(User, User.id == Passkey.user_id)
    query = query.where(Passkey.credential_id == credential_id, User.tenant_id == tenant.id)
    found = db.session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if found is None or (handle is not None and handle != found[1].id.bytes):
        return None, None
    return found[0], found[1]


def _used(tenant: Tenant, passkey: Passkey | None, unverified: str, challenge: bytes, *, verified: bool) -> Used:
    try:
        used = webauthn_answers.used(unverified, challenge, passkey.public_key if passkey else _NOBODY, verified=verified)
    except Invalid:
        sign_ins.failed(tenant, "", factor=PASSKEY)
        raise
    if passkey is not None and passkey.synced != used.synced:
        # What may be copied never changes (§7.2): this is another authenticator.
        sign_ins.failed(tenant, "", factor=PASSKEY)
        raise Invalid(REFUSED)
    return used


def _take(passkey: Passkey, user: User, used: Used, challenge: bytes, action: str) -> None:
    """Spend the challenge, move the counter on, and note the sign-in, in one transaction. Raises Invalid."""
    with transaction():
        # The person before what hangs on them, as whatever takes it away does.
        row = locks.person(user)
        # Whoever had the authenticator in hand for a moment may have kept what it signed; or an end came while it waited here.
        if row.disabled or row.ended_since(challenges.made_at(challenge)):
            raise Invalid(OVER)
        first, went_on = challenges.spend(challenge), _count(passkey, used)
        if first and went_on:
            sign_ins.succeeded(row, action, factor=PASSKEY, name=passkey.name)
        elif first:
            # Two authenticators with one key: one of them is a copy (§7.2).
            audit.record("user.passkey_counter_went_back", actor=Actor.of(user), subject=user, name=passkey.name)
    if not first:
        raise Invalid(OVER)
    if not went_on:
        raise Invalid(REFUSED)


def _count(passkey: Passkey, used: Used) -> bool:
    # THE gate: of many answers at once, each moves the counter on, or is refused. Authenticators without one always say nought.
    on = Passkey.sign_count < used.sign_count if used.sign_count else Passkey.sign_count == 0
    query = (
        update(Passkey)
        .where(Passkey.id == passkey.id, on)
        .values(sign_count=used.sign_count, backed_up=used.backed_up, last_used_at=clock.now())
        .returning(Passkey.id)
        .execution_options(synchronize_session=False)
    )
    return db.session.execute(query).first() is not None


def _proofs(synced: bool, verified: bool) -> tuple[str, ...]:
    """RFC 8176 §2: a key in software that may be copied, or one in hardware; and whether it verified its person."""
    return ("swk" if synced else "hwk", *(("user",) if verified else ()))


def _request_options(
    ceremony: Ceremony, allowed: list[PublicKeyCredentialDescriptor], verification: UserVerificationRequirement
) -> str:
    options = webauthn.generate_authentication_options(
        rp_id=webauthn_answers.rp_id(),
        challenge=challenges.make(ceremony),
        timeout=TIMEOUT,
        allow_credentials=allowed,
        user_verification=verification,
    )
    return options_to_json(options)


def _descriptors(user: User) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=each.credential_id, transports=[AuthenticatorTransport(name) for name in each.transports]
        )
        for each in enrolments.of_kind(user, Passkey)
    ]


def _row(user: User, made: Made, name: str) -> Passkey:
    return Passkey(
        user_id=user.id,
        name=name,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=made.transports,
        aaguid=made.aaguid,
        synced=made.synced,
        backed_up=made.backed_up,
    )
