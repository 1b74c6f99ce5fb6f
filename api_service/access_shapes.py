"""What the API of operators sends and takes about who may do what: authorizations, findings about clients, trusted issuers."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api_service.admin_shapes import Id, Page, Profile
from api_service.shapes import Answer

AUTHORIZATION = {
    "id": "0199f3c2-7c1e-7d52-9a3b-3f2b8d1c5e80",
    "client_id": "n6SkbAr7XQbMcVBvUwkXmQ",
    "client_name": "Web shop",
    "scopes": ["openid", "email"],
    "words": ["Know that it is you, by an identifier", "See your e-mail address"],
    "way": "In a browser",
    "created_at": "2026-11-23T17:00:00Z",
    "used_at": "2026-11-23T17:00:00Z",
    "expires_at": "2026-12-23T17:00:00Z",
}
ISSUER = {
    "id": "0199f3c2-7c1e-7d52-9a3b-3f2b8d1c5e81",
    "tenant_id": "0199f3c2-1111-7aaa-8bbb-0123456789ab",
    "issuer": "https://login.partner.example",
    "name": "Partner",
    "jwks_uri": "https://login.partner.example/jwks.json",
    "subject_is": "email",
    "scopes": ["openid", "email"],
    "created_at": "2026-11-23T17:00:00Z",
    "updated_at": "2026-11-23T17:00:00Z",
}


class Authorization(Answer):
    """What a person let an application do, once: every token of that run ends with it."""

    model_config = ConfigDict(json_schema_extra={"examples": [AUTHORIZATION]})

    id: Annotated[Id, Field(description="Its id.")]
    client_id: Annotated[str, Field(description="The application, as the protocol names it.")]
    client_name: Annotated[str, Field(description="What people call the application.")]
    scopes: Annotated[list[str], Field(description="What was granted.")]
    words: Annotated[list[str], Field(description="The same, as the person was asked for it.")]
    way: Annotated[str, Field(description="How the person gave it.")]
    created_at: Annotated[datetime, Field(description="When.")]
    used_at: Annotated[datetime, Field(description="When it last gave tokens.")]
    expires_at: Annotated[datetime, Field(description="When it gives none any more.")]


class Authorizations(Answer):
    """The authorizations of a person that stand, newest first; a hundred at most."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [AUTHORIZATION]}]})

    items: list[Authorization]


class RevokedAuthorization(Answer):
    """An authorization that was ended."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": AUTHORIZATION["id"]}]})

    id: Annotated[Id, Field(description="Its id.")]


class Finding(Answer):
    """A setting of a client that departs from its profile."""

    model_config = ConfigDict(from_attributes=True)

    setting: Annotated[str, Field(description="Which setting.")]
    written: Annotated[str, Field(description="What it is.")]
    should: Annotated[str, Field(description="What the profile asks.")]
    why: Annotated[str, Field(description="Why that matters.")]
    mend: Annotated[str, Field(description="What mends it.")]


class Findings(Answer):
    """Where a client departs from its profile; empty when it does not."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"profile": "oauth21", "items": []}]})

    profile: Annotated[str, Field(description="The profile.")]
    items: list[Finding]


class ChosenProfile(BaseModel):
    """Which profile a client is to follow."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"profile": "fapi2"}]})

    profile: Annotated[Profile, Field(description="The profile, whose settings are all set at once.")]


class IssuerRules(BaseModel):
    """What can be set of a trusted issuer."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"scopes": ["openid"]}]})

    name: Annotated[str, Field(description="What operators call it.")] = ""
    jwks: Annotated[dict[str, Any] | None, Field(description="Its public keys (RFC 7517 §5).")] = None
    jwks_uri: Annotated[str | None, Field(description="Or where it publishes them.")] = None
    subject_is: Annotated[Literal["id", "email"], Field(description="What its `sub` is to us.")] = "id"
    clients: Annotated[list[str] | None, Field(description="Who may bring its assertions, by client_id; `null` for all.")] = None
    scopes: Annotated[list[str], Field(description="What its assertions can buy.")] = []


class NewIssuer(IssuerRules):
    """An issuer to be trusted."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{name: ISSUER[name] for name in ("issuer", "name", "jwks_uri", "subject_is")}]},
    )

    issuer: Annotated[str, Field(description="Its `iss`, letter by letter.")]
    name: Annotated[str, Field(description="What operators call it.")]


class Issuer(IssuerRules, Answer):
    """Someone else whose signed word about a person is believed (RFC 7523 §2.1)."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [ISSUER]})

    id: Annotated[Id, Field(description="Its id in this API.")]
    tenant_id: Annotated[Id, Field(description="The tenant that trusts it.")]
    issuer: Annotated[str, Field(description="Its `iss`.")]
    created_at: Annotated[datetime, Field(description="Since when it is trusted.")]
    updated_at: Annotated[datetime, Field(description="When this last changed.")]


class IssuerPage(Page):
    """Trusted issuers, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [ISSUER]}]})

    items: list[Issuer]


SENT = (Authorization, Authorizations, RevokedAuthorization, Finding, Findings, Issuer, IssuerPage)
TAKEN = (ChosenProfile, IssuerRules, NewIssuer)
