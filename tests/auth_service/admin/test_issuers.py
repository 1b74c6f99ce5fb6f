"""The dashboard's pages about trusted issuers."""

import json

import pytest

from shared.models.trusted_issuer import TrustedIssuer
from shared.services import trusted_issuers
from tests.auth_service.admin.desk import Desk
from tests.parts.signing import new_key
from tests.parts.world import TESTS, World

# What storage does is asked of both databases where the services are tested.
pytestmark = pytest.mark.parametrize("database", ["sqlite"])
ISSUER, KEYS = "https://hr.example", "https://hr.example/jwks.json"
GOOD = {"issuer": ISSUER, "name": "Personnel", "jwks_uri": KEYS, "scopes": "openid\r\nread", "subject_is": "email"}


@pytest.fixture
def personnel(world: World) -> TrustedIssuer:
    with world.inside():
        return trusted_issuers.create(world.tenant, issuer=ISSUER, name="Personnel", jwks_uri=KEYS, clients=[], by=TESTS)


def test_an_issuer_is_trusted_with_what_its_word_buys(desk: Desk, world: World) -> None:
    assert "No trusted issuers" in desk.get("/admin/issuers").text
    answer = desk.press("Trust this issuer", "/admin/issuers/new", **GOOD, clients=world.web.client_id)
    assert answer.status_code == 200 and "Personnel is trusted." in answer.text
    for told in (ISSUER, KEYS, world.web.name, "A verified e-mail address", "openid"):
        assert told in answer.text
    assert [event.action for event in desk.events("issuer.")] == ["issuer.trusted"]
    with world.inside():
        kept = trusted_issuers.find(world.tenant, ISSUER)
        assert kept is not None
        assert (kept.subject_is, kept.scopes, kept.clients) == ("email", ["openid", "read"], [world.web.client_id])


def test_unless_clients_are_named_nobody_brings_its_word(desk: Desk) -> None:
    assert "None yet: its word buys nothing." in desk.press("Trust this issuer", "/admin/issuers/new", **GOOD).text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"issuer": ""}, "Write the issuer as it stands in iss"),
        ({"issuer": "https://hr .example"}, "letter by letter"),
        ({"name": ""}, "Give it a name"),
        ({"jwks_uri": ""}, "one of the two"),
        ({"jwks": json.dumps({"keys": [new_key("ES256").as_dict(private=False)]})}, "one of the two"),
        ({"jwks_uri": "", "jwks": json.dumps({"keys": [new_key("ES256").as_dict(private=True)]})}, "private or secret key"),
        ({"jwks_uri": "http://hr.example/jwks.json"}, "an https address"),
        ({"scopes": "offline_access"}, "buys no refresh token"),
        ({"scopes": 'a"b'}, "without blanks and quotes"),
        ({"subject_is": "name"}, "Choose id or email."),
        ({"clients": "nobody"}, "There is no confidential client of this tenant with the Client ID nobody."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(desk: Desk, typed: dict[str, str], told: str) -> None:
    answer = desk.press("Trust this issuer", "/admin/issuers/new", **{**GOOD, **typed})
    assert answer.status_code == 422 and told in answer.text, answer.text
    assert desk.events("issuer.") == []


def test_we_do_not_trust_ourselves_nor_anyone_twice(desk: Desk, world: World, personnel: TrustedIssuer) -> None:
    ours = desk.press("Trust this issuer", "/admin/issuers/new", **{**GOOD, "issuer": world.url})
    assert ours.status_code == 422 and "This is our own issuer" in ours.text
    again = desk.press("Trust this issuer", "/admin/issuers/new", **GOOD)
    assert again.status_code == 422 and "trusted already" in again.text


def test_a_public_client_brings_nobodys_word(desk: Desk, world: World) -> None:
    answer = desk.press("Trust this issuer", "/admin/issuers/new", **GOOD, clients=world.spa.client_id)
    assert answer.status_code == 422 and "There is no confidential client" in answer.text


def test_what_is_changed_is_one_event(desk: Desk, world: World, personnel: TrustedIssuer) -> None:
    page = f"/admin/issuers/{personnel.id}"
    key = new_key("ES256")
    jwks = json.dumps({"keys": [key.as_dict(private=False)]})
    answer = desk.press("Update", f"{page}/edit", name="Staff", jwks_uri="", jwks=jwks, every_client="y")
    assert "Updated." in answer.text and str(key.kid) in answer.text and "Every confidential client" in answer.text
    event = desk.events("issuer.updated")[0]
    assert set(event.detail) == {"name", "jwks", "jwks_uri", "clients"}
    assert '"kty": "EC"' in desk.get(f"{page}/edit").text.replace("&#34;", '"').replace("&quot;", '"')
    refused = desk.press("Update", f"{page}/edit", jwks_uri=KEYS)
    assert refused.status_code == 422 and "one of the two" in refused.text


def test_deleting_asks_for_the_name(desk: Desk, personnel: TrustedIssuer) -> None:
    page = f"/admin/issuers/{personnel.id}"
    refused = desk.press("Delete", f"{page}/delete", typed="hr")
    assert refused.status_code == 422 and "Type exactly Personnel." in refused.text
    answer = desk.press("Delete", f"{page}/delete", typed="Personnel")
    assert "Personnel is not trusted any more." in answer.text and answer.url.endswith("/admin/issuers")
    assert desk.get(page).status_code == 404
    assert desk.events("issuer.")[0].action == "issuer.deleted"


def test_the_list_finds_by_name_and_issuer_and_has_pages(desk: Desk, world: World, personnel: TrustedIssuer) -> None:
    with world.inside():
        for number in range(26):
            rules = {"name": f"Robot {number}", "jwks_uri": KEYS, "by": TESTS}
            trusted_issuers.create(world.tenant, issuer=f"urn:example:{number}", **rules)
    first = desk.get("/admin/issuers").text
    assert "Robot 25" in first and ISSUER not in first and "Next" in first
    assert ISSUER in desk.get("/admin/issuers", q="pers").text and ISSUER in desk.get("/admin/issuers", q="https://h").text
    assert "Nothing found" in desk.get("/admin/issuers", q="zzz").text
    assert desk.get("/admin/issuers?q=%00a&tenant=%00&after=x&before=%00").ok


def test_a_client_that_is_gone_is_said_to_be(desk: Desk, world: World, personnel: TrustedIssuer) -> None:
    made = world.add_application("Passing")
    desk.press("Update", f"/admin/issuers/{personnel.id}/edit", clients=made.client_id)
    desk.press("Delete", f"/admin/clients/{made.id}/delete", typed="Passing")
    assert "A client that was deleted" in desk.get(f"/admin/issuers/{personnel.id}").text


def test_strangers_see_nothing(stranger: Desk, personnel: TrustedIssuer) -> None:
    for path in ("", "/new", f"/{personnel.id}", f"/{personnel.id}/edit", f"/{personnel.id}/delete"):
        assert stranger.get(f"/admin/issuers{path}").url.partition("?")[0].endswith("/login")
