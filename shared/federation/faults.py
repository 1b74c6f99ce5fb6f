"""What can go wrong with a provider: it does not answer, it answers what cannot be believed, or it says no itself."""

from shared.kit import log
from shared.kit.errors import AppError
from shared.models.provider import Provider


class ProviderFault(AppError):
    """Nobody is signed in, and it is not for want of ours. `why` is for operators alone."""

    def __init__(self, provider: Provider, why: str) -> None:
        super().__init__(provider.name)
        self.provider, self.why = provider, why[:300]
        log.get().warning("provider.failed", provider=provider.slug, kind=self.code, why=self.why)


class Silent(ProviderFault):
    """It does not answer just now, or others wait for it already."""

    status = 503
    code = "provider_silent"


class Wrong(ProviderFault):
    """What it answered is not what it may answer."""

    status = 502
    code = "provider_wrong"


class Refused(ProviderFault):
    """It does not let this person, or this server, have what was asked for (RFC 6749 §4.1.2.1, §5.2)."""

    status = 403
    code = "provider_refused"
