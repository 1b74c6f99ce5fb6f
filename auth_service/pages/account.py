"""One's own account: name, e-mail address."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import visitor
from auth_service.pages import asking
from auth_service.pages.forms import NameForm
from shared.kit.words import said
from shared.models.audit import Actor
from shared.services import users


class Root(MethodView):
    def get(self) -> ResponseReturnValue:
        return redirect(url_for("pages.account" if visitor.user() else visitor.entrance()))


class Account(MethodView):
    decorators = [asking.signed_in]

    def get(self) -> ResponseReturnValue:
        return asking.show("pages/account.html", NameForm(name=visitor.person().name))

    def post(self) -> ResponseReturnValue:
        form, person = NameForm(), visitor.person()
        with form.answering():
            users.rename(person, **form.typed(), by=Actor.of(person))
            flash(said("Saved."), "success")
            return redirect(url_for("pages.account"))
        return asking.show("pages/account.html", form)
