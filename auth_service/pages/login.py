"""Signing in with an e-mail address and a password."""

from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import visitor
from auth_service.pages import asking
from auth_service.pages.forms import LoginForm
from shared.services import users
from shared.web import tenancy


class Login(MethodView):
    def get(self) -> ResponseReturnValue:
        asked = asking.find()
        if asked is None and visitor.user():
            return visitor.way_back()
        return asking.show("pages/login.html", LoginForm(email=asked.pending.login_hint if asked else ""), asking=asked)

    def post(self) -> ResponseReturnValue:
        form = LoginForm()
        with form.answering():
            visitor.sign_in(users.authenticate(tenancy.tenant(), **form.typed()))
            return visitor.way_back()
        return asking.show("pages/login.html", form, asking=asking.find())
