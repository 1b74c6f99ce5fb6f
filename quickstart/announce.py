"""What the person at the terminal reads once everything runs."""

from pathlib import Path

FIRST = """
  Bailiwick is running at {public_url}

    Dashboard      {public_url}/admin
    Documentation  {public_url}/docs
    E-mail         {admin_email}
    Password       {admin_password}
    Client ID      {client_id}

  The password is not printed again. It is kept, with the client's secret, in
  {path}
  Stop with Ctrl-C; what was stored stays in {folder}.
"""

AGAIN = """
  Bailiwick is running at {public_url}

    Dashboard      {public_url}/admin
    Documentation  {public_url}/docs

  {whereabouts}
  Stop with Ctrl-C; what was stored stays in {folder}.
"""


def running(before: dict[str, str], now: dict[str, str], public_url: str, path: Path) -> None:
    """Say where everything is; the password only when this start made it."""
    first = bool(now) and now.get("admin_password") != before.get("admin_password")
    kept = f"The administrator's password and the client's secret are in\n  {path}"
    lost = "This database was set up elsewhere. For an administrator: bailiwick create-admin"
    words = {**now, "public_url": public_url, "path": path, "folder": path.parent, "whereabouts": kept if now else lost}
    print((FIRST if first else AGAIN).format(**words), flush=True)
