"""Countries by their codes (ISO 3166-1 alpha-2), and what each is called in the languages that we speak."""

import unicodedata
from functools import cache

from shared.kit.languages import ENGLISH, LANGUAGES

# What CLDR has beside them: parts and unions of countries, and codes for trying things out.
NO_COUNTRIES = frozenset(("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"))


@cache
def listed(language: str) -> list[tuple[str, str]]:
    """Every code with the country's name, in the order of the names."""
    names = LANGUAGES[language].locale.territories
    found = [(code, name) for code, name in names.items() if len(code) == 2 and code not in NO_COUNTRIES]
    return sorted(found, key=lambda pair: _without_accents(pair[1]))


@cache
def _named(language: str) -> dict[str, str]:
    return dict(listed(language))


def name(country: str, language: str = ENGLISH) -> str:
    """What the country with this code is called; what is no code, as older addresses have it, stays as it is."""
    return _named(language).get(country, country)


def _without_accents(text: str) -> str:
    # Åland stands before Albania.
    return "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter))
