"""Users, for operators."""

from uuid import UUID

from flask import Response
from flask.views import MethodView

from api_service import listing
from api_service.access_shapes import Authorization, Authorizations, RevokedAuthorization
from api_service.admin_shapes import NewPerson, Person, PersonPage
from api_service.describe import describe
from api_service.gate import operator, operators
from api_service.me_shapes import FactorsOfMine
from api_service.resources.me_ways import factors_of
from api_service.respond import body, respond
from api_service.shapes import PersonClaims
from api_service.tenant_shapes import Reason
from shared.models import claims
from shared.models.user import User
from shared.services import deletions, enrolments, granted, person_claims, session_ends, tenants, users
from shared.services.granted import Granted

TAG = "Users"


class Users(MethodView):
    @describe("List users", tag=TAG, answer=PersonPage, params=listing.PARAMS, errors=(404, 422))
    @operators
    def get(self) -> Response:
        """Everybody of a tenant, newest first, or those whose e-mail address or name begins with `q`."""
        page = users.search(listing.tenant(), **listing.asked())
        return respond(PersonPage(items=[Person.model_validate(row) for row in page.items], **listing.cursors(page)))

    @describe(
        "Make a user",
        tag=TAG,
        answer=Person,
        takes=NewPerson,
        status=201,
        params=(listing.TENANT,),
        errors=(404, 409, 413, 415, 422),
    )
    @operators
    def post(self) -> Response:
        """Make an account for someone else. Without a password they choose one by *Forgot your password?*."""
        return respond(Person.model_validate(users.create(listing.tenant(), by=operator(), **body(NewPerson).model_dump())), 201)


class OneUser(MethodView):
    @describe("Read a user", tag=TAG, answer=Person, params=(listing.ID,), errors=(404,))
    @operators
    def get(self, id: UUID) -> Response:
        """One person."""
        return respond(Person.model_validate(users.get(None, id)))

    @describe("Delete a user", tag=TAG, answer=Person, params=(listing.ID,), errors=(404, 409))
    @operators
    def delete(self, id: UUID) -> Response:
        """Delete an account for good, with its sessions, tokens, factors and consents. Answers with what is gone.
        The last operator cannot be deleted."""
        user = users.get(None, id)
        gone = Person.model_validate(user)
        deletions.carry_out(user, by=operator())
        return respond(gone)


class DisablingOfUser(MethodView):
    @describe("Disable a user", tag=TAG, answer=Person, takes=Reason, params=(listing.ID,), errors=(404, 409, 413, 415, 422))
    @operators
    def put(self, id: UUID) -> Response:
        """Close an account until it is enabled again: every session and token ends, within a second on every node.
        That of the last operator cannot be closed."""
        return respond(Person.model_validate(users.disable(users.get(None, id), by=operator(), reason=body(Reason).reason)))

    @describe("Enable a user", tag=TAG, answer=Person, params=(listing.ID,), errors=(404,))
    @operators
    def delete(self, id: UUID) -> Response:
        """Open an account again. Its sessions and tokens stay ended."""
        return respond(Person.model_validate(users.enable(users.get(None, id), by=operator())))


class SessionsOfUser(MethodView):
    @describe("End the sessions of a user", tag=TAG, answer=Person, params=(listing.ID,), errors=(404,))
    @operators
    def delete(self, id: UUID) -> Response:
        """Sign somebody out everywhere: every session ends, and every token that they let applications have."""
        user = users.get(None, id)
        session_ends.every(user, by=operator())
        return respond(Person.model_validate(user))


class ClaimsOfUser(MethodView):
    @describe("Read the claims of a user", tag=TAG, answer=PersonClaims, params=(listing.ID,), errors=(404,))
    @operators
    def get(self, id: UUID) -> Response:
        """What applications may be told of a person, besides name and e-mail address."""
        return respond(_claims(users.get(None, id)))

    @describe(
        "Change the claims of a user",
        tag=TAG,
        answer=PersonClaims,
        takes=PersonClaims,
        params=(listing.ID,),
        errors=(404, 413, 415, 422),
    )
    @operators
    def patch(self, id: UUID) -> Response:
        """Change the claims that the body names; null takes one away. Another phone number is not verified until you say so."""
        typed = body(PersonClaims).model_dump(exclude_unset=True)
        return respond(_claims(person_claims.change(users.get(None, id), typed, by=operator())))


class FactorsOfUser(MethodView):
    @describe("List the factors of a user", tag=TAG, answer=FactorsOfMine, params=(listing.ID,), errors=(404,))
    @operators
    def get(self, id: UUID) -> Response:
        """What a person proves themselves with besides a password, without its secrets."""
        return respond(factors_of(users.get(None, id)))

    @describe("Take every factor from a user", tag=TAG, answer=FactorsOfMine, params=(listing.ID,), errors=(404,))
    @operators
    def delete(self, id: UUID) -> Response:
        """For somebody who lost them: their password alone opens the account until they add another. Their recovery codes end,
        and they are told by letter. Answers with what is gone."""
        user = users.get(None, id)
        gone = factors_of(user)
        enrolments.reset(user, by=operator())
        return respond(gone)


class AuthorizationsOfUser(MethodView):
    @describe("List the authorizations of a user", tag=TAG, answer=Authorizations, params=(listing.ID,), errors=(404,))
    @operators
    def get(self, id: UUID) -> Response:
        """What a person let applications do and still stands, with what each may do in words."""
        user = users.get(None, id)
        return respond(Authorizations(items=[_granted(each) for each in granted.of(user, tenants.get(user.tenant_id))]))


class OneAuthorization(MethodView):
    @describe(
        "Revoke an authorization",
        tag=TAG,
        answer=RevokedAuthorization,
        params=(listing.ID, listing.path("authorization", "The id of the authorization.", format="uuid")),
        errors=(404,),
    )
    @operators
    def delete(self, id: UUID, authorization: UUID) -> Response:
        """End it, with every token of it. This cannot be undone; the person can grant it anew."""
        granted.end(users.get(None, id), authorization, by=operator())
        return respond(RevokedAuthorization(id=str(authorization)))


def _claims(user: User) -> PersonClaims:
    return PersonClaims(**claims.about(user, [*person_claims.CHECKS, person_claims.VERIFIED]))


def _granted(of: Granted) -> Authorization:
    return Authorization(
        id=str(of.authorization.id),
        client_id=of.client.client_id,
        client_name=of.client.name,
        scopes=of.authorization.scopes,
        words=of.words,
        way=of.way,
        created_at=of.authorization.created_at,
        used_at=of.used_at,
        expires_at=of.expires_at,
    )
