"""Tenants, for operators, and who may register clients at each."""

from uuid import UUID

from flask import Response
from flask.views import MethodView

from api_service import listing
from api_service.describe import describe
from api_service.gate import operator, operators
from api_service.respond import body, respond
from api_service.tenant_shapes import (
    InitialAccess,
    InitialAccesses,
    MadeInitialAccess,
    NewInitialAccess,
    NewTenant,
    Tenant,
    TenantPage,
    TenantSettings,
)
from shared.services import initial_access, tenants

TAG = "Tenants"
PARAMS = listing.PARAMS[1:]
BODY = (404, 413, 415, 422)


class Tenants(MethodView):
    @describe("List tenants", tag=TAG, answer=TenantPage, params=PARAMS, errors=(422,))
    @operators
    def get(self) -> Response:
        """Every tenant, newest first, or those whose slug begins with `q`."""
        page = tenants.search(**listing.asked())
        return respond(TenantPage(items=[Tenant.model_validate(row) for row in page.items], **listing.cursors(page)))

    @describe("Make a tenant", tag=TAG, answer=Tenant, takes=NewTenant, status=201, errors=(409, 413, 415, 422))
    @operators
    def post(self) -> Response:
        """Make a tenant, with an issuer of its own."""
        made = tenants.create(**body(NewTenant).model_dump(exclude_unset=True), by=operator())
        return respond(Tenant.model_validate(made), 201)


class OneTenant(MethodView):
    @describe("Read a tenant", tag=TAG, answer=Tenant, params=(listing.ID,), errors=(404,))
    @operators
    def get(self, id: UUID) -> Response:
        """One tenant."""
        return respond(Tenant.model_validate(tenants.get(id)))

    @describe("Change a tenant", tag=TAG, answer=Tenant, takes=TenantSettings, params=(listing.ID,), errors=BODY)
    @operators
    def patch(self, id: UUID) -> Response:
        """Change what the body names; the rest stays. Answers with the tenant as it is now."""
        changes = body(TenantSettings).model_dump(exclude_unset=True)
        return respond(Tenant.model_validate(tenants.update(tenants.get(id), by=operator(), **changes)))


class InitialAccessTokens(MethodView):
    @describe("List initial access tokens", tag=TAG, answer=InitialAccesses, params=(listing.ID,), errors=(404,))
    @operators
    def get(self, id: UUID) -> Response:
        """The tokens of a tenant with which clients may register themselves."""
        rows = initial_access.of(tenants.get(id))
        return respond(InitialAccesses(items=[InitialAccess.model_validate(row) for row in rows]))

    @describe(
        "Make an initial access token",
        tag=TAG,
        answer=MadeInitialAccess,
        takes=NewInitialAccess,
        status=201,
        params=(listing.ID,),
        errors=BODY,
    )
    @operators
    def post(self, id: UUID) -> Response:
        """Make a token with which clients may register themselves. It is shown only now."""
        row, token = initial_access.create(tenants.get(id), by=operator(), **body(NewInitialAccess).model_dump())
        made = InitialAccess.model_validate(row).model_dump()
        return respond(MadeInitialAccess(**made, initial_access_token=token), 201)


class OneInitialAccessToken(MethodView):
    @describe(
        "Revoke an initial access token",
        tag=TAG,
        answer=InitialAccess,
        params=(listing.ID, listing.path("token", "The id of the token.", format="uuid")),
        errors=(404,),
    )
    @operators
    def delete(self, id: UUID, token: UUID) -> Response:
        """Let nobody register with it any more; who did stays registered. Answers with what is gone."""
        row = initial_access.get(tenants.get(id), token)
        gone = InitialAccess.model_validate(row)
        initial_access.revoke(row, by=operator())
        return respond(gone)
