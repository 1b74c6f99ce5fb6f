"""Claims about the person a token speaks for (OpenID Connect Core §5.3)."""

from flask import Response
from flask.views import MethodView

from api_service.describe import describe
from api_service.respond import respond
from api_service.shapes import TokenForm, Userinfo
from shared.services import profiles
from shared.services.profiles import Profile
from shared.web import bearer, tenancy


class UserinfoOfToken(MethodView):
    @describe("Who am I?", tag="Oneself", answer=Userinfo)
    @bearer.require("openid")
    def get(self) -> Response:
        """Claims about the person the token speaks for: those its scopes open, and all of them for a first-party application."""
        return _userinfo()

    @describe("Who am I? (by POST)", tag="Oneself", answer=Userinfo, takes=TokenForm, as_form=True, errors=(413,))
    @bearer.require("openid")
    def post(self) -> Response:
        """The same by POST. The token may then also come as `access_token` in a form body (RFC 6750 §2.2)."""
        return _userinfo()


def _userinfo() -> Response:
    token = bearer.token()
    profile = profiles.find(tenancy.tenant(), token.subject, client_id=token.client_id)
    if profile is None:
        raise bearer.nobody()
    return respond(claims_for(profile, token.scopes))


def claims_for(profile: Profile, scopes: frozenset[str]) -> Userinfo:
    """The claims that `scopes` open (OpenID Connect Core §5.4); a first-party application needs `openid` alone."""
    answer = Userinfo(sub=str(profile.id))
    if profile.first_party or "email" in scopes:
        answer.email, answer.email_verified = profile.email, profile.email_verified_at is not None
    if profile.first_party or "profile" in scopes:
        answer.name, answer.updated_at = profile.name or None, int(profile.updated_at.timestamp())
    if profile.first_party:
        answer.tenant_id, answer.is_active, answer.fields = str(profile.tenant_id), True, {}
    return answer
