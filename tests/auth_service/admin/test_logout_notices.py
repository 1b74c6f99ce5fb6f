"""What operators see of back-channel logout: who was told, who confirmed, and why the others did not."""

import pytest

from shared.services import clients, session_ends
from tests.auth_service.admin.desk import Desk
from tests.parts.https import Https
from tests.parts.telling import deliver
from tests.parts.world import TESTS, World
from tests.relying_party import RelyingParty

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.mark.parametrize(
    ("status", "tries", "badge", "words"),
    [
        (200, 0, "On its way", "Not tried yet"),
        (200, 1, "Confirmed", "Confirmed"),
        (503, 2, "Trying again", "It answered 503 · 2 attempts"),
        (400, 3, "Failed", "It answered 400 · 3 attempts"),
    ],
)
def test_a_person_and_a_client_show_who_was_told(
    desk: Desk, rp: RelyingParty, world: World, https: Https, status: int, tries: int, badge: str, words: str
) -> None:
    https.answer("/told", b"", status=status)
    with world.inside():
        clients.update(world.client(world.web), backchannel_logout_uri=f"{https.url}/told", by=TESTS)
    rp.tokens()
    with world.inside():
        session_ends.every(world.user(world.ada), by=TESTS)
    for _ in range(tries):
        deliver(world)
        world.later(minutes=5)
    person, client = desk.get(f"/admin/users/{world.ada.id}"), desk.get(f"/admin/clients/{world.web.id}")
    for page, other in ((person, world.web.name), (client, world.ada.email)):
        card = page.text.partition('id="notices"')[2].partition("</section>")[0]
        assert other in card
        assert badge in card
        assert words in card


def test_where_nobody_was_told_nothing_is_shown(desk: Desk, world: World) -> None:
    assert 'id="notices"' not in desk.get(f"/admin/users/{world.ada.id}").text
    assert 'id="notices"' not in desk.get(f"/admin/clients/{world.web.id}").text
    with world.inside():
        clients.update(world.client(world.web), backchannel_logout_uri="https://app.example/told", by=TESTS)
    assert "None in the last month" in desk.get(f"/admin/clients/{world.web.id}").text


def test_an_operator_can_have_a_client_start_a_login(desk: Desk, world: World) -> None:
    """OpenID Connect Core §4."""
    address = f"/admin/clients/{world.web.id}"
    assert 'id="launch"' not in desk.get(address).text
    with world.inside():
        clients.update(world.client(world.web), initiate_login_uri="https://app.example/start", by=TESTS)
    issuer = world.url.replace(":", "%3A").replace("/", "%2F")
    assert f'id="launch" href="https://app.example/start?iss={issuer}"' in desk.get(address).text
