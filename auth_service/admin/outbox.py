"""The outbox: what waits to leave, what failed and why. Never what it says."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service.admin import listing
from auth_service.admin.forms import Question
from auth_service.admin.gate import operator
from shared.kit import settings
from shared.services import letters, outbox, tenants


class Outbox(MethodView):
    def get(self) -> ResponseReturnValue:
        counts = outbox.counts()
        # What failed wants somebody; what waits goes by itself.
        failed = request.args.get("state", "failed" if counts.failed else "waiting") == "failed"
        cursors = {name: request.args.get(name) for name in ("after", "before")}
        return render_template(
            "admin/outbox.html",
            page=outbox.search(failed=failed, limit=listing.PAGE_SIZE, **cursors),
            counts=counts,
            failed=failed,
            posted=letters.posted,
            tenant_of=tenants.get,
            installation=settings.current(),
        )


class TriedAgain(MethodView):
    def post(self, id: UUID) -> ResponseReturnValue:
        outbox.try_again(outbox.get(id), by=operator())
        flash("It is tried again now.", "success")
        return redirect(url_for("admin.outbox"))


class Discarded(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        message = outbox.get(id)
        return render_template("admin/outbox_discard.html", message=message, letter=letters.posted(message), form=Question())

    def post(self, id: UUID) -> ResponseReturnValue:
        outbox.discard(outbox.get(id), by=operator())
        flash("It is discarded.", "success")
        return redirect(url_for("admin.outbox"))
