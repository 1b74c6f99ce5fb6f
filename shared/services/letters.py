"""The letters we write, each in the words of its tenant."""

from html import escape
from typing import Any

from shared.models.tenant import Tenant
from shared.services import outbox


def post(kind: str, tenant: Tenant, *, to: str, language: str | None, **values: Any) -> None:
    """Have the letter of this kind sent to `to` once the present transaction is durable."""
    outbox.put("mail", _code(tenant, to, **values))


def _code(tenant: Tenant, to: str, *, code: str, minutes: int) -> dict[str, Any]:
    lines = (
        f"Your code for {tenant.name} is",
        f"It works once, for {minutes} minutes.",
        "If you did not ask for it, you need do nothing: without the code, nothing happens.",
    )
    return {
        "to": to,
        # No code here: subjects are shown on locked screens.
        "subject": _one_line(f"Your code for {tenant.name}"),
        "from_name": _one_line(tenant.name),
        "text": f"{lines[0]}\n\n    {code}\n\n{lines[1]}\n\n{lines[2]}\n",
        "html": PAGE.format(
            title=escape(tenant.name), first=escape(lines[0]), code=escape(code), second=lines[1], third=lines[2]
        ),
    }


def _one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body style="margin:0;padding:32px 16px;background:#f4f5f7;color:#16181d;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:440px;margin:0 auto;padding:32px;background:#fff;border-radius:12px">
<p style="margin:0 0 16px">{first}</p>
<p style="margin:0 0 24px;font:600 30px/1.2 ui-monospace,monospace;letter-spacing:6px">{code}</p>
<p style="margin:0 0 8px">{second}</p>
<p style="margin:0;color:#5c6270;font-size:14px">{third}</p>
</div></body></html>
"""
