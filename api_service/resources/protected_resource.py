"""What this API is, for clients that know only its address: OAuth 2.0 Protected Resource Metadata (RFC 9728)."""

from flask import Response
from flask.views import MethodView

from api_service.describe import describe
from api_service.respond import respond
from api_service.shapes import ProtectedResource
from shared.models.scope import USUAL
from shared.services import user_fields
from shared.web import dpop_proof, tenancy

# As long as discovery, which says the rest; nginx keeps it as long.
FRESH_SECONDS = 300
# It opens nothing here: it is about the refresh token.
ELSEWHERE = {"offline_access"}


class Metadata(MethodView):
    @describe("What does this API accept?", tag="Documentation", answer=ProtectedResource)
    def get(self) -> Response:
        """Which authorization server gives tokens for this API, which scopes they may have and how they are sent (RFC 9728 §2).
        Every `WWW-Authenticate` of the API names this address (§5.1)."""
        return _document()


class MetadataAtRoot(MethodView):
    @describe("What does this API accept? (without its path)", tag="Documentation", answer=ProtectedResource)
    def get(self) -> Response:
        """The same, for clients that look at the root of the host alone."""
        return _document()


def _document() -> Response:
    issuer = tenancy.issuer()
    answer = ProtectedResource(
        resource=f"{issuer}/api",
        authorization_servers=[issuer],
        scopes_supported=[scope for scope in (*USUAL, *user_fields.own_scopes(tenancy.tenant())) if scope not in ELSEWHERE],
        bearer_methods_supported=["header", "body"],
        dpop_signing_alg_values_supported=list(dpop_proof.ALGORITHMS),
        resource_name=f"{tenancy.tenant().name} API",
        resource_documentation=f"{issuer}/docs",
    )
    response = respond(answer)
    response.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    return response
