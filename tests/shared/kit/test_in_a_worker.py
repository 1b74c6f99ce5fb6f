"""What a worker of gunicorn waits for, PostgreSQL and Redis, it waits for on gevent's loop, and no longer than they take."""

from tests.parts import process
from tests.parts.postgres import Postgres
from tests.parts.valkey import Valkey

DATABASE = """
import sys, time
import gevent, psycopg
from shared.kit.postgres import Connection
first, second = (Connection.connect(sys.argv[1], autocommit=True) for _ in range(2))
began = time.monotonic()
sleeps = [gevent.spawn(each.execute, "SELECT pg_sleep(0.5)") for each in (first, second)]
gevent.joinall(sleeps, raise_error=True)
assert time.monotonic() - began < 0.95, "two statements waited for one another"
large = "x" * 30_000_000
assert first.execute("SELECT %s::text", (large,)).fetchone() == (large,)
pid = first.info.backend_pid
cut = gevent.spawn(first.execute, "SELECT pg_sleep(60)")
gevent.sleep(0.2)
second.execute("SELECT pg_terminate_backend(%s)", (pid,))
try:
    cut.get(timeout=10)
    raise SystemExit("nobody noticed that the server went away")
except psycopg.OperationalError:
    pass
given_up = gevent.spawn(second.execute, "SELECT pg_sleep(60)")
gevent.sleep(0.1)
given_up.kill(timeout=10)
second.close()
print("done")
"""
REDIS = """
import sys
import gevent, redis
from shared.kit.redis import pool
one = redis.Redis(connection_pool=pool(sys.argv[1], socket_timeout=2, socket_connect_timeout=2))
one.set("colour", "green")
turns = []
def other():
    while True:
        turns.append(1)
        gevent.sleep(0)
others = gevent.spawn(other)
gevent.sleep(0.01)
connection = one.connection_pool.get_connection()
before = len(turns)
assert not connection.can_read()
assert len(turns) == before, "a look at the connection let others go first"
one.connection_pool.release(connection)
another = redis.Redis.from_url(sys.argv[1])
another.client_kill_filter(_type="normal", skipme=True)
assert one.get("colour") == b"green", "a connection that was cut is replaced"
print("done")
"""


def test_statements_wait_beside_one_another_and_notice_a_server_that_went_away(postgres_server: Postgres) -> None:
    assert process.in_a_worker(DATABASE, postgres_server.url("postgres").replace("+psycopg", "")) == "done"


def test_a_command_goes_out_at_once_and_on_a_connection_that_stands(valkey: Valkey) -> None:
    assert process.in_a_worker(REDIS, valkey.url) == "done"
