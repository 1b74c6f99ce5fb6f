"""The check-up behind `bailiwick doctor`: what is well, what is not, and the mend."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from shared.kit import clock, redis, settings
from shared.kit.faults import FORESEEN
from shared.services import health, setup

DISCOVERY = "/.well-known/openid-configuration"
CLOCK_MAY_DIFFER = 5.0  # seconds
ANSWER_WITHIN = 5.0  # seconds


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `mend` is empty when all is well."""

    name: str
    ok: bool
    words: str
    mend: str = ""


def findings() -> list[Finding]:
    """Look at everything that an installation stands on."""
    return [_look(name, check) for name, check in CHECKS.items()]


def _look(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except FORESEEN:
        return Finding(name, False, "could not be looked at", "Mend what failed above first.")


def _part(name: str) -> Callable[[], Finding]:
    def check() -> Finding:
        mend = health.missing(name).get(name, "")
        return Finding(name, not mend, "does not answer" if mend else "answers", mend)

    return check


def _migrations() -> Finding:
    if setup.migrated():
        return Finding("migrations", True, "the schema is current")
    return Finding("migrations", False, "the schema is of another version", "Run `bailiwick migrate`.")


def _clock() -> Finding:
    seconds, microseconds = redis.client().time()
    apart = abs(clock.now().timestamp() - seconds - microseconds / 1e6)
    if apart <= CLOCK_MAY_DIFFER:
        return Finding("clock", True, f"agrees with Redis to {apart:.1f} s")
    return Finding(
        "clock", False, f"is {apart:.0f} s away from that of Redis", "Keep every machine's clock by NTP; tokens live by it."
    )


def _public_url() -> Finding:
    url = settings.current().public_url
    try:
        issuer = _fetch_issuer(url)
    except (OSError, HTTPException, ValueError, AttributeError) as error:
        mend = "Start the server, or mend BAILIWICK_PUBLIC_URL, DNS or the proxy in front."
        return Finding("public URL", False, f"{url} cannot be reached: {type(error).__name__}", mend)
    if issuer == url:
        return Finding("public URL", True, f"{url} answers as itself")
    return Finding("public URL", False, f"{url} answers as {issuer}", "Give every service the same BAILIWICK_PUBLIC_URL.")


def _fetch_issuer(url: str) -> object:
    parts = urlsplit(url)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=ANSWER_WITHIN)
    try:
        connection.request("GET", DISCOVERY)
        return json.loads(connection.getresponse().read()).get("issuer")
    finally:
        connection.close()


CHECKS: dict[str, Callable[[], Finding]] = {
    "database": _part("database"),
    "migrations": _migrations,
    "redis": _part("redis"),
    "keys": _part("keys"),
    "clock": _clock,
    "public URL": _public_url,
}
