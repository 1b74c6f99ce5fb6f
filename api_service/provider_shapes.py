"""What the API of operators sends and takes about providers that people sign in with, and who they are there."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api_service.admin_shapes import Id
from api_service.shapes import Answer

Preset = Literal[
    "google",
    "microsoft",
    "apple",
    "github",
    "gitlab",
    "discord",
    "facebook",
    "linkedin",
    "reddit",
    "slack",
    "openid",
    "oauth2",
]
PROVIDER = {
    "id": "0199f3c2-7c1e-7d52-9a3b-3f2b8d1c5e90",
    "tenant_id": "0199f3c2-1111-7aaa-8bbb-0123456789ab",
    "slug": "google",
    "name": "Google",
    "preset": "google",
    "redirect_uri": "https://id.example.com/login/with/google/callback",
    "client_id": "1234.apps.googleusercontent.com",
    "has_secret": True,
    "enabled": True,
    "people": 12,
    "created_at": "2026-11-23T17:00:00Z",
    "updated_at": "2026-11-23T17:00:00Z",
}
IDENTITY = {
    "id": "0199f3c2-7c1e-7d52-9a3b-3f2b8d1c5e91",
    "provider_id": PROVIDER["id"],
    "provider": "google",
    "subject": "110169484474386276334",
    "email": "ada@example.com",
    "has_tokens": False,
    "created_at": "2026-11-23T17:00:00Z",
}


class ProviderRules(BaseModel):
    """What can be set of a provider; what its preset does not know stays away."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"enabled": False}]})

    name: Annotated[str, Field(description="What the button calls it.")] = ""
    client_id: Annotated[str, Field(description="What it calls us.")] = ""
    secret: Annotated[str | None, Field(description="The secret it gave us; for Apple the text of the key.")] = None
    scopes: Annotated[list[str], Field(description="What we ask it for.")] = []
    discovery_url: Annotated[str | None, Field(description="`openid`: its issuer or its discovery document.")] = None
    endpoints: Annotated[
        dict[Literal["authorization", "token", "userinfo", "emails", "issuer"], str | None],
        Field(description="`oauth2`: its addresses."),
    ] = {}
    paths: Annotated[
        dict[Literal["subject", "email", "email_verified", "name"], str],
        Field(description="`oauth2`: where these stand in its profile answer, names joined by dots."),
    ] = {}
    authentication: Annotated[
        Literal["", "client_secret_basic", "client_secret_post", "none"], Field(description="How we show the secret.")
    ] = ""
    directory: Annotated[str, Field(description="`microsoft`: common, organizations, consumers, or one directory.")] = ""
    team_id: Annotated[str, Field(description="`apple`: the team.")] = ""
    key_id: Annotated[str, Field(description="`apple`: the name of the key.")] = ""
    origin: Annotated[str, Field(description="`github`, `gitlab`: the address of a server of your own.")] = ""
    trusts_email: Annotated[bool, Field(description="An address is verified when it says so.")] = False
    keeps_tokens: Annotated[bool, Field(description="Keep its tokens, sealed, for applications of yours.")] = False
    enabled: Annotated[bool, Field(description="Whether people can sign in with it.")] = True


class NewProvider(ProviderRules):
    """A provider to be added."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"preset": "google", "client_id": PROVIDER["client_id"], "secret": "GOCSPX-…"}]},
    )

    preset: Annotated[Preset, Field(description="What is known of it.")]
    slug: Annotated[str | None, Field(description="Its part of the redirect URI; made from the name unless given.")] = None
    client_id: Annotated[str, Field(description="What it calls us.")]


class Order(BaseModel):
    """The order of the buttons."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"ids": [PROVIDER["id"]]}]})

    ids: Annotated[list[UUID], Field(max_length=50, description="The providers that come first.")]


class Provider(Answer):
    """Somebody with whom people can sign in; never its secret."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [PROVIDER]})

    id: Annotated[Id, Field(description="Its id in this API.")]
    tenant_id: Annotated[Id, Field(description="The tenant whose people it is for.")]
    slug: Annotated[str, Field(description="Its part of the redirect URI.")]
    name: Annotated[str, Field(description="What the button calls it.")]
    preset: Annotated[Preset, Field(description="What is known of it.")]
    redirect_uri: Annotated[str, Field(description="Where it sends people back to: to be registered with it.")]
    client_id: Annotated[str, Field(description="What it calls us.")]
    has_secret: Annotated[bool, Field(description="Whether a secret is kept.")]
    scopes: Annotated[list[str], Field(description="What we ask it for.")] = []
    discovery_url: Annotated[str | None, Field(description="Its discovery document.")] = None
    endpoints: Annotated[dict[str, str], Field(description="Its addresses, where it has no discovery document.")] = {}
    settings: Annotated[dict[str, Any], Field(description="The rest of what was set.")] = {}
    trusts_email: Annotated[bool, Field(description="An address is verified when it says so.")] = False
    keeps_tokens: Annotated[bool, Field(description="Its tokens are kept.")] = False
    enabled: Annotated[bool, Field(description="Whether people can sign in with it.")]
    people: Annotated[int, Field(description="How many have linked an account there.")]
    created_at: Annotated[datetime, Field(description="When it was added.")]
    updated_at: Annotated[datetime, Field(description="When it last changed.")]


class Providers(Answer):
    """The providers of a tenant, in the order of their buttons."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [PROVIDER]}]})

    items: list[Provider]


class Identity(Answer):
    """Who a person is at a provider: its `sub`, never an e-mail address."""

    model_config = ConfigDict(json_schema_extra={"examples": [IDENTITY]})

    id: Annotated[Id, Field(description="Its id in this API.")]
    provider_id: Annotated[Id, Field(description="The provider.")]
    provider: Annotated[str, Field(description="The provider's slug.")]
    subject: Annotated[str, Field(description="Who the person is there.")]
    email: Annotated[str | None, Field(description="The address that the provider told last.")] = None
    email_verified: Annotated[bool, Field(description="Whether the provider calls it verified, and its word is good.")] = False
    name: Annotated[str | None, Field(description="The name that the provider told last.")] = None
    has_tokens: Annotated[bool, Field(description="Whether tokens of the provider are kept.")]
    created_at: Annotated[datetime, Field(description="When it was linked.")]
    last_used_at: Annotated[datetime | None, Field(description="When it last opened the account.")] = None


class Identities(Answer):
    """The identities of a person, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [IDENTITY]}]})

    items: list[Identity]


class ProviderTokens(Answer):
    """The tokens of a provider, as it gave them the last time that the person signed in with it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"access_token": "ya29.…", "token_type": "Bearer"}]})

    access_token: Annotated[str | None, Field(description="For the provider's own APIs.")] = None
    refresh_token: Annotated[str | None, Field(description="For new ones, with the provider's client ID and secret.")] = None
    token_type: Annotated[str | None, Field(description="As the provider said.")] = None
    scope: Annotated[str | None, Field(description="What the provider granted.")] = None
    expires_at: Annotated[int | None, Field(description="When the access token ends, in seconds since 1970.")] = None


SENT = (Provider, Providers, Identity, Identities, ProviderTokens)
TAKEN = (ProviderRules, NewProvider, Order)
