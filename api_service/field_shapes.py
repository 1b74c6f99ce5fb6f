"""What the API of operators sends and takes about user fields, and what people have under them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api_service.admin_shapes import Id
from api_service.shapes import Answer

Kind = Literal[
    "string",
    "long_text",
    "integer",
    "boolean",
    "date",
    "datetime",
    "choice",
    "choices",
    "phone",
    "address",
    "timezone",
    "locale",
]
Choice = Annotated[list[str], Field(min_length=2, max_length=2)]
FIELD = {
    "id": "0199f3c2-7c1e-7d52-9a3b-3f2b8d1c5e82",
    "tenant_id": "0199f3c2-1111-7aaa-8bbb-0123456789ab",
    "slug": "company",
    "kind": "string",
    "name": "Company",
    "hint": "As it stands on your invoice.",
    "choices": [],
    "required": True,
    "at_sign_up": True,
    "editable": True,
    "claim": "company",
    "scope": "profile",
    "position": 0,
    "created_at": "2026-11-23T17:00:00Z",
    "updated_at": "2026-11-23T17:00:00Z",
}


class UserFieldRules(BaseModel):
    """What can be set of a user field."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"required": True}]})

    name: Annotated[str, Field(description="What people read beside the input.")] = ""
    hint: Annotated[str, Field(description="What they read below it.")] = ""
    choices: Annotated[list[Choice], Field(description="Of a choice: each value, and how people read it.")] = []
    required: Annotated[bool, Field(description="New accounts cannot do without; a box must be ticked.")] = False
    default: Annotated[Any, Field(description="What an account has where nothing is given; `null` for nothing.")] = None
    at_sign_up: Annotated[bool, Field(description="It is asked for when an account is made.")] = False
    editable: Annotated[bool, Field(description="People may change it themselves.")] = True
    claim: Annotated[str | None, Field(description="The claim that it becomes: one of your own, or a standard one.")] = None
    scope: Annotated[str | None, Field(description="The scope that releases it: `profile` unless you say another.")] = None


class UserFieldChange(UserFieldRules):
    """What is to be changed; what is left out stays."""

    position: Annotated[int | None, Field(ge=0, le=99, description="Its place among the fields, the first being 0.")] = None


class NewUserField(UserFieldRules):
    """A field to be asked for."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"kind": "string", "name": "Company", "at_sign_up": True}]}
    )

    kind: Annotated[Kind, Field(description="What is filled in. It stays for good.")]
    name: Annotated[str, Field(description="What people read beside the input.")]
    slug: Annotated[str | None, Field(description="What programs call it; made from the name unless given. It stays.")] = None


class UserField(UserFieldRules, Answer):
    """Something that a tenant asks of its people."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [FIELD]})

    id: Annotated[Id, Field(description="Its id in this API.")]
    tenant_id: Annotated[Id, Field(description="The tenant it belongs to.")]
    slug: Annotated[str, Field(description="What programs call it.")]
    kind: Annotated[str, Field(description="What is filled in.")]
    position: Annotated[int, Field(description="Its place among the fields, from 0.")]
    created_at: Annotated[datetime, Field(description="When it was made.")]
    updated_at: Annotated[datetime, Field(description="When it last changed.")]


class UserFields(Answer):
    """The fields of a tenant, in their order."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [FIELD]}]})

    items: list[UserField]


class DeletedUserField(Answer):
    """A field that is asked for no longer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": FIELD["id"], "values_deleted": 3}]})

    id: Annotated[str, Field(description="Which one.")]
    values_deleted: Annotated[int, Field(description="How many people had a value of their own under it.")]


VALUES = {"fields": {"company": "Analytical Engines", "newsletter": True}}


class FieldValues(Answer):
    """What a person has under the fields of their tenant."""

    model_config = ConfigDict(json_schema_extra={"examples": [VALUES]})

    fields: Annotated[dict[str, Any], Field(description="The values by the slugs of the fields; without one there is none.")]


class FieldValuesChange(BaseModel):
    """The fields to be filled in; those left out stay."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [VALUES]})

    fields: Annotated[dict[str, Any], Field(max_length=100, description="Values by slug; `null` takes one away.")]


SENT = (UserField, UserFields, DeletedUserField, FieldValues)
TAKEN = (UserFieldChange, NewUserField, FieldValuesChange)
