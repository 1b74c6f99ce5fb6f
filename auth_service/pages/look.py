"""A tenant's accent colour as a small style sheet, since the content security policy allows no style in a page."""

import re

from flask import Response, abort, make_response
from flask.views import MethodView

WHITE, DARK = (255, 255, 255), (15, 18, 22)
# The grounds that accented text stands on (base.css), and WCAG 2.2's least contrast for text (§1.4.3).
LIGHT_GROUND, DARK_GROUND = (237, 242, 250), (28, 33, 41)
ENOUGH = 4.5

Colour = tuple[int, int, int]

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
    ink_on_button = max((WHITE, DARK), key=lambda ink: contrast(ink, accent))
    return SHEET.format(
        accent=written(accent),
        hover=written(mix(accent, DARK if ink_on_button == WHITE else WHITE, 0.14)),
        on_accent=written(ink_on_button),
        ink=written(readable(accent, LIGHT_GROUND, towards=DARK)),
        ink_on_dark=written(readable(accent, DARK_GROUND, towards=WHITE)),
    )


def readable(colour: Colour, ground: Colour, *, towards: Colour) -> Colour:
    """The shade nearest to `colour` that can be read on `ground`."""
    shades = (mix(colour, towards, step / 20) for step in range(21))
    return next((shade for shade in shades if contrast(shade, ground) >= ENOUGH), towards)


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG 2.2, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: Colour) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with so large a share (0 to 1) of `other`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def parse(digits: str) -> Colour:
    """The colour of six hexadecimal digits."""
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def written(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
