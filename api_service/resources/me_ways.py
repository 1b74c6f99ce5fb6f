"""How one signs in besides a password: factors, and identities at other providers, listed and taken away."""

from uuid import UUID

from flask import Response
from flask.views import MethodView

from api_service import listing, owner
from api_service.describe import describe
from api_service.me_shapes import Ended, FactorOfMine, FactorsOfMine, IdentitiesOfMine, IdentityOfMine
from api_service.respond import respond
from shared.kit.errors import NotFound
from shared.models.user import User
from shared.services import enrolments, identities
from shared.services.enrolments import Factor
from shared.services.identities import Linked
from shared.web import bearer

TAG = "Oneself"


class Factors(MethodView):
    @describe("List one's factors", tag=TAG, answer=FactorsOfMine)
    @owner.reads
    def get(self) -> Response:
        """The ways to prove who one is that one has added, without their secrets."""
        return respond(factors_of(bearer.subject()))


class MyFactor(MethodView):
    @describe("Remove a factor", tag=TAG, answer=Ended, params=(listing.ID,), errors=(404,))
    @owner.guards
    def delete(self, id: UUID) -> Response:
        """Take a factor away; one is told by letter. It needs a login of the last ten minutes (RFC 9470)."""
        user = bearer.subject()
        found = next((each for each in enrolments.of(user) if each.id == id), None)
        if found is None:
            raise NotFound("There is no such factor.")
        enrolments.remove(user, found, by=owner.actor(user))
        return respond(Ended(id=str(id)))


class Identities(MethodView):
    @describe("List one's identities", tag=TAG, answer=IdentitiesOfMine)
    @owner.reads
    def get(self) -> Response:
        """Who one is at the providers that one can sign in with."""
        return respond(IdentitiesOfMine(items=[_identity(each) for each in identities.of(bearer.subject())]))


class MyIdentity(MethodView):
    @describe("Unlink an identity", tag=TAG, answer=Ended, params=(listing.ID,), errors=(404, 422))
    @owner.guards
    def delete(self, id: UUID) -> Response:
        """Take an identity away, unless it is the last way in; one is told by letter.
        It needs a login of the last ten minutes (RFC 9470)."""
        user = bearer.subject()
        identities.unlink(user, id, by=owner.actor(user))
        return respond(Ended(id=str(id)))


def factors_of(user: User) -> FactorsOfMine:
    """What a person has added."""
    return FactorsOfMine(items=[_factor(each) for each in enrolments.of(user)])


def _factor(of: Factor) -> FactorOfMine:
    return FactorOfMine(
        id=str(of.id),
        kind=enrolments.kind_of(of),
        name=of.name,
        created_at=of.created_at,
        last_used_at=of.last_used_at,
    )


def _identity(of: Linked) -> IdentityOfMine:
    return IdentityOfMine(
        id=str(of.identity.id),
        provider=of.provider.slug,
        provider_name=of.provider.name,
        email=of.identity.email,
        email_verified=of.identity.email_verified,
        name=of.identity.name,
        created_at=of.identity.created_at,
        last_used_at=of.identity.last_used_at,
    )
