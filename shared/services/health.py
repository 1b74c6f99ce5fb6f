"""Health: whether the parts that we stand on answer, and the mend where one does not."""

from collections.abc import Callable

from shared.kit import db, redis
from shared.kit.errors import NotFound
from shared.kit.faults import FORESEEN
from shared.services import keys, tenants

MENDS = {
    "database": "Start the database, or mend BAILIWICK_DATABASE_URL; if it is new, run `bailiwick migrate`.",
    "redis": "Start Redis, or mend BAILIWICK_REDIS_URL.",
    "keys": "The signing keys do not open: is BAILIWICK_SECRET_KEY the one they were sealed with?",
}


def missing(*parts: str) -> dict[str, str]:
    """The parts among database, redis and keys that do not answer, each with its mend."""
    found = {part: MENDS[part] for part in parts if not _answers(CHECKS[part])}
    if {"database", "keys"} <= set(found):
        found["keys"] = "They are kept in the database, which does not answer."
    return found


def _answers(check: Callable[[], object]) -> bool:
    try:
        check()
    except FORESEEN:
        return False
    return True


def _keys_open() -> None:
    try:
        tenant = tenants.default()
    except NotFound:
        return  # A new installation has neither tenant nor keys.
    keys.jwks(tenant)


CHECKS: dict[str, Callable[[], object]] = {"database": db.ping, "redis": redis.ping, "keys": _keys_open}
