"""The nouns: what one row holds, and the rules about one row."""

from shared.models.audit import Actor, AuditEvent
from shared.models.authorization import Authorization, AuthorizationCode, RefreshToken
from shared.models.client import Client
from shared.models.consent import Consent
from shared.models.device import DeviceRequest
from shared.models.initial_access import InitialAccessToken
from shared.models.key import SigningKey
from shared.models.logout_notice import LogoutNotice
from shared.models.mark import Mark
from shared.models.outbox import OutboxMessage
from shared.models.resource import Resource
from shared.models.tenant import Tenant
from shared.models.trusted_issuer import TrustedIssuer
from shared.models.user import User
from shared.models.verification import EmailCode

__all__ = [
    "Actor",
    "AuditEvent",
    "Authorization",
    "AuthorizationCode",
    "Client",
    "Consent",
    "DeviceRequest",
    "EmailCode",
    "InitialAccessToken",
    "LogoutNotice",
    "Mark",
    "OutboxMessage",
    "RefreshToken",
    "Resource",
    "SigningKey",
    "Tenant",
    "TrustedIssuer",
    "User",
]
