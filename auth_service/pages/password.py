"""A new password of one's own."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import visitor
from auth_service.pages import asking
from auth_service.pages.forms import PasswordForm
from auth_service.pages.sessions import current_sid
from shared.kit.words import said
from shared.services import password_changes


class Password(MethodView):
    """Posting here sets a new password; this browser stays signed in, and nothing else does."""

    decorators = [asking.fresh, asking.with_passwords]

    def get(self) -> ResponseReturnValue:
        return asking.show("pages/password.html", PasswordForm())

    def post(self) -> ResponseReturnValue:
        form, person = PasswordForm(), visitor.person()
        with form.answering():
            password_changes.change(person, **form.typed(), by=visitor.actor(), except_sid=current_sid())
            flash(said("Your new password is set. Every other session has ended."), "success")
            return redirect(url_for("pages.security"), 303)
        return asking.show("pages/password.html", form)
