"""Clients that want to be told when a session ends: what the tests of back-channel logout share."""

from urllib.parse import parse_qs

from sqlalchemy import select

from auth_service import worker
from shared.kit.db import db
from shared.models.logout_notice import LogoutNotice
from shared.services import logouts, password_changes, session_ends, users
from tests.parts.https import Https
from tests.parts.world import TESTS, Application, World
from tests.relying_party import RelyingParty


def deliver(world: World) -> None:
    """What the worker does when it is nudged."""
    worker.within(world.auth, lambda: worker.deliver(logouts.KIND))()


def tokens_at(https: Https, path: str = "/logged-out") -> list[str]:
    sent = [parse_qs(asked["body"], strict_parsing=True) for asked in https.asked if asked["path"] == path]
    assert all(set(form) == {"logout_token"} for form in sent)
    return [form["logout_token"][0] for form in sent]


def notices(world: World) -> list[LogoutNotice]:
    with world.inside():
        query = select(LogoutNotice).order_by(LogoutNotice.id).execution_options(populate_existing=True)
        return list(db.session.scalars(query))


def elsewhere(rp: RelyingParty, application: Application) -> RelyingParty:
    """Another application, which the same browser uses."""
    return RelyingParty(rp.issuer, application, rp.person, rp.browser)


def end_it(world: World, how: str, sid: str) -> None:
    with world.inside():
        user = world.user(world.ada)
        match how:
            case "one":
                session_ends.one(user, sid, by=TESTS)
            case "every one":
                session_ends.every(user, by=TESTS)
            case "every other one":
                session_ends.every(user, by=TESTS, except_sid="another")
            case "a new password":
                password_changes.change(user, password="a wholly new, long one", by=TESTS)
            case "disabled":
                users.disable(user, by=TESTS)
