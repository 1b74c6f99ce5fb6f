"""Adding a factor: while signing in, where one is demanded, or from one's account."""

import io
from typing import Any

import segno
from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from markupsafe import Markup

from auth_service import visitor
from auth_service.pages import asking, proving
from auth_service.pages.forms import NewAppForm, NewPasskeyForm
from shared.kit.words import said
from shared.models.tenant import PASSKEY, TOTP
from shared.services import authenticator_apps, factors, passkeys
from shared.services.authenticator_apps import Enrolment
from shared.web import tenancy

# The frames that its pages stand in.
ACCOUNT, SIGNING_IN = "pages/account_layout.html", "pages/layout.html"


class NewFactor(MethodView):
    """Which kind to add, where one must be added before anybody goes on."""

    decorators = [proving.first_of_all]

    def get(self) -> ResponseReturnValue:
        kinds = factors.addable(tenancy.tenant())
        return asking.page("pages/factor_new.html", kinds=kinds, person=proving.here().user, asking=asking.find())


class AddedApp(MethodView):
    """Posting here the code that an authenticator app shows adds it."""

    layout = ACCOUNT
    decorators = [proving.proven, asking.fresh]

    def get(self) -> ResponseReturnValue:
        return self._page(NewAppForm(), authenticator_apps.begin(tenancy.tenant(), proving.here().user))

    def post(self) -> ResponseReturnValue:
        form, person = NewAppForm(), proving.here().user
        with form.answering():
            typed = form.typed()
            told = {"name": typed["name"], **_told()}
            codes = authenticator_apps.finish(person, typed["ticket"], typed["code"], **told)
            proving.given(TOTP, factors.BY_CODE)
            proving.end_others(form)
            return done(codes, self._onward(), layout=self.layout)
        again = authenticator_apps.resume(tenancy.tenant(), person, form.ticket.data or "")
        return self._page(form, again or authenticator_apps.begin(tenancy.tenant(), person))

    def _onward(self) -> str:
        flash(said("Your authenticator app is added."), "success")
        return url_for("pages.security")

    def _page(self, form: NewAppForm, app: Enrolment) -> ResponseReturnValue:
        form.ticket.data = app.ticket
        return asking.show(
            "pages/factor_new_totp.html", form, app=app, qr=_qr(app.uri), person=proving.here().user, layout=self.layout
        )


class FirstApp(AddedApp):
    """The same while signing in, for whoever has no second factor and needs one."""

    layout = SIGNING_IN
    decorators = [proving.first_of_all]

    def _onward(self) -> str:
        return visitor.way_back().location


class AddedPasskey(MethodView):
    """Posting here what an authenticator made adds it."""

    layout = ACCOUNT
    decorators = [proving.proven, asking.fresh]

    def get(self) -> ResponseReturnValue:
        return self._page(NewPasskeyForm())

    def post(self) -> ResponseReturnValue:
        form, person = NewPasskeyForm(), proving.here().user
        with form.answering():
            typed = form.typed()
            told = {"name": typed["name"] or proving.device(), **_told()}
            added = passkeys.add(tenancy.tenant(), person, typed["credential"], browser=visitor.browser(), **told)
            proving.given(PASSKEY, added.proofs)
            proving.end_others(form)
            return done(added.codes, self._onward(), layout=self.layout)
        return self._page(form)

    def _onward(self) -> str:
        flash(said("Your passkey is added."), "success")
        return url_for("pages.security")

    def _page(self, form: NewPasskeyForm) -> ResponseReturnValue:
        person = proving.here().user
        options = passkeys.creation_options(tenancy.tenant(), person, browser=visitor.browser())
        return asking.show("pages/factor_new_passkey.html", form, options=options, person=person, layout=self.layout)


class FirstPasskey(AddedPasskey):
    """The same while signing in, for whoever has no second factor and needs one."""

    layout = SIGNING_IN
    decorators = [proving.first_of_all]

    def _onward(self) -> str:
        return visitor.way_back().location


def done(codes: list[str], onward: str, *, layout: str) -> ResponseReturnValue:
    """A factor was added: on to where the person was going, past their recovery codes where these are new."""
    if not codes:
        return redirect(onward, 303)
    return asking.page("pages/recovery_codes.html", codes=codes, onward=onward, layout=layout, person=proving.here().user)


def _told() -> dict[str, Any]:
    """Who adds it, with what, and whether they are half signed in."""
    return {"by": visitor.actor(), "device": proving.device(), "half": visitor.half() is not None}


def _qr(uri: str) -> Markup:
    """The address as a picture in the page itself: at no address of its own, so nothing keeps it."""
    picture = io.BytesIO()
    code = segno.make(uri, error="m", micro=False)
    code.save(
        picture, kind="svg", xmldecl=False, svgns=False, nl=False, omitsize=True, border=2, svgclass="qr-code", lineclass=None
    )
    return Markup(picture.getvalue().decode())  # noqa: S704  # drawn by segno: a path, and nothing of what it says
