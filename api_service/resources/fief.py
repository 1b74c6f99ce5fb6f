"""The paths at which applications written for Fief change an account, with Fief's shapes and answers."""

from typing import Any

from flask import Response
from flask.views import MethodView

from api_service import owner
from api_service.describe import describe
from api_service.me_shapes import CodeByLetter, FieldsOfFief, NewEmail, NewPassword
from api_service.resources.userinfo import userinfo
from api_service.respond import body
from api_service.shapes import Userinfo
from shared.kit import clock
from shared.kit.errors import AppError, Conflict, Invalid
from shared.models import claims
from shared.models.authorization import LOGIN, TWO_FACTORS
from shared.models.user import User
from shared.models.user_field import ACCOUNT, UserField
from shared.services import email_changes, field_values, password_changes, user_fields, users
from shared.web import bearer, tenancy

TAG = "As Fief has it"
BODY = (413, 415, 422)
# What a login for this very request is called in a token; a refresh has "0".
SURE = (LOGIN, TWO_FACTORS)
FRESH_SECONDS = 3600


class FiefRefused(AppError):
    """Fief's word for what is wrong, as its clients look for it in `detail`."""

    def __init__(self, status: int, detail: str, **more: object) -> None:
        super().__init__(detail, **more)
        self.status, self.code = status, detail.lower()


class ProfileOfFief(MethodView):
    @describe("Change one's fields", tag=TAG, answer=Userinfo, takes=FieldsOfFief, errors=(403, *BODY))
    @bearer.require("openid", whole=True)
    def patch(self) -> Response:
        """Set those of the person's own fields that the body names. Answers with the claims as they are now."""
        user, typed, tenant = _owner(), body(FieldsOfFief), tenancy.tenant()
        editable = field_values.asked(user_fields.of(tenant), where=ACCOUNT, user=user)
        known = {field.slug: _value(field, typed.fields[field.slug]) for field in editable if field.slug in typed.fields}
        users.change_profile(user, tenant, fields=known, by=owner.actor(user))
        return userinfo()


class PasswordOfFief(MethodView):
    @describe("Change the password", tag=TAG, answer=Userinfo, takes=NewPassword, errors=(*BODY, 429))
    @bearer.require("openid", whole=True)
    def patch(self) -> Response:
        """Set a new password, with a token of a login (`acr` 1) of the last hour. Every other session and every token end with
        it, this token too: the application sends the person through a login again, which their session answers."""
        user, typed = _surely(), body(NewPassword)
        try:
            password_changes.change(user, password=typed.password, by=owner.actor(user), except_sid=owner.sid(user))
        except Invalid as error:
            raise FiefRefused(400, "USER_UPDATE_INVALID_PASSWORD", reason=[error.message]) from None
        return userinfo()


class EmailChangeOfFief(MethodView):
    @describe("Change the e-mail address", tag=TAG, answer=Userinfo, takes=NewEmail, status=202, errors=(*BODY, 429))
    @bearer.require("openid", whole=True)
    def patch(self) -> Response:
        """Have a code sent to the new address, with a token of a login (`acr` 1) of the last hour. Answers with the claims, in
        which the old address stays until the code is typed."""
        user, typed = _surely(), body(NewEmail)
        email_changes.begin(user, email=typed.email, by=owner.actor(user))
        answer = userinfo()
        answer.status_code = 202
        return answer


class EmailVerifyOfFief(MethodView):
    @describe("Confirm the new address", tag=TAG, answer=Userinfo, takes=CodeByLetter, errors=BODY)
    @bearer.require("openid", whole=True)
    def post(self) -> Response:
        """Confirm the new address with the code that came there."""
        user, typed = _surely(), body(CodeByLetter)
        try:
            email_changes.confirm(user, typed.code, by=owner.actor(user))
        except (Invalid, Conflict):
            raise FiefRefused(400, "USER_UPDATE_INVALID_EMAIL_VERIFICATION_CODE") from None
        return userinfo()


def _value(field: UserField, sent: Any) -> Any:
    return claims.from_fief(sent) if field.kind == "address" else sent


def _owner() -> User:
    """The person, in an application that may change accounts. Raises Denied."""
    user = bearer.subject()
    owner.check_first_party()
    return user


def _surely() -> User:
    """The person, who signed in for this, and lately. Raises FiefRefused."""
    user, token = _owner(), bearer.token()
    if token.claims.get("acr") not in SURE or token.login_age(clock.timestamp()) > FRESH_SECONDS:
        raise FiefRefused(403, "ACR_TOO_LOW")
    return user
