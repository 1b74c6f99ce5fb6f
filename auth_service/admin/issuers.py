"""Trusted issuers: others whose signed word about a person is believed, listed, added, changed and deleted."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from wtforms import BooleanField, RadioField, SelectChoice, SelectField
from wtforms.validators import DataRequired

from auth_service.admin import choosing, listing
from auth_service.admin.forms import Form, Json, Lines, Text, Typed
from auth_service.admin.gate import operator
from shared.models.trusted_issuer import SUBJECT_EMAIL, SUBJECT_ID, TrustedIssuer
from shared.services import clients, tenants, trusted_issuers

SUBJECTS = [
    SelectChoice(SUBJECT_ID, "User ID: It knows people by the id that we give them."),
    SelectChoice(SUBJECT_EMAIL, "E-mail address: It knows people by the address that was verified here."),
]


class IssuerForm(Form):
    name = Text("Name", [DataRequired("Give it a name that operators will recognise.")])
    jwks_uri = Text("Address of its public keys")
    jwks = Json("Public keys (JWK Set)")
    subject_is = RadioField("Its sub is", choices=SUBJECTS, default=SUBJECT_ID, validate_choice=False)
    scopes = Lines("Scopes that its word buys")
    every_client = BooleanField("Every confidential client with the grant may bring its word", default=False)
    clients = Lines("Clients that may bring its word")

    def rules(self) -> dict[str, Any]:
        """What `trusted_issuers.create` and `trusted_issuers.update` take."""
        kept = {name: self[name].data for name in ("name", "jwks_uri", "jwks", "subject_is", "scopes")}
        return kept | {"clients": None if self.every_client.data else self.clients.data}


class NewIssuerForm(IssuerForm):
    tenant = SelectField("Tenant")
    issuer = Text("Issuer", [DataRequired("Write the issuer as it stands in iss.")])


class Issuers(MethodView):
    def get(self) -> ResponseReturnValue:
        page = trusted_issuers.search(choosing.tenant(), **listing.asked())
        return render_template("admin/issuers.html", page=page, **choosing.shown())


class NewIssuer(MethodView):
    def get(self) -> ResponseReturnValue:
        return _new_page(NewIssuerForm(tenant=choosing.slug()))

    def post(self) -> ResponseReturnValue:
        form = NewIssuerForm()
        form.tenant.choices = choosing.choices()
        made = form.submit(lambda: _create(form))
        if made is None:
            return _new_page(form), 422
        return _back(made, f"{made.name} is trusted.")


class OneIssuer(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        issuer = trusted_issuers.get(None, id)
        tenant = tenants.get(issuer.tenant_id)
        bringers = [(client_id, clients.find(tenant, client_id)) for client_id in issuer.clients or ()]
        return render_template("admin/issuer.html", issuer=issuer, tenant=tenant, bringers=bringers)


class EditedIssuer(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        issuer = trusted_issuers.get(None, id)
        kept = {name: getattr(issuer, name) for name in ("name", "jwks", "jwks_uri", "subject_is", "scopes", "clients")}
        return _page("issuer_edit", issuer, IssuerForm(**kept, every_client=issuer.clients is None))

    def post(self, id: UUID) -> ResponseReturnValue:
        issuer, form = trusted_issuers.get(None, id), IssuerForm()
        tenant = tenants.get(issuer.tenant_id)
        form.submit(lambda: trusted_issuers.update(issuer, tenant, by=operator(), **form.rules()))
        return _page("issuer_edit", issuer, form) if form.refused else _back(issuer, "Updated.")


class DeletedIssuer(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return _page("issuer_delete", trusted_issuers.get(None, id), Typed())

    def post(self, id: UUID) -> ResponseReturnValue:
        issuer, form = trusted_issuers.get(None, id), Typed()
        form.submit_if(issuer.name, lambda: trusted_issuers.delete(issuer, by=operator()))
        if form.refused:
            return _page("issuer_delete", issuer, form)
        flash(f"{issuer.name} is not trusted any more.", "success")
        return redirect(url_for("admin.issuers"))


def _create(form: NewIssuerForm) -> TrustedIssuer:
    tenant = choosing.called(form.tenant.data)
    return trusted_issuers.create(tenant, issuer=form.issuer.data or "", by=operator(), **form.rules())


def _new_page(form: NewIssuerForm) -> str:
    form.tenant.choices = choosing.choices()
    return render_template("admin/issuer_new.html", form=form)


def _page(name: str, issuer: TrustedIssuer, form: Form) -> ResponseReturnValue:
    return render_template(f"admin/{name}.html", issuer=issuer, form=form), 422 if form.refused else 200


def _back(issuer: TrustedIssuer, done: str) -> ResponseReturnValue:
    flash(done, "success")
    return redirect(url_for("admin.issuer", id=issuer.id))
