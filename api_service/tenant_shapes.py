"""What the API of operators sends and takes about tenants, and about what is ended early."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api_service.admin_shapes import Id, Page
from api_service.shapes import Answer

Registration = Literal["off", "token", "open"]
Factor = Literal["password", "passkey", "totp", "email"]
SecondFactor = Literal["never", "enrolled", "operators", "always"]
SignUp = Literal["open", "invitation", "domain", "off"]
Verification = Literal["before", "required", "later"]
TENANT = {
    "id": "0199f3c2-1111-7aaa-8bbb-0123456789ab",
    "slug": "acme",
    "name": "Acme",
    "is_default": False,
    "created_at": "2026-11-23T17:00:00Z",
    "updated_at": "2026-11-23T17:00:00Z",
}
INITIAL_ACCESS = {"id": "0199f3c2-7c1e-7d52-9a3b-3f2b8d1c5e79", "name": "Partners", "created_at": "2026-11-23T17:00:00Z"}


class Reason(BaseModel):
    """Why something is ended."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "Its laptop was stolen."}]})

    reason: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$", description="Kept in the audit log.")] = ""


class TenantSettings(BaseModel):
    """What can be set of a tenant."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"client_registration": "token"}]})

    name: Annotated[str, Field(description="What people call it.")] = ""
    logo_url: Annotated[str | None, Field(description="A picture.")] = None
    language: Annotated[str | None, Field(description="What people read who have not said: a tag such as `fr`.")] = None
    mail_name: Annotated[str | None, Field(description="Who letters are from; its name unless set.")] = None
    mail_from: Annotated[str | None, Field(description="The address that letters are from; the installation's unless set.")] = (
        None
    )
    support_contact: Annotated[
        str | None, Field(description="Whom people can ask for help: an https address or an e-mail address.")
    ] = None
    accent: Annotated[str | None, Field(description="The colour of its buttons, as #2563eb.")] = None
    sign_up: Annotated[SignUp, Field(description="Who may create an account.")] = "open"
    sign_up_domains: Annotated[
        list[str], Field(max_length=100, description="With `domain`, at which; `.example.com` is everything below it.")
    ] = []
    email_verification: Annotated[Verification, Field(description="When an e-mail address is verified.")] = "later"
    password_least: Annotated[int, Field(ge=8, le=64, description="How many characters a password has at least.")] = 12
    client_registration: Annotated[Registration, Field(description="Who may register a client (RFC 7591).")] = "off"
    client_documents: Annotated[bool, Field(description="A client_id may be the address of the client's document.")] = False
    factors: Annotated[list[Factor], Field(description="How people may prove who they are.")] = []
    second_factor: Annotated[SecondFactor, Field(description="Of whom a second factor is asked.")] = "enrolled"
    require_par: Annotated[bool, Field(description="Every client must push its requests (RFC 9126).")] = False
    implicit_allowed: Annotated[
        bool, Field(description="Clients that registered it may have tokens without a code. RFC 9700 §2.1.2 advises against it.")
    ] = False


class NewTenant(TenantSettings):
    """A tenant to be made."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Acme", "slug": "acme"}]})

    name: Annotated[str, Field(description="What people call it.")]
    slug: Annotated[str | None, Field(description="Its part of the address; made from the name unless given.")] = None


class Tenant(TenantSettings, Answer):
    """A population of users with its own issuer, keys and clients."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [TENANT]})

    id: Annotated[Id, Field(description="Its id in this API.")]
    slug: Annotated[str, Field(description="Its part of the address.")]
    is_default: Annotated[bool, Field(description="Whether it is the one at the root.")]
    created_at: Annotated[datetime, Field(description="When it was made.")]
    updated_at: Annotated[datetime, Field(description="When it last changed.")]


class TenantPage(Page):
    """Tenants, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [TENANT]}]})

    items: list[Tenant]


class NewInitialAccess(BaseModel):
    """An initial access token to be made."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Partners", "uses": 10, "days": 30}]})

    name: Annotated[str, Field(description="Whom it is for.")]
    uses: Annotated[int | None, Field(ge=1, le=1_000_000, description="For how many registrations; without end if not set.")] = (
        None
    )
    days: Annotated[int | None, Field(ge=1, le=3660, description="For how many days; without end if not set.")] = None


class InitialAccess(Answer):
    """A token with which clients may register themselves (RFC 7591 §3); not the token itself."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [INITIAL_ACCESS]})

    id: Annotated[Id, Field(description="Its id in this API.")]
    name: Annotated[str, Field(description="Whom it is for.")]
    uses_left: Annotated[int | None, Field(description="For how many registrations yet.")] = None
    created_at: Annotated[datetime, Field(description="When it was made.")]
    expires_at: Annotated[datetime | None, Field(description="When it ends.")] = None


class MadeInitialAccess(InitialAccess):
    """An initial access token that was just made, which is shown only now."""

    model_config = ConfigDict(json_schema_extra={"examples": [INITIAL_ACCESS | {"initial_access_token": "wq5sV…"}]})

    initial_access_token: Annotated[str, Field(description="The token. It is not shown again.")]


class InitialAccesses(Answer):
    """The initial access tokens of a tenant that serve, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [INITIAL_ACCESS]}]})

    items: list[InitialAccess]


INVITATION = {
    "id": "0199f3c2-7c1e-7d52-9a3b-3f2b8d1c5e7a",
    "tenant_id": "0199f3c2-1111-7aaa-8bbb-0123456789ab",
    "email": "ada@example.com",
    "state": "open",
    "invited_by": "grace@example.com",
    "created_at": "2026-11-23T17:00:00Z",
    "expires_at": "2026-11-30T17:00:00Z",
}


class NewInvitation(BaseModel):
    """Somebody who is to be invited."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"email": "ada@example.com"}]})

    email: Annotated[str, Field(max_length=320, pattern=r"^[^\x00]*$", description="Where the letter goes.")]


class Invitation(Answer):
    """A link by letter with which somebody makes an account; the link is nowhere in it."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [INVITATION]})

    id: Annotated[Id, Field(description="Its id in this API.")]
    tenant_id: Annotated[Id, Field(description="The tenant that it is to.")]
    email: Annotated[str, Field(description="Whose it is.")]
    state: Annotated[str, Field(description="`open`, `accepted`, `revoked` or `expired`.")]
    invited_by: Annotated[str, Field(description="Who sent it.")]
    created_at: Annotated[datetime, Field(description="When it was made.")]
    expires_at: Annotated[datetime, Field(description="Until when it works.")]


class InvitationPage(Page):
    """Invitations, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [INVITATION]}]})

    items: list[Invitation]


SENT = (Tenant, TenantPage, InitialAccess, MadeInitialAccess, InitialAccesses, Invitation, InvitationPage)
TAKEN = (Reason, TenantSettings, NewTenant, NewInitialAccess, NewInvitation)
