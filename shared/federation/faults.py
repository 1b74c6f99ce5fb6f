"""What can go wrong with a provider: it does not answer, it answers what cannot be believed, or it says no itself."""

import re
from typing import TypeGuard

from shared.kit import log
from shared.kit.errors import AppError
from shared.models.provider import Provider

# RFC 6749 §5.2: printable, without the two that end a quoted string; none that is in use is longer.
ERROR = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]{1,64}")


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
    """It does not let this person, or this server, have what was asked for (RFC 6749 §4.1.2.1, §5.2).

    `error` is the code that it gives for that, which may be told on; what else it says may be anything, and goes to the log.
    """

    status = 403
    code = "provider_refused"

    def __init__(self, provider: Provider, unverified_error: object, unverified_description: object) -> None:
        self.error = unverified_error if _is_code(unverified_error) else "an error that is none of RFC 6749"
        super().__init__(provider, f"it answers {self.error}: {str(unverified_description or '')[:150]!r}")


def _is_code(unverified: object) -> TypeGuard[str]:
    return isinstance(unverified, str) and ERROR.fullmatch(unverified) is not None
