"""An https server on loopback with an authority of its own, which answers what a test says."""

import ssl
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared.kit import clock

NAMES = (x509.DNSName("localhost"), x509.DNSName("rebound.test"), x509.IPAddress(ip_address("127.0.0.1")))
NOTHING = ([b"HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n"], 0.0)


class Https:
    """`url` is its origin, `ca_file` what to trust, `asked` the headers of each request, with `path`, `method`, `body`."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[dict[str, str]] = []
        self._answers: dict[str, tuple[list[bytes], float]] = {}
        self.ca_file, chain = certificates(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        self._server = _Server(("127.0.0.1", 0), _handler(self), context)
        self.url = f"https://127.0.0.1:{self._server.server_port}"

    def answer(self, path: str, body: bytes, headers: dict[str, str] | None = None, *, status: int = 200) -> None:
        """Answer `path`, whatever query it has, with this from now on."""
        told = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
        self.raw(path, [f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + body])

    def raw(self, path: str, pieces: list[bytes], *, pause: float = 0) -> None:
        """Answer `path` with these bytes, `pause` seconds between the pieces."""
        self._answers[path] = (pieces, pause)

    def seen(self, path: str) -> int:
        """How often `path` was asked for."""
        return sum(asked["path"] == path for asked in self.asked)

    def __enter__(self) -> "Https":
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type, context: ssl.SSLContext) -> None:
        super().__init__(address, handler)
        self._context = context

    def finish_request(self, request: Any, client_address: Any) -> None:
        try:
            with self._context.wrap_socket(request, server_side=True) as wire:
                super().finish_request(wire, client_address)
        except OSError:  # it went away, as tests want it to
            return


def _handler(https: Https) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            self.answer({"body": sent})

        def do_GET(self) -> None:
            self.answer({})

        def answer(self, sent: dict[str, str]) -> None:
            https.asked.append({**dict(self.headers), "path": self.path, "method": self.command, **sent})
            known = https._answers
            pieces, pause = known.get(self.path) or known.get(self.path.partition("?")[0]) or NOTHING
            for piece in pieces:
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(pause)

        def log_message(self, *args: object) -> None:
            return

    return Handler


def certificates(folder: Path) -> tuple[Path, Path]:
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of the tests")])
    authority = _certificate(ca_name, ca_name, ca_key, ca_key, x509.BasicConstraints(ca=True, path_length=0))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    own = _certificate(name, ca_name, key, ca_key, x509.SubjectAlternativeName(NAMES))
    ca_file, chain = folder / "ca.pem", folder / "chain.pem"
    ca_file.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    plain = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain.write_bytes(own.public_bytes(serialization.Encoding.PEM) + plain)
    return ca_file, chain


def _certificate(name: x509.Name, issuer: x509.Name, key: Any, by: Any, extension: x509.ExtensionType) -> x509.Certificate:
    built = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(clock.now() - timedelta(days=1))
    built = built.not_valid_after(clock.now() + timedelta(days=1)).add_extension(extension, critical=True)
    # RFC 5280 §4.2.1 asks for these, and from Python 3.13 on so does its default.
    built = built.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    built = built.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    return built.add_extension(_usage(authority=key is by), critical=True).sign(by, hashes.SHA256())


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
