"""The guarded fetcher: https to public addresses only, at most so long and so much, and one answer for every failure."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from flask import Flask
from pydantic import ValidationError

from shared.kit import fetch, settings
from tests.parts.https import Https

REFUSED = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16 169.254.1.1
    169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.51.100.1
    203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::808:808
    64:ff9b:1::1 100::1 2001::1 2001:0:7f00:1::1 2001:10::1 2001:db8::1 2002:7f00:1::1 2002:a00:1::1 3fff::1 5f00::1 fc00::1
    fd00:ec2::254 fe80::1 fec0::1 ff02::1
""".split()
PUBLIC = "1.1.1.1 8.8.8.8 9.9.9.9 172.32.0.1 192.167.255.255 2606:4700:4700::1111 2a00:1450:4001:800::200e".split()
# Different readers take each of them for 127.0.0.1, for an address within, or for a name.
TRICKS = (
    "https://2130706433/ https://0x7f000001/ https://0x7f.1/ https://017700000001/ https://0177.0.0.1/ https://127.1/ "
    "https://127.0.1/ https://127.0.0.1./ https://0/ https://[::ffff:127.0.0.1]/ https://[::ffff:7f00:1]/ https://[::]/ "
    "https://[::1%25lo]/ https://localhost/ https://LOCALHOST/ https://localhost./ https://010.0.0.1/ https://0.0.0.0/ "
    "https://169.254.169.254/latest/meta-data https://[2002:7f00:1::]/ https://[64:ff9b::7f00:1]/ https://127.0.0.1:22/ "
    "https://①②⑦.0.0.1/ https://ⓛocalhost/"
).split()
NO_ADDRESSES = (
    "http://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "https://",
    "https:///x",
    "https:example.com",
    "//example.com/",
    "",
    "https://user@example.com/",
    "https://user:word@example.com/",
    "https://example.com:port/",
    "https://example.com:99999/",
    "https://example.com/ HTTP/1.1",
    "https://example.com/\r\nX: y",
    "https://exa\0mple.com/",
    "https://example.com\\@127.0.0.1/",
    "https://[::1/",
    "https://example.com/" + "x" * 2000,
)


@pytest.fixture(scope="module")
def https(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Https]:
    with Https(tmp_path_factory.mktemp("https")) as server:
        yield server


@pytest.fixture
def admit(https: Https) -> Iterator[Callable[..., None]]:
    """admit("127.0.0.0/8"): settings that admit this, and trust the test's own authority."""
    app = Flask("test")

    def told(admits: str | None, *, ca: Path | None = https.ca_file) -> None:
        app.extensions["bailiwick.settings"] = settings.load(
            secret_key="x" * 40, database_url="sqlite://", redis_url="unix:///none", fetch_admits=admits, fetch_ca_file=ca
        )

    told("127.0.0.0/8, ::1/128")
    with app.app_context():
        yield told


def refused(url: str) -> float:
    """It is not fetched, and told in the one way; the seconds it took."""
    began = time.monotonic()
    with pytest.raises(fetch.FetchFailed) as failure:
        fetch.get(url)
    assert (failure.value.message, failure.value.status) == ("The address could not be fetched.", 400)
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__
    return time.monotonic() - began


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_within_is_not_public(address: str) -> None:
    assert not fetch.is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert fetch.is_public(ip_address(address))


@pytest.mark.parametrize("url", TRICKS)
def test_an_address_within_is_refused_however_it_is_written(admit: Callable[..., None], url: str) -> None:
    admit(None)
    assert refused(url) < 2


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_plain_https_address_is_refused(admit: Callable[..., None], url: str) -> None:
    assert refused(url) < 2


def test_a_document_is_fetched(https: Https, admit: Callable[..., None]) -> None:
    https.answer(
        "/doc?x=1", b'{"a": 1}', {"Content-Type": "application/jwk-set+json; charset=utf-8", "Cache-Control": "max-age=60"}
    )
    assert fetch.get(f"{https.url}/doc?x=1#part") == fetch.Fetched(b'{"a": 1}', "application/jwk-set+json", 60)
    asked = https.asked[-1]
    assert asked["Accept-Encoding"] == "identity"
    assert asked["Host"] == https.url.removeprefix("https://")
    assert not {"Cookie", "Authorization", "Referer"} & set(asked)


@pytest.mark.parametrize(
    ("cache_control", "seconds"),
    [
        ("", 300),
        ("max-age=0", 0),
        ("public, MAX-AGE=120", 120),
        ("no-store, max-age=9", 0),
        ("max-age=999999999", 86400),
        ("x", 300),
    ],
)
def test_it_is_kept_as_long_as_it_says(https: Https, admit: Callable[..., None], cache_control: str, seconds: int) -> None:
    https.answer("/kept", b"", {"Cache-Control": cache_control})
    assert fetch.get(f"{https.url}/kept").fresh_seconds == seconds


def test_a_host_or_a_network_is_admitted_by_name(https: Https, admit: Callable[..., None]) -> None:
    https.answer("/", b"{}")
    by_name = https.url.replace("127.0.0.1", "localhost")
    for admits, works in (
        ("localhost", by_name),
        ("LOCALHOST other.test", by_name),
        ("127.0.0.1", https.url),
        ("127.0.0.0/8", https.url),
    ):
        admit(admits)
        assert fetch.get(f"{works}/").body == b"{}"
    for admits, fails in (
        ("localhost", https.url),
        ("127.0.0.1", by_name),
        ("other.test", by_name),
        ("10.0.0.0/8", https.url),
        (None, https.url),
    ):
        admit(admits)
        refused(f"{fails}/")


