"""Proving that an e-mail address is one's own, with a code sent to it."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import familiar, visitor
from auth_service.pages import asking, proving
from auth_service.pages.forms import CodeForm
from shared.kit.errors import Conflict, TooMany
from shared.kit.words import said
from shared.models.tenant import EMAIL
from shared.services import guesses, second_factors, verification
from shared.web import tenancy


class Verify(MethodView):
    decorators = [proving.verifying]

    def get(self) -> ResponseReturnValue:
        if proving.here().user.email_verified:
            return visitor.way_back()
        return _page(CodeForm())

    def post(self) -> ResponseReturnValue:
        form, seat = CodeForm(), proving.here()
        with form.answering():
            where = {"amr": seat.session.amr, "sid": seat.session.sid, "familiar": familiar.kept()}
            proofs = second_factors.prove_address(tenancy.tenant(), seat.user, form.typed()["code"], **where)
            if proofs:
                proving.given(EMAIL, proofs)
            flash(said("Your e-mail address is verified."), "success")
            return visitor.way_back()
        return _page(form)


class Code(MethodView):
    """A new code: posting here sends one."""

    decorators = [proving.verifying]

    def post(self) -> ResponseReturnValue:
        seat = proving.here()
        another = verification.waits(seat.user)
        try:
            guesses.take_sign_up()
            verification.send_code(seat.user, sid=seat.session.sid)
            if another:
                flash(said("Another e-mail is on its way."), "success")
        except (Conflict, TooMany) as error:
            flash(error.message, "warning")
        return redirect(url_for("pages.verify", **asking.carried()))


class Later(MethodView):
    """Posting here goes on without; the authorization endpoint judges whether that will do."""

    decorators = [asking.signed_in]

    def post(self) -> ResponseReturnValue:
        visitor.passed("verify")
        return visitor.way_back()


def _page(form: CodeForm) -> ResponseReturnValue:
    person = proving.here().user
    due, sent = person.verification_due(tenancy.tenant()), verification.waits(person)
    words = {"person": person, "half": visitor.half(), "due": due, "sent": sent or form.errors, "asking": asking.find()}
    return asking.show("pages/verify.html", form, **words)
