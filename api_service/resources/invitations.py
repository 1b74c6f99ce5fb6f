"""Invitations, for operators: who may make an account."""

from uuid import UUID

from flask import Response
from flask.views import MethodView

from api_service import listing
from api_service.describe import describe
from api_service.gate import operator, operators
from api_service.respond import body, respond
from api_service.tenant_shapes import Invitation, InvitationPage, NewInvitation
from shared.services import invitations

TAG = "Users"


class Invitations(MethodView):
    @describe("List invitations", tag=TAG, answer=InvitationPage, params=listing.PARAMS, errors=(404, 422))
    @operators
    def get(self) -> Response:
        """Every invitation to a tenant, newest first, or those whose e-mail address begins with `q`."""
        page = invitations.search(listing.tenant(), **listing.asked())
        return respond(InvitationPage(items=[Invitation.model_validate(row) for row in page.items], **listing.cursors(page)))

    @describe(
        "Invite somebody",
        tag=TAG,
        answer=Invitation,
        takes=NewInvitation,
        status=201,
        params=(listing.TENANT,),
        errors=(404, 409, 413, 415, 422),
    )
    @operators
    def post(self) -> Response:
        """Send a link with which to make an account, once, within seven days. Who was invited before gets another link."""
        made = invitations.create(listing.tenant(), email=body(NewInvitation).email, by=operator())
        return respond(Invitation.model_validate(made), 201)


class OneInvitation(MethodView):
    @describe("Read an invitation", tag=TAG, answer=Invitation, params=(listing.ID,), errors=(404,))
    @operators
    def get(self, id: UUID) -> Response:
        """One invitation."""
        return respond(Invitation.model_validate(invitations.get(None, id)))

    @describe("Revoke an invitation", tag=TAG, answer=Invitation, params=(listing.ID,), errors=(404, 409))
    @operators
    def delete(self, id: UUID) -> Response:
        """Let nobody make an account with it any more. Answers with the invitation as it is now."""
        return respond(Invitation.model_validate(invitations.revoke(invitations.get(None, id), by=operator())))


class LetterOfInvitation(MethodView):
    @describe("Send an invitation again", tag=TAG, answer=Invitation, params=(listing.ID,), errors=(404, 409, 422))
    @operators
    def post(self, id: UUID) -> Response:
        """Send another link, for seven days more; the one before no longer works."""
        return respond(Invitation.model_validate(invitations.send_again(invitations.get(None, id), by=operator())))
