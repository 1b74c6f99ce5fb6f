"""Another e-mail address of one's own, in two steps: where to, and the code that came there."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import visitor
from auth_service.pages import asking
from auth_service.pages.account_forms import EmailForm
from auth_service.pages.forms import CodeForm
from shared.kit.words import said
from shared.services import email_changes


class EmailChange(MethodView):
    """Posting here sends a code to the new address."""

    decorators = [asking.fresh]

    def get(self) -> ResponseReturnValue:
        return asking.show("pages/email_change.html", EmailForm())

    def post(self) -> ResponseReturnValue:
        form, person = EmailForm(), visitor.person()
        with form.answering():
            email_changes.begin(person, **form.typed(), by=visitor.actor())
            return redirect(url_for("pages.email_code"), 303)
        return asking.show("pages/email_change.html", form)


class EmailCode(MethodView):
    """Posting the code here changes the address."""

    decorators = [asking.fresh]

    def get(self) -> ResponseReturnValue:
        waiting = email_changes.pending(visitor.person(), by=visitor.actor())
        if waiting is None:
            return redirect(url_for("pages.email_change"))
        return asking.show("pages/email_code.html", CodeForm(), waiting=waiting)

    def post(self) -> ResponseReturnValue:
        form, person = CodeForm(), visitor.person()
        waiting = email_changes.pending(person, by=visitor.actor())
        with form.answering():
            email_changes.confirm(person, form.typed()["code"], by=visitor.actor())
            flash(said("Your e-mail address is changed."), "success")
            return redirect(url_for("pages.account"), 303)
        return asking.show("pages/email_code.html", form, waiting=waiting)
