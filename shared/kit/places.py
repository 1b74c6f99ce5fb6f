"""Roughly where an address is, by the operator's own database in MaxMind's format; nobody else is asked."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Any

import maxminddb

from shared.kit import log, settings
from shared.kit.words import Said, said

# How such databases call our languages, where they call them otherwise.
CALLED = {"pt": "pt-BR", "zh-Hans": "zh-CN"}
ENGLISH = "en"
# Of an address that no database knows, the part that does not single out a household.
PREFIX = {4: 24, 6: 48}


def describe(address: str | None, *, here: str | None, language: str) -> str:
    """Where `address` is, in words for whoever sits at the address `here`: a town and country, or what kind of network it is."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return said("Place unknown")
    return _near(parsed, here) or find(parsed, language) or _shortened(parsed)


def find(address: IPv4Address | IPv6Address, language: str) -> str | None:
    """The town and country of an address as the database has them, in `language` or else in English; None when it does not."""
    file = settings.current().places_file
    reader = _open(file) if file else None
    try:
        known = reader.get(address) if reader else None
    except (ValueError, maxminddb.InvalidDatabaseError):
        return None
    parts = [_name(known.get(part), language) for part in ("city", "country")] if isinstance(known, dict) else []
    return ", ".join(part for part in parts if part) or None


def _near(address: IPv4Address | IPv6Address, here: str | None) -> Said | None:
    if str(address) == here:
        return said("This network")
    return said("A private network") if address.is_private else None


def _shortened(address: IPv4Address | IPv6Address) -> str:
    network = ip_network(f"{address}/{PREFIX[address.version]}", strict=False)
    return said("The network %(network)s", network=str(network))


def _name(part: Any, language: str) -> str | None:
    names = part.get("names") if isinstance(part, dict) else None
    if not isinstance(names, dict):
        return None
    return names.get(CALLED.get(language, language)) or names.get(ENGLISH)


@lru_cache(maxsize=4)
def _open(file: Path) -> maxminddb.Reader | None:
    """The database, opened once in each process. One that cannot be read is named in the log, and is as good as none."""
    try:
        return maxminddb.open_database(file)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        log.get().error("places.unreadable", file=str(file), error=str(error))
        return None
