"""Style sheets, scripts and pictures: their addresses carry what is in them, so that browsers keep them for good."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Response, current_app, request


def add_version(endpoint: str, values: dict[str, Any]) -> None:
    """Add a fingerprint of the file to an address that is being made of it."""
    if endpoint == "static":
        values.setdefault("v", fingerprint(Path(current_app.static_folder or ""), values["filename"]))


def keep(response: Response) -> Response:
    """Let browsers keep a file that was asked for by its fingerprint; a node with another version of it says no such thing."""
    asked = request.args.get("v") if request.endpoint == "static" and response.status_code == 200 else None
    if asked and asked == fingerprint(Path(current_app.static_folder or ""), (request.view_args or {})["filename"]):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


# Bounded: a file has endless names, such as css/./base.css.
@lru_cache(maxsize=256)
def fingerprint(folder: Path, name: str) -> str | None:
    """Ten characters that change with the file, or None when there is none."""
    file = folder / name
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else None
