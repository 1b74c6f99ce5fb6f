"""User fields of every kind, with what people may and may not type into them."""

from typing import Any

from shared.models.user_field import UserField
from shared.services import user_fields
from tests.parts.world import TESTS, World

SIZES = [["s", "Small"], ["m", "Medium"], ["l", "Large & <b>bold</b>"]]
# Kind by kind: what a form sends, and what is kept of it.
TYPED: dict[str, tuple[Any, Any]] = {
    "string": (" Analytical Engines Ltd ", "Analytical Engines Ltd"),
    "long_text": ("One line.\r\nAnd another.", "One line.\nAnd another."),
    "integer": ("-42", -42),
    "boolean": ("yes", True),
    "date": ("1815-12-10", "1815-12-10"),
    "datetime": ("2027-02-03T14:05", "2027-02-03T14:05:00Z"),
    "choice": ("m", "m"),
    "choices": ("l", ["l"]),
    "phone": ("+44 20 7946 0000", "+442079460000"),
    "address": ({"locality": "London", "country": "UK"}, {"locality": "London", "country": "UK"}),
    "timezone": ("Europe/London", "Europe/London"),
    "locale": ("fr", "fr"),
}
# What is refused of each kind, as forms and the API of operators may send it.
BAD: dict[str, list[Any]] = {
    "string": ["x" * 201, "x" * 5000, "a\x00b", "a\nb", "a\tb", "a\u202eb", "\ud800", 7, ["a"], {"a": 1}],
    "long_text": ["x" * 2001, "a\x00b", "a\u2028b", 7],
    "integer": ["1.5", "1e3", "x", "١٢", "9007199254740992", 10**40, 1.5, True, [1], "9" * 5000],
    "boolean": ["maybe", 2, [True], "x" * 5000],
    "date": ["1815-13-10", "1815-02-30", "10.12.1815", "1815-12-10T00:00", 18151210, "١٨١٥-12-10"],
    "datetime": ["2027-02-03", "2027-02-03T25:00", "0001-01-01T00:00+14:00", "now", 1795449600, "9999-12-31T23:59-14:00"],
    "choice": ["xl", "S", ["s", "m"], 1, {"s": 1}, "x" * 5000],
    "choices": ["xl", ["s", "xl"], [1], {"s": 1}, [["s"]]],
    "phone": [
        "020 7946 0000",
        "+44",
        "+44 20 7946 0000 ext 5",
        "+999999999999999",
        "tel:+442079460000",
        442079460000,
        "+" + "1" * 5000,
    ],
    "address": ["London", ["London"], {"planet": "Earth"}, {"locality": "x" * 501}, {"locality": "a\x00b"}, {"locality": 5}],
    "timezone": ["Europe/Atlantis", "../../etc/passwd", "Europe/London\x00", 1],
    "locale": ["english please", "e", "fr_FR", "x" * 5000, 1],
}


def make(world: World, kind: str, **rules: Any) -> UserField:
    """A field of this kind, asked at sign-up, whose slug is the kind unless told otherwise. Call it inside."""
    choices = {"choices": SIZES} if kind in ("choice", "choices") else {}
    told = {"slug": kind, "name": f"Your {kind}", "at_sign_up": True, **choices, **rules}
    return user_fields.create(world.tenant, kind=kind, by=TESTS, **told)


def make_all(world: World, **rules: Any) -> list[UserField]:
    """One of every kind."""
    with world.inside():
        return [make(world, kind, **rules) for kind in TYPED]


def as_form(typed: dict[str, Any]) -> dict[str, Any]:
    """What a form sends for these values, by slug."""
    sent: dict[str, Any] = {}
    for slug, value in typed.items():
        parts = {f".{part}": text for part, text in value.items()} if isinstance(value, dict) else {"": value}
        sent |= {f"fields.{slug}{part}": text for part, text in parts.items()}
    return sent
