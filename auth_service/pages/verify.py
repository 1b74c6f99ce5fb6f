"""Proving that an e-mail address is one's own, with a code sent to it."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import visitor
from auth_service.pages import asking
from auth_service.pages.forms import CodeForm
from shared.kit.errors import Conflict, TooMany
from shared.kit.words import said
from shared.services import verification


class Verify(MethodView):
    decorators = [asking.signed_in]

    def get(self) -> ResponseReturnValue:
        if visitor.person().email_verified:
            return visitor.way_back()
        return asking.show("pages/verify.html", CodeForm())

    def post(self) -> ResponseReturnValue:
        form = CodeForm()
        with form.answering():
            verification.confirm(visitor.person(), form.typed()["code"])
            flash(said("Your e-mail address is verified."), "success")
            return visitor.way_back()
        return asking.show("pages/verify.html", form)


class Code(MethodView):
    """A new code: posting here sends one."""

    decorators = [asking.signed_in]

    def post(self) -> ResponseReturnValue:
        try:
            verification.send_code(visitor.person())
        except (Conflict, TooMany) as error:
            flash(error.message, "warning")
        return redirect(url_for("pages.verify", **asking.carried()))
