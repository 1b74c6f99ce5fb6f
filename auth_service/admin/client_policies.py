"""What an operator decides about a client as a whole: its profile, whether it is let in, and its keys fetched anew."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service.admin import listing
from auth_service.admin.forms import Question, Reason
from auth_service.admin.gate import operator
from shared.kit.errors import NotFound
from shared.models.client import Client
from shared.services import client_keys, client_profiles, clients


class AppliedProfile(MethodView):
    """Shows what a profile would change, and sets it."""

    def get(self, id: UUID) -> ResponseReturnValue:
        return _profile_page(clients.get(None, id), Question())

    def post(self, id: UUID) -> ResponseReturnValue:
        client, form = clients.get(None, id), Question()
        profile = _profile(client)
        changed = form.submit(lambda: clients.apply_profile(client, profile, by=operator()))
        if changed is None:
            return _profile_page(client, form), 422
        left = len(client_profiles.lint(changed))
        rest = f" {left} more, which only its developers can mend." if left else ""
        return _back(client, f"It is set as {profile} asks.{rest}")


class DisabledClient(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return render_template("admin/client_disable.html", client=clients.get(None, id), form=Reason())

    def post(self, id: UUID) -> ResponseReturnValue:
        client, form = clients.get(None, id), Reason()
        form.submit(lambda: clients.disable(client, by=operator(), reason=form.reason.data or ""))
        if form.refused:
            return render_template("admin/client_disable.html", client=client, form=form), 422
        return _back(client, f"{client.name} is disabled.")


class EnabledClient(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return render_template("admin/client_enable.html", client=clients.get(None, id))

    def post(self, id: UUID) -> ResponseReturnValue:
        client = clients.enable(clients.get(None, id), by=operator())
        return _back(client, f"{client.name} is enabled.")


class FetchedKeys(MethodView):
    """Posting here fetches the keys of a client that publishes them."""

    def get(self, id: UUID) -> ResponseReturnValue:
        return redirect(url_for("admin.client", id=id))

    def post(self, id: UUID) -> ResponseReturnValue:
        client = clients.get(None, id)
        if client_keys.fetch_now(client):
            return _back(client, "Its keys are fetched.")
        return _back(client, "Its address did not answer with a JWK Set.", "danger")


def _profile(client: Client) -> str:
    asked = listing.word("profile") or request.form.get("profile", "") or client.profile
    if asked not in client_profiles.PROFILES:
        raise NotFound("There is no such profile.")
    return asked


def _profile_page(client: Client, form: Question) -> str:
    profile = _profile(client)
    found = client_profiles.departures(client, profile)
    return render_template(
        "admin/client_profile.html",
        client=client,
        form=form,
        profile=profile,
        profiles=client_profiles.WORDS,
        changes=[finding for finding in found if finding.change is not None],
        rest=[finding for finding in found if finding.change is None],
    )


def _back(client: Client, done: str, kind: str = "success") -> ResponseReturnValue:
    flash(done, kind)
    return redirect(url_for("admin.client", id=client.id))
