"""Deleting the account of somebody else."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service.admin.forms import Typed
from auth_service.admin.gate import operator
from shared.models.user import User
from shared.services import deletions, users


class DeletedUser(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return _page(users.get(None, id), Typed())

    def post(self, id: UUID) -> ResponseReturnValue:
        user, form = users.get(None, id), Typed()
        email = user.email
        form.submit_if(email, lambda: deletions.carry_out(user, by=operator()))
        if form.refused:
            return _page(user, form)
        flash(f"{email} is deleted.", "success")
        return redirect(url_for("admin.users"))


def _page(user: User, form: Typed) -> ResponseReturnValue:
    return render_template("admin/user_delete.html", user=user, form=form), 422 if form.refused else 200
