"""What the API sends and takes: the same models check it and describe it in /openapi.json."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class Answer(BaseModel):
    """Base of what is sent: nothing that is not described leaves."""

    model_config = ConfigDict(extra="forbid")


class Address(Answer):
    """A postal address (OpenID Connect Core §5.1.1). Lines are parted by a line feed."""

    formatted: Annotated[str | None, Field(description="The whole address, ready for an envelope.")] = None
    street_address: Annotated[str | None, Field(description="Street and house, or a post office box.")] = None
    locality: Annotated[str | None, Field(description="City or town.")] = None
    region: Annotated[str | None, Field(description="State, province or county.")] = None
    postal_code: Annotated[str | None, Field(description="Postal code.")] = None
    country: Annotated[
        str | None, Field(description="Country: its code (ISO 3166-1 alpha-2) or its name; userinfo has the name.")
    ] = None


class OwnClaims(Answer):
    """What is known of a person besides name and e-mail address, and they may say themselves (OpenID Connect Core §5.1)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"given_name": "Ada", "locale": "en-GB", "address": {"locality": "London"}}]},
    )

    family_name: Annotated[str | None, Field(description="Family name.")] = None
    given_name: Annotated[str | None, Field(description="Given name.")] = None
    middle_name: Annotated[str | None, Field(description="Middle name.")] = None
    nickname: Annotated[str | None, Field(description="What friends call them.")] = None
    preferred_username: Annotated[str | None, Field(description="How they like to be called. It need not be unique.")] = None
    profile: Annotated[str | None, Field(description="The address of their profile page.")] = None
    picture: Annotated[str | None, Field(description="The address of a picture of them.")] = None
    website: Annotated[str | None, Field(description="The address of their website.")] = None
    gender: Annotated[str | None, Field(description="Gender, in their own words.")] = None
    birthdate: Annotated[str | None, Field(description="YYYY-MM-DD, with the year 0000 when it is not told; or the year.")] = None
    zoneinfo: Annotated[str | None, Field(description="The time zone, such as Europe/Paris.")] = None
    locale: Annotated[str | None, Field(description="The language, such as en-GB.")] = None
    address: Annotated[Address | None, Field(description="The postal address.")] = None
    phone_number: Annotated[str | None, Field(description="The phone number, as +16045551234 (E.164).")] = None


class PersonClaims(OwnClaims):
    """What is known of a person besides name and e-mail address (OpenID Connect Core §5.1)."""

    phone_number_verified: Annotated[bool | None, Field(description="Whether the number has proved to be theirs.")] = None


class Userinfo(PersonClaims):
    """Claims about the person the token speaks for, each with its scope (OpenID Connect Core §5.1, §5.3.2, §5.4).

    Those of a tenant's own, which its user fields are, stand among them (§5.1.2).
    """

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "sub": "0199f3c2-7c1e-7d52-9a3b-3f2b8d1c5e77",
                    "email": "ada@example.com",
                    "email_verified": True,
                    "name": "Ada Lovelace",
                    "updated_at": 1795449600,
                    "tenant_id": "0199f3c2-1111-7aaa-8bbb-0123456789ab",
                    "is_active": True,
                    "fields": {},
                }
            ]
        },
    )

    sub: Annotated[str, Field(description="The person's identifier: stable, and never given to anyone else.")]
    email: Annotated[str | None, Field(description="With the scope `email`, or for a first-party application.")] = None
    email_verified: Annotated[bool | None, Field(description="Whether the person has proved that the address is theirs.")] = None
    name: Annotated[str | None, Field(description="With the scope `profile`, or for a first-party application.")] = None
    updated_at: Annotated[int | None, Field(description="When the profile last changed, in seconds since 1970.")] = None
    tenant_id: Annotated[str | None, Field(description="For a first-party application: the tenant the person belongs to.")] = None
    is_active: Annotated[bool | None, Field(description="For a first-party application: true, as others are refused.")] = None
    fields: Annotated[
        dict[str, Any] | None, Field(description="For a first-party application: what the tenant asks of its people, by slug.")
    ] = None


class TokenForm(BaseModel):
    """The token in a form body, for those who cannot set a header (RFC 6750 §2.2). Never beside an Authorization header."""

    access_token: Annotated[str, Field(description="The access token; empty when it comes in the header.")] = ""


