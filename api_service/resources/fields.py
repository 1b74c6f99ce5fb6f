"""User fields, for operators: what a tenant asks of its people, and what a person has under it."""

from uuid import UUID

from flask import Response
from flask.views import MethodView

from api_service import listing
from api_service.describe import describe
from api_service.field_shapes import (
    DeletedUserField,
    FieldValues,
    FieldValuesChange,
    NewUserField,
    UserField,
    UserFieldChange,
    UserFields,
)
from api_service.gate import operator, operators
from api_service.respond import body, respond
from shared.models.user import User
from shared.models.user_field import OPERATOR
from shared.services import field_values, tenants, user_fields, users

TAG = "User fields"


class Fields(MethodView):
    @describe("List user fields", tag=TAG, answer=UserFields, params=(listing.TENANT,), errors=(404, 422))
    @operators
    def get(self) -> Response:
        """Every field of a tenant, in the order in which people are asked."""
        return respond(UserFields(items=[UserField.model_validate(row) for row in user_fields.listed(listing.tenant())]))

    @describe(
        "Ask for a field",
        tag=TAG,
        answer=UserField,
        takes=NewUserField,
        status=201,
        params=(listing.TENANT,),
        errors=(404, 409, 413, 415, 422),
    )
    @operators
    def post(self) -> Response:
        """Ask the people of a tenant for one thing more. Accounts that there are get no value by it."""
        made = user_fields.create(listing.tenant(), by=operator(), **body(NewUserField).model_dump(exclude_unset=True))
        return respond(UserField.model_validate(made), 201)


class OneField(MethodView):
    @describe("Read a user field", tag=TAG, answer=UserField, params=(listing.ID,), errors=(404,))
    @operators
    def get(self, id: UUID) -> Response:
        """One field."""
        return respond(UserField.model_validate(user_fields.get(None, id)))

    @describe(
        "Change a user field",
        tag=TAG,
        answer=UserField,
        takes=UserFieldChange,
        params=(listing.ID,),
        errors=(404, 409, 413, 415, 422),
    )
    @operators
    def patch(self, id: UUID) -> Response:
        """Change what the body names; the rest stays, and kind and slug always do. Answers with the field as it is now."""
        field, changes = user_fields.get(None, id), body(UserFieldChange).model_dump(exclude_unset=True)
        position = changes.pop("position", None)
        user_fields.change(field, by=operator(), **changes)
        if position is not None:
            user_fields.place(field, position, by=operator())
        return respond(UserField.model_validate(user_fields.get(None, id)))

    @describe("Delete a user field", tag=TAG, answer=DeletedUserField, params=(listing.ID,), errors=(404,))
    @operators
    def delete(self, id: UUID) -> Response:
        """Ask for it no longer. What people have under it is deleted too, but for a standard claim, which stays in their profile.
        This cannot be undone."""
        field = user_fields.get(None, id)
        return respond(DeletedUserField(id=str(id), values_deleted=user_fields.delete(field, by=operator())))


class FieldsOfUser(MethodView):
    @describe("Read the fields of a user", tag=TAG, answer=FieldValues, params=(listing.ID,), errors=(404,))
    @operators
    def get(self, id: UUID) -> Response:
        """What a person has under the fields of their tenant."""
        return respond(_values(users.get(None, id)))

    @describe(
        "Change the fields of a user",
        tag=TAG,
        answer=FieldValues,
        takes=FieldValuesChange,
        params=(listing.ID,),
        errors=(404, 413, 415, 422),
    )
    @operators
    def patch(self, id: UUID) -> Response:
        """Fill in the fields that the body names, also those that people may not; null takes a value away."""
        user, typed = users.get(None, id), body(FieldValuesChange).fields
        tenant = tenants.get(user.tenant_id)
        return respond(_values(field_values.change(user, tenant, typed, where=OPERATOR, by=operator())))


def _values(user: User) -> FieldValues:
    return FieldValues(fields=field_values.of(user, user_fields.listed(tenants.get(user.tenant_id))))
