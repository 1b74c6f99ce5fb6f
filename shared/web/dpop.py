"""DPoP at the door: the proof in a request, and the nonces that this server gives out (RFC 9449 §4.3, §8, §9, §11.1)."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from urllib.parse import quote

from flask import Response, after_this_request, request

from shared.kit import clock, ids, seal
from shared.services import marks
from shared.web import dpop_proof, tenancy
from shared.web.dpop_proof import Asked, NotProved, Proved

HEADER, NONCE_HEADER = "DPoP", "DPoP-Nonce"
# A nonce serves for so long, and for as long again.
NONCE_SECONDS = 180


def sent() -> bool:
    """Whether the request brings a proof."""
    return HEADER in request.headers


def prove(*, access_token: str | None = None) -> Proved:
    """The proof that this request brings, for `access_token` where one is presented; not used up. Raises NotProved.

    The answer, whatever it is, carries the nonce for the next one.
    """
    after_this_request(_with_nonce)
    asked = Asked(request.method, tenancy.issuer() + quote(request.path), clock.timestamp(), access_token)
    return dpop_proof.verify(request.headers.get(HEADER, ""), asked, is_fresh=is_fresh)


def spend(proved: Proved) -> None:
    """Use the proof up: of many that bring it, on every node and through restarts, one may (§11.1). Raises NotProved."""
    if not marks.spend(marks.PROOF, proved.mark, until=datetime.fromtimestamp(proved.until, UTC)):
        raise NotProved(
            "The DPoP proof was used before.",
            section="RFC 9449 §4.3 (11), §11.1",
            expected="a jti that never came before with this key and address",
            came="one that did",
            mend="Make a new proof for each request, and when a request is sent again.",
        )


def nonce() -> str:
    """The nonce of this moment: the same on every node, without anything being kept."""
    return _nonce_of(_window())


def is_fresh(unverified: str) -> bool:
    """Whether this is a nonce of now or of a moment ago; another node's clock may be a little ahead."""
    return any(ids.same(unverified, _nonce_of(_window() - age)) for age in (0, 1, -1))


def _window() -> int:
    return clock.timestamp() // NONCE_SECONDS


def _nonce_of(window: int) -> str:
    made = hmac.new(seal.derive("dpop nonce"), str(window).encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made[:18]).decode()


def _with_nonce(response: Response) -> Response:
    response.headers[NONCE_HEADER] = nonce()
    return response
