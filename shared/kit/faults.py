"""What the parts we stand on raise when they are gone; the web answers 503 to each."""

from sqlalchemy.exc import InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import ObjectDeletedError

from shared.kit import redis
from shared.kit.errors import AppError

PARTS_GONE: tuple[type[Exception], ...] = (
    OperationalError,
    InterfaceError,
    PoolTimeout,
    # What everything after the first of them meets in the same request.
    PendingRollbackError,
    *redis.GONE,
)

# A row that this request read is there no longer: somebody deleted it meanwhile.
ROWS_GONE: tuple[type[Exception], ...] = (ObjectDeletedError,)

# Whatever has an answer of its own: not a fault in the code.
FORESEEN: tuple[type[Exception], ...] = (AppError, *PARTS_GONE, *ROWS_GONE)
