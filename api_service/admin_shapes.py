"""What the API of operators sends and takes: clients, resources, keys and people."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api_service.shapes import Answer

Id = Annotated[str, BeforeValidator(str)]
Profile = Literal["oauth21", "openid", "fapi2", "mcp"]
Audience = Literal["any", "issuer"]
SubjectType = Literal["public", "pairwise"]
RefreshMode = Literal["rotate", "grace", "keep"]
Kind = Literal["web", "native"]
YEAR = 366 * 86400  # seconds
Uris = Annotated[list[str], Field(max_length=50)]


class Page(Answer):
    """A part of a list, newest first."""

    next: Annotated[str | None, Field(description="`after` of the next page; missing on the last.")] = None
    previous: Annotated[str | None, Field(description="`before` of the page before; missing on the first.")] = None


class ClientSettings(BaseModel):
    """What can be set of a client, by the names of its registration (RFC 7591 §2) where there is one."""

    first_party: Annotated[bool, Field(description="Ours: people are not asked for consent.")] = False
    profile: Annotated[Profile, Field(description="What the linter holds it to.")] = "oauth21"
    redirect_uris: Annotated[Uris, Field(description="Where people may return to after signing in, letter by letter.")] = []
    post_logout_redirect_uris: Annotated[Uris, Field(description="Where they may return to after signing out.")] = []
    initiate_login_uri: Annotated[str | None, Field(description="Where others may start a login.")] = None
    backchannel_logout_uri: Annotated[str | None, Field(description="Where logout tokens are sent.")] = None
    backchannel_logout_session_required: Annotated[bool, Field(description="It needs `sid` in logout tokens.")] = False
    frontchannel_logout_uri: Annotated[str | None, Field(description="The page that a sign-out loads in a frame.")] = None
    frontchannel_logout_session_required: Annotated[bool, Field(description="It needs `iss` and `sid` there.")] = False
    scopes: Annotated[list[str], Field(description="The scopes of ours that it may ask for.")] = []
    grant_types: Annotated[list[str], Field(description="The grants that it may use.")] = []
    response_types: Annotated[
        list[str],
        Field(description="What it may ask for: `code`; `id_token` and `id_token token` only where its tenant allows them."),
    ] = ["code"]
    response_modes: Annotated[list[str], Field(description="How answers may travel.")] = []
    token_exchange: Annotated[list[str], Field(description="How it may exchange tokens (RFC 8693).")] = []
    require_pkce: Annotated[bool, Field(description="PKCE is asked of public clients in any case.")] = True
    require_par: Annotated[bool, Field(description="Requests must be pushed (RFC 9126 §6).")] = False
    dpop_bound_access_tokens: Annotated[bool, Field(description="Tokens must be bound to a key (RFC 9449 §5.2).")] = False
    require_signed_request_object: Annotated[bool, Field(description="Requests must be signed (RFC 9101 §10.5).")] = False
    request_object_signing_alg: Annotated[str | None, Field(description="What request objects are signed with.")] = None
    request_uris: Annotated[Uris, Field(description="Where its request objects may be fetched from.")] = []
    default_max_age: Annotated[int | None, Field(ge=0, le=YEAR, description="Seconds until a person signs in again.")] = None
    require_auth_time: Annotated[bool, Field(description="ID tokens must say when the person signed in.")] = False
    require_second_factor: Annotated[bool, Field(description="Whoever signs in to it proves who they are in two ways.")] = False
    default_acr_values: Annotated[list[str], Field(description="What is asked for when a request names no acr.")] = []
    token_endpoint_auth_method: Annotated[str | None, Field(description="How it proves who it is.")] = None
    token_endpoint_auth_signing_alg: Annotated[str | None, Field(description="What its assertions are signed with.")] = None
    assertion_audience: Annotated[Audience, Field(description="Whom its assertions name; FAPI 2.0 has the issuer alone.")] = "any"
    jwks: Annotated[dict[str, Any] | None, Field(description="Its public keys (RFC 7517 §5).")] = None
    jwks_uri: Annotated[str | None, Field(description="Where its public keys are.")] = None
    subject_type: Annotated[SubjectType, Field(description="Whether it knows people by a `sub` of its own.")] = "public"
    sector_identifier_uri: Annotated[str | None, Field(description="Names the clients that share a pairwise sub.")] = None
    userinfo_signed_response_alg: Annotated[str | None, Field(description="What userinfo is signed with, if anything.")] = None
    id_token_alg: Annotated[str, Field(description="What ID tokens are signed with.")] = "ES256"
    access_token_alg: Annotated[str, Field(description="What access tokens are signed with.")] = "ES256"
    access_token_seconds: Annotated[int, Field(ge=30, le=86400, description="How long access tokens live.")] = 600
    refresh_token_seconds: Annotated[int, Field(ge=60, le=YEAR, description="How long a refresh token lives.")] = 2592000
    refresh_idle_seconds: Annotated[int | None, Field(ge=60, le=YEAR, description="How long one lives without a use.")] = None
    refresh_mode: Annotated[RefreshMode, Field(description="What a refresh does with the token.")] = "rotate"
    refresh_grace_seconds: Annotated[int, Field(ge=1, le=300, description="How long, with `grace`, an answer is lost.")] = 30
    application_type: Annotated[Kind, Field(description="Where it runs.")] = "web"
    logo_url: Annotated[str | None, Field(description="A square picture.")] = None
    client_uri: Annotated[str | None, Field(description="The application's own page.")] = None
    policy_uri: Annotated[str | None, Field(description="How it treats what it learns of people.")] = None
    tos_uri: Annotated[str | None, Field(description="Its terms.")] = None
    contacts: Annotated[list[str], Field(description="Who answers for it.")] = []


class ClientChange(ClientSettings):
    """What is to be changed; what is left out stays. `null` takes an optional setting away."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"require_par": True}]})

    name: Annotated[str, Field(description="People read it when they are asked for consent.")] = ""


