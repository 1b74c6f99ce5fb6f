"""Which provider this browser signed in with the last time: a cookie that only helps to find the button again."""

from flask import Response, current_app, request

from shared.models.provider import Provider
from shared.web import tenancy

SECONDS = 365 * 86400


def slug() -> str | None:
    """The provider's slug; whatever a stranger may have put there is only ever compared."""
    return request.cookies.get(_name())


def keep(provider: Provider, response: Response) -> Response:
    """Remember `provider` in this browser."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(_name(), provider.slug, max_age=SECONDS, path="/", secure=secure, httponly=True, samesite="Lax")
    return response


def _name() -> str:
    name = f"bailiwick-with-{tenancy.tenant().slug}"
    return f"__Host-{name}" if current_app.config["SESSION_COOKIE_SECURE"] else name
