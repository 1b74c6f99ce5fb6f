"""User fields: what a tenant asks of its people, listed in their order, made, changed, moved and deleted."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from wtforms import BooleanField, Field, TextAreaField
from wtforms.validators import DataRequired

from auth_service import field_inputs
from auth_service.admin import choosing
from auth_service.admin.forms import Form, Lines, Question, Text
from auth_service.admin.gate import operator
from shared.models import claims
from shared.models.tenant import Tenant
from shared.models.user import User
from shared.models.user_field import OPERATOR, UserField
from shared.services import field_kinds, field_values, tenants, user_fields, users

CHOOSING = ("choice", "choices")
RULES = ("name", "hint", "at_sign_up", "required", "editable", "claim", "scope")


class FieldForm(Form):
    name = Text("Name", [DataRequired("Write what people are asked for.")])
    hint = Text("Hint")
    choices = Lines("Choices")
    at_sign_up = BooleanField("Ask for it when an account is made", default=True)
    required = BooleanField("It must be filled in")
    editable = BooleanField("People may change it themselves", default=True)
    claim = Text("Claim")
    scope = Text("Scope")

    def rules(self, kind: str) -> dict[str, Any]:
        """What `user_fields.create` and `user_fields.change` take."""
        pairs = [_pair(line) for line in self.choices.data] if kind in CHOOSING else []
        default = {"default": self["default"].data or None} if "default" in self else {}
        return {name: self[name].data for name in RULES} | {"choices": pairs, **default}


class NewFieldForm(FieldForm):
    slug = Text("Slug")


class ValuesForm(Form):
    """A form that field_inputs.ask adds fields to."""

    user_fields: Sequence[tuple[UserField, Field]] = ()


class Fields(MethodView):
    def get(self) -> ResponseReturnValue:
        tenant = _tenant()
        return render_template("admin/fields.html", fields=user_fields.listed(tenant), kinds=field_kinds.KINDS, **_around(tenant))


class NewField(MethodView):
    """The kind first: it says what else there is to be said."""

    def get(self) -> ResponseReturnValue:
        kind = request.args.get("kind", "")
        if kind not in field_kinds.KINDS:
            return render_template("admin/field_kind.html", kinds=field_kinds.KINDS, **_around(_tenant()))
        return _new_page(_tenant(), kind, _form(NewFieldForm, kind))

    def post(self) -> ResponseReturnValue:
        tenant, kind = _tenant(), request.args.get("kind", "")
        form = _form(NewFieldForm, kind)
        rules = {**form.rules(kind), "slug": form.slug.data or None}
        made = form.submit(lambda: user_fields.create(tenant, kind=kind, by=operator(), **rules))
        return (_new_page(tenant, kind, form), 422) if made is None else _back(tenant, f"{made.name} is asked for.")


class EditedField(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        field = user_fields.get(None, id)
        return _page("field_edit", field, _form(FieldForm, field.kind, data=_held(field)))

    def post(self, id: UUID) -> ResponseReturnValue:
        field = user_fields.get(None, id)
        form = _form(FieldForm, field.kind)
        form.submit(lambda: user_fields.change(field, by=operator(), **form.rules(field.kind)))
        return _page("field_edit", field, form) if form.refused else _back(tenants.get(field.tenant_id), "Updated.")


class MovedField(MethodView):
    def post(self, id: UUID) -> ResponseReturnValue:
        field = user_fields.get(None, id)
        user_fields.move(field, up="up" in request.form, by=operator())
        return redirect(url_for("admin.fields", tenant=tenants.get(field.tenant_id).slug))


class DeletedField(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return _page("field_delete", user_fields.get(None, id), Question())

    def post(self, id: UUID) -> ResponseReturnValue:
        field = user_fields.get(None, id)
        user_fields.delete(field, by=operator())
        return _back(tenants.get(field.tenant_id), f"{field.name} is deleted.")


class FieldsOfUser(MethodView):
    """What one person has under every field of their tenant."""

    def get(self, id: UUID) -> ResponseReturnValue:
        user = users.get(None, id)
        return render_template("admin/user_fields.html", user=user, form=_values_form(user))

    def post(self, id: UUID) -> ResponseReturnValue:
        user = users.get(None, id)
        form, tenant = _values_form(user), tenants.get(user.tenant_id)
        typed = field_inputs.typed(form)
        if form.submit(lambda: field_values.change(user, tenant, typed, where=OPERATOR, by=operator())) is None:
            return render_template("admin/user_fields.html", user=user, form=form), 422
        flash("The fields are changed.", "success")
        return redirect(url_for("admin.user", id=id))


def of_user(user: User, tenant: Tenant) -> list[tuple[UserField, Any]]:
    """The fields of a person's tenant, each with what they have under it, None for nothing."""
    fields = user_fields.listed(tenant)
    values = field_values.of(user, fields)
    return [(field, values.get(field.slug)) for field in fields]


def _values_form(user: User) -> ValuesForm:
    fields = user_fields.listed(tenants.get(user.tenant_id))
    return field_inputs.ask(ValuesForm, fields, field_values.of(user, fields))


def _form(base: type[Any], kind: str, **held: Any) -> Any:
    """With an input for the default that fits the kind; an address has none."""
    inputs: dict[str, type[Any]] = {"boolean": BooleanField, "long_text": TextAreaField, "choices": TextAreaField}
    words = "Ticked to begin with" if kind == "boolean" else "Default"
    more = {} if kind == "address" else {"default": inputs.get(kind, Text)(words)}
    return type(base.__name__, (base,), more)(**held)


def _pair(line: str) -> list[str]:
    """A choice as it is written: its value, and how people read it."""
    value, _, label = line.partition(" = " if " = " in line else "=")
    return [value, label]


def _held(field: UserField) -> dict[str, Any]:
    """What the form holds before anything is changed."""
    default = field_kinds.typed(field, field.default)
    kept = {name: getattr(field, name) for name in RULES}
    lines = [value if value == label and "=" not in value else f"{value} = {label}" for value, label in field.choices]
    return kept | {"choices": lines, "default": "\n".join(default) if isinstance(default, list) else default}


def _tenant() -> Tenant:
    """The tenant that the address names, else the default one: each has fields of its own."""
    return choosing.tenant() or tenants.default()


def _around(tenant: Tenant) -> dict[str, Any]:
    return {"tenant": tenant, "tenants": choosing.choices()}


def _new_page(tenant: Tenant, kind: str, form: Form) -> str:
    return render_template("admin/field_new.html", form=form, kind=kind, **_shown(kind), **_around(tenant))


def _page(name: str, field: UserField, form: Form) -> ResponseReturnValue:
    shown = {
        "field_row": field,
        "standard": claims.FIELD_KINDS,
        "kind": field.kind,
        "tenant": tenants.get(field.tenant_id),
        "held_by": user_fields.count(field),
    }
    return render_template(f"admin/{name}.html", form=form, **shown, **_shown(field.kind)), 422 if form.refused else 200


def _shown(kind: str) -> dict[str, Any]:
    """What a form says about the kind: its words, and the standard claims that it may become."""
    known = field_kinds.KINDS.get(kind)
    fitting = [name for name, kinds in claims.FIELD_KINDS.items() if kind in kinds]
    return {"words": known.words if known else kind, "fitting": fitting, "scopes": list(claims.OF_SCOPE)}


def _back(tenant: Tenant, done: str) -> ResponseReturnValue:
    flash(done, "success")
    return redirect(url_for("admin.fields", tenant=tenant.slug))
