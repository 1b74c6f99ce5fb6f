"""Every setting, from the environment (BAILIWICK_…) or from files of secrets; nothing else reads the environment."""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from flask import current_app
from pydantic import Field, FilePath, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Settings(BaseSettings):
    """What one installation is told. Each field is the variable BAILIWICK_<FIELD>, or a file of that name in /run/secrets."""

    model_config = SettingsConfigDict(
        env_prefix="BAILIWICK_", extra="ignore", secrets_dir="/run/secrets" if Path("/run/secrets").is_dir() else None
    )

    public_url: Annotated[
        str, Field(description="The origin that browsers see; the one source of every address that leaves the server.")
    ] = "http://localhost:8000"
    secret_key: Annotated[
        SecretStr, Field(min_length=32, description="At least 32 characters; seals private keys and signs cookies. Required.")
    ]
    database_url: Annotated[
        str, Field(description="postgresql://user:password@host/name, or sqlite:////absolute/path.db. Required.")
    ]
    redis_url: Annotated[str, Field(description="redis://host:6379/0 or unix:///path/to.sock, Redis or Valkey. Required.")]
    issuer_internal_url: Annotated[
        str | None, Field(description="Where api_service fetches the JWKS when the public address is not reachable from inside.")
    ] = None
    trusted_proxies: Annotated[
        int, Field(ge=0, le=5, description="How many proxies in front set X-Forwarded-For; 0 means: believe the connection only.")
    ] = 0
    mail_from: Annotated[str, Field(description="The sender of letters.")] = "Bailiwick <no-reply@localhost>"
    smtp_url: Annotated[
        SecretStr | None,
        Field(description="smtp://user:password@host:587?starttls=1 or smtps://…; without it letters stay in the outbox folder."),
    ] = None
    outbox_dir: Annotated[Path | None, Field(description="A folder that keeps each letter as a file, for development.")] = None
    fetch_admits: Annotated[
        str | None,
        Field(
            description="Hosts and networks that may be fetched from although they are not public, such as `rp.test "
            "10.1.0.0/16`: for sign-in providers inside your own network, for development and for conformance runs."
        ),
    ] = None
    fetch_ca_file: Annotated[
        FilePath | None, Field(description="Certificates (PEM) of authorities that such fetches trust besides the system's.")
    ] = None
    places_file: Annotated[
        FilePath | None,
        Field(description="A database of cities or countries in MaxMind's format (.mmdb), for the list of one's own sessions."),
    ] = None
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Field(description="The least severe line that is written.")
    ] = "INFO"
    log_format: Annotated[Literal["json", "console"], Field(description="json for machines, console for eyes.")] = "json"
    host: Annotated[str, Field(description="The address that the quickstart listens on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="The port that the quickstart listens on.")] = 8000
    workers: Annotated[int, Field(ge=1, le=64, description="How many processes serve requests.")] = 1
    quickstart: Annotated[bool, Field(description="Set by the quickstart: letters are also printed.")] = False

    @field_validator("public_url", "issuer_internal_url")
    @classmethod
    def _is_an_origin(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("must be an origin such as https://id.example.com, without a path")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("public_url")
    @classmethod
    def _is_https_unless_loopback(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError("must use https; plain http is for localhost only")
        return url

    @field_validator("fetch_admits")
    @classmethod
    def _are_hosts_and_networks(cls, text: str | None) -> str | None:
        for entry in _entries(text):
            if "://" in entry:
                raise ValueError("must be hosts such as rp.test, or networks such as 10.1.0.0/16")
            if "/" in entry:
                ip_network(entry, strict=False)
        return text

    @property
    def fetch_admits_list(self) -> list[str]:
        """The entries of `fetch_admits`, an address without a mask being a host."""
        return _entries(self.fetch_admits)

    @property
    def secure(self) -> bool:
        """Whether browsers reach us over https, so that cookies can be Secure."""
        return self.public_url.startswith("https://")


def _entries(text: str | None) -> list[str]:
    return (text or "").lower().replace(",", " ").split()


def load(**overrides: object) -> Settings:
    """Read the settings. Raises pydantic.ValidationError naming each that is missing or wrong."""
    return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks them


def current() -> Settings:
    """The settings of the application whose context is active."""
    return current_app.extensions["bailiwick.settings"]
