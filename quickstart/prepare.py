"""Before the port opens: the database is brought up to date and, at the first start, given its first rows."""

import os
import sys
from dataclasses import asdict
from pathlib import Path

from quickstart import folder
from quickstart.wsgi import auth
from shared.kit import settings
from shared.kit.errors import AppError
from shared.services import setup

FAILED = 1


def main() -> int:
    """Do it; 0 when done, otherwise `FAILED` after one line that says why."""
    try:
        with auth.app_context():
            setup.migrate()
            _first_start(Path(os.environ["BAILIWICK_CREDENTIALS"]), settings.current().public_url)
    except (AppError, OSError) as error:
        print(f"bailiwick: {error}", file=sys.stderr, flush=True)
        return FAILED
    return 0


def _first_start(credentials: Path, public_url: str) -> None:
    def keep(made: setup.FirstStart) -> None:
        folder.write_json(credentials, {"public_url": public_url, **asdict(made)})

    if setup.first_start(public_url, keep=keep) is None:
        _follow(credentials, public_url)


def _follow(credentials: Path, public_url: str) -> None:
    """The address has changed since: the documentation may return to the new one too."""
    known = folder.read(credentials)
    if known and known["public_url"] != public_url:
        setup.follow_public_url(known["client_id"], public_url)
        folder.write_json(credentials, {**known, "public_url": public_url})
