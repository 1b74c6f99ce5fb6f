"""An operator's browser without scripts: it reads pages, fills in their forms and presses their buttons."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

from shared.models.audit import AuditEvent
from shared.services import audit
from tests.parts.world import Person, World


@dataclass
class Form:
    """A form of a page: where it goes, what it holds, and the words on its buttons."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)

    def filled(self, changes: dict[str, str | list[str] | None]) -> list[tuple[str, str]]:
        """Its fields with some of them changed: a list gives a name several values, None leaves it out."""
        kept = [(name, value) for name, value in self.fields if name not in changes]
        wanted = {name: value if isinstance(value, list) else [value] for name, value in changes.items() if value is not None}
        return kept + [(name, value) for name, values in wanted.items() for value in values]


class Desk:
    """One browser at the dashboard of `world`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.http = requests.Session()

    def sign_in(self, person: Person) -> "Desk":
        page = self.get("/login")
        answer = self.post(page, "password", email=person.email, password=person.password)
        assert answer.url.endswith("/account"), answer.text
        return self

    def get(self, path: str, **params: str) -> requests.Response:
        return self.http.get(urljoin(self.world.url, path), params=params)

    def press(self, button: str, on: str, **changes: str | list[str] | None) -> requests.Response:
        """Open the page at `on`, fill in the form that has this button, and press it."""
        page = self.get(on)
        assert page.ok, page.text
        form = next(form for form in forms(page.text) if button in form.buttons)
        return self.http.post(urljoin(page.url, form.action), form.filled(changes))

    def post(self, page: requests.Response, having: str, **changes: str) -> requests.Response:
        """Send the form of `page` that has a field named `having`."""
        form = next(form for form in forms(page.text) if having in dict(form.fields))
        return self.http.post(urljoin(page.url, form.action), form.filled(dict(changes)))

    def token(self) -> str:
        """A form token of this browser."""
        page = self.get("/account")
        return next(value for form in forms(page.text) for name, value in form.fields if name == "csrf_token")

    def events(self, action: str = "") -> list[AuditEvent]:
        """The latest audit events, newest first."""
        with self.world.inside():
            return list(audit.search(action=action, limit=100).items)


def forms(html: str) -> list[Form]:
    """The forms of a page."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select = self._text = ""
        self._button: str | None = None
        self._area: str | None = None
        self._template = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self._template += tag == "template"
        if tag == "form":
            self._open = Form(has.get("action", ""), has.get("method", "get"))
            self.forms.append(self._open)
        elif self._open is not None and not self._template:
            self._field(tag, has)

    def _field(self, tag: str, has: dict[str, str]) -> None:
        assert self._open is not None
        if tag == "input" and "name" in has and (has.get("type") not in ("checkbox", "radio") or "checked" in has):
            self._open.fields.append((has["name"], has.get("value", "on")))
        elif tag == "select":
            self._select = has.get("name", "")
        elif tag == "option" and self._select and ("selected" in has or self._select not in dict(self._open.fields)):
            self._open.fields = [pair for pair in self._open.fields if pair[0] != self._select] + [(self._select, has["value"])]
        elif tag == "textarea":
            self._area, self._text = has["name"], ""
        elif tag == "button":
            self._button, self._text = "", ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        self._template -= tag == "template"
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif self._open is not None and tag == "textarea" and self._area:
            self._open.fields.append((self._area, self._text.removeprefix("\n")))
            self._area = None
        elif self._open is not None and tag == "button" and self._button is not None:
            self._open.buttons.append(self._text.strip())
            self._button = None
