"""A forgotten password: asking for a link, and choosing a new password with it."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import familiar, visitor
from auth_service.pages import asking
from auth_service.pages.forms import AddressForm, PasswordForm
from shared.kit.words import said
from shared.services import forgotten
from shared.web import tenancy


class Recover(MethodView):
    decorators = [asking.with_passwords]

    def get(self) -> ResponseReturnValue:
        return asking.show("pages/recover.html", AddressForm(email=asking.noted_address()))

    def post(self) -> ResponseReturnValue:
        form = AddressForm()
        with form.answering():
            email = form.typed()["email"]
            forgotten.ask(tenancy.tenant(), email, familiar=familiar.kept(), **asking.for_letter())
            asking.note_address(email)
            return redirect(url_for("pages.recover_sent", **asking.carried()), 303)
        return asking.show("pages/recover.html", form)


class Sent(MethodView):
    """The same for every address."""

    decorators = [asking.with_passwords]

    def get(self) -> ResponseReturnValue:
        return asking.page("pages/recover_sent.html", email=asking.noted_address())


class NewPassword(MethodView):
    """Where the link leads. To look at it spends nothing: mail programs do."""

    decorators = [asking.with_passwords]

    def get(self) -> ResponseReturnValue:
        link = forgotten.find(tenancy.tenant(), _secret())
        if link is None:
            return asking.page("pages/recover_over.html"), 404
        return asking.show("pages/recover_password.html", PasswordForm(), email=link.email, secret=_secret())

    def post(self) -> ResponseReturnValue:
        form, link = PasswordForm(), forgotten.find(tenancy.tenant(), _secret())
        if link is None:
            return asking.page("pages/recover_over.html"), 404
        with form.answering():
            # Strangers who guess at the account do not keep its owner from the password that they have just chosen.
            familiar.remember(forgotten.choose(tenancy.tenant(), _secret(), form.typed()["password"]))
            visitor.sign_out()
            asking.note_address(link.email)
            flash(said("Your new password is set. Sign in with it."), "success")
            # The request goes on, if this is the browser that began it.
            return redirect(url_for("pages.login", **(asking.for_letter())), 303)
        return asking.show("pages/recover_password.html", form, email=link.email, secret=_secret())


def _secret() -> str:
    return request.args.get("token", "")
