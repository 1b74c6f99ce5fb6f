"""The language of a page: found out when its first word is written, so that answers without words ask nobody."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from flask import Flask, Response, current_app, g, has_request_context, request
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from shared.kit import languages, words
from shared.kit.faults import FORESEEN
from shared.kit.languages import ENGLISH, LANGUAGES, Language
from shared.web import tenancy

EXTENSION = "bailiwick.language"
# Each says what the reader of this request wants, as tags (BCP 47); the first that names one of ours decides.
Source = Callable[[], Iterable[str]]


def init_app(app: Flask, sources: Sequence[Source], *, own: Source, english: str) -> None:
    """Give the pages of `app` their languages; those of the blueprint `english` are for operators and stay in English.

    `own` is what somebody said of themselves in this browser.
    """
    app.extensions[EXTENSION] = ((*sources, _of_browser, _of_tenant), (own, _of_browser), english)
    languages.ask(find, own=find_own)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.newstyle_gettext = True  # type: ignore[attr-defined]  # the extension brings it
    app.jinja_env.globals.update(_=_text, gettext=_text, ngettext=_texts, language=_current, languages=_all)
    app.jinja_env.filters.update(day=_day, number=_number, either=_either)
    app.after_request(_label)


def find() -> str | None:
    """The language of this request's page, or None where there is no page to be read."""
    if not has_request_context() or EXTENSION not in current_app.extensions:
        return None
    if "language" not in g:
        # Whatever is written while this is found out, the log of a fault for example, is not for the reader.
        g.language = ENGLISH
        g.language = _choose()
    return g.language


def find_own() -> str | None:
    """The language that the reader of this request says is theirs, or None; no application says it, and no tenant."""
    if not has_request_context() or EXTENSION not in current_app.extensions:
        return None
    _, own, _ = current_app.extensions[EXTENSION]
    return _first(own)


def _choose() -> str:
    sources, _, english = current_app.extensions[EXTENSION]
    return ENGLISH if request.blueprint == english else _first(sources) or ENGLISH


def _first(sources: Iterable[Source]) -> str | None:
    return next((found for source in sources if (found := languages.choose(_ask(source)))), None)


def _ask(source: Source) -> Iterable[str]:
    try:
        return source()
    except FORESEEN:
        # A page that says that the database is gone is read as well.
        return ()


def _of_browser() -> Iterable[str]:
    """What the browser is set to (RFC 9110 §12.5.4), most wanted first."""
    return [tag for tag, quality in request.accept_languages if quality > 0]


def _of_tenant() -> Iterable[str]:
    known = tenancy.known_tenant()
    return [known.language] if known and known.language else ()


def _label(response: Response) -> Response:
    # Only of a page whose words were looked up; a redirect is HTML too, and nobody reads it.
    if "language" in g and response.mimetype == "text/html":
        response.headers["Content-Language"] = g.language
        response.vary.update(("Accept-Language", "Cookie"))
    return response


def _current() -> Language:
    return LANGUAGES[languages.current()]


def _all() -> Iterable[Language]:
    return LANGUAGES.values()


@pass_eval_context
def _text(context: EvalContext, msgid: str, /, **values: Any) -> str:
    """{{ _("Sign in to %(name)s", name=…) }} and {% trans %}: `msgid` is markup of the template, values are escaped."""
    language = languages.current()
    return _filled(context, languages.find(msgid, language), values, language)


@pass_eval_context
def _texts(context: EvalContext, one: str, many: str, num: int, /, **values: Any) -> str:
    language = languages.current()
    return _filled(context, languages.find_many(one, many, num, language), {"num": num, **values}, language)


def _filled(context: EvalContext, pattern: str, values: dict[str, Any], language: str) -> str:
    safe = Markup(pattern) if context.autoescape else pattern  # noqa: S704  # our own text
    return safe % {name: words.spoken(value, language) for name, value in values.items()}


def _day(moment: datetime) -> str:
    return languages.day(moment, languages.current())


def _number(value: float) -> str:
    return languages.number(value, languages.current())


def _either(values: Sequence[str]) -> str:
    language = languages.current()
    return languages.either([words.spoken(value, language) for value in values], language)
