"""The issuer in every authorization response, so that clients are not mixed up (RFC 9207)."""

from urllib.parse import urlencode, urlsplit

from shared.web import tenancy


def answer_uri(redirect_uri: str, params: dict[str, str | None]) -> str:
    """The redirect URI with the answer and `iss` in its query (RFC 6749 §4.1.2, RFC 9207 §2); None values are left out."""
    said = {name: value for name, value in {**params, "iss": tenancy.issuer()}.items() if value is not None}
    parts = urlsplit(redirect_uri)
    query = f"{parts.query}&{urlencode(said)}" if parts.query else urlencode(said)
    # Put together by hand: urlunsplit would drop the slashes of com.example.app:/callback and keep no empty query.
    return f"{redirect_uri.partition('?')[0]}?{query}"
