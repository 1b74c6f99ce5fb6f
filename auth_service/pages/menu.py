"""The menu of the pages about oneself: every one of them is under one of these words."""

from dataclasses import dataclass

from flask import current_app, request, url_for

from shared.kit.words import said


@dataclass(frozen=True)
class Entry:
    """One line of the menu: the page that it leads to, and the endpoints (by how they begin) of the pages that belong to it."""

    words: str
    icon: str
    endpoint: str
    holds: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        return url_for(self.endpoint)

    @property
    def current(self) -> bool:
        """Whether the page that is shown is this one, or belongs to it."""
        here = request.endpoint or ""
        return here == self.endpoint or here.startswith(self.holds)


MENU = (
    Entry(said("Profile"), "user", "pages.account", ("pages.email_",)),
    Entry(said("Security"), "shield", "pages.security", ("pages.password", "pages.factor")),
    Entry(said("Sessions"), "device", "pages.sessions", ("pages.session_", "pages.other_sessions")),
    Entry(said("Applications"), "app", "pages.applications", ("pages.application_", "pages.withdrawal")),
    Entry(said("Sign-in providers"), "link", "pages.identities", ("pages.identity_",)),
    Entry(said("Your data"), "list", "pages.data", ("pages.data_", "pages.deletion")),
)


def entries() -> list[Entry]:
    """The entries whose pages are there."""
    return [entry for entry in MENU if entry.endpoint in current_app.view_functions]
