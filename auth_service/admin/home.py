"""The first page of the dashboard: what to do next, what happened lately, and whether all parts answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from shared.kit import counters
from shared.kit.errors import NotFound
from shared.models.client import Client
from shared.services import audit, clients, health, tenants, users

PARTS = (("database", "Database"), ("redis", "Redis"), ("keys", "Signing keys"))
RECENT = 8
COUNTED_DAYS = 30
# What is worth a look when it grows, and why.
COUNTED = {
    "refresh_token.repeated": ("Refreshes repeated", "An answer was lost on its way, and given again."),
    "refresh_token.replayed": ("Refresh tokens replayed", "An old one came back: its authorization was ended."),
    "code.replayed": ("Codes replayed", "One came twice: its authorization was ended."),
}


@dataclass(frozen=True)
class Step:
    """Something a new installation has yet to do, and where it is done."""

    title: str
    text: str
    url: str
    done: bool


class Home(MethodView):
    def get(self) -> ResponseReturnValue:
        applications = clients.search(None, limit=2).items
        missing = health.missing(*(part for part, _ in PARTS))
        return render_template(
            "admin/home.html",
            steps=_steps(applications),
            applications=applications,
            events=audit.search(limit=RECENT).items,
            counted=COUNTED,
            totals=counters.totals(*COUNTED, days=COUNTED_DAYS),
            parts=[(name, missing.get(part)) for part, name in PARTS],
        )


class Missing(MethodView):
    """Whatever else is asked for below /admin."""

    def get(self, rest: str) -> ResponseReturnValue:
        raise NotFound("There is nothing at this address.")


def _steps(applications: Sequence[Client]) -> list[Step]:
    tenant = tenants.default()
    people = users.search(None, limit=2).items
    only = url_for("admin.client", id=applications[0].id) if len(applications) == 1 else url_for("admin.clients")
    return [
        Step(
            "Try it in the API documentation",
            "Copy the Client ID and Secret of the default client, press Authorize in the documentation, and create an account.",
            only,
            len(people) > 1,
        ),
        Step(
            "Add your first application",
            "Give it a name and the address to return to. Its page has the code to paste, in Python and JavaScript.",
            url_for("admin.client_new"),
            len(applications) > 1,
        ),
        Step(
            "Make the login page yours",
            "Set the name, the logo and the accent colour that people see when they sign in.",
            url_for("admin.tenant_edit", id=tenant.id),
            bool(tenant.logo_url or tenant.accent),
        ),
    ]
