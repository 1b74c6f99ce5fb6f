"""Resources: what can be kept, found, changed, and asked of a person."""

import pytest

from shared.kit.errors import Conflict, Invalid, NotFound
from shared.models.resource import is_identifier
from shared.services import audit, resources, tenants
from tests.parts.world import TESTS, World

NOTES, MAPS = "https://notes.example/api", "urn:example:maps"


@pytest.mark.parametrize(
    "text", [NOTES, MAPS, "https://notes.example/", "https://notes.example:8443/a?b=c", "com.example.app:/x", "https://[::1]/"]
)
def test_an_absolute_uri_names_a_resource(text: str) -> None:
    """RFC 8707 §2."""
    assert is_identifier(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "notes",
        "/notes",
        "//notes.example",
        "https:",
        f"{NOTES}#",
        "https://a b",
        "https://ä.example",
        "1x:y",
        "https://x\n",
        f"{NOTES}/{'x' * 300}",
    ],
)
def test_what_names_none(inside: World, text: str) -> None:
    assert not is_identifier(text)
    with pytest.raises(Invalid) as refused:
        resources.create(inside.tenant, identifier=text if text.strip() == text else "x", name="Notes", by=TESTS)
    assert refused.value.fields["field"] == "identifier"


def test_what_is_kept_is_found_again(inside: World) -> None:
    made = resources.create(inside.tenant, identifier=f" {NOTES} ", name=" Notes ", scopes={"read": " Read "}, by=TESTS)
    assert (made.identifier, made.name, made.scopes, made.clients) == (NOTES, "Notes", {"read": "Read"}, None)
    assert resources.get(inside.tenant, made.id).identifier == NOTES
    found = resources.find(inside.tenant, NOTES)
    assert found and found.id == made.id
    assert resources.find(inside.tenant, NOTES.upper()) is None, "letter by letter"
    assert [found.id for found in resources.search(inside.tenant, "NOT").items] == [made.id]
    other = tenants.create(name="Acme", by=TESTS)
    assert resources.find(other, NOTES) is None and resources.search(other).items == []
    with pytest.raises(NotFound):
        resources.get(other, made.id)
    resources.create(other, identifier=NOTES, name="Theirs", by=TESTS)
    with pytest.raises(Conflict):
        resources.create(inside.tenant, identifier=NOTES, name="Again", by=TESTS)


def test_a_change_is_one_event_and_no_change_is_none(inside: World) -> None:
    made = resources.create(inside.tenant, identifier=NOTES, name="Notes", by=TESTS)
    resources.update(made, name="Notes", token_seconds=None, by=TESTS)
    resources.update(made, name="Notebook", token_seconds=60, clients=[inside.web.client_id, inside.web.client_id], by=TESTS)
    event = audit.search(action="resource.").items[0]
    assert event.action == "resource.updated"
    assert event.detail == {"name": ["Notes", "Notebook"], "token_seconds": [None, 60], "clients": [None, [inside.web.client_id]]}
    resources.delete(made, by=TESTS)
    assert [each.action for each in audit.search(action="resource.").items] == [
        "resource.deleted",
        "resource.updated",
        "resource.created",
    ]


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"scopes": {"a b": ""}}, "scopes"),
        ({"scopes": {"offline_access": ""}}, "scopes"),
        ({"scopes": {"read": "x" * 201}}, "scopes"),
        ({"scopes": {f"s{number}": "" for number in range(101)}}, "scopes"),
        ({"token_seconds": 29}, "token_seconds"),
        ({"token_seconds": 86401}, "token_seconds"),
        ({"clients": ["nobody"]}, "clients"),
        ({"introspectors": ["nobody"]}, "introspectors"),
    ],
)
def test_what_cannot_be_kept(inside: World, rules: dict[str, object], field: str) -> None:
    made = resources.create(inside.tenant, identifier=NOTES, name="Notes", by=TESTS)
    with pytest.raises(Invalid) as refused:
        resources.update(made, by=TESTS, **rules)
    assert refused.value.fields["field"] == field


def test_a_public_client_asks_but_introspects_nothing(inside: World) -> None:
    made = resources.create(inside.tenant, identifier=NOTES, name="Notes", clients=[inside.spa.client_id], by=TESTS)
    assert made.admits(inside.client(inside.spa)) and not made.admits(inside.client(inside.web))
    with pytest.raises(Invalid):
        resources.update(made, introspectors=[inside.spa.client_id], by=TESTS)


def test_scopes_of_the_same_name_are_told_apart(inside: World) -> None:
    for identifier, name in ((NOTES, "Notes"), (MAPS, "Maps")):
        resources.create(inside.tenant, identifier=identifier, name=name, scopes={"read": f"Read {name}", "bare": ""}, by=TESTS)
    asked = resources.wanted(inside.tenant, ["openid", "read"], [MAPS, NOTES, "urn:unknown"])
    assert asked == ["openid", f"{MAPS}#read", f"{NOTES}#read"]
    words = resources.in_words(inside.tenant, [*asked, f"{NOTES}#bare", f"{MAPS}#", "urn:gone#read"])
    assert words[1:] == ["Maps: Read Maps", "Notes: Read Notes", "Notes: bare", "Use Maps in your name"]
    assert resources.wanted(inside.tenant, ["openid"], [NOTES]) == ["openid", f"{NOTES}#"]
