"""Oneself: read and changed, taken along and deleted."""

from flask import Response
from flask.views import MethodView

from api_service import owner
from api_service.describe import describe
from api_service.me_shapes import CodeByLetter, CopyOfData, EmailChange, NewEmail, NewPassword
from api_service.respond import body, respond
from api_service.shapes import Me, MeChange, OwnClaims
from shared.models import claims
from shared.models.scope import ACCOUNT, ACCOUNT_WRITE
from shared.models.user import User
from shared.services import copies, deletions, email_changes, field_values, password_changes, person_claims, user_fields, users
from shared.web import bearer, tenancy

TAG = "Oneself"
BODY = (413, 415, 422)
# Whoever finds a session left open does not change whose it is.
FRESH_SECONDS = 3600


class Myself(MethodView):
    @describe("Read oneself", tag=TAG, answer=Me)
    @bearer.require("profile")
    def get(self) -> Response:
        """The account that the token speaks for; with the scope `account` all of its profile."""
        if _may_see_all():
            bearer.check_whole()
        return respond(_me(bearer.subject()))

    @describe("Change oneself", tag=TAG, answer=Me, takes=MeChange, errors=(403, *BODY))
    @bearer.require("openid", "profile", max_age=FRESH_SECONDS, whole=True)
    def patch(self) -> Response:
        """Change one's name, claims and the tenant's fields that one may edit, in an application of the first party or one with
        the scope `account:write`; null takes a claim away. Answers with the account as it is now.
        It needs a login of the last hour: an older one is refused with `insufficient_user_authentication` (RFC 9470),
        and the challenge names the `max_age` to ask for a new token with."""
        user, change = bearer.subject(), body(MeChange)
        owner.check_first_party()
        claims = None if change.claims is None else change.claims.model_dump(exclude_unset=True)
        tenant, by = tenancy.tenant(), owner.actor(user)
        users.change_profile(user, tenant, name=change.name, fields=change.fields, claims=claims, by=by)
        return respond(_me(bearer.subject()))

    @describe("Delete oneself", tag=TAG, answer=Me, errors=(409,))
    @owner.guards
    def delete(self) -> Response:
        """Delete one's account for good, with every session and token, this one too. Answers with what is gone.
        The last operator of a server cannot. It needs a login of the last ten minutes (RFC 9470)."""
        user = bearer.subject()
        gone = _me(user)
        deletions.carry_out(user, by=owner.actor(user))
        return respond(gone)


class Password(MethodView):
    @describe("Change one's password", tag=TAG, answer=Me, takes=NewPassword, errors=(*BODY, 429))
    @owner.guards
    def patch(self) -> Response:
        """Set a new password. Every session but the one in which the token was given ends, and every token, this one too.
        It needs a login of the last ten minutes (RFC 9470)."""
        user, typed = bearer.subject(), body(NewPassword)
        password_changes.change(user, password=typed.password, by=owner.actor(user), except_sid=owner.sid(user))
        return respond(_me(user))


class Email(MethodView):
    @describe("Change one's e-mail address", tag=TAG, answer=EmailChange, takes=NewEmail, status=202, errors=(*BODY, 429))
    @owner.guards
    def patch(self) -> Response:
        """Have a code sent to the new address. The old one stays until the code is sent to
        `/api/me/email/verification`. The answer does not tell whether the address has another account.
        It needs a login of the last ten minutes (RFC 9470)."""
        user, typed = bearer.subject(), body(NewEmail)
        email_changes.begin(user, email=typed.email, by=owner.actor(user))
        return respond(EmailChange(email=user.email, new_email=typed.email.strip()), 202)


class EmailVerification(MethodView):
    @describe("Confirm the new address", tag=TAG, answer=Me, takes=CodeByLetter, errors=(409, *BODY))
    @owner.guards
    def post(self) -> Response:
        """Confirm the new address with the code that came there: from then on it is the account's, and the old one is told."""
        user, typed = bearer.subject(), body(CodeByLetter)
        email_changes.confirm(user, typed.code, by=owner.actor(user))
        return respond(_me(bearer.subject()))


class DataOfMine(MethodView):
    @describe("Take one's data along", tag=TAG, answer=CopyOfData)
    @owner.reads_all
    def get(self) -> Response:
        """All that is kept about oneself, without secrets, as a file. It needs a login of the last ten minutes (RFC 9470)."""
        user = bearer.subject()
        headers = {"Content-Disposition": f'attachment; filename="{copies.FILE_NAME}"', "Cache-Control": "no-store"}
        return Response(copies.of(user, by=owner.actor(user)), mimetype="application/json", headers=headers)


def _me(user: User) -> Me:
    me = Me(
        sub=bearer.token().subject,
        name=user.name,
        created_at=user.created_at.isoformat(timespec="seconds"),
        updated_at=user.updated_at.isoformat(timespec="seconds"),
    )
    return me.model_copy(update=_more(user)) if _may_see_all() else me


def _may_see_all() -> bool:
    return bool({ACCOUNT, ACCOUNT_WRITE} & bearer.token().scopes)


def _more(user: User) -> dict[str, object]:
    return {
        "email": user.email,
        "email_verified": user.email_verified,
        "has_password": user.password_hash is not None,
        "second_factors": user.second_factors,
        "fields": field_values.of(user, user_fields.of(tenancy.tenant())),
        "claims": OwnClaims(**claims.about(user, person_claims.CHECKS)),
    }
