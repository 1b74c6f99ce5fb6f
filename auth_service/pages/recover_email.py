"""An address that somebody else changed: the page where the link in the letter to the old one leads."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import familiar, visitor
from auth_service.pages import asking
from auth_service.pages.forms import DecisionForm, Form, PasswordForm
from shared.kit.words import said
from shared.models.email_undo import EmailUndo
from shared.services import email_returns, email_undos
from shared.web import tenancy


class OldEmail(MethodView):
    """To look at it spends nothing: mail programs do. Posting here takes the account back."""

    def get(self) -> ResponseReturnValue:
        undo = email_undos.find(tenancy.tenant(), _secret())
        return _page(_form(undo), undo) if undo else _over()

    def post(self) -> ResponseReturnValue:
        undo = email_undos.find(tenancy.tenant(), _secret())
        if undo is None:
            return _over()
        form = _form(undo)
        with form.answering():
            user = email_returns.carry_out(tenancy.tenant(), _secret(), password=form.typed().get("password"))
            familiar.remember(user)
            visitor.sign_out()
            flash(said("The account is yours again. Sign in, then look for what you do not know under Security."), "success")
            return redirect(url_for("pages.login", next=url_for("pages.security")), 303)
        return _page(form, undo)


def _form(undo: EmailUndo) -> Form:
    return PasswordForm() if email_returns.asks_for_password(tenancy.tenant(), undo) else DecisionForm()


def _page(form: Form, undo: EmailUndo) -> ResponseReturnValue:
    told = {"email": undo.email, "secret": _secret(), "asks_for_password": "password" in form}
    return asking.show("pages/recover_email.html", form, **told)


def _over() -> ResponseReturnValue:
    return asking.page("pages/recover_email_over.html", days=email_undos.DAYS), 404


def _secret() -> str:
    return request.args.get("token", "")
