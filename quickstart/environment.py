"""What the programs under the quickstart are told: the person's own BAILIWICK_ settings, and the embedded parts for the rest."""

from collections.abc import Mapping
from pathlib import Path

from quickstart.folder import Folder
from quickstart.refusal import Refusal


def complete(given: Mapping[str, str], var: Folder, redis_socket: Path) -> dict[str, str]:
    """`given`, with every setting that is missing or empty filled in. Raises Refusal for a port or a count that is none."""
    told = {name: value for name, value in given.items() if value or not name.startswith("BAILIWICK_")}
    port = _number(told, "BAILIWICK_PORT", default=8000, most=65535)
    workers = _number(told, "BAILIWICK_WORKERS", default=1, most=64)
    host = told.setdefault("BAILIWICK_HOST", "127.0.0.1")
    defaults = {
        "BAILIWICK_PUBLIC_URL": f"http://localhost:{port}",
        # The public address may be that of a tunnel that is not reachable from here.
        "BAILIWICK_ISSUER_INTERNAL_URL": f"http://{host}:{port}",
        "BAILIWICK_DATABASE_URL": f"sqlite:///{var.database}",
        "BAILIWICK_REDIS_URL": f"unix://{redis_socket}",
        "BAILIWICK_OUTBOX_DIR": str(var.outbox),
        "BAILIWICK_LOG_FORMAT": "console",
        "BAILIWICK_LOG_LEVEL": "INFO",
    }
    secret = told.get("BAILIWICK_SECRET_KEY") or var.secret_key()
    fixed = {
        "BAILIWICK_PORT": str(port),
        "BAILIWICK_WORKERS": str(workers),
        "BAILIWICK_SECRET_KEY": secret,
        "BAILIWICK_QUICKSTART": "true",
        "BAILIWICK_CREDENTIALS": str(var.credentials),
    }
    return {**defaults, **told, **fixed}


def _number(told: Mapping[str, str], name: str, *, default: int, most: int) -> int:
    text = told.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Refusal(f"{name} is a number from 1 to {most}, not {text!r}.")
    return int(text)
