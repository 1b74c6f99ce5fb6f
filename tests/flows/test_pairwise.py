"""Pairwise subject identifiers (OpenID Connect Core §8, §8.1): one person, another `sub` for each sector."""

import json

import pytest

from shared.kit.errors import Invalid
from shared.models.client import PAIRWISE
from shared.services import clients
from tests.parts.https import Https
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty, unverified_claims


@pytest.fixture
def pairwise(world: World) -> RelyingParty:
    """A relying party that knows ada by a `sub` of its own."""
    return RelyingParty(world.url, world.add_application("Diary", subject_type=PAIRWISE), world.ada)


def sub_of(rp: RelyingParty) -> str:
    return unverified_claims(rp.tokens().id_token)["sub"]


def test_every_token_and_userinfo_have_the_same_sub(pairwise: RelyingParty, world: World) -> None:
    tokens = pairwise.tokens()
    sub = unverified_claims(tokens.id_token)["sub"]
    assert sub != str(world.ada.id) and len(sub) <= 255 and sub.isascii()
    assert unverified_claims(tokens.access_token)["sub"] == sub, "RFC 9068 §6"
    userinfo = pairwise.userinfo(tokens.access_token).json
    assert (userinfo["sub"], userinfo["email"]) == (sub, "ada@example.com")
    again = pairwise.refresh(tokens.refresh_token)
    assert {unverified_claims(again.id_token)["sub"], unverified_claims(again.access_token)["sub"]} == {sub}


def test_no_token_of_a_pairwise_client_has_the_id_of_the_person(pairwise: RelyingParty, world: World) -> None:
    tokens = pairwise.tokens()
    for token in (tokens.id_token, tokens.access_token):
        assert str(world.ada.id) not in str(unverified_claims(token))


def test_introspection_tells_the_same_sub(pairwise: RelyingParty) -> None:
    tokens = pairwise.tokens()
    asked = [
        pairwise.post(pairwise.metadata["introspection_endpoint"], {"token": token}, pairwise.basic())
        for token in (tokens.access_token, tokens.refresh_token)
    ]
    assert {reply.sub for reply in asked} == {unverified_claims(tokens.id_token)["sub"]}


def test_the_api_finds_the_person(pairwise: RelyingParty, world: World) -> None:
    tokens = pairwise.tokens()
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    me = pairwise.http.get(f"{world.url}/api/me", headers=headers, timeout=30).json()
    assert (me["name"], me["sub"]) == ("Ada Lovelace", unverified_claims(tokens.id_token)["sub"])


def test_sectors_differ_and_each_is_stable(pairwise: RelyingParty, world: World) -> None:
    other = RelyingParty(world.url, world.add_application("Shop", subject_type=PAIRWISE), world.ada)
    first = sub_of(pairwise)
    assert first == sub_of(pairwise) != sub_of(other)
    grace = RelyingParty(world.url, pairwise.application, world.admin)
    assert sub_of(grace) != first


def test_its_hint_is_of_the_person_signed_in_and_of_no_other(pairwise: RelyingParty, world: World) -> None:
    hint = pairwise.tokens().id_token
    assert pairwise.start(prompt="none", id_token_hint=hint).answer["code"]
    grace = RelyingParty(world.url, pairwise.application, world.admin)
    grace.tokens()
    assert grace.start(prompt="none", id_token_hint=hint).answer["error"] == "login_required"


def test_its_hint_ends_the_session(pairwise: RelyingParty) -> None:
    hint = pairwise.tokens().id_token
    back = pairwise.application.post_logout_redirect_uri
    assert (pairwise.logout(id_token_hint=hint, post_logout_redirect_uri=back).left_to or "").startswith(back)
    assert pairwise.start(prompt="none").answer["error"] == "login_required"


def test_several_hosts_need_a_sector_that_lists_each_address(world: World, https: Https) -> None:
    uris = ["https://one.example/back", "https://two.example/back"]
    sector = f"{https.url}/sector.json"
    with pytest.raises(Invalid):
        world.add_application("Group", subject_type=PAIRWISE, redirect_uris=uris)
    https.answer("/sector.json", json.dumps(uris[:1]).encode())
    with pytest.raises(Invalid):
        world.add_application("Group", subject_type=PAIRWISE, redirect_uris=uris, sector_identifier_uri=sector)
    https.answer("/sector.json", json.dumps(uris).encode())
    group = world.add_application("Group", subject_type=PAIRWISE, redirect_uris=uris, sector_identifier_uri=sector)
    with world.inside():
        client = world.client(group)
        with pytest.raises(Invalid):
            clients.add_redirect_uri(client, "https://three.example/back", by=TESTS)
        with pytest.raises(Invalid):
            clients.update(client, sector_identifier_uri=None, by=TESTS)
        asked = https.seen("/sector.json")
        assert clients.update(client, name="Family", redirect_uris=uris, sector_identifier_uri=sector, by=TESTS).name == "Family"
    assert https.seen("/sector.json") == asked, "what did not change is not asked for again"


def test_discovery_names_both(pairwise: RelyingParty) -> None:
    assert set(pairwise.metadata["subject_types_supported"]) == {"public", "pairwise"}
