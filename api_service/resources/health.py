"""Whether this process lives, and whether it can serve."""

from flask import Response
from flask.views import MethodView

from api_service.describe import describe, reply
from api_service.respond import respond
from api_service.shapes import Alive, Ready
from shared.kit.errors import AppError
from shared.services import health, tenants
from shared.web import bearer


class Live(MethodView):
    @describe("Does the process live?", tag="Operation", answer=Alive)
    def get(self) -> Response:
        """Answers as long as this process serves requests, whatever else is down.
        Through the public address it is the authorization server that answers."""
        return respond(Alive(status="ok"))


class Readiness(MethodView):
    @describe("Can it serve?", tag="Operation", answer=Ready, replies={503: reply("`parts` names what is missing.", Ready)})
    def get(self) -> Response:
        """Asks for the database and the issuer's keys.
        Through the public address it is the authorization server that answers."""
        missing = health.missing("database") or _missing_keys()
        parts = {part: missing.get(part, "ok") for part in ("database", "keys")}
        return respond(Ready(status="unavailable" if missing else "ok", parts=parts), 503 if missing else 200)


def _missing_keys() -> dict[str, str]:
    try:
        bearer.keys_of(tenants.default()).refresh()
    except AppError as error:
        return {"keys": error.message}
    return {}
