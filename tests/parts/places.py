"""A database of places in MaxMind's format, small enough to be written by hand (MaxMind DB File Format Specification 2.0)."""

from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

MARK = b"\xab\xcd\xefMaxMind.com"
STRING, UNSIGNED_16, UNSIGNED_32, MAP, UNSIGNED_64, ARRAY = 2, 5, 6, 7, 9, 11


def write(file: Path, places: dict[str, dict[str, Any]]) -> Path:
    """Write a database in which each IPv4 network has its place."""
    tree: list[list[Any]] = [[None, None]]
    data = b""
    for network, place in places.items():
        _put(tree, IPv4Network(network), len(data))
        data += _spell(place)
    count = len(tree)
    nodes = b"".join(_record(side, count).to_bytes(3, "big") for node in tree for side in node)
    about = {
        "node_count": (UNSIGNED_32, count),
        "record_size": (UNSIGNED_16, 24),
        "ip_version": (UNSIGNED_16, 4),
        "database_type": "Test-City",
        "languages": ["en", "fr"],
        "binary_format_major_version": (UNSIGNED_16, 2),
        "binary_format_minor_version": (UNSIGNED_16, 0),
        "build_epoch": (UNSIGNED_64, 1_800_000_000),
        "description": {"en": "for tests"},
    }
    file.write_bytes(nodes + bytes(16) + data + MARK + _spell(about))
    return file


def _put(tree: list[list[Any]], network: IPv4Network, offset: int) -> None:
    bits = f"{int(network.network_address):032b}"[: network.prefixlen]
    node = 0
    for bit in bits[:-1]:
        if tree[node][int(bit)] is None:
            tree.append([None, None])
            tree[node][int(bit)] = len(tree) - 1
        node = tree[node][int(bit)]
    tree[node][int(bits[-1])] = ("data", offset)


def _record(side: Any, count: int) -> int:
    if side is None:
        return count
    return side[1] + count + 16 if isinstance(side, tuple) else side


def _spell(value: Any) -> bytes:
    if isinstance(value, str):
        return _head(STRING, len(value.encode())) + value.encode()
    if isinstance(value, tuple):
        kind, number = value
        spelled = number.to_bytes(8, "big").lstrip(b"\0")
        return _head(kind, len(spelled)) + spelled
    if isinstance(value, list):
        return _head(ARRAY, len(value)) + b"".join(map(_spell, value))
    return _head(MAP, len(value)) + b"".join(_spell(name) + _spell(each) for name, each in value.items())


def _head(kind: int, size: int) -> bytes:
    # Kinds above 7 are named in a byte of their own; nothing here is longer than 28.
    return bytes([kind << 5 | size]) if kind <= 7 else bytes([size, kind - 7])
