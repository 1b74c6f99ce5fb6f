"""The outbox, for operators: what waits to leave, and what failed and why."""

from uuid import UUID

from flask import Response, request
from flask.views import MethodView

from api_service import listing
from api_service.describe import describe, param
from api_service.gate import operator, operators
from api_service.letter_shapes import Message, Messages
from api_service.respond import respond
from shared.models.outbox import OutboxMessage
from shared.services import letters, outbox

TAG = "Outbox"
STATE = param("state", "What waits, or what failed.", enum=["waiting", "failed"], default="waiting")


class Outbox(MethodView):
    @describe("Read the outbox", tag=TAG, answer=Messages, params=(STATE, *listing.PARAMS[2:]), errors=(422,))
    @operators
    def get(self) -> Response:
        """What waits to leave, or what failed, newest first."""
        cursors = {name: value for name, value in listing.asked().items() if name != "text"}
        page, counts = outbox.search(failed=request.args.get("state") == "failed", **cursors), outbox.counts()
        told = {"waiting": counts.waiting, "failed": counts.failed, "delivered": counts.delivered}
        return respond(Messages(items=[_message(row) for row in page.items], **told, **listing.cursors(page)))


class OneMessage(MethodView):
    @describe("Discard a message", tag=TAG, answer=Message, params=(listing.ID,), errors=(404, 409))
    @operators
    def delete(self, id: UUID) -> Response:
        """Give up what failed, for good. Answers with what is gone."""
        row = outbox.get(id)
        gone = _message(row)
        outbox.discard(row, by=operator())
        return respond(gone)


class Tries(MethodView):
    @describe("Try a message again", tag=TAG, answer=Message, status=202, params=(listing.ID,), errors=(404, 409))
    @operators
    def post(self, id: UUID) -> Response:
        """Have it tried now, as often as a new one."""
        outbox.try_again(outbox.get(id), by=operator())
        return respond(_message(outbox.get(id)), 202)


def _message(row: OutboxMessage) -> Message:
    letter = letters.posted(row)
    return Message(
        id=row.id,
        kind=row.kind,
        letter=letter.kind.name if letter else None,
        to=letter.to if letter else None,
        attempts=row.attempts,
        failed=row.failed_at is not None,
        last_error=row.last_error,
        created_at=row.created_at,
        due_at=row.due_at,
    )
