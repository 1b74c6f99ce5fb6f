"""What the parts we stand on raise when they are gone; the web answers 503 to each."""

from redis import BusyLoadingError, ConnectionError, ReadOnlyError, TimeoutError
from sqlalchemy.exc import InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.kit.errors import AppError

PARTS_GONE: tuple[type[Exception], ...] = (
    OperationalError,
    InterfaceError,
    PoolTimeout,
    # What everything after the first of them meets in the same request.
    PendingRollbackError,
    ConnectionError,
    TimeoutError,
    BusyLoadingError,
    ReadOnlyError,
)

# Whatever has an answer of its own: not a fault in the code.
FORESEEN: tuple[type[Exception], ...] = (AppError, *PARTS_GONE)
