"""The pure decision of what is still needed, as a table."""

from dataclasses import replace

import pytest

from auth_service.protocol.steps import Situation, next_step

SIGNED_IN = Situation(
    prompt=frozenset(),
    passed=frozenset(),
    signed_in=True,
    of_another=False,
    wanted_acr="0",
    auth_age=100,
    max_age=None,
    first_party=False,
    asked=frozenset({"openid"}),
    given=frozenset({"openid"}),
)


def some(*words: str) -> frozenset[str]:
    return frozenset(words)


TABLE = [
    ("nothing is needed of who is signed in and has consented", {}, None),
    ("a stranger signs in", {"signed_in": False}, "pages.login"),
    ("prompt=login asks again", {"prompt": some("login")}, "pages.login"),
    ("and only once", {"prompt": some("login"), "passed": some("login")}, None),
    ("another person than the hinted one signs in", {"of_another": True, "passed": some("login")}, "pages.login"),
    ("acr 1 is a login for this request", {"wanted_acr": "1"}, "pages.login"),
    ("and takes the login just made", {"wanted_acr": "1", "passed": some("login")}, None),
    ("a login older than max_age is asked again", {"max_age": 99}, "pages.login"),
    ("a login as old as max_age is not", {"max_age": 100}, None),
    ("max_age=0 asks, also in the second of a login", {"max_age": 0, "auth_age": 0}, "pages.login"),
    ("max_age=0 takes the login just made", {"max_age": 0, "passed": some("login")}, None),
    ("nobody answers for the client", {"unverified": True}, "pages.consent"),
    ("and it asks once a request", {"unverified": True, "passed": some("consent")}, None),
    ("but remembers where it may not ask", {"unverified": True, "prompt": some("none")}, None),
    ("and only what was given", {"unverified": True, "prompt": some("none"), "given": some()}, "pages.consent"),
    ("whoever is half signed in gives the other half", {"half_signed_in": True}, "pages.factor"),
    ("also where nothing else is wanted", {"half_signed_in": True, "first_party": True, "prompt": some("none")}, "pages.factor"),
    ("a client wants a second factor", {"wants_second_factor": True}, "pages.factor"),
    ("and takes the one of the session", {"wants_second_factor": True, "second_factor": True}, None),
    ("acr 2 is a second factor", {"wanted_acr": "2"}, "pages.factor"),
    ("and takes the one of the session too", {"wanted_acr": "2", "second_factor": True}, None),
    ("a login comes before the second factor", {"wants_second_factor": True, "prompt": some("login")}, "pages.login"),
    ("and consent after it", {"half_signed_in": True, "asked": some("openid", "email")}, "pages.factor"),
    ("prompt=create shows the sign-up", {"prompt": some("create")}, "pages.signup"),
    ("also to a stranger", {"prompt": some("create"), "signed_in": False}, "pages.signup"),
    ("whoever signed in instead goes on", {"prompt": some("create"), "passed": some("login")}, None),
    ("prompt=select_account asks which", {"prompt": some("select_account")}, "pages.select_account"),
    ("a fresh login is a choice", {"prompt": some("select_account"), "passed": some("login")}, None),
    ("a stranger signs in before choosing", {"prompt": some("select_account"), "signed_in": False}, "pages.login"),
    ("a third party that wants more asks", {"asked": some("openid", "email")}, "pages.consent"),
    ("and goes on when it was given", {"asked": some("openid", "email"), "passed": some("consent")}, None),
    ("the first party asks nothing", {"asked": some("openid", "email"), "first_party": True}, None),
    ("unless the client wants the question", {"prompt": some("consent"), "first_party": True}, "pages.consent"),
    ("prompt=consent asks though all was given", {"prompt": some("consent")}, "pages.consent"),
    ("login comes before consent", {"prompt": some("login", "consent")}, "pages.login"),
    ("consent comes after login", {"prompt": some("login", "consent"), "passed": some("login")}, "pages.consent"),
]


@pytest.mark.parametrize(("changes", "page"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_next_step(changes: dict[str, object], page: str | None) -> None:
    step = next_step(replace(SIGNED_IN, **changes))
    assert (step.page if step else None) == page
