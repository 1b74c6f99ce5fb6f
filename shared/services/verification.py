"""E-mail verification: a code by letter, which the person types."""

from sqlalchemy import select

from shared.kit import clock
from shared.kit.db import transaction
from shared.kit.errors import Conflict
from shared.kit.words import said
from shared.models.audit import Actor
from shared.models.user import User
from shared.models.verification import EmailCode
from shared.services import audit, email_codes, letters, tenants
from shared.services.email_codes import VERIFY


def send_code(user: User, *, sid: str = "") -> None:
    """Send `user`, who asks in the session `sid`, a code; only the last one serves, in whichever session.

    Raises Conflict when verified already, TooMany after three letters.
    """
    with transaction() as session:
        query = select(User).where(User.id == user.id).execution_options(populate_existing=True)
        row = session.execute(query).scalar_one()
        if row.email_verified:
            raise Conflict(said("Your e-mail address is verified already."))
        tenant = tenants.get(row.tenant_id)
        code = email_codes.begin(tenant, VERIFY, email=row.email, user=row, browser=sid or None).code
        language = row.reads
        letters.post("email_code", tenant, to=row.email, language=language, code=code, minutes=email_codes.MINUTES)
        audit.record("user.email_code_sent", actor=Actor.of(row), subject=row)


def waits(user: User) -> bool:
    """Whether a code was sent to `user` that still works."""
    row = email_codes.latest(tenants.get(user.tenant_id), VERIFY, user=user)
    return row is not None and row.ended_at is None and row.expires_at > clock.now()


def was_asked_in(user: User, sid: str) -> bool:
    """Whether the last code was asked for in the session `sid`."""
    row = email_codes.latest(tenants.get(user.tenant_id), VERIFY, user=user)
    return row is not None and email_codes.is_of(row, sid)


def confirm(user: User, code: str) -> None:
    """Take `code` as proof that `user` reads their letters. Raises Invalid when it is wrong, old or used up."""
    email_codes.take(email_codes.latest(tenants.get(user.tenant_id), VERIFY, user=user), code, buy=_verify)


def _verify(proof: EmailCode) -> None:
    with transaction() as session:
        row = session.get_one(User, proof.user_id)
        row.email_verified_at = clock.now()
        audit.record("user.email_verified", actor=Actor.of(row), subject=row)
