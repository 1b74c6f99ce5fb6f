"""The factors of one's account: what is there, its names, taking one away, and new recovery codes."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import visitor
from auth_service.pages import asking, factor_new, proving
from auth_service.pages.forms import FactorNameForm, Form, OthersForm
from shared.kit.words import said
from shared.services import enrolments, factors, recovery_codes
from shared.services.enrolments import Factor
from shared.web import tenancy


class Factors(MethodView):
    def get(self) -> ResponseReturnValue:
        return redirect(url_for("pages.security"))


class OneFactor(MethodView):
    """Posting here gives it another name."""

    decorators = [asking.fresh]

    def get(self, kind: str, id: UUID) -> ResponseReturnValue:
        factor = enrolments.get(visitor.person(), kind, id)
        return _page("pages/factor_name.html", FactorNameForm(name=factor.name), factor, kind)

    def post(self, kind: str, id: UUID) -> ResponseReturnValue:
        form, person = FactorNameForm(), visitor.person()
        factor = enrolments.get(person, kind, id)
        with form.answering():
            enrolments.rename(person, factor, **form.typed(), by=visitor.actor())
            return redirect(url_for("pages.security"), 303)
        return _page("pages/factor_name.html", form, factor, kind)


class RemovedFactor(MethodView):
    """Posting here takes it away."""

    decorators = [asking.fresh]

    def get(self, kind: str, id: UUID) -> ResponseReturnValue:
        return _page("pages/factor_remove.html", OthersForm(), enrolments.get(visitor.person(), kind, id), kind)

    def post(self, kind: str, id: UUID) -> ResponseReturnValue:
        form, person = OthersForm(), visitor.person()
        factor = enrolments.get(person, kind, id)
        with form.answering():
            enrolments.remove(person, factor, by=visitor.actor(), device=proving.device())
            proving.end_others(form)
            flash(said("It is removed. We have written to you about it."), "success")
            return redirect(url_for("pages.security"), 303)
        return _page("pages/factor_remove.html", form, factor, kind)


class RecoveryCodes(MethodView):
    """Posting here makes a new set, which ends the one before."""

    decorators = [proving.proven, asking.fresh]

    def get(self) -> ResponseReturnValue:
        return asking.page(
            "pages/confirm.html",
            title=said("Make new recovery codes?"),
            text=said("Those that you have stop working at once."),
            button=said("Make new codes"),
            back=url_for("pages.security"),
        )

    def post(self) -> ResponseReturnValue:
        person = visitor.person()
        if not person.second_factors:
            return redirect(url_for("pages.security"), 303)
        codes = recovery_codes.renew(person, by=visitor.actor())
        return factor_new.done(codes, url_for("pages.security"), layout=factor_new.ACCOUNT)


def shown() -> dict[str, Any]:
    """What the page about security shows of them."""
    person, tenant = visitor.person(), tenancy.tenant()
    return {
        "factors": [(enrolments.kind_of(factor), factor) for factor in enrolments.of(person)],
        "addable": factors.addable(tenant),
        "codes_left": recovery_codes.left(person) if person.second_factors else 0,
        "few": recovery_codes.FEW,
        "prove_first": factors.PROVE_FIRST if factors.awaits_proof(person) else "",
        "demanded": factors.RULES[tenant.second_factor](person),
    }


def _page(template: str, form: Form, factor: Factor, kind: str) -> ResponseReturnValue:
    last = len(enrolments.of(visitor.person())) == 1
    return asking.show(template, form, factor=factor, kind=kind, last=last, path=request.path)
