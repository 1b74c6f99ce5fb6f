"""What is asked of a provider goes through the guarded fetcher, whatever asks: Authlib's client too."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from shared.federation.faults import Silent, Wrong
from shared.kit.fetch import Answer, FetchFailed
from shared.models.provider import Provider
from shared.services import documents, providers

JSON = {"Accept": "application/json"}


def get(provider: Provider, url: str, headers: Mapping[str, str]) -> dict[str, Any] | list[Any]:
    """The JSON at `url`. Raises Silent, Wrong."""
    answer = _answered(provider, url, headers={**JSON, **headers})
    if answer.status != 200:
        raise Wrong(provider, f"status {answer.status} from {url}")
    return _json(provider, answer)


class Session:
    """What Authlib's client calls its session: it posts a form, and the answer comes through the guarded fetcher."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    def post(self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> "Response":
        """Raises Silent."""
        # A copy: Authlib hands out one dictionary of headers to every client, and writes the secret of one into it.
        url, told, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return Response(self.provider, _answered(self.provider, url, method="POST", headers=told, body=body))


class Response:
    """An answer as Authlib's client reads it."""

    def __init__(self, provider: Provider, answer: Answer) -> None:
        self.provider, self.answer, self.status_code = provider, answer, answer.status

    def json(self) -> Any:
        return _json(self.provider, self.answer)

    def raise_for_status(self) -> None:
        if self.status_code >= 500:
            raise Silent(self.provider, f"status {self.status_code}")
        if self.status_code >= 400:
            raise Wrong(self.provider, f"status {self.status_code}")


def _answered(provider: Provider, url: str, *, headers: Mapping[str, str], **sent: Any) -> Answer:
    # Reddit wants the platform, the application and its version.
    us = {"User-Agent": f"web:{provider.client_id}:1 (Bailiwick)"} if providers.preset_of(provider).names_us else {}
    try:
        answer = documents.ask(url, headers={**headers, **us}, **sent)
    except FetchFailed as error:
        raise Silent(provider, f"{url.partition('?')[0]}: {error.why}") from None
    if answer.status >= 500:
        raise Silent(provider, f"status {answer.status} from {url.partition('?')[0]}")
    return answer


def _json(provider: Provider, answer: Answer) -> Any:
    try:
        return orjson.loads(answer.body)
    except ValueError:
        raise Wrong(provider, f"status {answer.status} with {answer.media_type}, which is no JSON") from None
