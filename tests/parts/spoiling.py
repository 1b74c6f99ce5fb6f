"""Requests that nobody should send, sent to the services in this process; and what must be true of every answer to them."""

import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from shared.services import clients, keys
from shared.services.client_settings import GRANT_TYPES
from tests.parts import bad_input
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, challenge

FORM = "application/x-www-form-urlencoded"
MOST_SECONDS = 0.2  # of CPU
# RFC 6749 §4.1.2.1, §5.2: neither quotes nor backslashes.
DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*")
# What endpoints read that take a form from programs; RFC 7591's takes JSON.
JSON_PATHS = ("/register",)


@dataclass(frozen=True)
class Wrong:
    """One request to an endpoint: what is right about it, to be spoilt."""

    path: str
    params: dict[str, str]

    def __str__(self) -> str:
        return f"{self.path} {self.params.get('grant_type', '')}".strip()


class Asker:
    """Sends requests, and fails the test for any answer that no request should have."""

    def __init__(self, world: World) -> None:
        self.world = world
        with world.inside():
            clients.update(world.client(world.web), grant_types=list(GRANT_TYPES), by=TESTS)
            published = KeySet.import_key_set(keys.jwks(world.tenant))
        public = next(key for key in published.keys if key.key_type == "EC")
        self.tokens = bad_input.tokens(world.url, public, str(public.kid))
        self.proof = RelyingParty(world.url, world.web, world.ada).basic()
        self.request = {
            "response_type": "code",
            "client_id": world.web.client_id,
            "redirect_uri": world.web.redirect_uri,
            "scope": "openid",
            "state": "s",
            "code_challenge": challenge("x" * 43),
            "code_challenge_method": "S256",
        }

    def right(self) -> list[Wrong]:
        """A request to every endpoint that takes a form from programs, for each grant one."""
        paths = [path for path in posting(self.world.auth) if path not in JSON_PATHS]
        grants = [Wrong("/token", {"grant_type": grant}) for grant in GRANT_TYPES]
        return [*(Wrong(path, self.request) for path in paths if path != "/token"), *grants]

    def post(self, path: str, params: Any, *, headers: dict[str, str] | None = None, kind: str = FORM) -> TestResponse:
        """Post this as `kind`, with the client's authentication unless `headers` say otherwise."""
        body = urlencode(params) if isinstance(params, dict | list) else params
        sent = self.proof if headers is None else headers
        return self.ask(self.world.auth, "POST", path, data=body, content_type=kind, headers=sent)

    def get(self, path: str, params: Any) -> TestResponse:
        """Ask as a browser does."""
        return self.ask(self.world.auth, "GET", path, query_string=urlencode(params))

    def ask(self, app: Flask, method: str, path: str, **told: Any) -> TestResponse:
        """The answer, after what must be true of every one."""
        answer, seconds = self._timed(app, method, path, told)
        if seconds > MOST_SECONDS:  # not for a pause that another test made
            answer, seconds = self._timed(app, method, path, told)
        assert seconds < MOST_SECONDS, f"{seconds} s of CPU"
        assert answer.status_code < 500, answer.text
        assert "no-store" in answer.headers["Cache-Control"]
        assert "X-Evil" not in answer.headers
        return answer

    def _timed(self, app: Flask, method: str, path: str, told: dict[str, Any]) -> tuple[TestResponse, float]:
        began = time.thread_time()
        answer = app.test_client().open(path, method=method, base_url=self.world.url, **told)
        return answer, time.thread_time() - began


def posting(app: Flask) -> list[str]:
    """The protocol's endpoints that programs post to."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("protocol.")]
    return [rule.rule for rule in rules if "POST" in (rule.methods or ()) and "GET" not in (rule.methods or ())]


def refused(answer: TestResponse, *codes: str) -> None:
    """It is an error of RFC 6749 §5.2, with one of these codes."""
    assert answer.status_code in (400, 401), (answer.status_code, answer.text)
    assert answer.mimetype == "application/json"
    assert answer.json is not None and answer.json["error"] in codes, answer.text
    assert DESCRIPTION.fullmatch(answer.json["error_description"]), answer.text
    assert (answer.status_code == 401) == ("WWW-Authenticate" in answer.headers), "RFC 6749 §5.2, RFC 9110 §15.5.2"
