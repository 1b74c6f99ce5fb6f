"""A client: an application that asks for tokens (RFC 6749 §2)."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.kit import clock, ids
from shared.kit.db import Folded, db

CONFIDENTIAL, PUBLIC = "confidential", "public"
ALGORITHMS = ("ES256", "RS256")
RESPONSE_MODES = ("query", "fragment", "form_post")
CODE, ID_TOKEN, ID_TOKEN_TOKEN = RESPONSE_TYPES = ("code", "id_token", "id_token token")
# Tokens straight from the authorization endpoint: where a tenant allows it, and never by default.
IMPLICIT = (ID_TOKEN, ID_TOKEN_TOKEN)
CLIENT_SECRET_JWT, PRIVATE_KEY_JWT = "client_secret_jwt", "private_key_jwt"
AUTH_METHODS = ("client_secret_basic", "client_secret_post", CLIENT_SECRET_JWT, PRIVATE_KEY_JWT, "none")
ASSERTION_AUDIENCES = ("any", "issuer")
REFRESH_MODES = ("rotate", "grace", "keep")
OPENID, FAPI2 = "openid", "fapi2"
PROFILES = ("oauth21", OPENID, FAPI2, "mcp")
# How a client came to be here: by an operator, by itself (RFC 7591), or by the document that its client_id is the address of.
BY_OPERATOR, BY_ITSELF, BY_DOCUMENT = "operator", "registration", "document"
PUBLIC_SUBJECT, PAIRWISE = "public", "pairwise"
IMPERSONATION, DELEGATION = "impersonation", "delegation"
WEB, NATIVE = "web", "native"
LOOPBACK_ADDRESSES = ("127.0.0.1", "::1")


class Client(db.Model):
    __tablename__ = "clients"
    __table_args__ = (
        # In one tenant: a client that is known by its document has the same client_id in each.
        UniqueConstraint("tenant_id", "client_id", name="uq_clients_client_id"),
        Index("ix_clients_newest", "tenant_id", "id"),
        Index("ix_clients_name", "tenant_id", "name_folded"),
        Index("ix_clients_redirect_uris", "redirect_uris", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    client_id: Mapped[str] = mapped_column(Folded)
    name: Mapped[str] = mapped_column(String(200))
    name_folded: Mapped[str] = mapped_column(Folded)
    client_type: Mapped[str] = mapped_column(String(20), default=CONFIDENTIAL)
    first_party: Mapped[bool] = mapped_column(default=False)
    logo_url: Mapped[str | None] = mapped_column(String(2000))
    secret_fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    secret_sealed: Mapped[str | None] = mapped_column(String(500))
    secret_hint: Mapped[str | None] = mapped_column(String(8))
    token_endpoint_auth_method: Mapped[str] = mapped_column(String(40), default="client_secret_basic")
    token_endpoint_auth_signing_alg: Mapped[str | None] = mapped_column(String(20))
    assertion_audience: Mapped[str] = mapped_column(String(20), default="any")
    jwks: Mapped[dict[str, Any] | None]
    jwks_uri: Mapped[str | None] = mapped_column(String(2000))
    redirect_uris: Mapped[list[str]] = mapped_column(default=list)
    post_logout_redirect_uris: Mapped[list[str]] = mapped_column(default=list)
    scopes: Mapped[list[str]] = mapped_column(default=list)
    grant_types: Mapped[list[str]] = mapped_column(default=list)
    response_types: Mapped[list[str]] = mapped_column(default=lambda: [CODE])
    require_pkce: Mapped[bool] = mapped_column(default=True)
    response_modes: Mapped[list[str]] = mapped_column(default=lambda: ["query", "form_post"])
    require_par: Mapped[bool] = mapped_column(default=False)
    refresh_mode: Mapped[str] = mapped_column(String(20), default="rotate")
    refresh_grace_seconds: Mapped[int] = mapped_column(default=30)
    id_token_alg: Mapped[str] = mapped_column(String(20), default="RS256")
    access_token_alg: Mapped[str] = mapped_column(String(20), default="ES256")
    access_token_seconds: Mapped[int] = mapped_column(default=600)
    refresh_token_seconds: Mapped[int] = mapped_column(default=30 * 86400)
    # The set of settings that an operator chose, which the linter holds it to.
    profile: Mapped[str] = mapped_column(String(20), default="oauth21")
    registered_by: Mapped[str] = mapped_column(String(20), default=BY_OPERATOR)
    # The token with which a client that registered itself reads and changes its registration (RFC 7592 §3).
    registration_fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    # Until when a client known by its document may be believed without fetching it again.
    document_fresh_until: Mapped[datetime | None]
    application_type: Mapped[str] = mapped_column(String(20), default=WEB)
    client_uri: Mapped[str | None] = mapped_column(String(2000))
    policy_uri: Mapped[str | None] = mapped_column(String(2000))
    tos_uri: Mapped[str | None] = mapped_column(String(2000))
    contacts: Mapped[list[str]] = mapped_column(default=list)
    # Names in other languages and the like, which we keep and show back without reading them (RFC 7591 §2).
    metadata_kept: Mapped[dict[str, Any]] = mapped_column(default=dict)
    subject_type: Mapped[str] = mapped_column(String(20), default=PUBLIC_SUBJECT)
    sector_identifier_uri: Mapped[str | None] = mapped_column(String(2000))
    userinfo_signed_response_alg: Mapped[str | None] = mapped_column(String(20))
    request_object_signing_alg: Mapped[str | None] = mapped_column(String(20))
    require_signed_request_object: Mapped[bool] = mapped_column(default=False)
    request_uris: Mapped[list[str]] = mapped_column(default=list)
    dpop_bound_access_tokens: Mapped[bool] = mapped_column(default=False)
    default_max_age: Mapped[int | None]
    require_auth_time: Mapped[bool] = mapped_column(default=False)
    # Whoever signs in to it has proven who they are in two ways, whatever the tenant asks.
    require_second_factor: Mapped[bool] = mapped_column(default=False)
    default_acr_values: Mapped[list[str]] = mapped_column(default=list)
    initiate_login_uri: Mapped[str | None] = mapped_column(String(2000))
    backchannel_logout_uri: Mapped[str | None] = mapped_column(String(2000))
    backchannel_logout_session_required: Mapped[bool] = mapped_column(default=False)
    frontchannel_logout_uri: Mapped[str | None] = mapped_column(String(2000))
    frontchannel_logout_session_required: Mapped[bool] = mapped_column(default=False)
    # How it may exchange tokens (RFC 8693): in the subject's place, or beside it.
    token_exchange: Mapped[list[str]] = mapped_column(default=list)
    # Seconds without a use after which a refresh token is over; None for its whole life.
    refresh_idle_seconds: Mapped[int | None]
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)

    @property
    def disabled(self) -> bool:
        return self.disabled_at is not None

    @property
    def verified(self) -> bool:
        """Whether an operator answers for it; a client that came by itself always asks the person."""
        return self.registered_by == BY_OPERATOR

    @property
    def public(self) -> bool:
        return self.client_type == PUBLIC

    @property
    def secret_revealable(self) -> bool:
        """Whether the plain secret is kept sealed, so that it can be shown again."""
        return self.secret_sealed is not None

    @property
    def needs_secret(self) -> bool:
        """Whether it proves who it is by a secret that it shares with us."""
        return self.token_endpoint_auth_method not in ("none", PRIVATE_KEY_JWT)

    @property
    def pkce_required(self) -> bool:
        """Public clients always (RFC 9700 §2.1.1), confidential ones unless their policy lifts it."""
        return self.public or self.require_pkce

    def has_secret(self, secret: str) -> bool:
        """Whether `secret` is this client's, compared in constant time."""
        kept = self.secret_fingerprint
        return ids.same(kept or b"", ids.fingerprint(secret)) if kept else False

    def allows_redirect(self, unverified_uri: str) -> bool:
        """Whether the client registered this very address; only the port of a loopback IP may differ (RFC 8252 §7.3)."""
        return any(unverified_uri == known or _same_but_port(unverified_uri, known) for known in self.redirect_uris)

    def allows_post_logout(self, unverified_uri: str) -> bool:
        """Whether the client registered this very address to return to after logging out."""
        return unverified_uri in self.post_logout_redirect_uris


def _same_but_port(unverified_uri: str, known: str) -> bool:
    try:
        left, right = urlsplit(unverified_uri), urlsplit(known)
        _ = left.port
    except ValueError:
        return False
    if right.scheme != "http" or right.hostname not in LOOPBACK_ADDRESSES or left.hostname != right.hostname:
        return False
    host = f"[{right.hostname}]" if ":" in (right.hostname or "") else right.hostname
    port = "" if left.port is None else f":{left.port}"
    # Rebuilt from the registered address, so that nothing but the port can differ, userinfo included.
    return unverified_uri == right._replace(netloc=f"{host}{port}").geturl()
