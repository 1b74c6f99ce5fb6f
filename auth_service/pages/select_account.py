"""Which account an application is to be given, when it asks for a choice."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import visitor
from auth_service.pages import asking


class SelectAccount(MethodView):
    decorators = [asking.signed_in]

    def get(self) -> ResponseReturnValue:
        return asking.page("pages/select_account.html", asking=asking.get())

    def post(self) -> ResponseReturnValue:
        if request.form.get("decision") != "continue":
            return redirect(url_for("pages.login", **asking.carried()))
        visitor.passed("select_account")
        return visitor.way_back()
