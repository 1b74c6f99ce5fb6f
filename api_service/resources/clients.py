"""Clients, for operators: the verbs of the dashboard."""

from uuid import UUID

from flask import Response
from flask.views import MethodView

from api_service import listing
from api_service.access_shapes import ChosenProfile, Finding, Findings
from api_service.admin_shapes import Client, ClientChange, ClientPage, MadeClient, NewClient, Secret
from api_service.describe import describe
from api_service.gate import operator, operators
from api_service.respond import body, respond
from api_service.tenant_shapes import Reason
from shared.services import client_profiles, clients

TAG = "Clients"


class Clients(MethodView):
    @describe("List clients", tag=TAG, answer=ClientPage, params=listing.PARAMS, errors=(404, 422))
    @operators
    def get(self) -> Response:
        """Every client of a tenant, newest first, or those whose name or client_id begins with `q`."""
        page = clients.search(listing.tenant(), **listing.asked())
        return respond(ClientPage(items=[Client.model_validate(row) for row in page.items], **listing.cursors(page)))

    @describe(
        "Register a client",
        tag=TAG,
        answer=MadeClient,
        takes=NewClient,
        status=201,
        params=(listing.TENANT,),
        errors=(404, 413, 415, 422),
    )
    @operators
    def post(self) -> Response:
        """Make a client. A confidential one comes with its secret, which is shown only now."""
        client, secret = clients.register(listing.tenant(), by=operator(), **body(NewClient).model_dump(exclude_unset=True))
        made = Client.model_validate(client).model_dump()
        return respond(MadeClient(**made, client_secret=secret), 201)


class OneClient(MethodView):
    @describe("Read a client", tag=TAG, answer=Client, params=(listing.ID,), errors=(404,))
    @operators
    def get(self, id: UUID) -> Response:
        """One client, with all that is set of it."""
        return respond(Client.model_validate(clients.get(None, id)))

    @describe("Change a client", tag=TAG, answer=Client, takes=ClientChange, params=(listing.ID,), errors=(404, 413, 415, 422))
    @operators
    def patch(self, id: UUID) -> Response:
        """Change what the body names; the rest stays. Answers with the client as it is now."""
        changed = clients.update(clients.get(None, id), by=operator(), **body(ClientChange).model_dump(exclude_unset=True))
        return respond(Client.model_validate(changed))

    @describe("Delete a client", tag=TAG, answer=Client, params=(listing.ID,), errors=(404,))
    @operators
    def delete(self, id: UUID) -> Response:
        """Delete a client with its authorizations, tokens and consents. This cannot be undone. Answers with what is gone."""
        client = clients.get(None, id)
        gone = Client.model_validate(client)
        clients.delete(client, by=operator())
        return respond(gone)


class NewSecret(MethodView):
    @describe("Make a new secret", tag=TAG, answer=Secret, params=(listing.ID,), status=201, errors=(404, 422))
    @operators
    def post(self, id: UUID) -> Response:
        """Make a new secret for a confidential client; the one before no longer works."""
        return respond(Secret(client_secret=clients.rotate_secret(clients.get(None, id), by=operator())), 201)


class Disabling(MethodView):
    @describe("Disable a client", tag=TAG, answer=Client, takes=Reason, params=(listing.ID,), errors=(404, 413, 415, 422))
    @operators
    def put(self, id: UUID) -> Response:
        """Refuse a client everywhere, with every token that it has, until it is enabled again. Nothing of it is lost."""
        disabled = clients.disable(clients.get(None, id), by=operator(), reason=body(Reason).reason)
        return respond(Client.model_validate(disabled))

    @describe("Enable a client", tag=TAG, answer=Client, params=(listing.ID,), errors=(404,))
    @operators
    def delete(self, id: UUID) -> Response:
        """Let a client in again; what it held and has not expired serves again."""
        return respond(Client.model_validate(clients.enable(clients.get(None, id), by=operator())))


class FindingsOfClient(MethodView):
    @describe("Lint a client", tag=TAG, answer=Findings, params=(listing.ID,), errors=(404,))
    @operators
    def get(self, id: UUID) -> Response:
        """Each setting that departs from the client's profile, why that matters, and the mend."""
        client = clients.get(None, id)
        found = [Finding.model_validate(each) for each in client_profiles.lint(client)]
        return respond(Findings(profile=client.profile, items=found))


class ProfileOfClient(MethodView):
    @describe("Apply a profile", tag=TAG, answer=Client, takes=ChosenProfile, params=(listing.ID,), errors=(404, 413, 415, 422))
    @operators
    def put(self, id: UUID) -> Response:
        """Set all that a profile asks, at once. What only the client's developers can mend stays a finding."""
        changed = clients.apply_profile(clients.get(None, id), body(ChosenProfile).profile, by=operator())
        return respond(Client.model_validate(changed))
