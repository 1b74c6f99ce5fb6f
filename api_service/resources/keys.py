"""Signing keys, for operators."""

from flask import Response
from flask.views import MethodView

from api_service import listing
from api_service.admin_shapes import Key, Keys, Rotation
from api_service.describe import describe
from api_service.gate import operator, operators
from api_service.respond import body, respond
from api_service.tenant_shapes import Reason
from shared.services import keys

TAG = "Signing keys"


class SigningKeys(MethodView):
    @describe("List signing keys", tag=TAG, answer=Keys, params=(listing.TENANT,), errors=(404, 422))
    @operators
    def get(self) -> Response:
        """Every key of a tenant that is not gone yet, and those revoked lately, newest first."""
        return respond(Keys(items=[Key.model_validate(row) for row in keys.known(listing.tenant())]))

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


class RevokedKey(MethodView):
    @describe(
        "Revoke a signing key",
        tag=TAG,
        answer=Key,
        takes=Reason,
        params=(listing.path("kid", "The key, as tokens name it."), listing.TENANT),
        errors=(404, 413, 415, 422),
    )
    @operators
    def put(self, kid: str) -> Response:
        """End a key at once, as after a leak: what it signed is refused, and another signs. It cannot be undone."""
        revoked = keys.revoke(listing.tenant(), kid, reason=body(Reason).reason, by=operator())
        return respond(Key.model_validate(revoked))
