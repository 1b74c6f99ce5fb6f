"""Of a crowd at the login page, two at a time come in to a worker, and slowly while many wait; nobody else waits for them."""

import pytest

from tests.parts import process

BEGIN = """
import io
import gevent
from gevent.event import Event
from auth_service import door
inside, most, bodies = [0], [0], []
def app(environ, start_response):
    inside[0] += 1
    most[0] = max(most[0], inside[0])
    bodies.append(environ["wsgi.input"].read())
    gevent.sleep(environ.get("takes", 0.05))
    inside[0] -= 1
    return [b"answer"]
before = door.Door(app)
def request(path="/t/shop/login", method="POST", body=io.BytesIO(b"password"), length="8", **more):
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": body, "CONTENT_LENGTH": length, **more}
    return gevent.spawn(lambda: b"".join(before(environ, None)))
def all_of(requests):
    gevent.joinall(requests, raise_error=True)
    assert [each.value for each in requests] == [b"answer"] * len(requests)
class Slow:
    def read(self, size):
        sent.wait()
        return b"password"
sent = Event()
"""
TWO_AT_A_TIME = """
all_of([request() for _ in range(9)])
assert most == [2] and bodies[0] == b"password"
"""
OTHERS = """
held = [request(takes=60) for _ in range(4)]
gevent.sleep(0.1)
with gevent.Timeout(20):
    all_of([request(path="/token"), request(method="GET"), request(length=""), request(length="70000"), request(length="-1")])
gevent.killall(held)
"""
SLOWLY = """
slow = [request(body=Slow()) for _ in range(4)]
gevent.sleep(0.05)
with gevent.Timeout(20):
    all_of([request() for _ in range(4)])
sent.set()
all_of(slow)
"""
STUCK = """
door.PATIENCE = 0.2
stuck = [request(takes=60) for _ in range(2)]
gevent.sleep(0.05)
with gevent.Timeout(20):
    all_of([request() for _ in range(2)])
gevent.killall(stuck)
all_of([request() for _ in range(4)])
assert before.places.counter == 2
"""
CROWD = """
door.CROWD, door.PACE = 4, 60
with gevent.Timeout(20):
    all_of([request(takes=0) for _ in range(4)])
crowd = [request(takes=0) for _ in range(12)]
gevent.sleep(0.5)
assert before.waiting > 4, before.waiting
gevent.killall(crowd)
assert before.waiting == 0 and before.places.counter == 2
door.ENOUGH = 0
with gevent.Timeout(20):
    all_of([request(takes=0) for _ in range(12)])
"""


@pytest.mark.parametrize(
    "happens", [TWO_AT_A_TIME, OTHERS, SLOWLY, STUCK, CROWD], ids=["two", "others", "slowly", "stuck", "crowd"]
)
def test_two_at_a_time(happens: str) -> None:
    assert process.in_a_worker(f"{BEGIN}{happens}print('done')") == "done"
