"""gunicorn's configuration for the quickstart: one gevent server for both services."""

import gc
import warnings

from gevent import monkey

# Nothing that is loaded below is garbage: looking for it costs a tenth of the start.
gc.disable()

# Before anything else is imported: what is loaded once and shared by the workers must already be cooperative.
# The master forks and waits by itself, so its `os`, signals and subprocesses stay as they are.
monkey.patch_all(os=False, signal=False, subprocess=False)
# Each worker patches the rest for itself, as it should.
warnings.filterwarnings("ignore", category=monkey.MonkeyPatchWarning)

import os
import sys

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker
from pydantic import ValidationError

from auth_service import tables
from shared.kit import settings

try:
    told = settings.load()
except ValidationError as error:
    sys.exit("\n".join(f"bailiwick: {complaint}" for complaint in tables.complaints(error)))

from quickstart import prepare

bind = f"{told.host}:{told.port}"
workers = told.workers
worker_class = "gevent"
preload_app = True
http_parser = "python"
graceful_timeout = 3
timeout = 30
keepalive = 5
control_socket_disable = True
# As in production: nothing that a header claims of host, scheme or path is believed.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
loglevel = "warning"


def on_starting(server: Arbiter) -> None:
    """Migrate and set up before the port opens, in a process of its own, so that the workers inherit no open connection."""
    # Loading the services has given gunicorn's lines to our own log; that it starts and stops is said by the quickstart itself.
    server.log.error_log.setLevel("WARNING")
    child = os.fork()
    if child == 0:
        os._exit(prepare.main())
    _, status = os.waitpid(child, 0)
    if status != 0:
        sys.exit(prepare.FAILED)


def pre_fork(server: Arbiter, worker: Worker) -> None:
    """What is loaded stays where it is: a collection that moved through it would copy all of it into each worker."""
    gc.collect()
    gc.freeze()


def post_fork(server: Arbiter, worker: Worker) -> None:
    """From here on there is garbage."""
    gc.enable()
