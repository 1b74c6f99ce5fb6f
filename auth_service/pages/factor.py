"""The second factor: a step of signing in, for whoever has given one proof of who they are."""

from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import familiar, visitor
from auth_service.pages import asking, proving
from auth_service.pages.forms import FactorCodeForm, Form, PasskeyForm
from shared.kit.errors import NotFound, TooMany
from shared.kit.words import said, said_many
from shared.models.tenant import EMAIL, PASSKEY, TOTP
from shared.services import factors, passkeys, recovery_codes, second_factors
from shared.web import tenancy

BY_CODE = (TOTP, EMAIL, factors.RECOVERY)


class Factor(MethodView):
    """Leads to the factor that served last, or to adding one."""

    decorators = [proving.second]

    def get(self) -> ResponseReturnValue:
        kinds = proving.usable()
        if not kinds:
            return redirect(url_for("pages.factor_new", **asking.carried()))
        return redirect(address(kinds[0]))


class FactorGiven(MethodView):
    """Posting here gives a code, of an app or from paper."""

    decorators = [proving.second]

    def get(self, kind: str) -> ResponseReturnValue:
        _check(kind)
        return _page(kind, FactorCodeForm())

    def post(self, kind: str) -> ResponseReturnValue:
        _check(kind)
        form, seat = FactorCodeForm(), proving.here()
        with form.answering():
            where = {"amr": seat.session.amr, "sid": seat.session.sid, "familiar": familiar.kept(), "device": proving.device()}
            proofs = second_factors.prove(tenancy.tenant(), seat.user, kind, form.typed()["code"], **where)
            proving.given(kind, proofs)
            _warn_of_few(kind)
            return visitor.way_back()
        return _page(kind, form)


class FactorLetter(MethodView):
    """Posting here sends a code by letter."""

    decorators = [proving.second]

    def post(self) -> ResponseReturnValue:
        seat = proving.here()
        try:
            where = {"amr": seat.session.amr, "sid": seat.session.sid}
            second_factors.send_code(tenancy.tenant(), seat.user, **where, familiar=familiar.kept())
        except TooMany as error:
            flash(error.message, "warning")
        return redirect(address(EMAIL), 303)


class PasskeyGiven(MethodView):
    """Posting here gives a passkey."""

    decorators = [proving.second]

    def get(self) -> ResponseReturnValue:
        return self._page(PasskeyForm())

    def post(self) -> ResponseReturnValue:
        form, seat = PasskeyForm(), proving.here()
        with form.answering():
            proofs = passkeys.prove(
                tenancy.tenant(), seat.user, form.typed()["credential"], amr=seat.session.amr, browser=visitor.browser()
            )
            proving.given(PASSKEY, proofs)
            return visitor.way_back()
        return self._page(form)

    def _page(self, form: PasskeyForm) -> ResponseReturnValue:
        tenant, seat = tenancy.tenant(), proving.here()
        second_factors.check_usable(tenant, seat.user, PASSKEY, amr=seat.session.amr)
        return _page(PASSKEY, form, options=passkeys.second_options(tenant, seat.user, browser=visitor.browser()))


def address(kind: str) -> str:
    """Where a factor of this kind is given, on the way that the visitor is on."""
    if kind == PASSKEY:
        return url_for("pages.factor_passkey", **asking.carried())
    return url_for("pages.factor_given", kind=kind, **asking.carried())


def _check(kind: str) -> None:
    if kind not in BY_CODE:
        raise NotFound(said("There is nothing at this address."))
    seat = proving.here()
    second_factors.check_usable(tenancy.tenant(), seat.user, kind, amr=seat.session.amr)


def _warn_of_few(kind: str) -> None:
    if kind == factors.RECOVERY and (left := recovery_codes.left(proving.here().user)) <= recovery_codes.FEW:
        few = said_many(
            "You have %(num)s recovery code left. Make new ones on the page Security of your account.",
            "You have %(num)s recovery codes left. Make new ones on the page Security of your account.",
            left,
        )
        flash(few, "warning")


def _page(kind: str, form: Form, **words: Any) -> ResponseReturnValue:
    person = proving.here().user
    others = {each: address(each) for each in proving.usable() if each != kind}
    paper = bool(person.second_factors) and kind != factors.RECOVERY
    sent = kind == EMAIL and second_factors.is_sent(tenancy.tenant(), person, sid=proving.here().session.sid)
    words |= {"sent": sent, "asking": asking.find(), "person": person, "others": others, "paper": paper}
    return asking.show(f"pages/factor_{kind}.html", form, **words)
