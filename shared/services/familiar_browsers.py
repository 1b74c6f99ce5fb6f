"""Familiar browsers: each keeps proof of the accounts that signed in there, which names none of them to anybody else."""

import base64
import hashlib
import hmac

from shared.kit import ids, seal
from shared.models.tenant import Tenant

KEPT_SECONDS = 400 * 86400
# Accounts of one browser; the oldest gives way.
MOST = 5
BETWEEN = "~"


def find(kept: str, tenant: Tenant, account: str) -> str:
    """What names this browser among those of the account with this folded address; empty for a stranger's."""
    marks = (mark.partition(".") for mark in kept.split(BETWEEN)[:MOST])
    return next((name for name, _, proof in marks if ids.same(proof, _proof(name, tenant, account))), "")


def added(kept: str, tenant: Tenant, account: str) -> str:
    """What the browser is to keep once this account has signed in there; `kept` itself where it is known already."""
    if find(kept, tenant, account):
        return kept
    name = ids.token(12)
    others = [mark for mark in kept.split(BETWEEN) if mark][: MOST - 1]
    return BETWEEN.join([f"{name}.{_proof(name, tenant, account)}", *others])


def _proof(name: str, tenant: Tenant, account: str) -> str:
    made = hmac.new(seal.derive("familiar browser"), f"{tenant.id}:{name}:{account}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made[:18]).decode()
