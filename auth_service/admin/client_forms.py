"""The forms about clients."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, IntegerField, RadioField, SelectChoice, SelectField
from wtforms.validators import DataRequired, InputRequired, Optional

from auth_service.admin.forms import Form, Json, Lines, Several, Text
from shared.models import device
from shared.models.client import CONFIDENTIAL, PUBLIC
from shared.models.scope import SCOPES
from shared.services import client_profiles
from shared.services.client_settings import JWT_BEARER, TOKEN_EXCHANGE

TYPES = [
    SelectChoice(CONFIDENTIAL, "Confidential: It runs on a server, where it can keep a secret."),
    SelectChoice(PUBLIC, "Public: It runs in a browser, on a phone or on a desktop, and has no secret."),
]
GRANTS = [
    SelectChoice("authorization_code", "A person signs in and comes back."),
    SelectChoice("refresh_token", "New access tokens without asking the person again."),
    SelectChoice("client_credentials", "It acts in its own name, without a person; for confidential clients."),
    SelectChoice(device.GRANT_TYPE, "A device shows a code, and a person signs in elsewhere."),
    SelectChoice(TOKEN_EXCHANGE, "It exchanges a token that it was sent for one to another API; for confidential clients."),
    SelectChoice(JWT_BEARER, "A trusted issuer vouches for a person; for confidential clients."),
]
ALGORITHMS = [SelectChoice("ES256", "ES256, short and quick"), SelectChoice("RS256", "RS256, known to every library")]
REFRESH = [
    SelectChoice("rotate", "Rotated: a new one at each use"),
    SelectChoice("grace", "Rotated, and given again if the answer was lost"),
    SelectChoice("keep", "Kept: the same one until it ends"),
]

TYPES_OF_RESPONSE = [
    SelectChoice("code", "A code, which it redeems for tokens."),
    SelectChoice("id_token", "An ID token in the address, where its tenant allows it. Unsafe."),
    SelectChoice("id_token token", "An access token too, which serves whoever reads the address. Unsafe."),
]
MODES = [
    SelectChoice("query", "In the address, where a server reads it."),
    SelectChoice("form_post", "In a form that the browser posts."),
    SelectChoice("fragment", "After the # of the address, where a script reads it."),
]
METHODS = [
    SelectChoice("client_secret_basic", "Its secret, in the header"),
    SelectChoice("client_secret_post", "Its secret, in the body"),
    SelectChoice("client_secret_jwt", "A JWT signed with its secret"),
    SelectChoice("private_key_jwt", "A JWT signed with its own key"),
]
SIGNING = [
    SelectChoice("", "Whatever fits"),
    *(SelectChoice(alg, alg) for alg in ("ES256", "PS256", "RS256", "EdDSA", "Ed25519", "HS256")),
]
AUDIENCES = [SelectChoice("any", "The issuer or the endpoint"), SelectChoice("issuer", "The issuer alone, as FAPI asks")]

SIGNED_OR_NOT = [SelectChoice("", "Not signed"), *ALGORITHMS]
REQUEST_SIGNING = [*SIGNING, SelectChoice("none", "none: nobody signs them")]
PROFILES = [SelectChoice(name, name) for name in client_profiles.WORDS]
KINDS = [SelectChoice("web", "On a server or in a browser"), SelectChoice("native", "Installed on a device")]
SUBJECTS = [
    SelectChoice("public", "The same identifier as everybody"),
    SelectChoice("pairwise", "An identifier of its own for each person"),
]
EXCHANGES = [
    SelectChoice("impersonation", "As if it were that person."),
    SelectChoice("delegation", "For that person, and named beside them."),
]

NAMED = DataRequired("Give it a name that people will recognise.")
IN_SECONDS = InputRequired("A number of seconds.")


class NewClientForm(Form):
    tenant = SelectField("Tenant")
    name = Text("Name", [NAMED])
    client_type = RadioField("Type", choices=TYPES, default=CONFIDENTIAL)
    profile = RadioField(
        "Profile",
        choices=[SelectChoice(name, f"{name}: {words}") for name, words in client_profiles.WORDS.items()],
        default="oauth21",
    )
    redirect_uris = Lines("Redirect URIs", name="redirect_uri")
    first_party = BooleanField("First-party")

    def facts(self) -> dict[str, Any]:
        """What `clients.register` takes."""
        return {name: self[name].data for name in ("name", "client_type", "profile", "redirect_uris", "first_party")}


class ClientForm(Form):
    name = Text("Name", [NAMED])
    logo_url = Text("Logo address")
    first_party = BooleanField("First-party")
    application_type = SelectField("It runs", choices=KINDS)
    client_uri = Text("Its home page")
    policy_uri = Text("Its privacy policy")
    tos_uri = Text("Its terms of service")
    contacts = Lines("Who to write to")
    redirect_uris = Lines("Redirect URIs", name="redirect_uri")
    post_logout_redirect_uris = Lines("Post-logout redirect URIs")
    initiate_login_uri = Text("Where a login can be started")
    profile = SelectField("Profile", choices=PROFILES)
    subject_type = SelectField("It knows people by", choices=SUBJECTS)
    sector_identifier_uri = Text("Sector identifier")
    scopes = Several("Scopes it may ask for", choices=[SelectChoice(*pair) for pair in SCOPES.items()])
    grant_types = Several("Grants it may use", choices=GRANTS)
    response_types = Several("It may ask for", choices=TYPES_OF_RESPONSE)
    response_modes = Several("Answers may travel by", choices=MODES)
    token_exchange = Several("It may exchange tokens of people", choices=EXCHANGES)
    token_endpoint_auth_method = SelectField("It proves who it is by", choices=METHODS, validate_choice=False)
    token_endpoint_auth_signing_alg = SelectField("Assertions are signed with", choices=SIGNING)
    assertion_audience = SelectField("Assertions are made for", choices=AUDIENCES)
    jwks = Json("Public keys (JWK Set)")
    jwks_uri = Text("Address of its public keys")
    require_pkce = BooleanField("Require PKCE")
    require_par = BooleanField("Require pushed requests")
    dpop_bound_access_tokens = BooleanField("Require DPoP")
    require_signed_request_object = BooleanField("Require signed requests")
    request_object_signing_alg = SelectField("Request objects are signed with", choices=REQUEST_SIGNING)
    request_uris = Lines("Addresses of its request objects")
    default_max_age = IntegerField("A login counts for, in seconds", [Optional()])
    default_acr_values = Lines("What kind of login it wants")
    require_auth_time = BooleanField("Always say when the person signed in")
    require_second_factor = BooleanField("Require a second factor")
    id_token_alg = SelectField("ID tokens are signed with", choices=ALGORITHMS)
    access_token_alg = SelectField("Access tokens are signed with", choices=ALGORITHMS)
    userinfo_signed_response_alg = SelectField("Userinfo is signed with", choices=SIGNED_OR_NOT)
    access_token_seconds = IntegerField("Access tokens live for, in seconds", [IN_SECONDS])
    refresh_token_seconds = IntegerField("Refresh tokens live for, in seconds", [IN_SECONDS])
    refresh_mode = SelectField("Refresh tokens are", choices=REFRESH)
    refresh_grace_seconds = IntegerField("An answer counts as lost for, in seconds", [IN_SECONDS])
    refresh_idle_seconds = IntegerField("Unused ones end after, in seconds", [Optional()])
    backchannel_logout_uri = Text("Back-channel logout address")
    backchannel_logout_session_required = BooleanField("It needs to know which session ended (back-channel)")
    frontchannel_logout_uri = Text("Front-channel logout address")
    frontchannel_logout_session_required = BooleanField("It needs to know which session ended (front-channel)")

    def offer_scopes(self, own: Sequence[str]) -> "ClientForm":
        """Offer also the scopes that are the tenant's own."""
        words = [SelectChoice(scope, "See fields of people that you gave this scope") for scope in own]
        self.scopes.choices = [*self.scopes.choices, *words]
        return self

    def changes(self) -> dict[str, Any]:
        """What `clients.update` takes."""
        return {name: field.data for name, field in self._fields.items() if name != "csrf_token"}


class RedirectUriForm(Form):
    redirect_uris = Text("Redirect URI", [DataRequired("Write the address to return to.")], name="redirect_uri")
