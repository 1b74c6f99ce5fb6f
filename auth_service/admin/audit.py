"""The audit log, to read."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service.admin import choosing, listing
from shared.services import audit

# What a filter suggests; the beginning of one is enough.
ACTIONS = (
    "client.",
    "client.created",
    "client.updated",
    "client.deleted",
    "client.secret_revealed",
    "client.secret_rotated",
    "client.disabled",
    "code.replayed",
    "consent.",
    "key.",
    "key.revoked",
    "refresh_token.repeated",
    "refresh_token.replayed",
    "tenant.",
    "user.",
    "user.created",
    "user.disabled",
    "user.login_failed",
    "user.permissions_changed",
    "user.signed_in",
    "user.signed_up",
)

PAGES_OF = {"client": "admin.client", "user": "admin.user", "tenant": "admin.tenant"}


class Events(MethodView):
    def get(self) -> ResponseReturnValue:
        action, subject = listing.word("action"), listing.word("subject")
        page = audit.search(tenant=choosing.tenant(), action=action, subject_id=subject, **listing.asked())
        return render_template("admin/audit.html", page=page, actions=ACTIONS, pages_of=PAGES_OF, **choosing.shown())
