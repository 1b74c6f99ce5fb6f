"""Signing keys, for operators."""

from flask import Response
from flask.views import MethodView

from api_service import listing
from api_service.admin_shapes import Key, Keys, Rotation
from api_service.describe import describe
from api_service.gate import operator, operators
from api_service.respond import body, respond
from shared.services import keys

TAG = "Signing keys"


class SigningKeys(MethodView):
    @describe("List signing keys", tag=TAG, answer=Keys, params=(listing.TENANT,), errors=(404, 422))
    @operators
    def get(self) -> Response:
        """Every key of a tenant that is not gone yet, newest first."""
        return respond(Keys(items=[Key.model_validate(row) for row in keys.of(listing.tenant())]))

    @describe(
        "Rotate signing keys",
        tag=TAG,
        answer=Keys,
        takes=Rotation,
        status=201,
        params=(listing.TENANT,),
        errors=(404, 413, 415, 422),
    )
    @operators
    def post(self) -> Response:
        """Publish a successor of every key, which signs from tomorrow, or now. Answers with the new keys."""
        made = keys.rotate(listing.tenant(), by=operator(), at_once=body(Rotation).at_once)
        return respond(Keys(items=[Key.model_validate(row) for row in made]), 201)
