"""Askers: who has a letter sent to an address, and how many: no stranger uses up those of its owner (docs/decisions/0023)."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from shared.kit import clock, origin, seal
from shared.kit.db import db
from shared.models.recovery import RecoveryLink
from shared.models.tenant import Tenant
from shared.models.verification import EmailCode
from shared.services import familiar_browsers

PER = timedelta(minutes=10)
# For one purpose to one address within that time: for one asker, and for all of its kind.
MOST_OF_ONE, MOST_OF_ALL = 3, 9
BROWSER, NETWORK = "browser", "network"


@dataclass(frozen=True)
class Asker:
    """A browser that has signed in to the account before, by its own count, or else whoever is at this network."""

    kind: str
    fingerprint: str

    @property
    def name(self) -> str:
        """What is kept of it with a letter."""
        return f"{self.kind}:{self.fingerprint}"


def here(tenant: Tenant, account: str, *, familiar: str = "") -> Asker:
    """Who asks now for a letter to this folded address; `familiar` is what the browser keeps (familiar_browsers)."""
    known = familiar_browsers.find(familiar, tenant, account)
    kind, named = (BROWSER, known) if known else (NETWORK, origin.network())
    # Keyed, because networks are so few that they could be tried through.
    return Asker(kind, hmac.new(seal.derive("asker"), named.encode(), hashlib.sha256).hexdigest()[:32])


def wait(model: type[EmailCode] | type[RecoveryLink], asker: Asker, *whose: ColumnElement[bool]) -> int:
    """Seconds until another letter may leave for this asker; nought when it may now. `whose`: which letters count."""
    query = select(model.asker, model.created_at).where(model.asker.is_not(None), model.created_at > clock.now() - PER, *whose)
    sent = db.session.execute(query.order_by(model.created_at)).all()
    of_one = [moment for name, moment in sent if name == asker.name]
    of_kind = [moment for name, moment in sent if name and name.startswith(f"{asker.kind}:")]
    return max(_left(of_one, MOST_OF_ONE), _left(of_kind, MOST_OF_ALL))


def _left(sent: list[datetime], most: int) -> int:
    if len(sent) < most:
        return 0
    return max(1, int((sent[-most] + PER - clock.now()).total_seconds()) + 1)
