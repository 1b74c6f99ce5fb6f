"""How one signs in, and what else guards the account, at a glance."""

from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service.pages import asking, factors


class Security(MethodView):
    decorators = [asking.signed_in]

    def get(self) -> ResponseReturnValue:
        return asking.page("pages/security.html", **factors.shown())
