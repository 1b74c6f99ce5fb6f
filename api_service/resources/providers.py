"""Providers that people sign in with, and who they are there, for operators."""

from uuid import UUID

from flask import Response
from flask.views import MethodView

from api_service import listing
from api_service.describe import describe
from api_service.gate import operator, operators
from api_service.provider_shapes import (
    Identities,
    Identity,
    NewProvider,
    Order,
    Provider,
    ProviderRules,
    Providers,
    ProviderTokens,
)
from api_service.respond import body, respond
from shared.federation import renewal
from shared.models import provider as model
from shared.services import identities, providers, tenants, users
from shared.web import tenancy

TAG = "Sign-in providers"
BODY = (404, 413, 415, 422)


class ProvidersOfTenant(MethodView):
    @describe("List providers", tag=TAG, answer=Providers, params=(listing.TENANT,), errors=(404, 422))
    @operators
    def get(self) -> Response:
        """The providers of a tenant in the order of their buttons, also those that are switched off."""
        return respond(Providers(items=[_shown(row) for row in providers.of(listing.tenant())]))

    @describe(
        "Add a provider", tag=TAG, answer=Provider, takes=NewProvider, status=201, params=(listing.TENANT,), errors=(409, *BODY)
    )
    @operators
    def post(self) -> Response:
        """Let people sign in with one more. Register the `redirect_uri` of the answer with it."""
        made = providers.create(listing.tenant(), by=operator(), **body(NewProvider).model_dump(exclude_unset=True))
        return respond(_shown(made), 201)


class OrderOfProviders(MethodView):
    @describe("Order providers", tag=TAG, answer=Providers, takes=Order, params=(listing.TENANT,), errors=BODY)
    @operators
    def put(self) -> Response:
        """Show the buttons in this order; providers that are not named come after."""
        rows = providers.reorder(listing.tenant(), body(Order).ids, by=operator())
        return respond(Providers(items=[_shown(row) for row in rows]))


class OneProvider(MethodView):
    @describe("Read a provider", tag=TAG, answer=Provider, params=(listing.ID,), errors=(404,))
    @operators
    def get(self, id: UUID) -> Response:
        """One provider, without its secret."""
        return respond(_shown(providers.get(None, id)))

    @describe("Change a provider", tag=TAG, answer=Provider, takes=ProviderRules, params=(listing.ID,), errors=BODY)
    @operators
    def patch(self, id: UUID) -> Response:
        """Change what the body names; a `secret` replaces the one that is kept."""
        changes = body(ProviderRules).model_dump(exclude_unset=True)
        return respond(_shown(providers.update(providers.get(None, id), by=operator(), **changes)))

    @describe("Delete a provider", tag=TAG, answer=Provider, params=(listing.ID,), errors=(404,))
    @operators
    def delete(self, id: UUID) -> Response:
        """Take it away, with what people linked of it. Answers with what is gone."""
        row = providers.get(None, id)
        gone = _shown(row)
        providers.delete(row, by=operator())
        return respond(gone)


class IdentitiesOfUser(MethodView):
    @describe("List the identities of a user", tag=TAG, answer=Identities, params=(listing.ID,), errors=(404,))
    @operators
    def get(self, id: UUID) -> Response:
        """The accounts elsewhere that open the account of a person."""
        return respond(Identities(items=[_identity(each) for each in identities.of(users.get(None, id))]))


class TokensOfIdentity(MethodView):
    @describe(
        "Read the provider's tokens of a user",
        tag=TAG,
        answer=ProviderTokens,
        params=(listing.ID, listing.path("identity", "The id of the identity.", format="uuid")),
        errors=(404, 409),
    )
    @operators
    def get(self, id: UUID, identity: UUID) -> Response:
        """The tokens that a provider gave when the person last signed in with it, if they are kept. Each reading is audited.
        An access token that has ended is renewed first, where the provider gave a refresh token; the new one takes its place."""
        linked = identities.get(users.get(None, id), identity)
        return respond(ProviderTokens(**renewal.tokens(linked, by=operator())))


def _shown(row: model.Provider) -> Provider:
    named = ("id", "tenant_id", "slug", "name", "preset", "client_id", "scopes", "discovery_url", "endpoints", "settings")
    kept = ("keeps_tokens", "enabled", "created_at", "updated_at")
    return Provider(
        **{name: getattr(row, name) for name in (*named, *kept)},
        redirect_uri=tenancy.provider_callback(tenants.get(row.tenant_id), row.slug),
        has_secret=row.secret_sealed is not None,
        trusts_email=providers.trusts_email(row),
        people=providers.people(row),
    )


NAMED = ("id", "provider_id", "subject", "email", "email_verified", "name", "created_at", "last_used_at")


def _identity(each: identities.Linked) -> Identity:
    row = each.identity
    return Identity(
        **{name: getattr(row, name) for name in NAMED},
        provider=each.provider.slug,
        has_tokens=row.tokens_sealed is not None,
    )
