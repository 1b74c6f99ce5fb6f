"""The dashboard's pages about invitations."""

import re

import pytest

from shared.services import invitations, tenants
from tests.auth_service.admin.desk import Desk, forms
from tests.parts.post import letters_to, link_to
from tests.parts.world import TESTS, World

pytestmark = pytest.mark.parametrize("database", ["sqlite"])
NEW = "charles@example.com"


def invite(desk: Desk, **typed: str) -> str:
    return desk.press("Send the invitation", "/admin/invitations/new", **typed).text


def test_somebody_is_invited_and_listed_and_the_link_is_nowhere(desk: Desk, world: World) -> None:
    assert "Nobody is invited" in desk.get("/admin/invitations").text
    text = invite(desk, email=NEW)
    assert f"{NEW} is invited." in text and ">Open<" in text and world.admin.email in text
    token = link_to(world, NEW).partition("token=")[2]
    assert token not in text
    assert [event.action for event in desk.events("invitation.")] == ["invitation.created"]
    assert "Nothing found" in desk.get("/admin/invitations", q="zzz").text


@pytest.mark.parametrize(
    ("email", "told"),
    [("", "Type an e-mail address"), ("nobody", "not an e-mail address"), ("ADA@example.com", "Somebody has an account")],
)
def test_whom_nobody_can_invite_is_told_beside_the_field(desk: Desk, world: World, email: str, told: str) -> None:
    answer = desk.press("Send the invitation", "/admin/invitations/new", email=email)
    assert answer.status_code == 422 and told in answer.text
    assert world.letters() == []


def test_it_is_sent_again_and_revoked_after_a_question(desk: Desk, stranger: Desk, world: World) -> None:
    invite(desk, email=NEW)
    first = link_to(world, NEW)
    page = desk.get("/admin/invitations")
    (again,) = (form for form in forms(page.text) if "Send again" in form.buttons)
    answer = desk.http.post(f"{world.url}{again.action}", again.fields)
    assert f"Another letter to {NEW} is on its way." in answer.text
    assert len(letters_to(world, NEW)) == 2 and stranger.get(first).status_code == 404
    (address,) = re.findall(r'href="(/admin/invitations/[0-9a-f-]+/revoked)"', answer.text)
    assert "no longer works" in desk.get(address).text and stranger.get(link_to(world, NEW)).status_code == 200
    assert "is revoked" in desk.press("Revoke", address).text
    assert stranger.get(link_to(world, NEW)).status_code == 404
    assert "revoked" in desk.http.post(f"{world.url}{again.action}", again.fields).text


def test_each_tenant_has_its_own(desk: Desk, world: World) -> None:
    with world.inside():
        acme = tenants.create(name="Acme", by=TESTS)
        invitations.create(acme, email="theirs@example.com", by=TESTS)
    invite(desk, email=NEW, tenant="default")
    both, one = desk.get("/admin/invitations").text, desk.get("/admin/invitations", tenant="acme").text
    assert NEW in both and "theirs@example.com" in both
    assert NEW not in one and "theirs@example.com" in one


def test_where_no_letter_can_leave_nobody_is_invited(desk: Desk, world: World) -> None:
    world.auth.extensions["bailiwick.settings"] = world.settings.model_copy(update={"outbox_dir": None})
    assert "BAILIWICK_SMTP_URL" in invite(desk, email=NEW)


def test_the_rules_for_new_accounts_are_set_and_shown(desk: Desk, world: World) -> None:
    page = f"/admin/tenants/{world.tenant.id}"
    wanted = {"sign_up": "domain", "sign_up_domains": "example.com\n.Example.ORG", "email_verification": "before"}
    text = desk.press("Update", f"{page}/edit", **wanted, password_least="15").text
    assert "People of example.com, .example.org" in text and "Verified before the account opens" in text
    assert "At least 15 characters" in text
    for typed, told in (
        ({"sign_up_domains": ""}, "Name the domains"),
        ({"sign_up_domains": "no domain"}, "is not a domain"),
        ({"email_verification": "later"}, "claim an address"),
        ({"password_least": "7"}, "Between 8 and 64"),
        ({"password_least": "many"}, "integer"),
        ({"sign_up": "perhaps"}, "Not a valid choice"),
    ):
        refused = desk.press("Update", f"{page}/edit", **typed)
        assert refused.status_code == 422 and told in refused.text, told
