"""Users: the people of the tenants, listed, made, disabled and enabled."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from wtforms import PasswordField, SelectField
from wtforms.validators import DataRequired

from auth_service.admin import choosing, fields, listing
from auth_service.admin.forms import Form, Question, Reason, Text
from auth_service.admin.gate import operator
from shared.models.user import OPERATOR, User
from shared.services import (
    audit,
    authorizations,
    clients,
    consents,
    enrolments,
    granted,
    identities,
    logouts,
    resources,
    session_ends,
    sessions,
    tenants,
    users,
)

RECENT = 8


class NewUserForm(Form):
    tenant = SelectField("Tenant")
    email = Text("E-mail address", [DataRequired("Type an e-mail address.")])
    name = Text("Name")
    password = PasswordField("Password")


class Users(MethodView):
    def get(self) -> ResponseReturnValue:
        page = users.search(choosing.tenant(), **listing.asked())
        return render_template("admin/users.html", page=page, **choosing.shown())


class NewUser(MethodView):
    def get(self) -> ResponseReturnValue:
        return _new_page(NewUserForm(tenant=choosing.slug()))

    def post(self) -> ResponseReturnValue:
        form = NewUserForm()
        form.tenant.choices = choosing.choices()
        user = form.submit(lambda: _create(form))
        return (_new_page(form), 422) if user is None else _back(user, f"{user.email} is created.")


class OneUser(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        user = users.get(None, id)
        return render_template("admin/user.html", user=user, permission=OPERATOR, **_around(user))


class DisabledUser(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return _page("user_disable", users.get(None, id), Reason())

    def post(self, id: UUID) -> ResponseReturnValue:
        user, form = users.get(None, id), Reason()
        form.submit(lambda: users.disable(user, by=operator(), reason=form.reason.data or ""))
        return _page("user_disable", user, form) if form.refused else _back(user, f"{user.email} is disabled.")


class EnabledUser(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return _page("user_enable", users.get(None, id), Question())

    def post(self, id: UUID) -> ResponseReturnValue:
        user = users.enable(users.get(None, id), by=operator())
        return _back(user, f"{user.email} can sign in again.")


class OperatorRight(MethodView):
    """The permission to use this dashboard: granted to whoever lacks it, taken from whoever has it."""

    def get(self, id: UUID) -> ResponseReturnValue:
        return _page("user_operator", users.get(None, id), Question())

    def post(self, id: UUID) -> ResponseReturnValue:
        user, form = users.get(None, id), Question()
        form.submit(lambda: users.set_permissions(user, request.form.getlist("permission"), by=operator()))
        return _page("user_operator", user, form) if form.refused else _back(user, "The permissions are changed.")


class ResetFactors(MethodView):
    """Posting here takes every second factor from somebody who lost them."""

    def get(self, id: UUID) -> ResponseReturnValue:
        return _page("user_factors_reset", users.get(None, id), Question())

    def post(self, id: UUID) -> ResponseReturnValue:
        user = users.get(None, id)
        enrolments.reset(user, by=operator())
        return _back(user, f"{user.email} has no second factor any more.")


class EndedSessions(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return _page("user_sessions_end", users.get(None, id), Question())

    def post(self, id: UUID) -> ResponseReturnValue:
        user, sid = users.get(None, id), request.form.get("sid")
        if sid:
            session_ends.one(user, sid, by=operator())
            return _back(user, "The session is ended.")
        session_ends.every(user, by=operator())
        return _back(user, "Every session is ended.")


class WithdrawnConsent(MethodView):
    def get(self, id: UUID, client: UUID) -> ResponseReturnValue:
        user = users.get(None, id)
        return render_template("admin/user_consent.html", user=user, consent=consents.get(user, client))

    def post(self, id: UUID, client: UUID) -> ResponseReturnValue:
        user = users.get(None, id)
        authorizations.withdraw(user, client, by=operator())
        return _back(user, "The consent is withdrawn, and what the application held has ended.")


class EndedAuthorization(MethodView):
    """Posting here ends one thing that an application was allowed, with its tokens."""

    def get(self, id: UUID, authorization: UUID) -> ResponseReturnValue:
        user = users.get(None, id)
        client = clients.get(None, granted.get(user, authorization).client_id)
        return render_template("admin/user_authorization_end.html", user=user, client=client, authorization=authorization)

    def post(self, id: UUID, authorization: UUID) -> ResponseReturnValue:
        user = users.get(None, id)
        granted.end(user, authorization, by=operator())
        return _back(user, "The authorization is ended, with every token of it.")


class EndedAuthorizations(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return _page("user_authorizations_end", users.get(None, id), Question())

    def post(self, id: UUID) -> ResponseReturnValue:
        user = users.get(None, id)
        granted.end_all(user, by=operator())
        return _back(user, "Every authorization is ended.")


def _around(user: User) -> dict[str, Any]:
    """What belongs to a user and is shown with them."""
    tenant = tenants.get(user.tenant_id)
    return {
        "tenant": tenant,
        "sessions": sessions.of(user),
        "factors": [(enrolments.kind_of(factor), factor) for factor in enrolments.of(user)],
        "consents": [(consent, resources.in_words(tenant, consent.scopes)) for consent in consents.of(user)],
        "granted": granted.of(user, tenant),
        "identities": identities.of(user),
        "notices": logouts.about(user),
        "fields": fields.of_user(user, tenant),
        "events": audit.search(subject_id=str(user.id), limit=RECENT).items,
    }


def _create(form: NewUserForm) -> User:
    return users.create(
        choosing.called(form.tenant.data),
        email=form.email.data or "",
        name=form.name.data or "",
        password=form.password.data or None,
        by=operator(),
    )


def _new_page(form: NewUserForm) -> str:
    form.tenant.choices = choosing.choices()
    return render_template("admin/user_new.html", form=form)


def _page(name: str, user: User, form: Form) -> ResponseReturnValue:
    return render_template(f"admin/{name}.html", user=user, form=form, permission=OPERATOR), 422 if form.refused else 200


def _back(user: User, done: str) -> ResponseReturnValue:
    flash(done, "success")
    return redirect(url_for("admin.user", id=user.id))
