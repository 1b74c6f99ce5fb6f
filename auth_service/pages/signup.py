"""Creating an account of one's own: at once, or, where the tenant says so, after a code that was sent to the address."""

from contextlib import suppress
from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import visitor
from auth_service.pages import asking, fields
from auth_service.pages.forms import CodeForm, SignUpForm
from shared.kit.errors import Conflict, Invalid, TooMany
from shared.kit.words import said
from shared.models.tenant import BEFORE
from shared.services import factors, sessions, sign_ups, verification
from shared.web import tenancy


class SignUp(MethodView):
    def get(self) -> ResponseReturnValue:
        if not tenancy.tenant().takes_sign_ups:
            return asking.page("pages/signup_closed.html", asking=asking.find()), 403
        asked = asking.find()
        form = fields.bound(SignUpForm, email=asked.pending.login_hint if asked else "")
        return asking.show("pages/signup.html", form, asking=asked)

    def post(self) -> ResponseReturnValue:
        form = fields.bound(SignUpForm)
        with form.answering():
            return _begin(form.typed())
        if form.status == Conflict.status:
            # Whoever has that account goes on to signing in to it.
            asking.note_address(form.email.data)
        return asking.show("pages/signup.html", form, asking=asking.find())


class Code(MethodView):
    """Where the code is typed that opens the account; the page is the same for an address that has one."""

    def get(self) -> ResponseReturnValue:
        waiting = sign_ups.waiting(tenancy.tenant(), visitor.browser())
        if waiting is None:
            return redirect(url_for("pages.signup", **asking.carried()))
        return asking.show("pages/signup_code.html", CodeForm(), email=waiting.email, asking=asking.find())

    def post(self) -> ResponseReturnValue:
        form, waiting = CodeForm(), sign_ups.waiting(tenancy.tenant(), visitor.browser())
        with form.answering():
            sessions.check_room()
            person = sign_ups.confirm(tenancy.tenant(), form.typed()["code"], browser=visitor.browser())
            visitor.sign_in(person, amr=factors.first(person, by_letter=True))
            return visitor.way_back()
        if waiting is None:
            # Nobody began here, or too long ago for a page that names the address.
            flash(sign_ups.OVER, "warning")
            return redirect(url_for("pages.signup", **asking.carried()), 303)
        return asking.show("pages/signup_code.html", form, email=waiting.email, asking=asking.find())


class Letter(MethodView):
    """Posting here sends another code."""

    def post(self) -> ResponseReturnValue:
        try:
            sign_ups.again(tenancy.tenant(), browser=visitor.browser())
            flash(said("Another e-mail is on its way."), "success")
        except (Invalid, TooMany) as error:
            flash(error.message, "warning")
        return redirect(url_for("pages.signup_code", **asking.carried()), 303)


def _begin(typed: dict[str, Any]) -> ResponseReturnValue:
    if tenancy.tenant().email_verification == BEFORE:
        sign_ups.begin(tenancy.tenant(), browser=visitor.browser(), **typed)
        return redirect(url_for("pages.signup_code", **asking.carried()), 303)
    sessions.check_room()
    person = sign_ups.open_at_once(tenancy.tenant(), **typed)
    started = visitor.sign_in(person, amr=factors.first(person, by_letter=False))
    # The account is made, whatever becomes of the letter: another can be asked for.
    with suppress(TooMany):
        verification.send_code(person, sid=started.sid)
    return visitor.way_back()
