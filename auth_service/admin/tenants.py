"""Tenants: populations of users, listed, made and changed."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from wtforms import BooleanField, IntegerField, RadioField, SelectChoice
from wtforms.validators import DataRequired, NumberRange

from auth_service.admin import listing
from auth_service.admin.addresses import Addresses
from auth_service.admin.forms import Form, Lines, Several, Text
from auth_service.admin.gate import operator
from shared.models.tenant import Tenant
from shared.services import factor_rules, initial_access, keys, tenants
from shared.web import tenancy

REGISTRATION = [
    SelectChoice("off", "Never: Operators register them, here or on the command line."),
    SelectChoice("token", "With a token: Whoever was given an initial access token registers as many as it allows."),
    SelectChoice("open", "Openly: Anybody does. People are told that nobody here answers for it, and asked each time."),
]
FACTORS = [
    SelectChoice("password", "Password: What people know. Without it, those who have nothing else cannot sign in."),
    SelectChoice("passkey", "Passkey: A fingerprint, face, screen lock or security key. Signs in alone, or beside a password."),
    SelectChoice("totp", "Authenticator app: A code that changes every half minute, beside a password."),
    SelectChoice("email", "Code by e-mail: Signs in alone, or beside a password for whoever has nothing better."),
]
SECOND_FACTOR = [
    SelectChoice("never", "Never: One proof is enough, also for those who have added a second."),
    SelectChoice("enrolled", "Of those who have one: Whoever has added a second factor is asked for it."),
    SelectChoice("operators", "Of operators: They too are asked, and add one at the next sign-in."),
    SelectChoice("always", "Of everybody: Whoever has none adds one at the next sign-in."),
]
SIGN_UP = [
    SelectChoice("open", "Anybody: Whoever has an e-mail address."),
    SelectChoice("domain", "People of some domains: Whoever has an e-mail address at one of those below."),
    SelectChoice("invitation", "Whoever is invited: Operators send invitations, under Users."),
    SelectChoice("off", "Nobody: Operators make accounts, and may invite."),
]
VERIFICATION = [
    SelectChoice("before", "Before the account opens: With a code by letter. Nobody learns who has an account."),
    SelectChoice("required", "Before any application: The account opens at once. Those that are older than this are only asked."),
    SelectChoice("later", "When the person likes: Applications are told whether it was."),
]
NAMED = DataRequired("Give it a name that people will recognise.")


class NewTenantForm(Form):
    name = Text("Name", [NAMED])
    slug = Text("Slug")

    def facts(self) -> dict[str, Any]:
        """What `tenants.create` takes."""
        return {"name": self.name.data, "slug": self.slug.data or None}


class TenantForm(Form):
    name = Text("Name", [NAMED])
    logo_url = Text("Logo address")
    accent = Text("Accent colour")
    support_contact = Text("Support contact")
    sign_up = RadioField("Who may create an account", choices=SIGN_UP)
    sign_up_domains = Lines("Domains")
    email_verification = RadioField("When an e-mail address is verified", choices=VERIFICATION)
    password_least = IntegerField("Least length of a password", [NumberRange(8, 64, "Between 8 and 64 characters.")])
    factors = Several("People prove who they are by", choices=FACTORS)
    second_factor = RadioField("A second factor is asked", choices=SECOND_FACTOR)
    require_par = BooleanField("Require pushed requests")
    implicit_allowed = BooleanField("Tokens may be given without a code (implicit flow)")
    client_documents = BooleanField("Clients may be known by a document of their own")
    client_registration = RadioField("Clients register themselves", choices=REGISTRATION)

    def changes(self) -> dict[str, Any]:
        """What `tenants.update` takes."""
        return {name: field.data for name, field in self._fields.items() if name != "csrf_token"}


class Tenants(MethodView):
    def get(self) -> ResponseReturnValue:
        return render_template("admin/tenants.html", page=tenants.search(**listing.asked()), issuer_of=tenancy.issuer_of)


class NewTenant(MethodView):
    def get(self) -> ResponseReturnValue:
        return render_template("admin/tenant_new.html", form=NewTenantForm())

    def post(self) -> ResponseReturnValue:
        form = NewTenantForm()
        tenant = form.submit(lambda: tenants.create(**form.facts(), by=operator()))
        if tenant is None:
            return render_template("admin/tenant_new.html", form=form), 422
        flash(f"{tenant.name} is created.", "success")
        return redirect(url_for("admin.tenant", id=tenant.id))


class OneTenant(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        tenant = tenants.get(id)
        return render_template("admin/tenant.html", tenant=tenant, **_shown(tenant))


class EditedTenant(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        tenant = tenants.get(id)
        return _edit_page(tenant, TenantForm(obj=tenant))

    def post(self, id: UUID) -> ResponseReturnValue:
        tenant, form = tenants.get(id), TenantForm()
        form.submit(lambda: tenants.update(tenant, **form.changes(), by=operator()))
        if form.refused:
            return _edit_page(tenant, form), 422
        flash("Updated.", "success")
        return redirect(url_for("admin.tenant", id=tenant.id))


def _shown(tenant: Tenant) -> dict[str, Any]:
    """What stands on the page of a tenant beside its own row."""
    return {"addresses": Addresses.of(tenant), "keys": keys.of(tenant), "tokens": initial_access.of(tenant)}


def _edit_page(tenant: Tenant, form: TenantForm) -> str:
    return render_template("admin/tenant_edit.html", tenant=tenant, form=form, without=factor_rules.without(tenant))
