"""Creating an account of one's own."""

from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import visitor
from auth_service.pages import asking, fields
from auth_service.pages.forms import SignUpForm
from shared.services import users, verification
from shared.web import tenancy


class SignUp(MethodView):
    def get(self) -> ResponseReturnValue:
        if not tenancy.tenant().registration_allowed:
            return asking.page("pages/signup_closed.html"), 403
        asked = asking.find()
        form = fields.bound(SignUpForm, email=asked.pending.login_hint if asked else "")
        return asking.show("pages/signup.html", form, asking=asked)

    def post(self) -> ResponseReturnValue:
        form = fields.bound(SignUpForm)
        with form.answering():
            person = users.sign_up(tenancy.tenant(), **form.typed())
            verification.send_code(person)
            visitor.sign_in(person)
            return visitor.way_back()
        return asking.show("pages/signup.html", form, asking=asking.find())
