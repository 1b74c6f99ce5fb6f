"""The resource API: what tokens are used for, and its documentation."""

from flask import Flask

from api_service import docs, resources
from shared.kit.settings import Settings
from shared.web import app as shared_app
from shared.web import bearer, cors, tenancy


def create_app(settings: Settings) -> Flask:
    """The API as a WSGI application."""
    app = Flask(__name__, static_url_path="/docs/static")
    shared_app.init_app(app, settings, pages=False)
    metadata = (tenancy.RESOURCE_METADATA, f"{tenancy.RESOURCE_METADATA}/")
    cors.allow(app, "/api/", "/openapi.json", *metadata, methods=("GET", "POST", "PATCH", "PUT", "DELETE"))
    bearer.init_app(app, settings)
    app.register_blueprint(resources.bp)
    docs.init_app(app)
    return app
