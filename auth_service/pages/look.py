"""A tenant's accent colour as a small style sheet, since the content security policy allows no style in a page."""

import re

from flask import Response, abort, make_response
from flask.views import MethodView

from shared.kit.colours import DARK, WHITE, Colour, ink_on, mix, parse, readable, written

# The grounds that accented text stands on (base.css).
LIGHT_GROUND, DARK_GROUND = (237, 242, 250), (28, 33, 41)

SHEET = """:root {{
  --accent: {accent};
  --accent-hover: {hover};
  --on-accent: {on_accent};
  --accent-ink: light-dark({ink}, {ink_on_dark});
  --accent-soft: light-dark(color-mix(in srgb, {accent} 9%, white), color-mix(in srgb, {accent} 22%, #161a20));
}}
"""


class Look(MethodView):
    def get(self, accent: str) -> Response:
        if not re.fullmatch("[0-9a-fA-F]{6}", accent):
            abort(404)
        response = make_response(sheet(parse(accent)))
        response.content_type = "text/css; charset=utf-8"
        # The colour is in the address, so this never changes.
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def sheet(accent: Colour) -> str:
    """The style sheet for this colour, every pair of which can be read."""
    ink_on_button = ink_on(accent)
    return SHEET.format(
        accent=written(accent),
        hover=written(mix(accent, DARK if ink_on_button == WHITE else WHITE, 0.14)),
        on_accent=written(ink_on_button),
        ink=written(readable(accent, LIGHT_GROUND, towards=DARK)),
        ink_on_dark=written(readable(accent, DARK_GROUND, towards=WHITE)),
    )
