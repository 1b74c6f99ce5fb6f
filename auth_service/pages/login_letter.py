"""Signing in by letter: a code that is typed here, or a link that this browser opens."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import familiar, visitor
from auth_service.pages import asking
from auth_service.pages.forms import AddressForm, CodeForm, DecisionForm
from shared.kit.errors import Invalid, TooMany
from shared.kit.words import said
from shared.models.user import User
from shared.services import email_codes, factors, letter_sign_ins, sessions
from shared.web import tenancy


def of_a_known_address(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Whoever is to prove that it is still them shows first that the address is theirs.

    A letter to an address that nobody has shown to be theirs shuts out whatever opened the account until then.
    """

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        again = asking.again()
        if again and not again.email_verified:
            return redirect(url_for("pages.verify", **asking.carried()), 303)
        return view(**values)

    return guarded


class Asked(MethodView):
    """Where the address is typed. What is answered is the same for every address."""

    decorators = [of_a_known_address]

    def get(self) -> ResponseReturnValue:
        asked, again = asking.find(), asking.again()
        letter_sign_ins.check_offered(tenancy.tenant(), again)
        form = AddressForm(email=asked.pending.login_hint if asked else "")
        return _asked_page(_of(form, again))

    def post(self) -> ResponseReturnValue:
        form = _of(AddressForm(), asking.again())
        with form.answering():
            email = form.typed()["email"]
            letter_sign_ins.ask(tenancy.tenant(), email, **_here(), **_asker(), **asking.for_letter())
            return redirect(url_for("pages.login_letter", **asking.carried()), 303)
        return _asked_page(form)


class Code(MethodView):
    """Where the code is typed."""

    def get(self) -> ResponseReturnValue:
        if letter_sign_ins.waiting(tenancy.tenant(), visitor.browser()) is None:
            return redirect(url_for("pages.login_code", **asking.carried()))
        return _page(CodeForm())

    def post(self) -> ResponseReturnValue:
        form = CodeForm()
        with form.answering():
            code, kept = form.typed()["code"], familiar.kept()
            sessions.check_room()
            person = letter_sign_ins.by_code(tenancy.tenant(), code, **_here(), familiar=kept)
            visitor.sign_in(person, amr=factors.BY_CODE)
            return visitor.way_back()
        return _page(form)


class Letter(MethodView):
    """Posting here sends another letter."""

    def post(self) -> ResponseReturnValue:
        try:
            letter_sign_ins.again(tenancy.tenant(), **_here(), **_asker(), **asking.for_letter())
            flash(said("Another e-mail is on its way, unless we sent three there in the last ten minutes."), "success")
        except (Invalid, TooMany) as error:
            flash(error.message, "warning")
        return redirect(url_for("pages.login_letter", **asking.carried()), 303)


class Link(MethodView):
    """Where the link leads. To look at it signs nobody in: mail programs do, and a button does it."""

    def get(self) -> ResponseReturnValue:
        letter_sign_ins.check_offered(tenancy.tenant(), visitor.user())
        return _link_page(DecisionForm())

    def post(self) -> ResponseReturnValue:
        form = DecisionForm()
        with form.answering():
            way = letter_sign_ins.way_of(tenancy.tenant(), _secret(), browser=visitor.browser())
            sessions.check_room()
            person = letter_sign_ins.by_link(tenancy.tenant(), _secret(), **_here())
            visitor.resume(way)
            visitor.sign_in(person, amr=factors.BY_CODE)
            return visitor.way_back()
        return _link_page(form)


def _here() -> dict[str, Any]:
    return {"browser": visitor.browser(), "person": visitor.user()}


def _asker() -> dict[str, Any]:
    return {"way": asking.carried(), "familiar": familiar.kept()}


def _of(form: AddressForm, again: User | None) -> AddressForm:
    """The form; for whoever must prove again who they are, of that account and no other."""
    if again is not None:
        form.email.data, form.email.raw_data = again.email, [again.email]
    return form


def _asked_page(form: AddressForm) -> ResponseReturnValue:
    return asking.show("pages/login_code.html", form, asking=asking.find(), again=asking.again())


def _page(form: CodeForm) -> ResponseReturnValue:
    waiting = letter_sign_ins.waiting(tenancy.tenant(), visitor.browser())
    if waiting is None:
        # Nobody asked here, or too long ago for a page that names the address.
        flash(email_codes.OVER, "warning")
        return redirect(url_for("pages.login_code", **asking.carried()), 303)
    return asking.show("pages/login_letter.html", form, email=waiting.email, asking=asking.find())


def _link_page(form: DecisionForm) -> ResponseReturnValue:
    row = letter_sign_ins.find_link(tenancy.tenant(), _secret())
    if row is None:
        return asking.page("pages/login_link_over.html"), 404
    here = email_codes.is_of(row, visitor.browser())
    return asking.show("pages/login_link.html", form, email=row.email, here=here, secret=_secret())


def _secret() -> str:
    return request.args.get("token", "")
