"""Claims about the person a token speaks for, as JSON or signed for their client (OpenID Connect Core §5.3)."""

from flask import Response
from flask.views import MethodView
from joserfc import jwt

from api_service.describe import describe
from api_service.respond import respond
from api_service.shapes import TokenForm, Userinfo
from shared.models import claims
from shared.services import keys, profiles, user_fields
from shared.services.profiles import Profile
from shared.web import bearer, tenancy


class UserinfoOfToken(MethodView):
    @describe("Who am I?", tag="Oneself", answer=Userinfo, signed=True)
    @bearer.require("openid")
    def get(self) -> Response:
        """Claims about the person the token speaks for: those its scopes open, and all of them for a first-party application.
        A client that registered `userinfo_signed_response_alg` is answered with a JWT, which has `iss` and `aud` besides."""
        return userinfo()

    @describe("Who am I? (by POST)", tag="Oneself", answer=Userinfo, signed=True, takes=TokenForm, as_form=True, errors=(413,))
    @bearer.require("openid")
    def post(self) -> Response:
        """The same by POST. The token may then also come as `access_token` in a form body (RFC 6750 §2.2)."""
        return userinfo()


def userinfo() -> Response:
    """The claims that the token of this request opens. Raises Refused when its person is gone."""
    token = bearer.token()
    profile = profiles.find(
        tenancy.tenant(),
        token.subject,
        client_id=token.client_id,
        authorization_id=token.authorization_id,
    )
    if profile is None:
        raise bearer.nobody()
    answer = claims_for(profile, token.subject, token.scopes)
    return signed(answer, token.client_id, alg=profile.signed_with) if profile.signed_with else respond(answer)


def signed(answer: Userinfo, client_id: str, *, alg: str) -> Response:
    """The answer as a JWT for this client (§5.3.2). It has no `exp`, so that nobody takes it for an ID token."""
    tenant = tenancy.tenant()
    key = keys.signing_key(tenant, alg)
    claims = {"iss": tenancy.issuer(), "aud": client_id, **answer.model_dump(exclude_none=True)}
    text = jwt.encode({"alg": alg, "kid": key.kid, "typ": "JWT"}, claims, key, algorithms=[alg])
    return Response(text, mimetype="application/jwt")


def claims_for(profile: Profile, subject: str, scopes: frozenset[str]) -> Userinfo:
    """The claims that `scopes` open (OpenID Connect Core §5.4); `subject` is who the token says that it is (§5.3.2)."""
    fields = user_fields.of(tenancy.tenant())
    names = claims.of_scopes(scopes, first_party=profile.first_party, fields=fields)
    names.update(profile.details.get("claims", {}).get("userinfo", ()))
    return Userinfo(sub=subject, **claims.about(profile, names, fields))
