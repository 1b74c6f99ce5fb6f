"""Both services on one origin: the address decides which of them answers, as nginx does in production."""

import re
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import api_service
import auth_service
from shared.kit import settings

# The same for every tenant, under /t/<slug>.
OF_THE_API = re.compile(r"(/t/[^/]+)?/(api/|docs(/|$)|openapi\.json$|\.well-known/oauth-protected-resource(/|$))")


class Dispatcher:
    """A WSGI application that hands each request to one of two."""

    def __init__(self, auth: WSGIApplication, api: WSGIApplication) -> None:
        self.auth = auth
        self.api = api

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        service = self.api if OF_THE_API.match(environ.get("PATH_INFO", "")) else self.auth
        return service(environ, start_response)


_settings = settings.load()
auth = auth_service.create_app(_settings)
app = Dispatcher(auth=auth, api=api_service.create_app(_settings))
