"""One code, fifty redemptions at once, two gunicorn workers: one succeeds, on either database."""

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.parts import process
from tests.parts.installation import ROOT, Installation, environment, free_port
from tests.parts.valkey import Valkey
from tests.parts.world import Cast, populate, settings_for
from tests.relying_party import RelyingParty

AT_ONCE = 50


@pytest.fixture
def on_postgresql(installation: Installation) -> tuple[str, Cast]:
    return installation.url, installation.cast


@pytest.fixture
def on_sqlite(valkey: Valkey, tmp_path: Path) -> Iterator[tuple[str, Cast]]:
    port = free_port()
    told = settings_for(f"http://127.0.0.1:{port}", valkey.url, f"sqlite:///{tmp_path}/bailiwick.db", tmp_path)
    cast = populate(told)
    command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy/gunicorn.py"), "--bind", f"127.0.0.1:{port}"]
    server = process.start([*command, "quickstart.wsgi:app"], log=tmp_path / "log", env=environment(told), cwd=ROOT)
    process.until(lambda: answers(told.public_url), seconds=60, what="gunicorn's start")
    yield told.public_url, cast
    process.stop(server)


@pytest.mark.parametrize("place", ["on_sqlite", "on_postgresql"])
def test_of_fifty_redemptions_at_once_one_succeeds(place: str, request: pytest.FixtureRequest) -> None:
    url, cast = request.getfixturevalue(place)
    rp = RelyingParty(url, cast.web, cast.ada)
    code = rp.sign_in_and_allow()
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": rp.asked.redirect_uri,
        "code_verifier": rp.asked.verifier,
    }
    with ThreadPoolExecutor(AT_ONCE) as pool:
        replies = list(pool.map(lambda _: requests.post(f"{url}/token", fields, headers=rp.basic(), timeout=60), range(AT_ONCE)))
    assert Counter(reply.status_code for reply in replies) == {200: 1, 400: AT_ONCE - 1}
    tokens = next(reply.json() for reply in replies if reply.status_code == 200)
    # The forty-nine others were replays, and a replay ends what the code has bought (RFC 6749 §4.1.2).
    assert rp.refresh(tokens["refresh_token"]).error == "invalid_grant"


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/health/ready", timeout=10).status_code == 200
    except requests.RequestException:
        return False
