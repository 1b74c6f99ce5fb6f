"""Signing in with an e-mail address and a password."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import familiar, visitor
from auth_service.pages import asking, fresh
from auth_service.pages.asking import Asking
from auth_service.pages.forms import LoginForm, PasskeyForm
from shared.models.tenant import PASSKEY
from shared.models.user import User
from shared.services import letter_sign_ins, passkeys, users
from shared.web import tenancy


class Login(MethodView):
    def get(self) -> ResponseReturnValue:
        asked, again = asking.find(), asking.again()
        if asked is None and visitor.user() and (again is None or asking.is_fresh()):
            return visitor.way_back()
        return page(_of(LoginForm(email=_expected(asked)), again))

    def post(self) -> ResponseReturnValue:
        again = asking.again()
        form = _of(LoginForm(), again)
        with form.answering():
            visitor.sign_in(users.authenticate(tenancy.tenant(), **form.typed(), familiar=familiar.kept()))
            return visitor.way_back()
        return page(form)


class PasskeyLogin(MethodView):
    """Posting here signs in whoever's passkey signed."""

    def get(self) -> ResponseReturnValue:
        return redirect(url_for("pages.login", **asking.carried()))

    def post(self) -> ResponseReturnValue:
        form, shown = PasskeyForm(), _of(LoginForm(formdata=None), asking.again())
        with shown.answering():
            user, amr = passkeys.sign_in(tenancy.tenant(), form.typed()["credential"], browser=visitor.browser())
            visitor.sign_in(user, amr=amr)
            return visitor.way_back()
        return page(shown)


def page(form: LoginForm) -> ResponseReturnValue:
    """The login page with this form; what a passkey may sign is in it."""
    tenant = tenancy.tenant()
    options = passkeys.sign_in_options(tenant, browser=visitor.browser()) if PASSKEY in tenant.factors else None
    letter = _letter(fresh.proving())
    return asking.show("pages/login.html", form, asking=asking.find(), again=asking.again(), passkey=options, letter=letter)


def _letter(proving: User | None) -> str | None:
    """Where a letter is asked for, or None where none serves: of whoever is to prove who they are, to their own address."""
    if not letter_sign_ins.serves(tenancy.tenant(), proving) and (proving is None or proving.email_verified):
        return None
    return url_for("pages.login_code", **asking.carried() | ({"again": "1"} if proving else {}))


def _expected(asked: Asking | None) -> str:
    """The address that is filled in: the one that the application says, or that was typed, or of whoever is to prove it again."""
    if asked is None:
        return asking.noted_address()
    here = None if asked.wants_another else visitor.user()
    return asked.pending.login_hint or asking.noted_address() or (here.email if here else "")


def _of(form: LoginForm, again: User | None) -> LoginForm:
    """The form; for whoever must prove again who they are, of that account and no other."""
    if again is not None:
        form.email.data, form.email.raw_data = again.email, [again.email]
    return form
