"""Where the present work comes from: the address and browser of a request, and its id."""

from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network


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


def network() -> str:
    """The network that the present work comes from."""
    return network_of(current().address or "unknown")


def network_of(address: str) -> str:
    """The network of an IP address: one household has a whole IPv6 /64 to choose from, so that counts as one address."""
    try:
        given = IPv6Address(address)
    except ValueError:  # IPv4, or unknown
        return address
    return str(given.ipv4_mapped or IPv6Network((given.packed[:8] + bytes(8), 64)))
