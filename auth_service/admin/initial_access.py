"""Initial access tokens: made, shown once, and revoked (RFC 7591 §3)."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from wtforms import IntegerField
from wtforms.validators import DataRequired, Optional

from auth_service.admin.forms import Form, Question, Text
from auth_service.admin.gate import operator
from shared.models.tenant import Tenant
from shared.services import initial_access, tenants


class NewTokenForm(Form):
    name = Text("For whom", [DataRequired("Say whom the token is for.")])
    uses = IntegerField("Registrations", [Optional()])
    days = IntegerField("Days", [Optional()])


class NewInitialAccess(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return _page(tenants.get(id), NewTokenForm(uses=1, days=7))

    def post(self, id: UUID) -> ResponseReturnValue:
        tenant, form = tenants.get(id), NewTokenForm()
        said = {"name": form.name.data or "", "uses": form.uses.data, "days": form.days.data}
        made = form.submit(lambda: initial_access.create(tenant, by=operator(), **said))
        if made is None:
            return _page(tenant, form), 422
        # Shown in the answer itself: there is no place to keep it for the next one.
        return render_template("admin/initial_access_made.html", tenant=tenant, token=made[0], secret=made[1]), 201


class RevokedInitialAccess(MethodView):
    def get(self, id: UUID, token: UUID) -> ResponseReturnValue:
        tenant = tenants.get(id)
        row = initial_access.get(tenant, token)
        return render_template("admin/initial_access_revoke.html", tenant=tenant, token=row, form=Question())

    def post(self, id: UUID, token: UUID) -> ResponseReturnValue:
        tenant = tenants.get(id)
        initial_access.revoke(initial_access.get(tenant, token), by=operator())
        flash("The token is revoked.", "success")
        return redirect(url_for("admin.tenant", id=tenant.id))


def _page(tenant: Tenant, form: NewTokenForm) -> str:
    return render_template("admin/initial_access_new.html", tenant=tenant, form=form)
