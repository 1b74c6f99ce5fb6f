"""An issuer that speaks only HTTP: keys of its own, a JWKS address, and tokens as good or as bad as a test wants."""

import json
import threading
import time
from contextlib import suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

from shared.kit import clock, ids


class Issuer:
    """Serves its JWK Set at every address that ends in jwks.json. Change `keys`, `status`, `delay`, `cache_control` at will."""

    def __init__(self) -> None:
        self.keys: list[Key] = [new_key("ES256", "es-1"), new_key("RS256", "rs-1")]
        self.status = 200
        self.delay = 0.0
        self.cache_control: str | None = "public, max-age=300"
        self.body: bytes | None = None
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Stop answering; connections are refused from here."""
        self._server.shutdown()
        self._server.server_close()

    def key(self, kid: str) -> Key:
        return next(key for key in self.keys if key.kid == kid)

    def token(self, *, key: Key | None = None, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """An access token, proper unless told otherwise; a claim or header member given as None is left out."""
        signer = key or self.keys[0]
        now = clock.timestamp()
        proper = {
            "iss": self.url,
            "aud": f"{claims.get('iss') or self.url}/api",
            "sub": str(ids.uuid7()),
            "client_id": "a-client",
            "scope": "openid",
            "jti": ids.token(8),
            "auth_time": now,
            "acr": "0",
            "iat": now,
            "exp": now + 600,
        }
        head = {"typ": "at+jwt", "alg": signer.alg, "kid": signer.kid} | (header or {})
        return jwt.encode(_given(head), _given(proper | claims), signer, algorithms=["ES256", "RS256", "PS256"])

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                time.sleep(issuer.delay)
                keys = [key.as_dict(private=False) for key in issuer.keys]
                body = issuer.body if issuer.body is not None else json.dumps({"keys": keys}).encode()
                self.send_response(issuer.status)
                if issuer.cache_control:
                    self.send_header("Cache-Control", issuer.cache_control)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with suppress(BrokenPipeError):  # an asker may have lost patience
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Tests are quiet."""

        return Handler


def new_key(alg: str, kid: str) -> Key:
    """A signing key for `alg`."""
    about = {"kid": kid, "alg": alg, "use": "sig"}
    return ECKey.generate_key("P-256", about) if alg == "ES256" else RSAKey.import_key(_rsa() | about)


@cache
def _rsa() -> dict[str, Any]:
    # One for all tests: making one takes longer than most tests.
    return RSAKey.generate_key(2048).as_dict(private=True)


def _given(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
