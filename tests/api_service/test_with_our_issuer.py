"""The API and the authorization server together: tokens as they are really made, on both databases."""

import requests

from shared.models import Actor
from shared.services import audit, clients, keys, profiles, users
from tests.parts.world import TESTS


def test_a_third_party_is_told_what_its_scopes_open(world, rp):
    tokens = rp.tokens(scope="openid email")
    assert rp.userinfo(tokens.access_token).json == {"sub": str(world.ada.id), "email": "ada@example.com", "email_verified": True}


def test_a_first_party_is_told_all_with_openid_alone(world, ours):
    told = ours.userinfo(ours.tokens(scope="openid").access_token, method="POST").json
    assert {"email", "email_verified", "name", "updated_at", "tenant_id", "is_active", "fields"} < set(told)
    assert told["tenant_id"] == str(world.tenant.id) and told["is_active"] is True and told["fields"] == {}


def test_an_id_token_is_not_an_access_token(rp):
    """RFC 9068 §4, RFC 8725 §3.11."""
    assert rp.userinfo(rp.tokens().id_token).status == 401


def test_a_token_of_a_new_key_works_at_once_and_the_old_one_still_does(world, rp):
    old = rp.tokens().access_token
    assert rp.userinfo(old).status == 200
    with world.inside():
        keys.rotate(world.tenant, by=TESTS, at_once=True)
    new = rp.tokens().access_token
    assert rp.userinfo(new).status == rp.userinfo(old).status == 200


def test_whoever_is_disabled_is_refused_at_once(world, rp):
    token = rp.tokens().access_token
    assert rp.userinfo(token).status == 200
    with world.inside():
        users.disable(world.user(world.ada), by=TESTS)
    assert rp.userinfo(token).status == 401


def test_a_changed_name_is_seen_and_written_down(world, ours):
    header = {"Authorization": f"Bearer {ours.tokens().access_token}"}
    answer = requests.patch(f"{world.url}/api/me", json={"name": "Ada King"}, headers=header, timeout=30)
    assert answer.status_code == 200 and answer.json()["name"] == "Ada King"
    with world.inside():
        event = audit.search(tenant=world.tenant, action="user.renamed").items[0]
        assert event.actor_id == event.subject_id == str(world.ada.id)


def test_a_profile_is_read_for_an_application(inside):
    tenant, ada = inside.tenant, inside.ada
    assert profiles.find(tenant, ada.id, client_id=inside.ours.client_id).first_party is True
    assert profiles.find(tenant, ada.id, client_id=inside.web.client_id).first_party is False
    with_nobody = profiles.find(tenant, str(ada.id), client_id="gone\0")
    assert (with_nobody.email, with_nobody.first_party) == ("ada@example.com", False)
    assert with_nobody.email_verified_at.tzinfo and with_nobody.updated_at.tzinfo
    for nobody in ("not-an-id", "0199f3c2-7c1e-7d52-9a3b-3f2b8d1c5e77", ""):
        assert profiles.find(tenant, nobody, client_id=inside.web.client_id) is None
    users.disable(inside.user(ada), by=Actor.system("tests"))
    assert profiles.find(tenant, ada.id, client_id=inside.web.client_id) is None


def test_the_tokens_of_a_client_that_is_gone_are_refused(world, ours):
    token = ours.tokens(scope="openid").access_token
    with world.inside():
        clients.delete(world.client(world.ours), by=TESTS)
    assert ours.userinfo(token).status == 401
