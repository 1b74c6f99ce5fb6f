"""Resources: the APIs that tokens are for, listed, made, changed and deleted."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import DataRequired, Optional

from auth_service.admin import choosing, listing
from auth_service.admin.forms import Form, Lines, Text, Typed
from auth_service.admin.gate import operator
from shared.models.client import Client
from shared.models.resource import Resource
from shared.models.tenant import Tenant
from shared.services import clients, resources, tenants

NAMED = DataRequired("Give it a name that people will recognise.")


class ResourceForm(Form):
    name = Text("Name", [NAMED])
    scopes = Lines("Scopes")
    every_client = BooleanField("Every client may ask for it", default=True)
    clients = Lines("Clients that may ask for it")
    introspectors = Lines("Clients that may introspect its tokens")
    token_seconds = IntegerField("Its tokens live for, in seconds", [Optional()])

    def rules(self) -> dict[str, Any]:
        """What `resources.create` and `resources.update` take."""
        lines = (line.partition(" ") for line in self.scopes.data)
        return {
            "name": self.name.data,
            "scopes": {scope: words.strip() for scope, _, words in lines},
            "clients": None if self.every_client.data else self.clients.data,
            "introspectors": self.introspectors.data,
            "token_seconds": self.token_seconds.data,
        }


class NewResourceForm(ResourceForm):
    tenant = SelectField("Tenant")
    identifier = Text("Identifier", [DataRequired("Write the address of the API.")])


class Resources(MethodView):
    def get(self) -> ResponseReturnValue:
        page = resources.search(choosing.tenant(), **listing.asked())
        return render_template("admin/resources.html", page=page, **choosing.shown())


class NewResource(MethodView):
    def get(self) -> ResponseReturnValue:
        return _new_page(NewResourceForm(tenant=choosing.slug()))

    def post(self) -> ResponseReturnValue:
        form = NewResourceForm()
        form.tenant.choices = choosing.choices()
        made = form.submit(lambda: _create(form))
        if made is None:
            return _new_page(form), 422
        return _back(made, f"{made.name} is created.")


class OneResource(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        resource = resources.get(None, id)
        tenant = tenants.get(resource.tenant_id)
        shown = {
            "askers": None if resource.clients is None else _listed(tenant, resource.clients),
            "introspectors": _listed(tenant, resource.introspectors),
        }
        return render_template("admin/resource.html", resource=resource, tenant=tenant, **shown)


class EditedResource(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        resource = resources.get(None, id)
        return _page("resource_edit", resource, ResourceForm(**_as_typed(resource)))

    def post(self, id: UUID) -> ResponseReturnValue:
        resource, form = resources.get(None, id), ResourceForm()
        form.submit(lambda: resources.update(resource, by=operator(), **form.rules()))
        return _page("resource_edit", resource, form) if form.refused else _back(resource, "Updated.")


class DeletedResource(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return _page("resource_delete", resources.get(None, id), Typed())

    def post(self, id: UUID) -> ResponseReturnValue:
        resource, form = resources.get(None, id), Typed()
        form.submit_if(resource.name, lambda: resources.delete(resource, by=operator()))
        if form.refused:
            return _page("resource_delete", resource, form)
        flash(f"{resource.name} is deleted.", "success")
        return redirect(url_for("admin.resources"))


def _create(form: NewResourceForm) -> Resource:
    tenant = choosing.called(form.tenant.data)
    return resources.create(tenant, identifier=form.identifier.data or "", by=operator(), **form.rules())


def _as_typed(resource: Resource) -> dict[str, Any]:
    """What the form holds before anything is changed."""
    lines = [f"{scope} {words}".strip() for scope, words in sorted(resource.scopes.items())]
    kept = {name: getattr(resource, name) for name in ("name", "clients", "introspectors", "token_seconds")}
    return kept | {"scopes": lines, "every_client": resource.clients is None}


def _listed(tenant: Tenant, client_ids: list[str]) -> list[tuple[str, Client | None]]:
    """Each with its client; None where that was deleted."""
    return [(client_id, clients.find(tenant, client_id)) for client_id in client_ids]


def _new_page(form: NewResourceForm) -> str:
    form.tenant.choices = choosing.choices()
    return render_template("admin/resource_new.html", form=form)


def _page(name: str, resource: Resource, form: Form) -> ResponseReturnValue:
    return render_template(f"admin/{name}.html", resource=resource, form=form), 422 if form.refused else 200


def _back(resource: Resource, done: str) -> ResponseReturnValue:
    flash(done, "success")
    return redirect(url_for("admin.resource", id=resource.id))
