"""Letting a device in that has no browser: its person types the code that it shows (RFC 8628 §3.3)."""

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import visitor
from auth_service.pages import asking, proving
from auth_service.pages.forms import DeviceForm
from shared.kit import origin
from shared.services import devices, resources
from shared.web import tenancy


class Device(MethodView):
    decorators = [asking.verified]

    def get(self) -> ResponseReturnValue:
        # A link may bring the code (§3.3.1); whether it is that of the device, the person looks and says.
        return asking.show("pages/device.html", DeviceForm(user_code=devices.shown(request.args.get("user_code", ""))))

    def post(self) -> ResponseReturnValue:
        form = DeviceForm()
        with form.answering():
            asked = devices.claim(tenancy.tenant(), visitor.person(), form.typed()["user_code"])
            return redirect(url_for("pages.device_request", id=asked.id), 303)
        return asking.show("pages/device.html", form)


class Request(MethodView):
    """What the device asks for, and afterwards what became of it; only for whoever typed its code."""

    decorators = [asking.verified]

    def get(self, id: UUID) -> ResponseReturnValue:
        asked = devices.get(visitor.person(), id)
        if asked.open and not proving.suffices(asked.client):
            return redirect(url_for("pages.factor", next=request.script_root + request.path))
        words = resources.in_words(tenancy.tenant(), devices.wanted(asked))
        template = "pages/device_request.html" if asked.open else "pages/device_done.html"
        return asking.page(template, asked=asked, words=words, nearby=asked.address == origin.current().address)

    def post(self, id: UUID) -> ResponseReturnValue:
        asked = devices.get(visitor.person(), id)
        if not proving.suffices(asked.client):
            return redirect(url_for("pages.device_request", id=id), 303)
        if request.form.get("decision") == "allow":
            devices.allow(asked, visitor.person(), visitor.session())
        else:
            devices.deny(asked, visitor.person())
        return redirect(url_for("pages.device_request", id=id), 303)
