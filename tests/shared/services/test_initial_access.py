"""Initial access tokens, as rows: what serves stays, and what is over goes after a while."""

from shared.services import initial_access
from tests.parts.world import TESTS, World


def test_what_serves_no_more_is_purged_after_a_month(inside: World) -> None:
    kept, _ = initial_access.create(inside.tenant, name="Without end", by=TESTS)
    brief, _ = initial_access.create(inside.tenant, name="Brief", days=1, by=TESTS)
    once, _ = initial_access.create(inside.tenant, name="Once", uses=1, by=TESTS)
    revoked, _ = initial_access.create(inside.tenant, name="Revoked", by=TESTS)
    assert initial_access.spend(once)
    initial_access.revoke(revoked, by=TESTS)
    assert initial_access.purge() == 0
    inside.later(days=31)
    assert initial_access.purge() == 3
    assert [row.id for row in initial_access.of(inside.tenant)] == [kept.id]
