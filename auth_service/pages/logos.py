"""The logo of an application, from our own address: browsers load nothing from others'."""

from uuid import UUID

from flask import Response, render_template, url_for
from flask.views import MethodView

from shared.models.client import Client
from shared.services import clients, logos

KEPT_SECONDS = 3600


class Logo(MethodView):
    def get(self, id: UUID) -> Response:
        client = clients.get(None, id)
        found = logos.find(client)
        if found is None:
            # A letter in its place, and not for long: the picture may come yet.
            letter = render_template("pages/monogram.svg", letter=client.name[:1].upper())
            return _picture(letter.encode(), "image/svg+xml", logos.ASK_AGAIN_AFTER)
        return _picture(found.picture, found.media_type, KEPT_SECONDS)


def address(client: Client) -> str | None:
    """Where a page finds the logo of a client; None when it has none."""
    return url_for("pages.logo", id=client.id, v=logos.edition(client)) if client.logo_url else None


def _picture(body: bytes, media_type: str, seconds: int) -> Response:
    response = Response(body, mimetype=media_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return response
