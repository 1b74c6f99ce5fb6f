"""What is known of a person besides name and e-mail address: shown and edited as one form."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from wtforms import BooleanField, TextAreaField

from auth_service.admin.forms import Form, Text
from auth_service.admin.gate import operator
from shared.models.claims import ADDRESS
from shared.models.user import User
from shared.services import person_claims, users


class ClaimsForm(Form):
    given_name = Text("Given name")
    middle_name = Text("Middle name")
    family_name = Text("Family name")
    nickname = Text("Nickname")
    preferred_username = Text("Preferred user name")
    gender = Text("Gender")
    birthdate = Text("Birthdate")
    locale = Text("Language")
    zoneinfo = Text("Time zone")
    profile = Text("Profile page")
    picture = Text("Picture")
    website = Text("Website")
    phone_number = Text("Phone number")
    phone_number_verified = BooleanField("The phone number is verified")
    formatted = TextAreaField("Whole address")
    street_address = TextAreaField("Street")
    locality = Text("City or town")
    region = Text("State or region")
    postal_code = Text("Postal code")
    country = Text("Country")


class EditedClaims(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        user = users.get(None, id)
        return _page(user, ClaimsForm(data=_shown(user)))

    def post(self, id: UUID) -> ResponseReturnValue:
        user, form = users.get(None, id), ClaimsForm()
        if form.submit(lambda: person_claims.change(user, _typed(form), by=operator())) is None:
            return _page(user, form), 422
        flash("The profile is changed.", "success")
        return redirect(url_for("admin.user", id=id))


def _shown(user: User) -> dict[str, Any]:
    verified = {person_claims.VERIFIED: user.phone_verified_at is not None}
    return {**user.claims, **user.claims.get("address", {}), **verified}


def _typed(form: ClaimsForm) -> dict[str, Any]:
    typed = {name: value for name, value in form.data.items() if name in person_claims.CHECKS or name == person_claims.VERIFIED}
    return {**typed, "address": {part: form.data[part] or "" for part in ADDRESS}}


def _page(user: User, form: ClaimsForm) -> str:
    return render_template("admin/user_claims.html", user=user, form=form)
