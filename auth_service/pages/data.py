"""One's own data: taking a copy along, and deleting the account."""

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import visitor
from auth_service.pages import asking
from auth_service.pages.account_forms import DeletionForm
from shared.kit.errors import Conflict
from shared.kit.words import said
from shared.services import copies, deletions, operators


class Data(MethodView):
    decorators = [asking.signed_in]

    def get(self) -> ResponseReturnValue:
        return asking.page("pages/data.html")


class Copy(MethodView):
    """A copy of all that is kept about oneself, as a file. Asked for by a form: a link could be followed unasked."""

    decorators = [asking.fresh]

    def get(self) -> ResponseReturnValue:
        return asking.page("pages/data_copy.html")

    def post(self) -> ResponseReturnValue:
        person = visitor.person()
        headers = {"Content-Disposition": f'attachment; filename="{copies.FILE_NAME}"', "Cache-Control": "no-store"}
        return Response(copies.of(person, by=visitor.actor()), mimetype="application/json", headers=headers)


class Deletion(MethodView):
    """Posting here deletes the account."""

    decorators = [asking.fresh]

    def get(self) -> ResponseReturnValue:
        return asking.show("pages/deletion.html", DeletionForm(), hindrance=_hindrance())

    def post(self) -> ResponseReturnValue:
        form, person = DeletionForm(), visitor.person()
        with form.answering():
            form.check(person.email)
            deletions.carry_out(person, by=visitor.actor())
            visitor.sign_out()
            flash(said("Your account is deleted."), "success")
            return redirect(url_for("pages.login"), 303)
        return asking.show("pages/deletion.html", form, hindrance=_hindrance())


def _hindrance() -> str | None:
    """Why the account cannot be deleted now, or None."""
    try:
        operators.check_another(visitor.person())
    except Conflict as error:
        return error.message
    return None