class Me(Answer):
    """Oneself."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sub": "0199f3c2-7c1e-7d52-9a3b-3f2b8d1c5e77",
                    "name": "Ada Lovelace",
                    "created_at": "2026-11-23T17:00:00Z",
                    "updated_at": "2026-11-23T17:00:00Z",
                }
            ]
        }
    )

    sub: Annotated[str, Field(description="One's identifier.")]
    name: Annotated[str, Field(description="One's name; empty when none was given.")]
    created_at: Annotated[str, Field(description="When the account was made.", json_schema_extra={"format": "date-time"})]
    updated_at: Annotated[str, Field(description="When it last changed.", json_schema_extra={"format": "date-time"})]
    email: Annotated[str | None, Field(description="With the scope `account`: one's e-mail address.")] = None
    email_verified: Annotated[bool | None, Field(description="With the scope `account`: whether it is verified.")] = None
    has_password: Annotated[bool | None, Field(description="With the scope `account`: whether one can sign in with one.")] = None
    second_factors: Annotated[list[str] | None, Field(description="With the scope `account`: the kinds that one has.")] = None
    claims: Annotated[OwnClaims | None, Field(description="With the scope `account`: what else is known.")] = None
    fields: Annotated[dict[str, Any] | None, Field(description="With the scope `account`: the tenant's fields, by slug.")] = None


class MeChange(BaseModel):
    """What one may change about oneself; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "Ada King", "claims": {"locale": "en-GB"}}]}
    )

    name: Annotated[
        str | None,
        # A line break or another control character in a name could forge lines in letters and logs.
        StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"),
        Field(description="The name to go by."),
    ] = None
    claims: Annotated[OwnClaims | None, Field(description="Those that are named; null takes one away.")] = None
    fields: Annotated[dict[str, Any] | None, Field(description="The tenant's fields that one may edit, by slug.")] = None


class Slip(BaseModel):
    """One thing that is wrong in a request."""

    field: Annotated[str, Field(description="Where in the request body.")]
    message: Annotated[str, Field(description="What is wrong with it.")]


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Unauthorized",
                    "status": 401,
                    "code": "invalid_token",
                    "detail": "The token has expired.",
                }
            ]
        }
    )

    type: Annotated[str, Field(description="A URI for the kind of problem.")]
    title: Annotated[str, Field(description="The status in words.")]
    status: Annotated[int, Field(description="The HTTP status.")]
    code: Annotated[str, Field(description="A stable code for programs; for tokens, the error code of RFC 6750.")]
    detail: Annotated[str, Field(description="What happened and what to do, for people.")]
    request_id: Annotated[str | None, Field(description="What the server's log calls this request.")] = None
    errors: Annotated[list[Slip], Field(description="For a body that does not fit: each slip.")] = []


class ProtectedResource(Answer):
    """What a client must know of this API to ask for a token (RFC 9728 §2)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "resource": "https://id.example.com/api",
                    "authorization_servers": ["https://id.example.com"],
                    "scopes_supported": ["openid", "profile", "email"],
                    "bearer_methods_supported": ["header", "body"],
                    "dpop_signing_alg_values_supported": ["ES256", "PS256", "EdDSA", "Ed25519"],
                    "resource_name": "Example API",
                    "resource_documentation": "https://id.example.com/docs",
                }
            ]
        }
    )

    resource: Annotated[str, Field(description="The identifier of the API: `aud` of its tokens, and `resource` when asking.")]
    authorization_servers: Annotated[list[str], Field(description="The issuers whose tokens it believes.")]
    scopes_supported: Annotated[list[str], Field(description="The scopes that open something here.")]
    bearer_methods_supported: Annotated[
        list[Literal["header", "body"]], Field(description="How a token may be sent: in the header, or in a form by POST.")
    ]
    dpop_signing_alg_values_supported: Annotated[
        list[str], Field(description="What the proof of a token that is bound to a key may be signed with (RFC 9449).")
    ]
    resource_name: Annotated[str, Field(description="Its name, for people.")]
    resource_documentation: Annotated[str, Field(description="Where developers read about it.")]


class Alive(Answer):
    """The process serves requests."""

    status: Literal["ok"]


class Ready(Answer):
    """Whether each part that requests need is there."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok", "parts": {"database": "ok", "keys": "ok"}}]})

    status: Literal["ok", "unavailable"]
    parts: Annotated[dict[str, str], Field(description="Each part by name: ok, or what is the matter.")]
