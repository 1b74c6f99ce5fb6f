"""Which application asks, on the pages that belong to an authorization request that waits for its person."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask import session as browser_cookie
from flask.typing import ResponseReturnValue

from auth_service import visitor
from auth_service.pages.forms import Form
from shared.kit import clock
from shared.kit.errors import NotFound
from shared.kit.words import said
from shared.models.client import Client
from shared.models.tenant import PASSWORD
from shared.models.user import OPERATOR, User
from shared.services import clients, redirects, resources
from shared.services.pending import Pending
from shared.services.sessions import Session
from shared.web import headers, tenancy

# Seconds: whoever signed in so lately may change what guards the account, and send the form a little later that was opened then.
FRESH, TYPING, NOTED = 600, 300, 3600
# What a link that was sent opens, and what waits for whoever signed in: worth seeing also when the request beside it is over.
OF_THEIR_OWN = frozenset(
    f"pages.{name}"
    for name in ("login_link", "login_letter", "recover_password", "recover_email", "invitation", "signup_code")
    + ("joining", "identity_arrival")
)


class Over(NotFound):
    """The request that a page belongs to has expired or was answered, or is of another browser."""


@dataclass(frozen=True)
class Asking:
    """A pending request with its client."""

    client: Client
    pending: Pending

    @property
    def wanted(self) -> list[str]:
        """What the person is asked for, as consents keep it."""
        return resources.wanted(tenancy.tenant(), self.pending.scopes, self.pending.resources, self.pending.claim_names)

    @property
    def words(self) -> list[str]:
        """The scopes asked for, as a person reads them."""
        return resources.in_words(tenancy.tenant(), self.wanted)

    @property
    def returns_to(self) -> str:
        """The host that the answer goes to, or the scheme of an installed application."""
        address = urlsplit(self.pending.params["redirect_uri"])
        return address.netloc.rpartition("@")[2] or f"{address.scheme}:"

    @property
    def returns_here(self) -> bool:
        """Whether the answer goes to whatever listens on the person's own device (RFC 8252 §8.3)."""
        return urlsplit(self.pending.params["redirect_uri"]).hostname in redirects.LOOPBACK

    @property
    def wants_another(self) -> bool:
        """Whether it may want somebody else than who is signed in here: it has them choose, or names somebody by a token."""
        return "select_account" in self.pending.params.get("prompt", "").split() or "hinted" in self.pending.params


def find() -> Asking | None:
    """The application that asks in this page's address, or None."""
    asked = visitor.asked()
    client = clients.find(tenancy.tenant(), asked.client_id) if asked else None
    return Asking(client, asked) if asked and client else None


def get() -> Asking:
    """Like `find`. Raises Over."""
    asking = find()
    if asking is None:
        raise Over(said("It has expired or was already answered. Go back to the application and start again."))
    return asking


def check_open() -> None:
    """Before a page is shown: that a request in its address is one which still waits here. Raises Over.

    What is posted is done all the same, for the person's own sake; only the application hears nothing of it.
    """
    if request.method in ("GET", "HEAD") and "request_uri" in request.args and request.endpoint not in OF_THEIR_OWN:
        get()


def tell_over(error: Over) -> ResponseReturnValue:
    """Nothing more is to be typed: what became of the sign-in, and where to go on."""
    return page("pages/over.html", message=error.message), error.status


def carried() -> dict[str, str]:
    """What links and forms of this page must keep in their addresses."""
    return {name: visitor.way()[name] for name in visitor.CARRIED if name in visitor.way()}


def for_letter() -> dict[str, str]:
    """What a link in a letter takes along: the request that waits at this very browser, and nothing that an address may say."""
    asked = visitor.asked()
    return {"client_id": asked.client_id, "request_uri": asked.request_uri} if asked else {}


def note_address(email: str) -> None:
    """Keep in this browser, for an hour at most and until somebody signs in, whose account it is about: it is filled in next."""
    browser_cookie["typed"] = [tenancy.tenant().slug, email, clock.timestamp() + NOTED]


def noted_address() -> str:
    """The address that was noted here last, or nothing."""
    slug, email, until = browser_cookie.get("typed", ("", "", 0))
    return email if slug == tenancy.tenant().slug and clock.timestamp() < until else ""


def page(template: str, **words: Any) -> str:
    """The page, with what every page shows around its content."""
    if visitor.asked():
        headers.may_leave()
    person, tenant = visitor.user(), tenancy.tenant()
    operator = person is not None and person.has(OPERATOR) and tenant.is_default
    return render_template(template, tenant=tenant, carried=carried(), user=person, operator=operator, **words)


def show(template: str, form: Form, **words: Any) -> Response:
    """The page with this form, and in its status what became of the form."""
    for place, field in enumerate(form.wrong):
        # Where the page puts the cursor.
        field.leads = place == 0
    response = make_response(page(template, form=form, **words), form.status)
    if form.retry_after:
        response.headers["Retry-After"] = str(form.retry_after)
    return response


def signed_in(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """The view is for whoever is signed in; others sign in first."""

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        if visitor.user() is None:
            return redirect(url_for(visitor.entrance(), **(carried() or {"next": this_page()})))
        return view(**values)

    return guarded


def verified(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """The view lets an application in: it is for whoever has verified their address, where the tenant demands that."""

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        if visitor.person().verification_due(tenancy.tenant()) == "required":
            return redirect(url_for("pages.verify", next=this_page()), 303)
        return view(**values)

    return signed_in(guarded)


def with_passwords(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """The view is there where the tenant's people sign in with passwords, and nowhere else."""

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        if PASSWORD not in tenancy.tenant().factors:
            abort(404)
        return view(**values)

    return guarded


def fresh(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """The view is for whoever signed in within the last ten minutes; others prove again who they are, and then see its page.

    Nothing that was sent is done later in anybody's name: whoever comes back sees the form, of their own account.
    """

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        sent = request.method == "POST"
        if is_fresh(grace=TYPING if sent else 0):
            return view(**values)
        if sent:
            flash(said("Nothing was changed yet. Confirm that it is you, then send the form again."), "warning")
        return redirect(url_for("pages.login", next=this_page(), again="1"), 303)

    return signed_in(guarded)


def is_fresh(*, grace: int = 0) -> bool:
    """Whether the person at this browser signed in within ten minutes, and `grace` seconds more."""
    session = visitor.session()
    return visitor.user() is not None and session is not None and is_recent(session, grace=grace)


def is_recent(session: Session, *, grace: int = 0) -> bool:
    """Whether the login of this session was within ten minutes, and `grace` seconds more."""
    return clock.timestamp() - session.auth_time <= FRESH + grace


def again() -> User | None:
    """Who is signed in here and is asked to prove it once more, or None."""
    return visitor.user() if "again" in visitor.way() else None


def this_page() -> str:
    """The page that was asked for; for a form, the page that it stands on, or else the account."""
    if request.method == "GET":
        return request.script_root + request.full_path.rstrip("?")
    shown = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
    return request.script_root + request.path if shown else url_for("pages.account")
