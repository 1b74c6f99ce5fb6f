"""Every URL of the API."""

from flask import Blueprint

from api_service.resources import fief
from api_service.resources.clients import Clients, Disabling, FindingsOfClient, NewSecret, OneClient, ProfileOfClient
from api_service.resources.fields import Fields, FieldsOfUser, OneField
from api_service.resources.health import Live, Readiness
from api_service.resources.invitations import Invitations, LetterOfInvitation, OneInvitation
from api_service.resources.issuers import Issuers, OneIssuer
from api_service.resources.keys import RevokedKey, SigningKeys
from api_service.resources.letters import LetterPreview, Letters, LetterTests, OneLetter
from api_service.resources.me import DataOfMine, Email, EmailVerification, Myself, Password
from api_service.resources.me_lists import Applications, OneApplication, OneSession, OtherSessions, Sessions
from api_service.resources.me_ways import Factors, Identities, MyFactor, MyIdentity
from api_service.resources.outbox import OneMessage, Outbox, Tries
from api_service.resources.protected_resource import Metadata, MetadataAtRoot
from api_service.resources.providers import (
    IdentitiesOfUser,
    OneProvider,
    OrderOfProviders,
    ProvidersOfTenant,
    TokensOfIdentity,
)
from api_service.resources.resources import OneResource, Resources
from api_service.resources.tenants import InitialAccessTokens, OneInitialAccessToken, OneTenant, Tenants
from api_service.resources.userinfo import UserinfoOfToken
from api_service.resources.users import (
    AuthorizationsOfUser,
    ClaimsOfUser,
    DisablingOfUser,
    FactorsOfUser,
    OneAuthorization,
    OneUser,
    SessionsOfUser,
    Users,
)
from shared.web import tenancy

bp = Blueprint("api", __name__)

bp.add_url_rule("/api/userinfo", view_func=UserinfoOfToken.as_view("userinfo"))  # GET, POST
bp.add_url_rule("/api/me", view_func=Myself.as_view("me"))  # GET, PATCH, DELETE
bp.add_url_rule("/api/me/password", view_func=Password.as_view("my_password"))  # PATCH
bp.add_url_rule("/api/me/email", view_func=Email.as_view("my_email"))  # PATCH
bp.add_url_rule("/api/me/email/verification", view_func=EmailVerification.as_view("my_email_verification"))  # POST
bp.add_url_rule("/api/me/sessions", view_func=Sessions.as_view("my_sessions"))  # GET
bp.add_url_rule("/api/me/sessions/others", view_func=OtherSessions.as_view("my_other_sessions"))  # DELETE
bp.add_url_rule("/api/me/sessions/<sid>", view_func=OneSession.as_view("my_session"))  # DELETE
bp.add_url_rule("/api/me/applications", view_func=Applications.as_view("my_applications"))  # GET
bp.add_url_rule("/api/me/applications/<uuid:id>", view_func=OneApplication.as_view("my_application"))  # DELETE
bp.add_url_rule("/api/me/factors", view_func=Factors.as_view("my_factors"))  # GET
bp.add_url_rule("/api/me/factors/<uuid:id>", view_func=MyFactor.as_view("my_factor"))  # DELETE
bp.add_url_rule("/api/me/identities", view_func=Identities.as_view("my_identities"))  # GET
bp.add_url_rule("/api/me/identities/<uuid:id>", view_func=MyIdentity.as_view("my_identity"))  # DELETE
bp.add_url_rule("/api/me/data", view_func=DataOfMine.as_view("my_data"))  # GET
# As Fief has it.
bp.add_url_rule("/api/profile", view_func=fief.ProfileOfFief.as_view("fief_profile"))  # PATCH
bp.add_url_rule("/api/password", view_func=fief.PasswordOfFief.as_view("fief_password"))  # PATCH
bp.add_url_rule("/api/email/change", view_func=fief.EmailChangeOfFief.as_view("fief_email_change"))  # PATCH
bp.add_url_rule("/api/email/verify", view_func=fief.EmailVerifyOfFief.as_view("fief_email_verify"))  # POST

bp.add_url_rule(f"{tenancy.RESOURCE_METADATA}/api", view_func=Metadata.as_view("resource_metadata"))
bp.add_url_rule(tenancy.RESOURCE_METADATA, view_func=MetadataAtRoot.as_view("resource_metadata_at_root"))
bp.add_url_rule("/health/live", view_func=Live.as_view("live"))
bp.add_url_rule("/health/ready", view_func=Readiness.as_view("ready"))

