"""Invitations: operators let somebody make an account, by a letter with a link."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from wtforms import SelectField
from wtforms.validators import DataRequired

from auth_service.admin import choosing, listing
from auth_service.admin.forms import Form, Question, Text
from auth_service.admin.gate import operator
from shared.models.invitation import Invitation
from shared.services import invitations


class InvitationForm(Form):
    tenant = SelectField("Tenant")
    email = Text("E-mail address", [DataRequired("Type an e-mail address.")])


class Invitations(MethodView):
    def get(self) -> ResponseReturnValue:
        page = invitations.search(choosing.tenant(), **listing.asked())
        return render_template("admin/invitations.html", page=page, **choosing.shown())


class NewInvitation(MethodView):
    def get(self) -> ResponseReturnValue:
        return _new_page(InvitationForm(tenant=choosing.slug()))

    def post(self) -> ResponseReturnValue:
        form = InvitationForm()
        form.tenant.choices = choosing.choices()
        invited = form.submit(lambda: _create(form))
        return (_new_page(form), 422) if invited is None else _back(f"{invited.email} is invited.")


class SentAgain(MethodView):
    """Posting here sends another letter; the link in the one before no longer works."""

    def post(self, id: UUID) -> ResponseReturnValue:
        invited, form = invitations.get(None, id), Question()
        form.submit(lambda: invitations.send_again(invited, by=operator()))
        return _back(f"Another letter to {invited.email} is on its way.") if not form.refused else _refused(form)


class RevokedInvitation(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return render_template("admin/invitation_revoke.html", invited=invitations.get(None, id))

    def post(self, id: UUID) -> ResponseReturnValue:
        invited, form = invitations.get(None, id), Question()
        form.submit(lambda: invitations.revoke(invited, by=operator()))
        return _back(f"The invitation of {invited.email} is revoked.") if not form.refused else _refused(form)


def _create(form: InvitationForm) -> Invitation:
    return invitations.create(choosing.called(form.tenant.data), email=form.email.data or "", by=operator())


def _new_page(form: InvitationForm) -> str:
    form.tenant.choices = choosing.choices()
    return render_template("admin/invitation_new.html", form=form)


def _back(done: str) -> ResponseReturnValue:
    flash(done, "success")
    return redirect(url_for("admin.invitations"))


def _refused(form: Form) -> ResponseReturnValue:
    flash(" ".join(str(error) for error in form.form_errors) or "That did not work. Reload the page and try again.", "warning")
    return redirect(url_for("admin.invitations"))
