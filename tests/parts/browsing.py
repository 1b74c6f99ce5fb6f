"""A browser without scripts: cookies, redirects one by one, and forms filled in by name."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

import requests

REDIRECTS = (301, 302, 303, 307, 308)
UNTYPED = ("submit", "button", "image", "reset", "file")


@dataclass
class Form:
    """A form: where it goes, what its fields hold, and its buttons as (name, value, id, words)."""

    action: str
    method: str
    id: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)

    def button(self, named: str) -> dict[str, str]:
        """The button with this value, id or words."""
        for known in self.buttons:
            if named in (known["value"], known["id"], known["words"].strip()):
                return known
        raise AssertionError(
            f"there is no button {named!r}, only {[known['words'].strip() or known['value'] for known in self.buttons]}"
        )

    def pressed(self, button: str) -> dict[str, str]:
        """What pressing `button` adds to the form."""
        known = self.button(button)
        return {known["name"]: known["value"]} if known["name"] else {}

    def target(self, press: str | None) -> str:
        """Where the form is sent to, which the button may say otherwise."""
        return self.button(press).get("formaction", self.action) if press else self.action

    def has_button(self, button: str) -> bool:
        return any(button in (known["value"], known["id"], known["words"].strip()) for known in self.buttons)


@dataclass
class Page:
    """Where the browser ended: a page of ours, or, in `left_to`, the address of somebody else to which it was sent."""

    status: int
    url: str
    text: str
    headers: Any
    left_to: str | None = None
    trail: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        seen = _Seen()
        seen.feed(self.text if "html" in self.headers.get("Content-Type", "") else "")
        self.forms: list[Form] = seen.forms
        self.links: dict[str, str] = seen.links
        self.title: str = " ".join(seen.title.split())
        self.words: str = " ".join(seen.words.split())

    @property
    def path(self) -> str:
        """The path of the page's address."""
        return urlsplit(self.url).path

    @property
    def answer(self) -> dict[str, str]:
        """The parameters with which the browser was sent to somebody else: code, state, iss, or error …"""
        if self.left_to is None:
            raise AssertionError(f"the browser did not leave: it sees {self.status} {self.url}: {self.words[:500]}")
        parts = urlsplit(self.left_to)
        return {name: values[0] for name, values in parse_qs(parts.query or parts.fragment, keep_blank_values=True).items()}

    def form(self, *, press: str | None = None, **typed: object) -> Form:
        """The first form that has these fields and this button."""
        for form in self.forms:
            if all(name in form.fields for name in typed) and (press is None or form.has_button(press)):
                return form
        raise AssertionError(f"no form with {[*typed, press]} at {self.status} {self.url}: {self.words[:500]}")


class Browser:
    """One browser: what it does is in `jar` (its cookies) and `page` (what it sees)."""

    def __init__(self, origin: str, **headers: str) -> None:
        self.origin = origin
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers.update(
            {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "User-Agent": "test browser", **headers}
        )
        self.page = Page(0, origin, "", {})

    @property
    def jar(self) -> Any:
        """The cookies."""
        return self.http.cookies

    def get(self, address: str, **params: str) -> Page:
        """Go to an address, absolute or of our origin."""
        return self._go("GET", urljoin(self.origin, address), params=params)

    def post(self, address: str, **fields: str) -> Page:
        """Post fields to an address, with nothing added."""
        return self._go("POST", urljoin(self.origin, address), data=fields)

    def submit(self, *, press: str | None = None, **typed: str) -> Page:
        """Fill in and send the first form of the page that has these fields and this button (its value, id or words)."""
        form = self.page.form(press=press, **typed)
        filled = {**form.fields, **(form.pressed(press) if press else {}), **typed}
        target = urljoin(self.page.url, form.target(press))
        if form.method == "post":
            return self._go("POST", target, data=filled, headers={"Origin": self.origin, "Referer": self.page.url})
        return self._go("GET", target.partition("?")[0], params=filled)

    def follow(self, link: str) -> Page:
        """Follow the link with this id, or these words."""
        return self.get(urljoin(self.page.url, self.page.links[link]))

    def _go(self, method: str, url: str, **sent: Any) -> Page:
        trail: list[str] = []
        for _ in range(20):
            response = self.http.request(method, url, allow_redirects=False, timeout=30, **sent)
            trail.append(response.url)
            if response.status_code not in REDIRECTS:
                self.page = Page(response.status_code, response.url, response.text, response.headers, trail=trail)
                return self.page
            url = urljoin(url, response.headers["Location"])
            if not f"{urldefrag(url).url}/".startswith((f"{self.origin}/", f"{self.origin}?")):
                self.page = Page(response.status_code, response.url, response.text, response.headers, left_to=url, trail=trail)
                return self.page
            if response.status_code not in (307, 308):
                method, sent = "GET", {}
        raise AssertionError(f"redirects go in a circle: {trail}")


class _Seen(HTMLParser):
    """The forms, links, title and words of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.title = self.words = ""
        self._form: Form | None = None
        self._open: dict[str, dict[str, str]] = {}
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        present = {name for name, _ in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower(), given.get("id", ""))
            self.forms.append(self._form)
        elif tag in ("script", "style", "template"):
            self._silent += 1
        elif tag in ("a", "title", "button", "textarea", "select"):
            self._open[tag] = {"name": "", "value": "", "id": "", "words": "", **given}
            self._begin(tag, given)
        elif tag == "input" and self._form is not None:
            self._typed(given, present)
        elif tag == "option":
            self._chosen(given, present)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag in ("script", "style", "template"):
            self._silent = max(0, self._silent - 1)
        elif tag in self._open:
            self._close(tag, self._open.pop(tag))

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        for known in self._open.values():
            known["words"] += data
        self.words += data + " "

    def _begin(self, tag: str, given: dict[str, str]) -> None:
        if tag in ("textarea", "select") and self._form is not None:
            self._form.fields[given.get("name", "")] = ""

    def _close(self, tag: str, known: dict[str, str]) -> None:
        if tag == "title":
            self.title = known["words"]
        elif tag == "a" and "href" in known:
            self.links |= {known["id"] or known["words"].strip(): known["href"], " ".join(known["words"].split()): known["href"]}
        elif tag == "button" and self._form is not None:
            self._form.buttons.append(known)
        elif tag == "textarea" and self._form is not None:
            self._form.fields[known["name"]] = known["words"]

    def _typed(self, given: dict[str, str], present: set[str]) -> None:
        form, kind = self._form, given.get("type", "text").lower()
        if form is None:
            return
        if kind in UNTYPED:
            form.buttons.append({"name": "", "value": "", "id": "", "words": "", **given})
        elif kind not in ("checkbox", "radio") or "checked" in present:
            form.fields[given.get("name", "")] = given.get("value", "on" if kind == "checkbox" else "")

    def _chosen(self, given: dict[str, str], present: set[str]) -> None:
        select = self._open.get("select")
        if select is not None and self._form is not None and "selected" in present:
            self._form.fields[select["name"]] = given.get("value", "")
