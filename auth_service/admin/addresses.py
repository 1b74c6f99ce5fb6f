"""The addresses of a tenant that an application is told (RFC 8414 §2)."""

from dataclasses import dataclass

from shared.models.tenant import Tenant
from shared.web import tenancy


@dataclass(frozen=True)
class Addresses:
    """Where a tenant is; every address is complete."""

    issuer: str

    @classmethod
    def of(cls, tenant: Tenant) -> "Addresses":
        return cls(tenancy.issuer_of(tenant))

    @property
    def discovery(self) -> str:
        return f"{self.issuer}/.well-known/openid-configuration"

    @property
    def jwks(self) -> str:
        return f"{self.issuer}/.well-known/jwks.json"

    @property
    def authorize(self) -> str:
        return f"{self.issuer}/authorize"

    @property
    def token(self) -> str:
        return f"{self.issuer}/token"

    @property
    def userinfo(self) -> str:
        return f"{self.issuer}/api/userinfo"

    @property
    def logout(self) -> str:
        return f"{self.issuer}/logout"

    @property
    def login(self) -> str:
        return f"{self.issuer}/login"
