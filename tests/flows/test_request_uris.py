"""Request objects by their address (RFC 9101 §5.2, OpenID Connect Core §6.2)."""

import pytest

from shared.services import guesses
from tests.parts.asking import asked, made, send, shown
from tests.parts.https import Https
from tests.parts.registering import let, party
from tests.parts.registering import register as register_itself
from tests.parts.signers import change, register
from tests.parts.signing import Signer
from tests.parts.world import World
from tests.relying_party import RelyingParty

# What is fetched does not depend on the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])

PATH = "/request.jwt"


@pytest.fixture
def signed(world: World) -> tuple[RelyingParty, Signer]:
    return register(world)


def publish(https: Https, text: str) -> str:
    https.answer(PATH, text.encode(), {"Content-Type": "application/jose"})
    return https.url + PATH


def test_a_registered_address_is_fetched(signed: tuple[RelyingParty, Signer], world: World, https: Https) -> None:
    """OpenID Connect Core §6.2."""
    rp, signer = signed
    change(world, rp, request_uris=[https.url + PATH])
    page = send(rp, request_uri=publish(https, made(signer, asked(rp))), response_type="code", scope="openid")
    assert page.path.endswith("/login")
    # The pages of the sign-in do not ask again.
    assert https.seen(PATH) == 1
    send(rp, request_uri=publish(https, made(signer, asked(rp))))
    assert https.seen(PATH) == 2


def test_a_fragment_says_which_edition_is_meant(signed: tuple[RelyingParty, Signer], world: World, https: Https) -> None:
    """OpenID Connect Core §6.2: for those who keep it; we ask each time, and only its signature makes it believed."""
    rp, signer = signed
    change(world, rp, request_uris=[https.url + PATH + "#first"])
    for edition in ("#first", "#second", ""):
        uri = publish(https, made(signer, asked(rp)))
        assert send(rp, request_uri=uri + edition).path.endswith("/login")
    assert https.seen(PATH) == 3


def test_no_other_address_is_ever_asked(signed: tuple[RelyingParty, Signer], world: World, https: Https) -> None:
    """RFC 9101 §10.4."""
    rp, signer = signed
    uri = publish(https, made(signer, asked(rp)))
    shown(send(rp, request_uri=uri), "request_uri_not_supported")
    change(world, rp, request_uris=[uri])
    for other in (f"{uri}?a=b", f"{uri}/", uri.replace("https", "http"), "urn:x", "javascript:x", "ä"):
        shown(send(rp, request_uri=other), "invalid_request_uri")
    assert https.seen(PATH) == 0


def test_what_does_not_answer_is_an_error_of_the_address(signed: tuple[RelyingParty, Signer], world: World, https: Https) -> None:
    rp, _ = signed
    change(world, rp, request_uris=[https.url + PATH])
    https.answer(PATH, b"", status=404)
    shown(send(rp, request_uri=https.url + PATH), "invalid_request_uri")
    publish(https, "no request object")
    shown(send(rp, request_uri=https.url + PATH), "invalid_request_object")
    outside = {"redirect_uri": rp.application.redirect_uri, "response_type": "code", "scope": "openid"}
    assert send(rp, request_uri=https.url + PATH, **outside).answer["error"] == "invalid_request_object"


def test_a_client_that_registered_itself_cannot_have_us_ask_without_end(world: World, https: Https) -> None:
    """RFC 9101 §10.4.1: of its requests so many a minute ask one host, whichever client they are of."""
    let(world)
    uri = publish(https, "no request object")
    parties = [party(world, register_itself(world, request_uris=[uri])) for _ in range(2)]
    with world.inside():
        for _ in range(59):
            guesses.take_fetch("127.0.0.1")
    shown(send(parties[0], request_uri=uri), "invalid_request_object")
    for rp in parties:
        assert send(rp, request_uri=uri).status == 429
    assert https.seen(PATH) == 1
    rp, signer = register(world)
    change(world, rp, request_uris=[uri])
    publish(https, made(signer, asked(rp)))
    assert send(rp, request_uri=uri).path.endswith("/login"), "an operator answers for this one"
    world.later(minutes=1.1)
    shown(send(parties[0], request_uri=uri), "invalid_request_object")
