"""Discovery and keys: every member true (RFC 8414, OpenID Connect Discovery 1.0, RFC 7517)."""

from typing import Any

from flask import Response, jsonify

from auth_service.protocol import acr, client_assertion, client_auth, dpop, implicit, request_object
from shared.kit.languages import LANGUAGES
from shared.models import claims
from shared.models.client import ALGORITHMS, CODE, IMPLICIT, PAIRWISE, PUBLIC_SUBJECT, RESPONSE_MODES
from shared.models.scope import USUAL
from shared.models.tenant import Tenant
from shared.services import keys, user_fields
from shared.services.client_settings import GRANT_TYPES
from shared.web import tenancy

# Shorter than the day that a key is published before it signs; nginx keeps it as long.
FRESH_SECONDS = 300
# The front door asks for the keys more often: after one was revoked, whoever meets its successor finds it there.
FRESH_AT_THE_DOOR = 5


def openid_configuration() -> Response:
    """GET /.well-known/openid-configuration and /.well-known/oauth-authorization-server."""
    return _cached(document(tenancy.tenant(), tenancy.issuer()))


def jwks() -> Response:
    """GET /.well-known/jwks.json."""
    response = _cached(keys.jwks(tenancy.tenant()))
    response.mimetype = "application/jwk-set+json"
    response.headers["X-Accel-Expires"] = str(FRESH_AT_THE_DOOR)
    return response


def document(tenant: Tenant, issuer: str) -> dict[str, Any]:
    """The metadata of a tenant, which has this issuer."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "pushed_authorization_request_endpoint": f"{issuer}/par",
        "require_pushed_authorization_requests": tenant.require_par,
        **({"registration_endpoint": f"{issuer}/register"} if tenant.client_registration != "off" else {}),
        "client_id_metadata_document_supported": tenant.client_documents,
        "device_authorization_endpoint": f"{issuer}/device_authorization",
        "userinfo_endpoint": f"{issuer}/api/userinfo",
        "introspection_endpoint": f"{issuer}/introspect",
        "introspection_endpoint_auth_methods_supported": [method for method in client_auth.METHODS if method != "none"],
        "introspection_endpoint_auth_signing_alg_values_supported": list(client_assertion.ALGORITHMS),
        "revocation_endpoint": f"{issuer}/revoke",
        "revocation_endpoint_auth_methods_supported": list(client_auth.METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": list(client_assertion.ALGORITHMS),
        "end_session_endpoint": f"{issuer}/logout",
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "scopes_supported": [*USUAL, *user_fields.own_scopes(tenant)],
        "response_types_supported": [CODE, *(IMPLICIT if tenant.implicit_allowed else ())],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": [*GRANT_TYPES, *([implicit.GRANT_TYPE] if tenant.implicit_allowed else ())],
        "subject_types_supported": [PUBLIC_SUBJECT, PAIRWISE],
        "id_token_signing_alg_values_supported": sorted(ALGORITHMS, reverse=True),
        "userinfo_signing_alg_values_supported": sorted(ALGORITHMS, reverse=True),
        "token_endpoint_auth_methods_supported": list(client_auth.METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(client_assertion.ALGORITHMS),
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": list(dpop.ALGORITHMS),
        "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
        "acr_values_supported": acr.supported(),
        "claim_types_supported": ["normal"],
        "claims_supported": [
            "iss",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "acr",
            "amr",
            "azp",
            "sid",
            "at_hash",
            *claims.NAMES,
            *(field.claim for field in claims.own(user_fields.of(tenant))),
        ],
        "claims_parameter_supported": True,
        "display_values_supported": ["page", "popup", "touch"],
        "ui_locales_supported": list(LANGUAGES),
        "request_parameter_supported": True,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "request_object_signing_alg_values_supported": list(request_object.ALGORITHMS),
        "authorization_response_iss_parameter_supported": True,
        "service_documentation": f"{issuer}/docs",
    }


def _cached(body: dict[str, Any]) -> Response:
    response = jsonify(body)
    response.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    return response
