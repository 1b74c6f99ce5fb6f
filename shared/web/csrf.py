"""Forms come from our own pages: every unsafe request carries the token of its browser's cookie (Flask-WTF)."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Flask
from flask_wtf.csrf import CSRFProtect

View = TypeVar("View", bound=Callable[..., Any])
_protect = CSRFProtect()


def init_app(app: Flask, *, exempt: Blueprint) -> None:
    """Ask the token of every form of `app`, but for the protocol's endpoints, which other sites call."""
    # As long as the browser's cookie lives: people leave a login page open over lunch.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    # The token is enough, and some browsers send no Referer.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    _protect.init_app(app)
    _protect.exempt(exempt)


def exempt(view: View) -> View:
    """A view that other sites send people to with a form, and that does nothing for it."""
    return _protect.exempt(view)


def check() -> None:
    """Ask the token of this request, in a view that is exempt. Raises CSRFError."""
    _protect.protect()
