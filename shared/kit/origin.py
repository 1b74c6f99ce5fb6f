"""Where the present work comes from: the address and browser of a request, and its id."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """`address` is the peer's IP, `user_agent` its own unverified description, `request_id` what the logs call this request."""

    address: str | None = None
    user_agent: str = ""
    request_id: str | None = None


_NOWHERE = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=_NOWHERE)


def current() -> Origin:
    """The origin of the present work; empty outside a request."""
    return _origin.get()


def enter(origin: Origin) -> None:
    """From here on, in this context, work comes from `origin`."""
    _origin.set(origin)
