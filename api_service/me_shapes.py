"""What the API of oneself sends and takes: sessions, applications, password, e-mail address."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api_service.shapes import Answer

WRITTEN = ConfigDict(extra="forbid")
SESSION = {
    "id": "pQ7vX0b1t1nC2m8J9k3LqA",
    "current": True,
    "browser": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "address": "203.0.113.9",
    "signed_in_with": ["pwd"],
    "created_at": "2026-11-23T17:00:00Z",
    "last_seen_at": "2026-11-23T17:00:00Z",
}
APPLICATION = {
    "id": "0199f3c2-7c1e-7d52-9a3b-3f2b8d1c5e80",
    "client_id": "n6SkbAr7XQbMcVBvUwkXmQ",
    "name": "Web shop",
    "scopes": ["openid", "email"],
    "words": ["Know that it is you, by an identifier", "See your e-mail address"],
    "since": "2026-11-23T17:00:00Z",
    "used_at": "2026-11-23T17:00:00Z",
}


FACTOR = {"id": APPLICATION["id"], "kind": "totp", "name": "My phone", "created_at": "2026-11-23T17:00:00Z"}
IDENTITY = {
    "id": APPLICATION["id"],
    "provider": "github",
    "provider_name": "GitHub",
    "email": "ada@example.com",
    "created_at": "2026-11-23T17:00:00Z",
}


class NewPassword(BaseModel):
    """A new password of one's own."""

    model_config = WRITTEN | ConfigDict(json_schema_extra={"examples": [{"password": "nine engines and a kettle"}]})

    password: Annotated[str, Field(max_length=4096, description="The password: long, and on no list of common ones.")]


class NewEmail(BaseModel):
    """Another e-mail address of one's own."""

    model_config = WRITTEN | ConfigDict(json_schema_extra={"examples": [{"email": "ada@example.org"}]})

    email: Annotated[str, Field(max_length=320, description="The address that a code is sent to.")]


class CodeByLetter(BaseModel):
    """What stood in the letter."""

    model_config = WRITTEN | ConfigDict(json_schema_extra={"examples": [{"code": "4KD7XM"}]})

    code: Annotated[str, Field(max_length=64, description="The code.")]


class EmailChange(Answer):
    """A change of address that waits for its code."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "ada@example.com", "new_email": "ada@example.org"}]})

    email: Annotated[str, Field(description="The address now, which stays until the code is typed.")]
    new_email: Annotated[str, Field(description="Where the code went, unless it has an account of its own.")]


class SessionOfMine(Answer):
    """A browser in which one is signed in."""

    model_config = ConfigDict(json_schema_extra={"examples": [SESSION]})

    id: Annotated[str, Field(description="Its id, which ID tokens name `sid`.")]
    current: Annotated[bool, Field(description="Whether the token was given in it.")]
    browser: Annotated[str, Field(description="What the browser calls itself.")]
    address: Annotated[str | None, Field(description="The address that it was last used from.")] = None
    signed_in_with: Annotated[list[str], Field(description="How one signed in (RFC 8176).")]
    created_at: Annotated[datetime, Field(description="When it began.")]
    last_seen_at: Annotated[datetime, Field(description="When it was last used, to the minute.")]


class SessionsOfMine(Answer):
    """One's sessions, the last used first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [SESSION]}]})

    items: list[SessionOfMine]


class ApplicationOfMine(Answer):
    """An application that one has let in."""

    model_config = ConfigDict(json_schema_extra={"examples": [APPLICATION]})

    id: Annotated[str, Field(description="Its id in this API.")]
    client_id: Annotated[str, Field(description="Its id in the protocol.")]
    name: Annotated[str, Field(description="What it is called.")]
    scopes: Annotated[list[str], Field(description="What it may do.")]
    words: Annotated[list[str], Field(description="The same, as one was asked for it.")]
    since: Annotated[datetime, Field(description="Since when.")]
    used_at: Annotated[datetime | None, Field(description="When it last got tokens; missing if it holds none.")] = None


class ApplicationsOfMine(Answer):
    """The applications that one has let in, the latest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [APPLICATION]}]})

    items: list[ApplicationOfMine]


class FactorOfMine(Answer):
    """A way to prove who one is, besides a password."""

    model_config = ConfigDict(json_schema_extra={"examples": [FACTOR]})

    id: Annotated[str, Field(description="Its id in this API.")]
    kind: Annotated[str, Field(description="What it is: `passkey` or `totp`.")]
    name: Annotated[str, Field(description="What one calls it.")]
    created_at: Annotated[datetime, Field(description="When it was added.")]
    last_used_at: Annotated[datetime | None, Field(description="When it last served; missing if it never has.")] = None


class FactorsOfMine(Answer):
    """One's factors, oldest first. They are added in the pages of the account, where a browser can prove them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [FACTOR]}]})

    items: list[FactorOfMine]


class IdentityOfMine(Answer):
    """Who one is at another provider, where one can sign in with it."""

    model_config = ConfigDict(json_schema_extra={"examples": [IDENTITY]})

    id: Annotated[str, Field(description="Its id in this API.")]
    provider: Annotated[str, Field(description="The provider, by its slug.")]
    provider_name: Annotated[str, Field(description="What people call the provider.")]
    email: Annotated[str | None, Field(description="The address that it told.")] = None
    email_verified: Annotated[bool, Field(description="Whether it has confirmed it, and its word counts.")] = False
    name: Annotated[str | None, Field(description="The name that it told.")] = None
    created_at: Annotated[datetime, Field(description="When it was linked.")]
    last_used_at: Annotated[datetime | None, Field(description="When one last signed in with it.")] = None


class IdentitiesOfMine(Answer):
    """One's identities, oldest first. They are linked in the pages of the account."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [IDENTITY]}]})

    items: list[IdentityOfMine]


class Ended(Answer):
    """What is over."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": SESSION["id"]}]})

    id: Annotated[str, Field(description="Its id.")]


class CopyOfData(Answer):
    """All that is kept about oneself; what is in each list is said by its names."""

    model_config = ConfigDict(
        extra="allow", json_schema_extra={"examples": [{"account": {"email": "ada@example.com"}, "sessions": []}]}
    )

    account: Annotated[dict[str, Any], Field(description="The account.")]
    sessions: Annotated[list[dict[str, Any]], Field(description="Where one is signed in.")]


class FieldsOfFief(BaseModel):
    """What Fief's own clients send: the person's fields, by slug."""

    model_config = WRITTEN | ConfigDict(json_schema_extra={"examples": [{"fields": {}}]})

    fields: Annotated[dict[str, Any], Field(description="Each field by its slug; those that are unknown are ignored.")] = {}


SENT = (
    FactorOfMine,
    FactorsOfMine,
    IdentityOfMine,
    IdentitiesOfMine,
    EmailChange,
    SessionOfMine,
    SessionsOfMine,
    ApplicationOfMine,
    ApplicationsOfMine,
    Ended,
    CopyOfData,
)
TAKEN = (NewPassword, NewEmail, CodeByLetter, FieldsOfFief)
