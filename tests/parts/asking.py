"""Clients that ask by request objects: what the tests of RFC 9101 share."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.parts.browsing import Page
from tests.parts.signing import Signer
from tests.relying_party import RelyingParty, Reply


def asked(rp: RelyingParty, **changes: Any) -> dict[str, Any]:
    """What a request asks, as the claims of a request object."""
    return {**dict(parse_qsl(urlsplit(rp.authorize_url()).query)), "iss": rp.application.client_id, "aud": rp.issuer, **changes}


def made(signer: Signer, claims: dict[str, Any], **header: Any) -> str:
    told = {"alg": signer.alg, "kid": signer.key.kid, "typ": "oauth-authz-req+jwt", **header}
    said, claims = ({name: value for name, value in each.items() if value is not None} for each in (told, claims))
    return signer.sign(said, claims)


def send(rp: RelyingParty, **outside: str) -> Page:
    return rp.browser.get("/authorize?" + urlencode({"client_id": rp.application.client_id, **outside}))


def signed_in(rp: RelyingParty, page: Page) -> Reply:
    assert page.path.endswith("/login"), page.left_to or page.words
    rp.sign_in()
    return rp.exchange(rp.allow().answer["code"])


def shown(page: Page, error: str) -> None:
    assert page.left_to is None
    assert page.status == 400
    assert error in page.text
