"""The front door over https, with a certificate made here."""

import socket
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shared.kit import clock
from tests.deploy.front_door import FrontDoor
from tests.deploy.upstream import Upstream

pytestmark = pytest.mark.needs("nginx")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A folder with privkey.pem and fullchain.pem for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(minutes=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "privkey.pem").write_bytes(private)
    (tmp_path / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return tmp_path


@pytest.fixture
def door(tmp_path: Path, certificate: Path, auth: Upstream, api: Upstream) -> Iterator[FrontDoor]:
    edits = {"include deploy/nginx/servers.conf": "include deploy/nginx/servers-tls.conf", "/etc/nginx/tls": str(certificate)}
    edits |= {"/var/www/acme": str(tmp_path / "acme")}
    with FrontDoor(tmp_path, auth=auth.address, api=api.address, edits=edits) as door:
        yield door


def test_services_are_told_of_https(door: FrontDoor, auth: Upstream, certificate: Path) -> None:
    answer = requests.get(door.tls_url + "/login", verify=str(certificate / "fullchain.pem"), timeout=10)
    assert answer.json()["service"] == "auth"
    assert auth.requests[0].one("X-Forwarded-Proto") == "https"
    # Theirs says Strict-Transport-Security itself.
    assert "Strict-Transport-Security" not in answer.headers


def test_answers_of_nginx_itself_ask_for_https_from_then_on(door: FrontDoor, certificate: Path) -> None:
    answer = requests.get(door.tls_url + "/metrics", verify=str(certificate / "fullchain.pem"), timeout=10)
    assert answer.status_code == 404
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_plain_http_leads_to_https_and_nowhere_else(door: FrontDoor, auth: Upstream, tmp_path: Path) -> None:
    answer = door.get("/authorize?client_id=a", headers={"Host": "id.example.com"})
    assert (answer.status_code, answer.headers["Location"]) == (308, "https://id.example.com/authorize?client_id=a")
    (tmp_path / "acme/.well-known/acme-challenge").mkdir(parents=True)
    (tmp_path / "acme/.well-known/acme-challenge/proof").write_text("mine")
    assert door.get("/.well-known/acme-challenge/proof").text == "mine"
    assert auth.requests == []


def test_plain_http_on_the_port_of_https_is_refused(door: FrontDoor) -> None:
    answer = requests.get(f"http://127.0.0.1:{door.tls_port}/login", timeout=10)
    assert (answer.status_code, answer.json()["status"]) == (400, 400)


def test_http_2_and_today_s_tls_are_spoken(door: FrontDoor, certificate: Path) -> None:
    assert shake_hands(door, certificate, ssl.TLSVersion.TLSv1_3) == ("TLSv1.3", "h2")
    assert shake_hands(door, certificate, ssl.TLSVersion.TLSv1_2) == ("TLSv1.2", "h2")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_yesterday_s_tls_is_not(door: FrontDoor, certificate: Path) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        shake_hands(door, certificate, ssl.TLSVersion.TLSv1_1)


def test_tls_1_2_has_the_recommended_ciphers_alone(door: FrontDoor, certificate: Path) -> None:
    """RFC 9325 §4.2, FAPI 2.0 Security Profile §5.2."""
    for good in ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"):
        assert shake_hands(door, certificate, ssl.TLSVersion.TLSv1_2, good)[0] == "TLSv1.2"
    with pytest.raises((ssl.SSLError, ConnectionError)):
        others = "ALL:!ECDHE-ECDSA-AES128-GCM-SHA256:!ECDHE-ECDSA-AES256-GCM-SHA384"
        shake_hands(door, certificate, ssl.TLSVersion.TLSv1_2, others)


def shake_hands(
    door: FrontDoor, certificate: Path, tls: ssl.TLSVersion, ciphers: str | None = None
) -> tuple[str | None, str | None]:
    """The version and protocol that were agreed on."""
    context = ssl.create_default_context(cafile=certificate / "fullchain.pem")
    if ciphers:
        context.set_ciphers(ciphers)
    context.minimum_version = context.maximum_version = tls
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("localhost", door.tls_port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        return connection.version(), connection.selected_alpn_protocol()
