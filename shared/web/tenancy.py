"""Which tenant a request is for, and the addresses that follow from it: never from the request's Host."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request

from shared.kit.errors import NotFound
from shared.kit.faults import FORESEEN
from shared.kit.settings import Settings
from shared.kit.words import said
from shared.models.tenant import Tenant
from shared.services import tenants

SLUG = "bailiwick.tenant"
UNDER_TENANT = re.compile(r"/t/([^/]+)(/.*|$)")
# The path-inserted form of discovery (RFC 8414 §3.1).
INSERTED = re.compile(r"(/\.well-known/(?:openid-configuration|oauth-authorization-server))/t/([^/]+)")
# The same for our API (RFC 9728 §3.1), whose identifier is `<issuer>/api`.
RESOURCE_METADATA = "/.well-known/oauth-protected-resource"
INSERTED_RESOURCE = re.compile(rf"({re.escape(RESOURCE_METADATA)})/t/([^/]+)/api")
# Said by whoever sends the request; a proxy we trust has its word in REMOTE_ADDR by then.
CLAIMED = (
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PREFIX",
    "HTTP_FORWARDED",
)


class Tenancy:
    """WSGI middleware: `/t/<slug>/x` becomes `/x` mounted at `/t/<slug>`; host and scheme are those of the public URL."""

    def __init__(self, app: Any, settings: Settings) -> None:
        self._app = app
        public = urlsplit(settings.public_url)
        port = public.port or (443 if public.scheme == "https" else 80)
        self._public = {
            "wsgi.url_scheme": public.scheme,
            "HTTP_HOST": public.netloc,
            "SERVER_NAME": public.hostname or "",
            "SERVER_PORT": str(port),
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        for name in CLAIMED:
            environ.pop(name, None)
        environ.update(self._public)
        environ["SCRIPT_NAME"] = ""
        path = environ.get("PATH_INFO", "")
        if inserted := INSERTED.fullmatch(path):
            _mount(environ, inserted[2], inserted[1])
        elif of_api := INSERTED_RESOURCE.fullmatch(path):
            _mount(environ, of_api[2], f"{of_api[1]}/api")
        elif under := UNDER_TENANT.fullmatch(path):
            _mount(environ, under[1], under[2])
        return self._app(environ, start_response)


def init_app(app: Flask, settings: Settings) -> None:
    """Put the middleware around the application."""
    app.wsgi_app = Tenancy(app.wsgi_app, settings)  # type: ignore[method-assign]  # Flask's own way of adding middleware


def tenant() -> Tenant:
    """The tenant that this request is for. Raises NotFound."""
    if "tenant" not in g:
        g.tenant = _find(request.environ.get(SLUG))
    return g.tenant


def known_tenant() -> Tenant | None:
    """The tenant that this request is for, or None when there is none or the database is gone; for error pages."""
    try:
        return tenant()
    except FORESEEN:
        return None


def issuer() -> str:
    """The issuer identifier of this request's tenant (RFC 8414 §2)."""
    return issuer_of(tenant())


def issuer_of(tenant: Tenant) -> str:
    """The issuer identifier of a tenant: the public URL, and the tenant's path."""
    return current_app.extensions["bailiwick.settings"].public_url + tenant.path


def provider_callback(tenant: Tenant, slug: str) -> str:
    """Where the provider called `slug` sends people back to; one address for each, so that none is taken for another.

    RFC 9700 §4.4.2.2.
    """
    return f"{issuer_of(tenant)}/login/with/{slug}/callback"


def resource_metadata() -> str:
    """Where the metadata of this tenant's API is: the path is inserted into the API's identifier (RFC 9728 §3.1)."""
    return f"{current_app.extensions['bailiwick.settings'].public_url}{RESOURCE_METADATA}{tenant().path}/api"


def _mount(environ: dict[str, Any], slug: str, path: str) -> None:
    environ[SLUG] = slug
    environ["SCRIPT_NAME"] = f"/t/{slug}"
    environ["PATH_INFO"] = path or "/"


def _find(slug: str | None) -> Tenant:
    found = tenants.find(slug)
    # The default tenant has one address, the root: two would be two issuers.
    if found is None or (slug is not None and found.is_default):
        raise NotFound(said("There is nothing at this address."))
    return found
