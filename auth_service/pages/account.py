"""One's own account: name, e-mail address."""

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import visitor
from auth_service.pages import asking, fields
from auth_service.pages.forms import NameForm
from shared.kit.words import said
from shared.services import users
from shared.web import tenancy


class Root(MethodView):
    def get(self) -> ResponseReturnValue:
        return redirect(url_for("pages.account" if visitor.user() else visitor.entrance()))


class Account(MethodView):
    decorators = [asking.signed_in]

    def get(self) -> ResponseReturnValue:
        person = visitor.person()
        return _page(fields.bound(NameForm, person=person, name=person.name))

    def post(self) -> ResponseReturnValue:
        person = visitor.person()
        form = fields.bound(NameForm, person=person)
        with form.answering():
            typed = form.typed()
            users.change_profile(person, tenancy.tenant(), name=typed["name"], fields=typed["fields"], by=visitor.actor())
            flash(said("Saved."), "success")
            return redirect(url_for("pages.account"))
        return _page(form)


def _page(form: NameForm) -> Response:
    person = visitor.person()
    return asking.show("pages/account.html", form, others=fields.untouchable(person), zone=fields.zone_of(person))
