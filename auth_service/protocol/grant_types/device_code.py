"""The device code grant (RFC 8628 §3.4, §3.5): the device asks until its person has answered."""

from typing import Any

from auth_service.protocol import dpop, resource_indicators, token
from auth_service.protocol.errors import ProtocolError
from auth_service.protocol.grant_types import checks
from auth_service.protocol.grant_types.grant import Grant
from shared.models.authorization import Authorization
from shared.models.client import Client
from shared.models.device import GRANT_TYPE
from shared.services import devices
from shared.services.codes import Redeemed

# The RFC's code, its public words, and the mend, for each way of being refused.
REFUSALS: dict[type[devices.DeviceRefused], tuple[str, str, str]] = {
    devices.Waiting: ("authorization_pending", "The person has not answered yet.", "Ask again after the interval."),
    devices.TooFast: (
        "slow_down",
        "The device asks too often: it must wait five seconds longer from now on.",
        "Wait for the interval after each answer, and for five seconds more after each slow_down.",
    ),
    devices.Refused: ("access_denied", "The person refused.", "Tell the person so, and let them begin anew if they like."),
    devices.Over: (
        "expired_token",
        "The device code is over: nobody answered in time.",
        "Ask for a new code, once the person is there again.",
    ),
    devices.DeviceRefused: (
        "invalid_grant",
        "The device code is not valid.",
        "Redeem each device code once, with the client that asked for it.",
    ),
}


class DeviceCodeGrant(Grant):
    """Redeems device codes at the token endpoint."""

    GRANT_TYPE = GRANT_TYPE

    def redeem(self) -> None:
        """Spend the device code."""
        self.redeemed = _spend(checks.needed(self.params, "device_code", "RFC 8628 §3.4"), self.client, self.params)

    def answer(self) -> dict[str, Any]:
        """The tokens that the person allowed."""
        of = self.redeemed.authorization
        return token.answer(
            self.client,
            self.redeemed.user,
            of,
            scopes=of.scopes,
            refresh_token=self.redeemed.refresh_token,
            acr=of.acr,
            params=self.params,
        )


def _spend(device_code: str, client: Client, params: dict[str, str]) -> Redeemed:
    """A device code serves once, when its person has allowed it (RFC 8628 §3.5). Raises ProtocolError."""

    def prove(authorization: Authorization) -> None:
        resource_indicators.aim(client, authorization, params, authorization.scopes)

    try:
        return devices.redeem(device_code, client, prove=prove, dpop_jkt=dpop.key())
    except devices.DeviceRefused as refused:
        error, words, mend = REFUSALS[type(refused)]
        raise ProtocolError(
            error,
            words,
            section="RFC 8628 §3.5",
            expected="a device code of this client, allowed by its person within ten minutes and not used yet",
            came=refused.message,
            mend=mend,
        ) from None
