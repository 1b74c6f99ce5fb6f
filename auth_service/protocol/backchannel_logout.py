"""Back-channel logout: clients are told by a signed token that a session has ended (OpenID Connect Back-Channel Logout 1.0)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import UUID

from joserfc import jwt

from shared.kit import clock, ids
from shared.kit.fetch import FetchFailed
from shared.models.client import Client
from shared.models.logout_notice import LogoutNotice
from shared.models.outbox import OutboxMessage
from shared.services import documents, keys, logouts, outbox, subjects, tenants
from shared.web import tenancy

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TOKEN_SECONDS = 120
# 204 is what some frameworks make of an empty 200 (§2.8).
CONFIRMED = (200, 204)
# Worth as many tries as a letter: the client was not reached, or says itself that it cannot answer now.
LATER = (408, 425, 429)
# A client that says no is asked again, for it may not have fetched a new key yet, but not for a night.
MOST_REFUSALS = 3
# For others, while one worker waits for a client that did not answer before.
PATIENCE_SECONDS = 10


def deliver(message: OutboxMessage) -> None:
    """Tell one client of one ended session. Raises OSError to be called again later, and Refused to be left alone."""
    notice = logouts.carried_by(message)
    if notice is None or notice.client.backchannel_logout_uri is None:
        return
    try:
        with _slow.turn(str(urlsplit(notice.client.backchannel_logout_uri).hostname)):
            _send(notice)
    except FetchFailed as error:
        _failed(notice, message.attempts, f"It could not be reached: {error.why}", most=outbox.MOST_ATTEMPTS)
    except _Answered as error:
        _failed(notice, message.attempts, str(error), most=error.most)
    else:
        logouts.confirm(notice, attempts=message.attempts)


def make(client: Client, user_id: UUID, sid: str | None) -> str:
    """A logout token (§2.4), as fresh as the request that brings it."""
    tenant, moment = tenants.get(client.tenant_id), clock.timestamp()
    key = keys.signing_key(tenant, client.id_token_alg)
    claims = {
        "iss": tenancy.issuer_of(tenant),
        "sub": subjects.of_id(user_id, client),
        "aud": client.client_id,
        "iat": moment,
        "exp": moment + TOKEN_SECONDS,
        "jti": ids.token(16),
        "events": {EVENT: {}},
        # Always, so also where backchannel_logout_session_required asks for it (§2.2).
        "sid": sid,
    }
    header = {"alg": client.id_token_alg, "kid": key.kid, "typ": "logout+jwt"}
    return jwt.encode(header, claims, key, algorithms=[client.id_token_alg])


class Refused(Exception):
    """The client has answered that it did not end its session, or nobody expects an answer any more."""


class _Answered(Exception):
    """The client answered, and not that it ended its session; asking it `most` times in all makes sense."""

    def __init__(self, status: int) -> None:
        super().__init__(f"It answered {status}" + (", which is not followed" if 300 <= status < 400 else ""))
        self.most = outbox.MOST_ATTEMPTS if status >= 500 or status in LATER else MOST_REFUSALS


def _send(notice: LogoutNotice) -> None:
    """Send the token (§2.5). Raises FetchFailed, _Answered."""
    token = make(notice.client, notice.user_id, notice.sid)
    status = documents.post(str(notice.client.backchannel_logout_uri), {"logout_token": token})
    if status not in CONFIRMED:
        raise _Answered(status)


def _failed(notice: LogoutNotice, attempts: int, why: str, *, most: int) -> None:
    if attempts < most:
        logouts.put_off(notice, why, attempts=attempts)
        raise OSError(why)
    logouts.give_up(notice, why, attempts=attempts)
    raise Refused(why)


class _Slow:
    """The hosts that did not answer lately: of the threads of a worker one at a time waits for such a host, never all of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # With whether somebody is waiting for it now.
        self._hosts: dict[str, bool] = {}

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Raises outbox.NotYet when another thread waits for this host."""
        with self._lock:
            if self._hosts.get(host):
                raise outbox.NotYet(PATIENCE_SECONDS)
            if host in self._hosts:
                self._hosts[host] = True
        try:
            yield
        except FetchFailed:
            with self._lock:
                self._hosts[host] = False
            raise
        except BaseException:
            self._answers(host)
            raise
        self._answers(host)

    def _answers(self, host: str) -> None:
        with self._lock:
            self._hosts.pop(host, None)


_slow = _Slow()
