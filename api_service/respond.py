"""JSON in, checked by a model; a model out, as JSON."""

from typing import TypeVar

from flask import Response, request
from pydantic import BaseModel, ValidationError

from shared.kit.errors import AppError

M = TypeVar("M", bound=BaseModel)


class BadBody(AppError):
    """The request body is not what the model describes."""

    def __init__(self, status: int, code: str, message: str, **fields: object) -> None:
        super().__init__(message, **fields)
        self.status, self.code = status, code


def body(model: type[M]) -> M:
    """The request body as `model`. Raises BadBody: 415 for another media type, 422 naming each slip."""
    if request.mimetype != "application/json":
        raise BadBody(415, "unsupported_media_type", "Send the body as application/json.")
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        # Pydantic's `input` is left out: it would repeat what was sent.
        slips = [{"field": ".".join(map(str, slip["loc"])), "message": slip["msg"]} for slip in error.errors(include_url=False)]
        raise BadBody(422, "invalid", "The body does not fit: " + _sentence(slips), errors=slips) from None


def respond(answer: BaseModel, status: int = 200) -> Response:
    """`answer` as JSON, without the members that say nothing."""
    return Response(answer.model_dump_json(exclude_none=True), status=status, mimetype="application/json")


def _sentence(slips: list[dict[str, str]]) -> str:
    return "; ".join(f"{slip['field'] or 'body'}: {slip['message']}" for slip in slips[:3]) + "."