# For operators.
bp.add_url_rule("/api/admin/clients", view_func=Clients.as_view("clients"))  # GET, POST
bp.add_url_rule("/api/admin/clients/<uuid:id>", view_func=OneClient.as_view("client"))  # GET, PATCH, DELETE
bp.add_url_rule("/api/admin/clients/<uuid:id>/secret", view_func=NewSecret.as_view("client_secret"))  # POST
bp.add_url_rule("/api/admin/clients/<uuid:id>/disabling", view_func=Disabling.as_view("client_disabling"))  # PUT, DELETE
bp.add_url_rule("/api/admin/resources", view_func=Resources.as_view("resources"))  # GET, POST
bp.add_url_rule("/api/admin/resources/<uuid:id>", view_func=OneResource.as_view("resource"))  # GET, PATCH, DELETE
bp.add_url_rule("/api/admin/keys", view_func=SigningKeys.as_view("keys"))  # GET, POST
bp.add_url_rule("/api/admin/keys/<kid>/revocation", view_func=RevokedKey.as_view("key_revocation"))  # PUT
bp.add_url_rule("/api/admin/tenants", view_func=Tenants.as_view("tenants"))  # GET, POST
bp.add_url_rule("/api/admin/tenants/<uuid:id>", view_func=OneTenant.as_view("tenant"))  # GET, PATCH
bp.add_url_rule("/api/admin/tenants/<uuid:id>/initial-access-tokens", view_func=InitialAccessTokens.as_view("initial_access"))
bp.add_url_rule(
    "/api/admin/tenants/<uuid:id>/initial-access-tokens/<uuid:token>",
    view_func=OneInitialAccessToken.as_view("initial_access_token"),
)  # DELETE
LETTER = "/api/admin/tenants/<uuid:id>/letters/<kind>/<language>"
bp.add_url_rule("/api/admin/tenants/<uuid:id>/letters", view_func=Letters.as_view("letters"))  # GET
bp.add_url_rule(LETTER, view_func=OneLetter.as_view("letter"))  # GET, PUT, DELETE
bp.add_url_rule(f"{LETTER}/preview", view_func=LetterPreview.as_view("letter_preview"))  # POST
bp.add_url_rule(f"{LETTER}/tests", view_func=LetterTests.as_view("letter_tests"))  # POST
bp.add_url_rule("/api/admin/outbox", view_func=Outbox.as_view("outbox"))  # GET
bp.add_url_rule("/api/admin/outbox/<uuid:id>", view_func=OneMessage.as_view("outbox_message"))  # DELETE
bp.add_url_rule("/api/admin/outbox/<uuid:id>/tries", view_func=Tries.as_view("outbox_tries"))  # POST
bp.add_url_rule("/api/admin/fields", view_func=Fields.as_view("fields"))  # GET, POST
bp.add_url_rule("/api/admin/fields/<uuid:id>", view_func=OneField.as_view("field"))  # GET, PATCH, DELETE
bp.add_url_rule("/api/admin/users/<uuid:id>/fields", view_func=FieldsOfUser.as_view("user_fields"))  # GET, PATCH
bp.add_url_rule("/api/admin/invitations", view_func=Invitations.as_view("invitations"))  # GET, POST
bp.add_url_rule("/api/admin/invitations/<uuid:id>", view_func=OneInvitation.as_view("invitation"))  # GET, DELETE
bp.add_url_rule("/api/admin/invitations/<uuid:id>/letter", view_func=LetterOfInvitation.as_view("invitation_letter"))  # POST
bp.add_url_rule("/api/admin/users", view_func=Users.as_view("users"))  # GET, POST
bp.add_url_rule("/api/admin/users/<uuid:id>", view_func=OneUser.as_view("user"))  # GET, DELETE
bp.add_url_rule("/api/admin/users/<uuid:id>/disabling", view_func=DisablingOfUser.as_view("user_disabling"))  # PUT, DELETE
bp.add_url_rule("/api/admin/users/<uuid:id>/sessions", view_func=SessionsOfUser.as_view("user_sessions"))  # DELETE
bp.add_url_rule("/api/admin/users/<uuid:id>/claims", view_func=ClaimsOfUser.as_view("user_claims"))  # GET, PATCH
bp.add_url_rule("/api/admin/users/<uuid:id>/factors", view_func=FactorsOfUser.as_view("user_factors"))  # GET, DELETE
bp.add_url_rule("/api/admin/clients/<uuid:id>/findings", view_func=FindingsOfClient.as_view("client_findings"))  # GET
bp.add_url_rule("/api/admin/clients/<uuid:id>/profile", view_func=ProfileOfClient.as_view("client_profile"))  # PUT
bp.add_url_rule("/api/admin/issuers", view_func=Issuers.as_view("issuers"))  # GET, POST
bp.add_url_rule("/api/admin/issuers/<uuid:id>", view_func=OneIssuer.as_view("issuer"))  # GET, PATCH, DELETE
bp.add_url_rule("/api/admin/users/<uuid:id>/authorizations", view_func=AuthorizationsOfUser.as_view("user_authorizations"))
bp.add_url_rule(
    "/api/admin/users/<uuid:id>/authorizations/<uuid:authorization>",
    view_func=OneAuthorization.as_view("user_authorization"),
)  # DELETE
bp.add_url_rule("/api/admin/providers", view_func=ProvidersOfTenant.as_view("providers"))  # GET, POST
bp.add_url_rule("/api/admin/providers/order", view_func=OrderOfProviders.as_view("providers_order"))  # PUT
bp.add_url_rule("/api/admin/providers/<uuid:id>", view_func=OneProvider.as_view("provider"))  # GET, PATCH, DELETE
bp.add_url_rule("/api/admin/users/<uuid:id>/identities", view_func=IdentitiesOfUser.as_view("user_identities"))  # GET
bp.add_url_rule(
    "/api/admin/users/<uuid:id>/identities/<uuid:identity>/tokens", view_func=TokensOfIdentity.as_view("identity_tokens")
)  # GET