def test_a_certificate_must_be_of_a_known_authority_and_of_that_host(https: Https, admit: Callable[..., None]) -> None:
    https.answer("/", b"{}")
    admit("127.0.0.0/8", ca=None)
    refused(f"{https.url}/")
    admit("127.0.0.0/8")
    refused(f"{https.url.replace('127.0.0.1', '127.0.0.2')}/")


def test_every_address_of_a_name_is_looked_at_and_one_of_those_connected_to(
    https: Https, admit: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that means something else at the second look gains nothing: there is none."""
    looks: list[str] = []
    answers = {"mixed.test": ["8.8.8.8", "10.0.0.1"], "rebound.test": ["127.0.0.1"]}

    def look_up(host: str, port: int, *rest: object, **more: object) -> list[tuple]:
        if host in answers:
            looks.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers[host]]
        return truly(host, port, *rest, **more)

    truly = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    refused("https://mixed.test/")
    https.answer("/", b"{}")
    rebound = https.url.replace("127.0.0.1", "rebound.test")
    assert fetch.get(f"{rebound}/").body == b"{}"
    admit(None)
    refused(f"{rebound}/")
    assert looks == ["mixed.test", "rebound.test", "rebound.test"]


def test_a_redirect_is_not_followed(https: Https, admit: Callable[..., None]) -> None:
    https.answer("/there", b"{}")
    for status in (301, 302, 303, 307, 308):
        https.answer("/here", b"", {"Location": f"{https.url}/there"}, status=status)
        refused(f"{https.url}/here")
    assert all(asked["path"] != "/there" for asked in https.asked)


@pytest.mark.parametrize("status", [201, 204, 206, 304, 400, 401, 404, 500])
def test_another_status_is_a_failure(https: Https, admit: Callable[..., None], status: int) -> None:
    https.answer("/status", b"", status=status)
    refused(f"{https.url}/status")


def test_64_kib_are_taken_and_no_more(https: Https, admit: Callable[..., None]) -> None:
    https.answer("/most", b"x" * fetch.LARGEST)
    assert len(fetch.get(f"{https.url}/most").body) == fetch.LARGEST
    https.answer("/more", b"x" * (fetch.LARGEST + 1))
    refused(f"{https.url}/more")


def test_what_is_compressed_is_not_unfolded(https: Https, admit: Callable[..., None]) -> None:
    https.answer("/bomb", gzip.compress(b"0" * 10_000_000), {"Content-Encoding": "gzip"})
    refused(f"{https.url}/bomb")


def test_what_is_cut_short_is_a_failure(https: Https, admit: Callable[..., None]) -> None:
    https.raw("/short", [b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"])
    refused(f"{https.url}/short")
    https.raw("/noise", [b"\0\1\2 not HTTP at all\r\n\r\n"])
    refused(f"{https.url}/noise")


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"]
)
def test_an_answer_that_drips_is_cut_when_the_time_is_over(
    https: Https, admit: Callable[..., None], monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    monkeypatch.setattr(fetch, "SECONDS", 0.6)
    https.raw("/drip", [head, *([b"x"] * 40)], pause=0.1)
    assert refused(f"{https.url}/drip") < 1.5


def test_a_greeting_that_never_comes_is_cut(admit: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert refused(f"https://127.0.0.1:{silent.getsockname()[1]}/") < 1.5


def test_a_name_that_takes_too_long_is_given_up(admit: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(fetch, "SECONDS", 0.3)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: over.wait(5) and [])
    assert refused("https://slow.test/") < 1.5
    over.set()


def test_slow_names_do_not_take_every_thread_that_asks_for_names(
    admit: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    over, asked = threading.Event(), []
    monkeypatch.setattr(fetch, "SECONDS", 0.2)
    monkeypatch.setattr(fetch, "_lookups", threading.BoundedSemaphore(2))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: asked.append(args) or (over.wait(5) and []))
    for number in range(4):
        refused(f"https://slow{number}.test/")
    assert len(asked) == 2
    over.set()


def test_a_shut_port_is_told_like_an_open_one(admit: Callable[..., None]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        shut = server.getsockname()[1]
    refused(f"https://127.0.0.1:{shut}/")


@pytest.mark.parametrize("admits", ["https://rp.test", "10.0.0.0/99", "rp.test/8"])
def test_what_cannot_be_admitted_stops_the_start(admit: Callable[..., None], admits: str) -> None:
    with pytest.raises(ValidationError, match="fetch_admits"):
        admit(admits)


def test_a_form_is_posted_under_the_same_guards(https: Https, admit: Callable[..., None]) -> None:
    https.answer("/told", b"", status=204)
    https.answer("/moved", b"", {"Location": f"{https.url}/told"}, status=307)
    assert fetch.post(f"{https.url}/told", {"logout_token": "a+b&c"}) == 204
    assert (https.asked[-1]["method"], https.asked[-1]["body"]) == ("POST", "logout_token=a%2Bb%26c")
    assert fetch.post(f"{https.url}/moved", {"a": "b"}) == 307, "and it is not followed"
    assert https.asked[-1]["path"] == "/moved"
    admit(None)
    asked = len(https.asked)
    for url in (f"{https.url}/told", "http://example.com/", *TRICKS[:4]):
        with pytest.raises(fetch.FetchFailed) as raised:
            fetch.post(url, {"a": "b"})
        assert raised.value.message == "The address could not be fetched."
        assert raised.value.why
    assert len(https.asked) == asked
