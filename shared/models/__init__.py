"""The nouns: what one row holds, and the rules about one row."""

from shared.models.audit import Actor, AuditEvent
from shared.models.authorization import Authorization, AuthorizationCode, RefreshToken
from shared.models.client import Client
from shared.models.consent import Consent
from shared.models.device import DeviceRequest
from shared.models.email_undo import EmailUndo
from shared.models.factor import AuthenticatorApp, Passkey, RecoveryCode
from shared.models.initial_access import InitialAccessToken
from shared.models.invitation import Invitation
from shared.models.key import SigningKey
from shared.models.letter_template import LetterTemplate
from shared.models.logout_notice import LogoutNotice
from shared.models.mark import Mark
from shared.models.outbox import OutboxMessage
from shared.models.provider import Identity, Provider
from shared.models.recovery import RecoveryLink
from shared.models.resource import Resource
from shared.models.tenant import Tenant
from shared.models.trusted_issuer import TrustedIssuer
from shared.models.user import User
from shared.models.user_field import UserField
from shared.models.verification import EmailCode

__all__ = [
    "Actor",
    "AuditEvent",
    "AuthenticatorApp",
    "Authorization",
    "AuthorizationCode",
    "Client",
    "Consent",
    "DeviceRequest",
    "EmailCode",
    "EmailUndo",
    "Identity",
    "InitialAccessToken",
    "Invitation",
    "LetterTemplate",
    "LogoutNotice",
    "Mark",
    "OutboxMessage",
    "Passkey",
    "Provider",
    "RecoveryCode",
    "RecoveryLink",
    "RefreshToken",
    "Resource",
    "SigningKey",
    "Tenant",
    "TrustedIssuer",
    "User",
    "UserField",
]