class NewClient(ClientSettings):
    """A client to be registered; what is left out is as for one that is made in the dashboard."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Web shop", "redirect_uris": ["https://shop.example.com/callback"]}]},
    )

    name: Annotated[str, Field(description="People read it when they are asked for consent.")]
    client_type: Annotated[Literal["confidential", "public"], Field(description="Whether it can keep a secret.")] = "confidential"


CLIENT = {
    "id": "0199f3c2-7c1e-7d52-9a3b-3f2b8d1c5e77",
    "client_id": "n6SkbAr7XQbMcVBvUwkXmQ",
    "tenant_id": "0199f3c2-1111-7aaa-8bbb-0123456789ab",
    "name": "Web shop",
    "client_type": "confidential",
    "registered_by": "operator",
    "created_at": "2026-11-23T17:00:00Z",
    "updated_at": "2026-11-23T17:00:00Z",
    "redirect_uris": ["https://shop.example.com/callback"],
}


class Client(ClientSettings, Answer):
    """An application that asks for tokens; its secret is nowhere in it."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [CLIENT]})

    id: Annotated[Id, Field(description="Its id in this API.")]
    client_id: Annotated[str, Field(description="Its id in the protocol.")]
    tenant_id: Annotated[Id, Field(description="The tenant it belongs to.")]
    name: Annotated[str, Field(description="What people call it.")]
    client_type: Annotated[str, Field(description="`confidential` or `public`.")]
    registered_by: Annotated[str, Field(description="`operator`, `registration` or `document`: how it came to be here.")]
    disabled_at: Annotated[datetime | None, Field(description="Since when it is refused.")] = None
    created_at: Annotated[datetime, Field(description="When it was made.")]
    updated_at: Annotated[datetime, Field(description="When it last changed.")]


class MadeClient(Client):
    """A client that was just made, with its secret, which is shown only now."""

    model_config = ConfigDict(json_schema_extra={"examples": [CLIENT | {"client_secret": "jB1n0…"}]})

    client_secret: Annotated[str | None, Field(description="Its secret, when it has one. It is not shown again.")] = None


class ClientPage(Page):
    """Clients, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [CLIENT]}]})

    items: list[Client]


class Secret(Answer):
    """A new secret, which is shown only now."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"client_secret": "jB1n0…"}]})

    client_secret: Annotated[str, Field(description="The secret. The one before no longer works.")]


class ResourceRules(BaseModel):
    """What can be set of a resource."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"scopes": {"read": "See your orders"}}]})

    name: Annotated[str, Field(description="What people call it.")] = ""
    scopes: Annotated[dict[str, str], Field(description="Each scope, and the words in which a person is asked for it.")] = {}
    clients: Annotated[list[str] | None, Field(description="Who may ask for tokens to it, by client_id; `null` for all.")] = None
    introspectors: Annotated[list[str], Field(description="Who may ask what a token to it is, by client_id.")] = []
    token_seconds: Annotated[int | None, Field(ge=30, le=86400, description="How long its tokens live.")] = None


RESOURCE = {
    "id": "0199f3c2-7c1e-7d52-9a3b-3f2b8d1c5e78",
    "tenant_id": "0199f3c2-1111-7aaa-8bbb-0123456789ab",
    "identifier": "https://orders.example.com",
    "name": "Orders",
    "scopes": {"read": "See your orders"},
    "introspectors": [],
    "created_at": "2026-11-23T17:00:00Z",
    "updated_at": "2026-11-23T17:00:00Z",
}


class NewResource(ResourceRules):
    """An API to be kept."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"identifier": "https://orders.example.com", "name": "Orders"}]}
    )

    identifier: Annotated[str, Field(description="Its identifier (RFC 8707 §2), which tokens carry as `aud`.")]
    name: Annotated[str, Field(description="What people call it.")]


