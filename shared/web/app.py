"""What every service of ours is set up with, in order."""

from flask import Flask

from shared.kit import db, log, redis
from shared.kit.settings import Settings
from shared.web import bodies, errors, headers, observe, tenancy

LARGEST_BODY = 64 * 1024


def init_app(app: Flask, settings: Settings, *, pages: bool) -> None:
    """Join `app` to settings, log, database and Redis, and give it tenancy, errors and headers."""
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    app.extensions["bailiwick.settings"] = settings
    log.setup(settings)
    db.init_app(app, settings.database_url)
    redis.init_app(app, settings.redis_url)
    tenancy.init_app(app, settings)
    bodies.init_app(app)
    observe.init_app(app, settings)
    headers.init_app(app, settings)
    errors.init_app(app, pages=pages)
