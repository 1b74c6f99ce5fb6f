"""The steps of signing in, in order: the pure decision of what is still needed (OpenID Connect Core §3.1.2.3, §3.1.2.4)."""

from collections.abc import Callable
from dataclasses import dataclass

# How somebody came in for this request: by a login, or sent by a provider that did not show that they signed in there for it.
ENTERED = frozenset({"login", "sent"})


@dataclass(frozen=True)
class Situation:
    """All that the decision rests on. `passed`: steps that this very person did for this very request; ages are seconds."""

    prompt: frozenset[str]
    passed: frozenset[str]
    signed_in: bool
    # The client named another person, by id_token_hint.
    of_another: bool
    # What acr_values asks for first of what we know: "1" is a login for this request.
    wanted_acr: str
    auth_age: int
    max_age: int | None
    first_party: bool
    asked: frozenset[str]
    given: frozenset[str]
    # In this session a second factor was given; one is due by the tenant's rule; the client wants one.
    second_factor: bool = False
    half_signed_in: bool = False
    wants_second_factor: bool = False
    # By the tenant's rule the address must be verified first ("required"), or is asked for ("asked").
    verification: str = ""
    # Nobody answers for the client: what was given before does not spare the question.
    unverified: bool = False
    # The client is promised the time of the login, and a provider did not say it.
    undated: bool = False
    # The answer goes to an installed application, for which any other on the device may pass itself off (RFC 8252 §8.6).
    installed: bool = False


@dataclass(frozen=True)
class Step:
    """Something the person must do: the page that does it, the error when no page may be shown, and when it is due."""

    page: str
    error: str
    due: Callable[[Situation], bool]


def needs_account(now: Situation) -> bool:
    """The client asked for the sign-up page (Initiating User Registration 1.0 §4)."""
    return "create" in now.prompt and not now.passed & ENTERED


def needs_login(now: Situation) -> bool:
    """Nobody is signed in, or not freshly enough."""
    if not now.signed_in or now.of_another or now.undated:
        return True
    if now.wanted_acr == "1" and "login" not in now.passed:
        return True
    # max_age=0 is prompt=login in other words, also within the second of the login before.
    too_old = now.max_age is not None and (now.auth_age > now.max_age or now.max_age == 0)
    return ("login" in now.prompt or too_old) and "login" not in now.passed


def needs_second_factor(now: Situation) -> bool:
    """The tenant, the client or the request wants a second proof of who the person is, and they gave one."""
    wanted = now.wants_second_factor or now.wanted_acr == "2"
    return now.half_signed_in or (wanted and not now.second_factor)


def needs_choice(now: Situation) -> bool:
    """The client asked which account it is to be."""
    return "select_account" in now.prompt and not now.passed & {"select_account", *ENTERED}


def needs_verified_email(now: Situation) -> bool:
    """The tenant lets nobody into applications whose address is not verified; whoever was there before the rule is asked."""
    # Asked at a login, not at every application that is opened after it; and one may say "not now".
    asked = now.verification == "asked" and bool(now.passed & ENTERED) and "verify" not in now.passed
    return now.verification == "required" or asked


def needs_consent(now: Situation) -> bool:
    """A third party wants more than it was given, nobody answers for it, or the client asked for the question."""
    wants_more = not now.first_party and bool(now.asked - now.given)
    # Where no page may be shown, what the person remembers to have given must do, if it is surely the same application.
    asks_always = now.unverified and ("none" not in now.prompt or now.installed)
    return ("consent" in now.prompt or wants_more or asks_always) and "consent" not in now.passed


STEPS = (
    Step("pages.signup", "login_required", needs_account),
    Step("pages.login", "login_required", needs_login),
    Step("pages.factor", "interaction_required", needs_second_factor),
    Step("pages.select_account", "account_selection_required", needs_choice),
    Step("pages.verify", "interaction_required", needs_verified_email),
    Step("pages.consent", "consent_required", needs_consent),
)


def next_step(now: Situation) -> Step | None:
    """The first step that is still due, or None when the request can be answered."""
    return next((step for step in STEPS if step.due(now)), None)
