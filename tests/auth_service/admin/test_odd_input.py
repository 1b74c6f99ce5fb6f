"""What no honest browser sends is answered too, on both databases."""

from tests.auth_service.admin.desk import Desk
from tests.parts.world import World


def test_the_character_that_no_database_takes_is_left_out(desk: Desk, world: World) -> None:
    for noun in ("clients", "users", "tenants", "audit"):
        assert desk.get(f"/admin/{noun}?q=%00a&tenant=%00&action=%00&subject=%00&after=%00&before=x").ok, noun
    assert desk.press("Create client", "/admin/clients/new", name="A\0B").status_code == 201
    assert desk.press("Create tenant", "/admin/tenants/new", name="A\0B").ok
    assert desk.press("Create user", "/admin/users/new", email="a@example.com", name="A\0B").ok


def test_cursors_and_words_that_are_not_ours_find_a_page_or_nothing(desk: Desk) -> None:
    for noun in ("clients", "users", "tenants", "audit"):
        for odd in ("x", "-1", "' OR 1=1 --", "%", "_", "é" * 5000, "0" * 36):
            assert desk.get(f"/admin/{noun}", q=odd, after=odd, before=odd, action=odd, subject=odd).status_code < 500, (
                noun,
                odd,
            )
