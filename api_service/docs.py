"""The API's document (/openapi.json) and its reader (/docs): flasgger, with a Swagger UI of today served by ourselves."""

import re
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from flasgger import Swagger
from flasgger.base import APIDocsView, APISpecsView, OAuthRedirect
from flask import Blueprint, Flask, url_for

from api_service import describe
from shared.kit import settings
from shared.models.scope import SCOPES
from shared.web import tenancy

ASSETS = str(files("flask_swagger_ui") / "dist")
REDIRECT = "/docs/oauth2-redirect"

INTRO = """\
What an access token of **{name}** opens.

**To try it here:** press *Authorize*, paste the Client ID and secret of an application, tick `openid` and whatever else
you want, and log in. Then *Try it out* sends the token by itself. The application must allow the redirect URI
`{issuer}/docs/oauth2-redirect`; the default client does. You find both in the dashboard under [Clients]({clients}).

**From your own code:** get a token at `{issuer}/token` and send it as `Authorization: Bearer …`. Errors are
[problem details](https://www.rfc-editor.org/rfc/rfc9457); for what is wrong with a token, see the header `WWW-Authenticate`.
"""

TAGS = [
    {"name": "Oneself", "description": "The person the token speaks for"},
    {"name": "As Fief has it", "description": "The same, for applications written for Fief"},
    {"name": "Clients", "description": "For operators: applications"},
    {"name": "Resources", "description": "For operators: the APIs that tokens are for"},
    {"name": "Signing keys", "description": "For operators: what tokens are signed with"},
    {"name": "Tenants", "description": "For operators: populations of users"},
    {"name": "Trusted issuers", "description": "For operators: whose word about people is believed"},
    {"name": "Users", "description": "For operators: people"},
    {"name": "User fields", "description": "For operators: what a tenant asks of its people"},
    {"name": "Sign-in providers", "description": "For operators: others with whom people sign in"},
    {"name": "Letters", "description": "For operators: every e-mail that people get"},
    {"name": "Outbox", "description": "For operators: what is on its way, and what failed"},
    {"name": "Operation", "description": "For those who run the service"},
    {"name": "Documentation", "description": "This page and what it is made of"},
]

TEMPLATE: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Bailiwick API", "version": "1.0"},
    "tags": TAGS,
    "components": {"schemas": describe.schemas()},
}

CONFIG: dict[str, Any] = {
    "openapi": "3.1.0",
    "title": "Bailiwick API",
    "headers": [],
    "specs": [{"endpoint": "openapi", "route": "/openapi.json", "rule_filter": lambda rule: rule.endpoint.startswith("api.")}],
}


def init_app(app: Flask) -> None:
    """Serve the document and its reader."""
    _Documentation(app, config=CONFIG, template=TEMPLATE)


class _Documentation(Swagger):
    """flasgger, with addresses that depend on the tenant, and without its own assets, which are from 2020."""

    def register_views(self, app: Flask) -> None:
        blueprint = Blueprint("flasgger", __name__, static_folder=ASSETS, static_url_path="/docs/assets")
        reader = APIDocsView.as_view("apidocs", view_args={"config": self.config})
        blueprint.add_url_rule("/docs", view_func=reader, strict_slashes=False)
        blueprint.add_url_rule(REDIRECT, view_func=OAuthRedirect.as_view("oauth_redirect"))
        document = APISpecsView.as_view("openapi", loader=lambda: self.get_apispecs("openapi"))
        blueprint.add_url_rule("/openapi.json", view_func=document)
        blueprint.context_processor(_for_the_reader)
        # Their addresses carry the version of the package.
        blueprint.get_send_file_max_age = lambda filename: 31536000
        app.register_blueprint(blueprint)

    def get_apispecs(self, endpoint: str = "openapi") -> dict[str, Any]:
        document = super().get_apispecs(endpoint)
        issuer = tenancy.issuer()
        return document | {
            "info": document["info"] | {"description": _intro(issuer)},
            "servers": [{"url": issuer}],
            "components": document["components"] | {"securitySchemes": {describe.SCHEME: _scheme(issuer)}},
            "paths": {path: _in_order(verbs) for path, verbs in (document["paths"] | PAGES).items()},
        }


def _intro(issuer: str) -> str:
    # The dashboard is the default tenant's. A name is text, not Markdown.
    name = re.sub(r"([^\w\s])", r"\\\1", tenancy.tenant().name)
    return INTRO.format(issuer=issuer, name=name, clients=f"{settings.current().public_url}/admin/clients")


def _in_order(verbs: dict[str, Any]) -> dict[str, Any]:
    """flasgger walks a set, so its order changes from start to start."""
    return {verb: verbs[verb] for verb in ("get", "post", "put", "patch", "delete") if verb in verbs}


def _scheme(issuer: str) -> dict[str, Any]:
    return {
        "type": "oauth2",
        "description": "The authorization code flow with PKCE.",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": f"{issuer}/authorize",
                "tokenUrl": f"{issuer}/token",
                "refreshUrl": f"{issuer}/token",
                "scopes": SCOPES,
            }
        },
    }


def _for_the_reader() -> dict[str, Any]:
    """What the two templates need. The pages are for everybody, so nothing secret is among it."""
    issuer = tenancy.issuer()
    return {
        "tenant_name": tenancy.tenant().name,
        "issuer": issuer,
        "assets_version": version("flask-swagger-ui"),
        "reader": {
            "issuer": issuer,
            "ui": {
                "url": url_for("flasgger.openapi"),
                "oauth2RedirectUrl": f"{issuer}{REDIRECT}",
                "queryConfigEnabled": False,  # ?url= and ?configUrl= would show a stranger's document (CVE-2018-25031)
                "persistAuthorization": False,  # it would keep tokens and the client's secret in localStorage
                "validatorUrl": None,
                "deepLinking": True,
                "displayRequestDuration": True,
                "docExpansion": "list",
                "defaultModelsExpandDepth": 0,
            },
            "oauth": {"appName": "Bailiwick API", "usePkceWithAuthorizationCodeGrant": True},
        },
    }


def _page(summary: str, media_type: str, identifier: str) -> dict[str, Any]:
    kind = "object" if "json" in media_type else "string"
    answer = {"description": "As asked.", "content": {media_type: {"schema": {"type": kind}}}}
    return {"tags": ["Documentation"], "operationId": identifier, "summary": summary, "responses": {"200": answer}}


def _file(summary: str, identifier: str) -> dict[str, Any]:
    name = {"name": "filename", "in": "path", "required": True, "schema": {"type": "string"}, "example": "swagger-ui.css"}
    answer = {"description": "As asked.", "content": {"*/*": {"schema": {"type": "string"}}}}
    return {
        "tags": ["Documentation"],
        "operationId": identifier,
        "summary": summary,
        "parameters": [name],
        "responses": {"200": answer, "404": describe.error(404)},
    }


# flasgger describes views that carry a description; those of its own blueprint carry none.
PAGES: dict[str, Any] = {
    "/openapi.json": {"get": _page("This document", "application/json", "openapi")},
    "/docs": {"get": _page("The page to read and try it", "text/html", "docs")},
    REDIRECT: {"get": _page("Where an authorization of that page comes back to", "text/html", "docs_oauth2_redirect")},
    "/docs/assets/{filename}": {"get": _file("Swagger UI", "docs_assets")},
    "/docs/static/{filename}": {"get": _file("What we add to it", "docs_static")},
}
