"""All that there is to know of ada, in every standard claim (OpenID Connect Core §5.1)."""

from typing import Any

from shared.services import person_claims
from tests.parts.world import TESTS, World

ADA = {
    "given_name": "Ada",
    "middle_name": "King",
    "family_name": "Lovelace",
    "nickname": "A.A.L.",
    "preferred_username": "ada",
    "profile": "https://ada.example/",
    "picture": "https://ada.example/me.png",
    "website": "https://engines.example/",
    "gender": "female",
    "birthdate": "1815-12-10",
    "zoneinfo": "Europe/London",
    "locale": "en-GB",
    "phone_number": "+442079460000",
    "address": {
        "formatted": "12 St James's Square\nLondon SW1Y 4JH\nUnited Kingdom",
        "street_address": "12 St James's Square",
        "locality": "London",
        "region": "Greater London",
        "postal_code": "SW1Y 4JH",
        "country": "United Kingdom",
    },
}


def know_all(world: World) -> dict[str, Any]:
    """Write it down. What applications may then be told, without `sub`."""
    with world.inside():
        user = person_claims.change(world.user(world.ada), {**ADA, "phone_number_verified": True}, by=TESTS)
        moment = int(user.updated_at.timestamp())
    rest = {"name": world.ada.name, "email": world.ada.email, "email_verified": True, "phone_number_verified": True}
    return {**ADA, **rest, "updated_at": moment}
