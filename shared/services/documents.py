"""What clients name by an address: fetched, or sent to, by the guarded fetcher, without a database connection in hand."""

from collections.abc import Mapping

from shared.kit import fetch
from shared.kit.db import release
from shared.kit.fetch import Answer, Fetched


def get(url: str, *, accept: str = "application/json") -> Fetched:
    """What is at `url`, within 5 seconds and 64 KiB. Raises fetch.FetchFailed."""
    # Others wait for a connection, and whoever answers may take its time.
    release()
    return fetch.get(url, accept=accept)


def post(url: str, fields: dict[str, str]) -> int:
    """Send a form to `url`, under the same limits: the status of the answer. Raises fetch.FetchFailed."""
    release()
    return fetch.post(url, fields)


def ask(url: str, *, method: str = "GET", headers: Mapping[str, str], body: str | None = None) -> Answer:
    """Send a request to `url`, under the same limits: what is answered, also when that is an error. Raises fetch.FetchFailed."""
    release()
    return fetch.ask(url, method=method, headers=headers, body=body)
