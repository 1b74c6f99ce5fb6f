"""Both services on one loopback origin inside the tests' own process, so that tests can move its clock."""

import logging
import ssl
import threading
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.serving import make_server

from tests.parts.paths import OF_THE_API


class Origin:
    """A threaded server, over https when given its `tls`; `show` puts applications behind its address."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._auth: WSGIApplication = _nothing
        self._api: WSGIApplication = _nothing
        self._server = make_server("127.0.0.1", 0, self._dispatch, threaded=True, ssl_context=tls)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_port}"
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def show(self, auth: WSGIApplication, api: WSGIApplication) -> None:
        """Serve these from now on."""
        self._auth, self._api = auth, api

    def hide(self) -> None:
        """Serve nothing."""
        self._auth = self._api = _nothing

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def _dispatch(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        service = self._api if OF_THE_API.match(environ["PATH_INFO"]) else self._auth
        return service(environ, start_response)


def _nothing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("503 Nothing is served", [("Content-Type", "text/plain")])
    return [b"no test is running"]
