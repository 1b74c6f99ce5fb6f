"""gunicorn's configuration in production: gunicorn --config deploy/gunicorn.py auth_service.wsgi:app (or api_service.wsgi:app).

The address comes with --bind (unix:/run/bailiwick/auth.sock or 0.0.0.0:8000), the number of workers from BAILIWICK_WORKERS.
"""

import warnings

from gevent import monkey

# Before anything else is imported: what is loaded once and shared by the workers must already be cooperative.
# The master forks and waits by itself, so its `os`, signals and subprocesses stay as they are.
monkey.patch_all(os=False, signal=False, subprocess=False)
# Each worker patches the rest for itself, as it should.
warnings.filterwarnings("ignore", category=monkey.MonkeyPatchWarning)

import gc
import os

from gunicorn.arbiter import Arbiter

workers = int(os.environ.get("BAILIWICK_WORKERS") or len(os.sched_getaffinity(0)))
worker_class = "gevent"
worker_connections = 1000
# Loaded once; the workers share its memory.
preload_app = True
http_parser = "python"
# nginx keeps idle connections for 5 seconds (upstreams.conf) and must be the one that closes them. Not longer: a worker
# that is told to stop waits for them.
keepalive = 15
timeout = 30
graceful_timeout = 20
max_requests = 0
# Heartbeats must not wait for a disk, and the root file system may be read-only.
worker_tmp_dir = "/dev/shm"
control_socket_disable = True

# What nginx lets through (large_client_header_buffers), and no more.
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190
# The application takes host and scheme from its settings and the address from X-Forwarded-For, as far as
# BAILIWICK_TRUSTED_PROXIES says: nothing a header claims is believed here.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}

# The application writes a line for each request itself.
accesslog = None
loglevel = "warning"


def when_ready(server: Arbiter) -> None:
    """Keep what is loaded out of the reach of the workers' garbage collection, which would copy its pages."""
    gc.collect()
    gc.freeze()
