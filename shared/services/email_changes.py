"""Another e-mail address: the old one stays until whoever asked has proved to read the letters of the new one, and is told."""

from sqlalchemy.exc import IntegrityError

from shared.kit import clock, email_addresses
from shared.kit.db import db, transaction
from shared.kit.errors import Conflict, Invalid
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.tenant import DOMAIN, Tenant
from shared.models.user import User, fold
from shared.models.verification import EmailCode
from shared.services import audit, email_codes, email_undos, field_values, letters, locks, recovery, tenants, users
from shared.services.email_codes import CHANGE

# Or else whoever has the address of one for a day has an account there for good.
ELSEWHERE = said("Accounts here have an address of certain organizations. Choose one of those.")


def begin(user: User, *, email: str, by: Actor) -> None:
    """Send a code to the new address, which serves where it is asked for and ends the one before there; nothing changes yet.

    The same is done, and nothing sent, where the address has another account. Raises Invalid, TooMany.
    """
    address, tenant = users.checked_email(email), tenants.get(user.tenant_id)
    if address == user.email:
        raise Invalid(said("This is your address already."), field="email")
    if tenant.sign_up == DOMAIN and _takes(tenant, user.email) and not _takes(tenant, address):
        raise Invalid(ELSEWHERE, field="email")
    other = users.find_by_email(tenant, address)
    free = other is None or other.id == user.id
    post = letters.post if free else letters.nobody
    with transaction():
        code = email_codes.begin(tenant, CHANGE, email=address, user=user, browser=by.place or None, real=free).code
        language = user.reads
        post("email_change_code", tenant, to=address, language=language, code=code, minutes=email_codes.MINUTES)
        audit.record("user.email_change_asked", actor=by, subject=user)


def pending(user: User, *, by: Actor) -> EmailCode | None:
    """The change that waits for its code where `by` acts, or None."""
    row = _latest(user, by.place)
    return row if row and row.ended_at is None and row.expires_at > clock.now() else None


def confirm(user: User, code: str, *, by: Actor) -> None:
    """Take `code` as proof that `user` reads the letters of the new address, and change it. Sessions and tokens stay.

    It serves in the session that asked for it: what somebody began in one that was ended waits in no other.

    Raises Invalid when it is wrong, old or used up, and Conflict when the address has got another account meanwhile.
    """
    row, since = _latest(user, by.place), user.sessions_valid_from
    try:
        email_codes.take(row, code, buy=lambda proof: _change(locks.acting_since(since, user, by), proof.email, by))
    except IntegrityError:
        raise Conflict(said("This address has an account of its own by now."), field="code") from None


def _latest(user: User, place: str) -> EmailCode | None:
    # One that was asked for in no session, as by an assertion, waits in none.
    row = email_codes.latest(tenants.get(user.tenant_id), CHANGE, user=user, browser=place or None)
    return row if row and row.user_id == user.id and bool(row.browser_fingerprint) == bool(place) else None


def _takes(tenant: Tenant, email: str) -> bool:
    return tenant.takes_domain(email_addresses.read(email).ascii_domain.lower())


def _change(row: User, email: str, by: Actor) -> None:
    tenant, proved = tenants.get(row.tenant_id), row.email_verified
    old, row.email, row.email_folded, row.email_verified_at = row.email, email, fold(email), clock.now()
    db.session.flush()
    # What was sent to the old address opens nothing any more.
    email_codes.end(row)
    recovery.end(row)
    # Whoever reads an address that nobody had proved may never have had this account.
    undo = _undo(row, tenant, old) if proved else {}
    language, when = row.reads, field_values.now_for(row)
    letters.post("email_changed", tenant, to=old, proved=proved, language=language, new_email=email, when=when, **undo)
    audit.record("user.email_changed", actor=by, subject=row, email=[old, email])


def _undo(row: User, tenant: Tenant, old: str) -> dict[str, str | int]:
    """What the letter to the old address says of going back to it."""
    return {"link": tenants.address(tenant, "/recover/email", token=email_undos.begin(row, old)), "days": email_undos.DAYS}