class Resource(ResourceRules, Answer):
    """An API that tokens are for."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [RESOURCE]})

    id: Annotated[Id, Field(description="Its id in this API.")]
    tenant_id: Annotated[Id, Field(description="The tenant it belongs to.")]
    identifier: Annotated[str, Field(description="Its identifier (RFC 8707 §2).")]
    created_at: Annotated[datetime, Field(description="When it was made.")]
    updated_at: Annotated[datetime, Field(description="When it last changed.")]


class ResourcePage(Page):
    """Resources, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [RESOURCE]}]})

    items: list[Resource]


KEY = {
    "kid": "k3vQxq0mWc7fB2aE",
    "alg": "ES256",
    "state": "signing",
    "created_at": "2026-11-23T17:00:00Z",
    "signs_from": "2026-11-24T17:00:00Z",
}


class Key(Answer):
    """A signing key of a tenant; its private part is nowhere in it."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [KEY]})

    kid: Annotated[str, Field(description="Its id, which tokens name.")]
    alg: Annotated[str, Field(description="What it signs with.")]
    state: Annotated[str, Field(description="`published`, `signing`, `retired`, or `revoked` when ended early.")]
    created_at: Annotated[datetime, Field(description="When it was made and published.")]
    signs_from: Annotated[datetime, Field(description="When it begins to sign.")]
    retires_at: Annotated[datetime | None, Field(description="When its successor signs.")] = None
    gone_at: Annotated[datetime | None, Field(description="When it leaves the JWKS.")] = None


class Keys(Answer):
    """The keys of a tenant, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [KEY]}]})

    items: list[Key]


class Rotation(BaseModel):
    """How keys are to be succeeded."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"at_once": False}]})

    at_once: Annotated[bool, Field(description="Sign with the new ones now, unannounced: after a leak.")] = False


PERSON = {
    "id": "0199f3c2-7c1e-7d52-9a3b-3f2b8d1c5e77",
    "tenant_id": "0199f3c2-1111-7aaa-8bbb-0123456789ab",
    "email": "ada@example.com",
    "email_verified": True,
    "name": "Ada Lovelace",
    "permissions": [],
    "disabled": False,
    "created_at": "2026-11-23T17:00:00Z",
}


class Person(Answer):
    """A user, as operators see them."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [PERSON]})

    id: Annotated[Id, Field(description="Their id, which is `sub` for most applications.")]
    tenant_id: Annotated[Id, Field(description="The tenant they belong to.")]
    email: Annotated[str, Field(description="Their e-mail address.")]
    email_verified: Annotated[bool, Field(description="Whether they have proved that it is theirs.")]
    name: Annotated[str, Field(description="Their name; empty when none was given.")]
    permissions: Annotated[list[str], Field(description="What they may do here.")]
    disabled: Annotated[bool, Field(description="Whether they are kept out.")]
    fields: Annotated[dict[str, Any], Field(description="What they have under the tenant's own fields, by slug.")] = {}
    last_login_at: Annotated[datetime | None, Field(description="When they last signed in.")] = None
    created_at: Annotated[datetime, Field(description="When the account was made.")]


class NewPerson(BaseModel):
    """Somebody for whom an account is made."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"email": "ada@example.com", "name": "Ada"}]})

    email: Annotated[str, Field(max_length=320, pattern=r"^[^\x00]*$", description="Their e-mail address.")]
    name: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$", description="Their name.")] = ""
    password: Annotated[str | None, Field(max_length=4096, description="At least as many characters as the tenant says.")] = None


class PersonPage(Page):
    """Users, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [PERSON]}]})

    items: list[Person]


SENT = (Client, MadeClient, ClientPage, Secret, Resource, ResourcePage, Key, Keys, Person, PersonPage)
TAKEN = (NewClient, ClientChange, NewResource, ResourceRules, Rotation)
