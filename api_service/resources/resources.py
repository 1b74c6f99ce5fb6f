"""Resources, for operators: the APIs that tokens are for."""

from uuid import UUID

from flask import Response
from flask.views import MethodView

from api_service import listing
from api_service.admin_shapes import NewResource, Resource, ResourcePage, ResourceRules
from api_service.describe import describe
from api_service.gate import operator, operators
from api_service.respond import body, respond
from shared.services import resources

TAG = "Resources"


class Resources(MethodView):
    @describe("List resources", tag=TAG, answer=ResourcePage, params=listing.PARAMS, errors=(404, 422))
    @operators
    def get(self) -> Response:
        """Every resource of a tenant, newest first, or those whose name or identifier begins with `q`."""
        page = resources.search(listing.tenant(), **listing.asked())
        return respond(ResourcePage(items=[Resource.model_validate(row) for row in page.items], **listing.cursors(page)))

    @describe(
        "Keep a resource",
        tag=TAG,
        answer=Resource,
        takes=NewResource,
        status=201,
        params=(listing.TENANT,),
        errors=(404, 409, 413, 415, 422),
    )
    @operators
    def post(self) -> Response:
        """Keep one more API that tokens can be for."""
        made = resources.create(listing.tenant(), by=operator(), **body(NewResource).model_dump(exclude_unset=True))
        return respond(Resource.model_validate(made), 201)


class OneResource(MethodView):
    @describe("Read a resource", tag=TAG, answer=Resource, params=(listing.ID,), errors=(404,))
    @operators
    def get(self, id: UUID) -> Response:
        """One resource, with its scopes in words."""
        return respond(Resource.model_validate(resources.get(None, id)))

    @describe(
        "Change a resource", tag=TAG, answer=Resource, takes=ResourceRules, params=(listing.ID,), errors=(404, 413, 415, 422)
    )
    @operators
    def patch(self, id: UUID) -> Response:
        """Change what the body names; the rest stays, and the identifier always does. Answers with the resource as it is now."""
        changes = body(ResourceRules).model_dump(exclude_unset=True)
        return respond(Resource.model_validate(resources.update(resources.get(None, id), by=operator(), **changes)))

    @describe("Delete a resource", tag=TAG, answer=Resource, params=(listing.ID,), errors=(404,))
    @operators
    def delete(self, id: UUID) -> Response:
        """Keep a resource no longer: no new token is made for it. Answers with what is gone."""
        resource = resources.get(None, id)
        gone = Resource.model_validate(resource)
        resources.delete(resource, by=operator())
        return respond(gone)
