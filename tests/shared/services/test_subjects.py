"""By which `sub` a client knows a person (OpenID Connect Core §8.1)."""

from shared.models.client import BY_OPERATOR, PAIRWISE, PUBLIC_SUBJECT, Client
from shared.services import subjects
from tests.parts.world import World


def pairwise(world: World, name: str, *uris: str, sector: str | None = None) -> str:
    """Ada's `sub` for a new pairwise client."""
    return subjects.of(world.user(world.ada), client_of(world, name, *uris, sector=sector))


def client_of(world: World, name: str, *uris: str, sector: str | None = None, subject_type: str = PAIRWISE) -> Client:
    return Client(
        tenant_id=world.tenant.id,
        client_id=name,
        redirect_uris=list(uris),
        subject_type=subject_type,
        sector_identifier_uri=sector,
        grant_types=["authorization_code"],
        registered_by=BY_OPERATOR,
    )


def test_clients_of_one_host_know_a_person_by_the_same_sub(inside: World) -> None:
    first = pairwise(inside, "One", "https://shop.example/a", "https://shop.example:8443/b")
    assert first == pairwise(inside, "Two", "https://SHOP.example/c")
    assert first != pairwise(inside, "Three", "https://other.example/a")


def test_a_sector_identifier_joins_hosts(inside: World) -> None:
    sector = "https://group.example/sector.json"
    joined = pairwise(inside, "One", "https://a.example/", "https://b.example/", sector=sector)
    assert joined == pairwise(inside, "Two", "https://c.example/", sector="https://group.example/other.json")
    assert joined != pairwise(inside, "Three", "https://a.example/")


def test_without_a_host_a_client_is_alone(inside: World) -> None:
    assert pairwise(inside, "One") != pairwise(inside, "Two")


def test_people_differ_and_none_can_be_read_back(inside: World) -> None:
    ada, grace = inside.user(inside.ada), inside.user(inside.admin)
    assert subjects.of(ada, client_of(inside, "Shop", subject_type=PUBLIC_SUBJECT)) == str(ada.id)
    client = client_of(inside, "Shop", "https://shop.example/")
    told = {subjects.of(ada, client), subjects.of(grace, client)}
    assert len(told) == 2
    assert all(len(sub) == 43 and sub.isascii() and ada.id.hex not in sub for sub in told)
