"""Signing in with an e-mail address and a password."""

from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import familiar, visitor
from auth_service.pages import asking
from auth_service.pages.forms import LoginForm
from shared.models.user import User
from shared.services import users
from shared.web import tenancy


class Login(MethodView):
    def get(self) -> ResponseReturnValue:
        asked, again = asking.find(), asking.again()
        if asked is None and visitor.user() and (again is None or asking.is_fresh()):
            return visitor.way_back()
        form = LoginForm(email=asked.pending.login_hint if asked else "")
        return asking.show("pages/login.html", _of(form, again), asking=asked, again=again)

    def post(self) -> ResponseReturnValue:
        again = asking.again()
        form = _of(LoginForm(), again)
        with form.answering():
            visitor.sign_in(users.authenticate(tenancy.tenant(), **form.typed(), familiar=familiar.kept()))
            return visitor.way_back()
        return asking.show("pages/login.html", form, asking=asking.find(), again=again)


def _of(form: LoginForm, again: User | None) -> LoginForm:
    """The form; for whoever must prove again who they are, of that account and no other."""
    if again is not None:
        form.email.data, form.email.raw_data = again.email, [again.email]
    return form
