"""The authorization server: login, consent, tokens, dashboard."""

from flask import Flask

from auth_service import admin, door, pages, protocol, reader
from shared.kit import seal
from shared.kit.settings import Settings
from shared.web import app as web
from shared.web import csrf, health, language


def create_app(settings: Settings) -> Flask:
    """The authorization server as a WSGI application, set up from `settings`."""
    app = Flask(__name__)
    web.init_app(app, settings, pages=True)
    _set_up_cookies(app, settings)
    csrf.init_app(app, exempt=protocol.bp)
    language.init_app(app, reader.SOURCES, own=reader.of_choice, english=admin.bp.name)
    health.init_app(app, "database", "redis", "keys")
    protocol.init_app(app)
    app.register_blueprint(pages.bp)
    app.register_blueprint(admin.bp)
    door.init_app(app)
    return app


def _set_up_cookies(app: Flask, settings: Settings) -> None:
    # Flask's signed cookie names the browser and carries form tokens and notices; who is signed in is in Redis.
    name = "bailiwick-browser"
    app.config.update(
        SESSION_COOKIE_NAME=f"__Host-{name}" if settings.secure else name,
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )
    with app.app_context():
        app.secret_key = seal.derive("browser cookie")
