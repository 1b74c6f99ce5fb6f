"""Trusted issuers, for operators: whose signed word about a person is believed (RFC 7523)."""

from uuid import UUID

from flask import Response
from flask.views import MethodView

from api_service import listing
from api_service.access_shapes import Issuer, IssuerPage, IssuerRules, NewIssuer
from api_service.describe import describe
from api_service.gate import operator, operators
from api_service.respond import body, respond
from shared.services import tenants, trusted_issuers

TAG = "Trusted issuers"


class Issuers(MethodView):
    @describe("List trusted issuers", tag=TAG, answer=IssuerPage, params=listing.PARAMS, errors=(404, 422))
    @operators
    def get(self) -> Response:
        """Every issuer that a tenant trusts, newest first, or those whose name or issuer begins with `q`."""
        page = trusted_issuers.search(listing.tenant(), **listing.asked())
        return respond(IssuerPage(items=[Issuer.model_validate(row) for row in page.items], **listing.cursors(page)))

    @describe(
        "Trust an issuer",
        tag=TAG,
        answer=Issuer,
        takes=NewIssuer,
        status=201,
        params=(listing.TENANT,),
        errors=(404, 409, 413, 415, 422),
    )
    @operators
    def post(self) -> Response:
        """Believe one more issuer: its assertions buy access tokens for the people it speaks of."""
        made = trusted_issuers.create(listing.tenant(), by=operator(), **body(NewIssuer).model_dump(exclude_unset=True))
        return respond(Issuer.model_validate(made), 201)


class OneIssuer(MethodView):
    @describe("Read a trusted issuer", tag=TAG, answer=Issuer, params=(listing.ID,), errors=(404,))
    @operators
    def get(self, id: UUID) -> Response:
        """One issuer."""
        return respond(Issuer.model_validate(trusted_issuers.get(None, id)))

    @describe(
        "Change a trusted issuer", tag=TAG, answer=Issuer, takes=IssuerRules, params=(listing.ID,), errors=(404, 413, 415, 422)
    )
    @operators
    def patch(self, id: UUID) -> Response:
        """Change what the body names; the rest stays, and the issuer itself always does."""
        row, changes = trusted_issuers.get(None, id), body(IssuerRules).model_dump(exclude_unset=True)
        changed = trusted_issuers.update(row, tenants.get(row.tenant_id), by=operator(), **changes)
        return respond(Issuer.model_validate(changed))

    @describe("Trust an issuer no longer", tag=TAG, answer=Issuer, params=(listing.ID,), errors=(404,))
    @operators
    def delete(self, id: UUID) -> Response:
        """Its assertions buy nothing more; what they bought ends when it expires. Answers with what is gone."""
        row = trusted_issuers.get(None, id)
        gone = Issuer.model_validate(row)
        trusted_issuers.delete(row, by=operator())
        return respond(gone)
