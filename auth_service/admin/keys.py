"""The signing keys of a tenant: listed with their state, rotated, and revoked after a leak."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service.admin.forms import Question, Reason, Typed
from auth_service.admin.gate import operator
from shared.models.tenant import Tenant
from shared.services import keys, tenants


class RevokeKeyForm(Typed, Reason):
    """Its id, typed, and why."""


class Keys(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        tenant = tenants.get(id)
        return render_template("admin/keys.html", tenant=tenant, keys=keys.known(tenant))


class RotatedKeys(MethodView):
    """Posting here publishes a successor of each key."""

    def get(self, id: UUID) -> ResponseReturnValue:
        return render_template("admin/keys_rotate.html", tenant=tenants.get(id), form=Question())

    def post(self, id: UUID) -> ResponseReturnValue:
        tenant = tenants.get(id)
        made = keys.rotate(tenant, by=operator())
        return _back(tenant, f"{len(made)} new keys are published. They sign from tomorrow on.")


class RevokedKey(MethodView):
    def get(self, id: UUID, kid: str) -> ResponseReturnValue:
        tenant = tenants.get(id)
        return render_template("admin/key_revoke.html", tenant=tenant, key=keys.get(tenant, kid), form=RevokeKeyForm())

    def post(self, id: UUID, kid: str) -> ResponseReturnValue:
        tenant, form = tenants.get(id), RevokeKeyForm()
        key = keys.get(tenant, kid)
        form.submit_if(key.kid, lambda: _revoke(tenant, key.kid, form))
        if form.refused:
            return render_template("admin/key_revoke.html", tenant=tenant, key=key, form=form), 422
        return _back(tenant, f"{key.kid} is revoked: what it signed is refused.")


def _revoke(tenant: Tenant, kid: str, form: RevokeKeyForm) -> None:
    keys.revoke(tenant, kid, reason=form.reason.data or "", by=operator())


def _back(tenant: Tenant, done: str) -> ResponseReturnValue:
    flash(done, "success")
    return redirect(url_for("admin.keys", id=tenant.id))
