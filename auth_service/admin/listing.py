"""What the address of a list says: words to look for, and which page."""

from typing import Any

from flask import request

PAGE_SIZE = 25


def asked() -> dict[str, Any]:
    """The words and the cursors of this request, named as every `search` verb takes them."""
    return {"text": word("q"), "after": request.args.get("after"), "before": request.args.get("before"), "limit": PAGE_SIZE}


def word(name: str) -> str:
    """What the address says under `name`; empty when it does not."""
    return request.args.get(name, "").strip().replace("\0", "")[:100]
