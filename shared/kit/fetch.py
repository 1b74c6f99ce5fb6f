"""The guarded fetcher: what clients name is fetched over https, from public addresses only (OWASP SSRF Prevention)."""

import http.client
import queue
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlencode, urlsplit

from shared.kit import clock, log, settings
from shared.kit.errors import AppError

SECONDS = 5.0  # for all of it: the name, the connection, the whole answer
LARGEST = 64 * 1024  # bytes
LONGEST_URL = 2000  # characters
DEFAULT_FRESH, LONGEST_FRESH = 300, 86400  # seconds
TRIED = 4  # addresses of one name
# Names asked for at once: gevent has ten threads for that, and the database's own name needs one too.
LOOKUPS = 6

Address = IPv4Address | IPv6Address
# Global unicast, without what was set aside in it: an IPv4 address in IPv6 clothes (6to4, Teredo) reaches whatever it wraps.
_IPV6 = ip_network("2000::/3")
_NOT_IPV6 = tuple(ip_network(each) for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
# The relays of 6to4, and the address at which one cloud answers its machines about themselves.
_NOT_IPV4 = tuple(ip_network(each) for each in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"))
_DOTTED = re.compile(r"(?:(?:0|[1-9]\d{0,2})(?:\.(?!$)|$)){4}")
_NUMBER = re.compile(r"(?:\d+|0x[0-9a-f]*)", re.IGNORECASE)
_VISIBLE = re.compile(r"[!-~]+")
_lookups = threading.BoundedSemaphore(LOOKUPS)


class FetchFailed(AppError):
    """It could not be fetched. The words are the same for every cause, so that nobody explores our network by asking."""

    status = 400
    code = "fetch_failed"

    def __init__(self, why: str = "") -> None:
        super().__init__("The address could not be fetched.")
        # For operators only.
        self.why = why


@dataclass(frozen=True)
class Fetched:
    """A document: its bytes, its media type without parameters, and for how many seconds it may be kept (RFC 9111 §5.2.2)."""

    body: bytes
    media_type: str
    fresh_seconds: int


@dataclass(frozen=True)
class Answer:
    """What was answered, whatever the status says: the body is read under the same limits as a document's."""

    status: int
    body: bytes
    media_type: str


class _Refused(Exception):
    """Why it was not fetched; for the log only."""


def get(url: str, *, accept: str = "application/json") -> Fetched:
    """Fetch an https URL: 5 seconds and 64 KiB at most, no redirect, no compression. Raises FetchFailed."""
    with _asked(url, "GET", {"Accept": accept}) as response:
        return _read(response)


def post(url: str, fields: dict[str, str]) -> int:
    """Post a form to an https URL, under the same limits: the status of the answer, which is not read on. Raises FetchFailed."""
    told = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "*/*"}
    with _asked(url, "POST", told, urlencode(fields)) as response:
        return response.status


def ask(url: str, *, method: str = "GET", headers: Mapping[str, str], body: str | None = None) -> Answer:
    """Send a request to an https URL, under the same limits, and read its answer also when that is an error's.

    Raises FetchFailed.
    """
    with _asked(url, method, dict(headers), body) as response:
        return Answer(response.status, _body(response), response.headers.get_content_type())


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet and to nothing inside of ours."""
    if isinstance(address, IPv6Address):
        return address in _IPV6 and address.is_global and not any(address in each for each in _NOT_IPV6)
    return address.is_global and not address.is_multicast and not any(address in each for each in _NOT_IPV4)


@contextmanager
def _asked(url: str, method: str, told: dict[str, str], body: str | None = None) -> Iterator[http.client.HTTPResponse]:
    """The answer, to be read inside; whatever goes wrong there too raises FetchFailed."""
    try:
        with _answered(url, method, told, body) as response:
            yield response
    except (_Refused, OSError, http.client.HTTPException, ValueError) as error:
        why = str(error)[:200]
        log.get().info("fetch.failed", host=_host_of(url), reason=type(error).__name__, why=why)
        raise FetchFailed(why or type(error).__name__) from None


@contextmanager
def _answered(url: str, method: str, told: dict[str, str], body: str | None) -> Iterator[http.client.HTTPResponse]:
    deadline = clock.ticks() + SECONDS
    parts = _checked(url)
    host, port = str(parts.hostname), parts.port or 443
    with _tls(_connected(_resolved(host, port, deadline), port, deadline), host, deadline) as wire:
        connection = http.client.HTTPConnection(host, port)
        connection.sock = wire
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        # identity: a small body cannot unfold into a large one.
        ours = {"Host": parts.netloc, "Accept-Encoding": "identity", "Connection": "close", "User-Agent": "Bailiwick"}
        connection.request(method, path, body, headers={**ours, **told})
        yield connection.getresponse()
    # A connection that was cut ends a body as well as its end does.
    _left(deadline)


def _checked(url: str) -> SplitResult:
    if len(url) > LONGEST_URL or not _VISIBLE.fullmatch(url):
        raise _Refused("too long, or with characters that no address has")
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or "\\" in url:
        raise _Refused("not a plain https address")
    last = parts.hostname.rstrip(".").rpartition(".")[2]
    # 2130706433, 0x7f.1 and 0177.0.0.1 are 127.0.0.1 to some readers and names to others.
    if _NUMBER.fullmatch(last) and not _DOTTED.fullmatch(parts.hostname):
        raise _Refused("a number that is no address in its usual form")
    return parts


def _resolved(host: str, port: int, deadline: float) -> list[Address]:
    """The addresses of `host`, all allowed. One of these very ones is connected to, whatever the name says a moment later."""
    found = _looked_up(host, port, deadline)
    admitted = settings.current().fetch_admits_list
    if host.rstrip(".") in admitted:
        return found[:TRIED]
    inside = [ip_network(entry, strict=False) for entry in admitted if "/" in entry]
    if not found or not all(is_public(address) or any(address in each for each in inside) for address in found):
        raise _Refused("not a public address")
    return found[:TRIED]


def _looked_up(host: str, port: int, deadline: float) -> list[Address]:
    # A resolver takes no time limit, and a slow one may be the asker's own.
    answer: queue.Queue[list[Address] | Exception] = queue.Queue()
    turn = _lookups

    def ask() -> None:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.put([ip_address(entry[4][0]) for entry in entries])
        except (OSError, ValueError) as error:
            answer.put(error)
        finally:
            turn.release()

    if not turn.acquire(timeout=_left(deadline)):
        raise _Refused("too many names are being asked for")
    threading.Thread(target=ask, name="resolver", daemon=True).start()
    try:
        found = answer.get(timeout=_left(deadline))
    except queue.Empty:
        raise _Refused("the name took too long") from None
    if isinstance(found, Exception):
        raise _Refused(f"the name is not known: {found}")
    return found


def _connected(addresses: list[Address], port: int, deadline: float) -> socket.socket:
    last: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((str(address), port), timeout=_left(deadline))
        except OSError as error:
            last = error
    raise last or _Refused("no address")


@contextmanager
def _tls(raw: socket.socket, host: str, deadline: float) -> Iterator[ssl.SSLSocket]:
    """TLS over the connection, with the certificate of `host`, and cut when the time is over, however slowly it drips."""
    with raw:
        wire = _context(str(settings.current().fetch_ca_file or "")).wrap_socket(
            raw, server_hostname=host, do_handshake_on_connect=False
        )
    with wire:
        ender = threading.Timer(_left(deadline), _cut, (wire,))
        ender.daemon = True
        ender.start()
        try:
            wire.settimeout(SECONDS)
            wire.do_handshake()
            yield wire
        finally:
            ender.cancel()


@lru_cache(maxsize=2)
def _context(extra: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if extra:
        context.load_verify_locations(extra)
    return context


def _cut(wire: ssl.SSLSocket) -> None:
    try:
        # Of the socket beneath, which wakes its reader; TLS's own shutdown would pull the ground from under it.
        socket.socket.shutdown(wire, socket.SHUT_RDWR)
    except OSError:
        return


def _left(deadline: float) -> float:
    left = deadline - clock.ticks()
    if left <= 0:
        raise _Refused("it took too long")
    return left


def _read(response: http.client.HTTPResponse) -> Fetched:
    if response.status != http.client.OK:
        raise _Refused(f"status {response.status}")
    fresh_seconds = _fresh_seconds(response.headers.get("Cache-Control", ""))
    return Fetched(_body(response), response.headers.get_content_type(), fresh_seconds)


def _body(response: http.client.HTTPResponse) -> bytes:
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise _Refused("compressed")
    body = response.read(LARGEST + 1)
    if len(body) > LARGEST or response.length:
        raise _Refused("too long, or cut short")
    return body


def _fresh_seconds(cache_control: str) -> int:
    if re.search(r"\bno-(store|cache)\b", cache_control, re.IGNORECASE):
        return 0
    found = re.search(r"\bmax-age\s*=\s*\"?(\d{1,9})", cache_control, re.IGNORECASE)
    return min(int(found[1]), LONGEST_FRESH) if found else DEFAULT_FRESH


def _host_of(url: str) -> str:
    try:
        return str(urlsplit(url).hostname)[:200]
    except ValueError:
        return "unreadable"
