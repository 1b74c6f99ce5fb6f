"""The reader: in which language the visitor wants our pages, by whom that is said."""

from collections.abc import Iterable

from flask import request
from flask import session as browser_cookie

from auth_service import visitor
from shared.kit import languages
from shared.models.audit import Actor
from shared.models.user import User
from shared.services import person_claims

CHOICE, CHOSEN_FOR, WISHED = "language", "language_for", "language_wished"


def of_application() -> Iterable[str]:
    """What the application that sent the visitor asks for (ui_locales, OpenID Connect Core §3.1.2.1).

    Not where the visitor chose another while this very request waits: the choice would have no effect before it is over.
    """
    asked = visitor.asked()
    if asked and browser_cookie.get(CHOSEN_FOR) == _mark(asked.request_uri):
        return ()
    # Without one that waits, a request that was not let in, or one to sign out: what its own address says.
    return (asked.params if asked else request.args).get("ui_locales", "").split()


def of_person() -> Iterable[str]:
    """What the one who is signed in has said; the `locale` that applications are told too."""
    here = visitor.proving()
    person = here.user if here else None
    # Who is half signed in changes nothing of the account, so what they choose in this browser goes before it.
    if CHOICE in browser_cookie and visitor.user() is None:
        return ()
    return [str(person.claims["locale"])] if person and "locale" in person.claims else ()


def of_choice() -> Iterable[str]:
    """What was chosen in this browser."""
    return [str(browser_cookie[CHOICE])] if CHOICE in browser_cookie else ()


def of_application_before() -> Iterable[str]:
    """What an application asked for last that sent somebody here."""
    return [str(browser_cookie[WISHED])] if WISHED in browser_cookie else ()


SOURCES = (of_application, of_person, of_choice, of_application_before)


def note_wish(tags: str) -> None:
    """Remember in this browser what an application asks for (ui_locales), for pages that belong to no request of its own.

    Never against what anybody has chosen, nor for their account: a link from elsewhere brings it.
    """
    wished = languages.choose(tags.split())
    if wished and browser_cookie.get(WISHED) != wished and not (*of_choice(), *of_person()):
        browser_cookie[WISHED] = wished


def choose(language: str) -> None:
    """Remember the choice in this browser, and for whoever is signed in wherever they are."""
    browser_cookie[CHOICE] = language
    if asked := visitor.asked():
        browser_cookie[CHOSEN_FOR] = _mark(asked.request_uri)
    person = visitor.user()
    if person and not _says(person, language):
        person_claims.change(person, {"locale": language}, by=Actor.of(person))


def _says(person: User, language: str) -> bool:
    # Whoever has de-CH reads German: to choose German takes nothing from it.
    return languages.choose([str(person.claims.get("locale", ""))]) == language


def _mark(request_uri: str) -> str:
    # Enough to tell requests of one browser apart; the whole is a secret.
    return request_uri[-6:]
