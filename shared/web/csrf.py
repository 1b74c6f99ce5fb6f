"""Forms come from our own pages: every unsafe request carries the token of its browser's cookie (Flask-WTF)."""

from flask import Blueprint, Flask
from flask_wtf.csrf import CSRFProtect

_protect = CSRFProtect()


def init_app(app: Flask, *, exempt: Blueprint) -> None:
    """Ask the token of every form of `app`, but for the protocol's endpoints, which other sites call."""
    # As long as the browser's cookie lives: people leave a login page open over lunch.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    # The token is enough, and some browsers send no Referer.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    _protect.init_app(app)
    _protect.exempt(exempt)


def check() -> None:
    """Ask the token of this request, in a view that is exempt. Raises CSRFError."""
    _protect.protect()
