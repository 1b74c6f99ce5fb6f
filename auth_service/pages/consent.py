"""Whether an application may use the person's account."""

from flask import request
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import visitor
from auth_service.pages import asking
from shared.services import consents, pending


class Consent(MethodView):
    decorators = [asking.signed_in]

    def get(self) -> ResponseReturnValue:
        return asking.page("pages/consent.html", asking=asking.get())

    def post(self) -> ResponseReturnValue:
        asked = asking.get()
        if request.form.get("decision") == "allow":
            consents.give(visitor.person(), asked.client, asked.wanted)
            visitor.passed("consent")
        else:
            pending.deny(asked.pending)
        return visitor.way_back()


class Refusal(MethodView):
    """The person will not sign in: the application is told so, whatever was still to be asked."""

    def post(self) -> ResponseReturnValue:
        pending.deny(asking.get().pending)
        return visitor.way_back()
