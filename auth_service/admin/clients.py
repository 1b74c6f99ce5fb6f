"""Clients: the applications, listed, made, changed and deleted."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import launching
from auth_service.admin import choosing, listing
from auth_service.admin.addresses import Addresses
from auth_service.admin.client_forms import ClientForm, NewClientForm, RedirectUriForm
from auth_service.admin.forms import Form, Typed
from auth_service.admin.gate import operator
from shared.models.client import Client
from shared.services import client_keys, client_profiles, clients, logouts, tenants, user_fields


class Clients(MethodView):
    def get(self) -> ResponseReturnValue:
        page = clients.search(choosing.tenant(), **listing.asked())
        return render_template("admin/clients.html", page=page, lint=client_profiles.lint, **choosing.shown())


class NewClient(MethodView):
    def get(self) -> ResponseReturnValue:
        return _new_page(NewClientForm(tenant=choosing.slug()))

    def post(self) -> ResponseReturnValue:
        form = NewClientForm()
        form.tenant.choices = choosing.choices()
        made = form.submit(lambda: clients.register(choosing.called(form.tenant.data), by=operator(), **form.facts()))
        if made is None:
            return _new_page(form), 422
        client, secret = made
        return detail_page(client, new_secret=secret, said=f"{client.name} is created."), 201


class OneClient(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return detail_page(clients.get(None, id))


class EditedClient(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        client = clients.get(None, id)
        return _page("client_edit", client, _form(client, obj=client))

    def post(self, id: UUID) -> ResponseReturnValue:
        client = clients.get(None, id)
        form = _form(client)
        if "add" in request.form:  # without a script, one more empty row is one more page
            return _page("client_edit", client, form, empty_rows=1)
        form.submit(lambda: clients.update(client, by=operator(), **form.changes()))
        return _page("client_edit", client, form) if form.refused else _back(client, "Updated.")


class DeletedClient(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return _page("client_delete", clients.get(None, id), Typed())

    def post(self, id: UUID) -> ResponseReturnValue:
        client, form = clients.get(None, id), Typed()
        form.submit_if(client.name, lambda: clients.delete(client, by=operator()))
        if form.refused:
            return _page("client_delete", client, form)
        flash(f"{client.name} is deleted.", "success")
        return redirect(url_for("admin.clients"))


class NewRedirectUri(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return _page("redirect_uri_new", clients.get(None, id), RedirectUriForm())

    def post(self, id: UUID) -> ResponseReturnValue:
        client, form = clients.get(None, id), RedirectUriForm()
        form.submit(lambda: clients.add_redirect_uri(client, form.redirect_uris.data, by=operator()))
        return _page("redirect_uri_new", client, form) if form.refused else _back(client, "The redirect URI is added.")


class RemovedRedirectUri(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return render_template("admin/redirect_uri_remove.html", client=clients.get(None, id), uri=request.args.get("uri", ""))

    def post(self, id: UUID) -> ResponseReturnValue:
        client = clients.get(None, id)
        clients.remove_redirect_uri(client, request.form.get("redirect_uri", ""), by=operator())
        return _back(client, "The redirect URI is removed.")


class NewSecret(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return render_template("admin/client_secret.html", client=clients.get(None, id))

    def post(self, id: UUID) -> ResponseReturnValue:
        client = clients.get(None, id)
        # Shown in the answer itself: there is no place to keep it for the next one.
        secret = clients.rotate_secret(client, by=operator())
        return detail_page(client, new_secret=secret, said="The secret is new. The one before no longer works.")


class RevealedSecret(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return redirect(url_for("admin.client", id=id))

    def post(self, id: UUID) -> ResponseReturnValue:
        client = clients.get(None, id)
        return detail_page(client, revealed_secret=clients.reveal_secret(client, by=operator()))


def detail_page(client: Client, **shown: Any) -> str:
    """The page of one client; `shown` are a secret and what is to be said of it."""
    tenant = tenants.get(client.tenant_id)
    about = {"findings": client_profiles.lint(client), "published": client_keys.published(client)}
    about |= {"notices": logouts.to(client), "launch": launching.of(client, tenant)}
    return render_template("admin/client.html", client=client, tenant=tenant, addresses=Addresses.of(tenant), **about, **shown)


def _form(client: Client, **held: Any) -> ClientForm:
    return ClientForm(**held).offer_scopes(user_fields.own_scopes(tenants.get(client.tenant_id)))


def _new_page(form: NewClientForm) -> str:
    form.tenant.choices = choosing.choices()
    return render_template("admin/client_new.html", form=form)


def _page(name: str, client: Client, form: Form, **shown: Any) -> ResponseReturnValue:
    return render_template(f"admin/{name}.html", client=client, form=form, **shown), 422 if form.refused else 200


def _back(client: Client, done: str) -> ResponseReturnValue:
    flash(done, "success")
    return redirect(url_for("admin.client", id=client.id))
