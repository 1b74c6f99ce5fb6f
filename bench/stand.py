"""The test stand: PostgreSQL, Redis, the services and nginx in a folder of their own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import programs
from bench.person import Person
from bench.programs import Programs

ROOT = Path(__file__).parents[1]
# Each under the same gunicorn.
APPLICATIONS = {
    "bare": "bench.bare:app",
    "auth": "auth_service.wsgi:app",
    "api": "api_service.wsgi:app",
    "cheap": "bench.cheap_hash:app",
    "only_hash": "bench.only_hash:app",
}


@dataclass(frozen=True)
class Stand:
    """What is measured: the programs, the port of each that speaks HTTP, and who lives in it."""

    programs: Programs
    ports: dict[str, int]
    people: list[Person]


@contextmanager
def opened() -> Iterator[Stand]:
    """Everything started and filled, and gone at the end. Raises RuntimeError when something does not start."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, Programs(Path(name)) as started:
        # PostgreSQL passes through it as another user.
        started.folder.chmod(0o711)
        ports = {name: programs.free_port() for name in (*APPLICATIONS, "nginx")}
        _start_postgresql(started)
        _start_redis(started)
        environment = _environment(started.folder, ports)
        people = _fill(environment)
        for name, app in APPLICATIONS.items():
            _start_gunicorn(started, name, app, ports[name], environment)
        _start_nginx(started, ports["nginx"])
        yield Stand(started, ports, people)


def _start_postgresql(started: Programs) -> None:
    """With PostgreSQL's own settings: what is committed is on the disk."""
    home, bin, who = started.folder / "postgresql", programs.postgresql(), programs.not_root()
    home.mkdir()
    if who:
        shutil.chown(home, who)
    options = {"cwd": "/", **({"user": who} if who else {})}
    make = [bin / "initdb", "-D", home / "data", "-U", "bailiwick", "-A", "trust", "-E", "UTF8", "--locale=C"]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL, **options)
    ready = [bin / "pg_isready", "-q", "-h", home, "-U", "bailiwick"]
    started.start(
        "postgresql",
        [bin / "postgres", "-D", home / "data", "-k", home, "-c", "listen_addresses="],
        until=lambda: subprocess.run(ready, check=False).returncode == 0,
        **options,
    )
    subprocess.run([bin / "createdb", "-h", home, "-U", "bailiwick", "bailiwick"], check=True)


def _start_redis(started: Programs) -> None:
    path = started.folder / "redis.sock"
    options = ["--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no", "--dir", started.folder]
    started.start("redis", [programs.redis(), *options], until=path.exists)


def _environment(folder: Path, ports: dict[str, int]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BAILIWICK_")}
    return {
        **inherited,
        "BAILIWICK_PUBLIC_URL": f"http://localhost:{ports['nginx']}",
        "BAILIWICK_ISSUER_INTERNAL_URL": f"http://127.0.0.1:{ports['auth']}",
        "BAILIWICK_SECRET_KEY": "a key for the benchmark, which keeps no secret",
        "BAILIWICK_DATABASE_URL": f"postgresql://bailiwick@/bailiwick?host={folder}/postgresql",
        "BAILIWICK_REDIS_URL": f"unix://{folder}/redis.sock",
        # Guesses are counted by address, so everyone comes from one of their own, as a proxy would tell.
        "BAILIWICK_TRUSTED_PROXIES": "1",
    }


def _fill(environment: dict[str, str]) -> list[Person]:
    done = subprocess.run([sys.executable, "-m", "bench.world"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    return [Person(**person) for person in json.loads(done.stdout)]


def _start_gunicorn(started: Programs, name: str, app: str, port: int, environment: dict[str, str]) -> None:
    binds = ["--bind", f"127.0.0.1:{port}", "--bind", f"unix:{started.folder}/{name}.sock"]
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.py", *binds, app]
    started.start(name, command, until=lambda: programs.listening(port), cwd=ROOT, env=environment)


def _start_nginx(started: Programs, port: int) -> None:
    """Our configuration, moved into the folder; nothing where nginx is not installed."""
    program, home = programs.nginx(), started.folder / "nginx"
    if program is None:
        return
    moved = {
        "include deploy": f"include {home}/deploy",
        "/var/cache/nginx": f"{home}/cache",
        "/tmp/nginx.pid": f"{home}/pid",
        "/dev/stdout": f"{home}/access.log",
        "unix:/run/bailiwick": f"unix:{started.folder}",
        "listen 8080": f"listen 127.0.0.1:{port}",
    }
    for source in (ROOT / "nginx.conf", *(ROOT / "deploy/nginx").glob("*.conf")):
        text = source.read_text()
        for theirs, ours in moved.items():
            text = text.replace(theirs, ours)
        target = home / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    (home / "cache").mkdir()
    settings = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    command = [program, "-c", home / "nginx.conf", "-e", "stderr", "-g", settings]
    started.start("nginx", command, until=lambda: programs.listening(port))
