"""The accounts elsewhere that open this one: linking and unlinking them."""

from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service import last_used, visitor
from auth_service.pages import asking, with_others
from auth_service.pages.joining import waiting
from shared.kit.errors import Conflict, Invalid, NotFound
from shared.kit.words import said
from shared.services import arrivals, identities, providers
from shared.web import headers, tenancy


class Identities(MethodView):
    decorators = [asking.signed_in]

    def get(self) -> ResponseReturnValue:
        # A button here leads to a provider.
        headers.may_leave()
        linked = identities.of(visitor.person())
        return asking.page("pages/identities.html", linked=linked, others=providers.offered(tenancy.tenant()))


class Link(MethodView):
    """Posting here leaves for a provider, to link an account there."""

    decorators = [asking.fresh]

    def get(self, slug: str) -> ResponseReturnValue:
        headers.may_leave()
        name = with_others.get(slug).name
        text = said("You go to %(name)s now, and come back when it knows you.", name=name)
        title, back = said("Link %(name)s?", name=name), url_for("pages.identities")
        return asking.page("pages/confirm.html", title=title, text=text, button=said("Continue"), kind="primary", back=back)

    def post(self, slug: str) -> ResponseReturnValue:
        return with_others.leave(with_others.get(slug), linking=visitor.person())


class Unlink(MethodView):
    decorators = [asking.fresh]

    def get(self, id: UUID) -> ResponseReturnValue:
        try:
            name = identities.check_removable(visitor.person(), id).provider.name
        except Invalid as error:
            return _refused(error)
        text = said("You can no longer sign in with %(name)s. You can link it again later.", name=name)
        title, back = said("Unlink %(name)s?", name=name), url_for("pages.identities")
        return asking.page("pages/confirm.html", title=title, text=text, button=said("Unlink"), back=back)

    def post(self, id: UUID) -> ResponseReturnValue:
        person = visitor.person()
        try:
            identities.unlink(person, id, by=visitor.actor(), device=with_others.device())
        except Invalid as error:
            return _refused(error)
        flash(said("It is unlinked."), "success")
        return redirect(url_for("pages.identities"), 303)


class Arrival(MethodView):
    """What waits in this browser is linked to the account of whoever signed in, if it is the one that has its address."""

    decorators = [asking.fresh]

    def get(self) -> ResponseReturnValue:
        try:
            arrival, provider = waiting()
        except NotFound:
            return _go_on()
        if not arrival.is_of(visitor.person()):
            flash(said("You are signed in to another account, so nothing was linked."), "warning")
            arrivals.spend(tenancy.tenant(), browser=visitor.browser())
            return _go_on()
        shown = arrival.told.email or arrival.told.name
        unconfirmed = arrival.told.email is not None and not arrival.told.email_verified
        return asking.page("pages/identity_arrival.html", provider=provider, shown=shown, unconfirmed=unconfirmed)

    def post(self) -> ResponseReturnValue:
        person, (_, provider) = visitor.person(), waiting()
        # Used up before it is looked at: of two answers to the question, one counts.
        arrival = arrivals.spend(tenancy.tenant(), browser=visitor.browser())
        wanted = request.form.get("decision") == "link"
        if wanted and arrival and arrival.provider_id == str(provider.id) and arrival.is_of(person):
            try:
                identities.link(person, provider, arrival.told, by=visitor.actor(), device=with_others.device())
                flash(said("You can sign in with %(name)s now.", name=provider.name), "success")
            except Conflict as error:
                flash(error.message, "warning")
        return last_used.keep(provider, make_response(_go_on()))


def _refused(error: Invalid) -> ResponseReturnValue:
    flash(error.message, "warning")
    return redirect(url_for("pages.identities"), 303)


def _go_on() -> ResponseReturnValue:
    visitor.wait_for_arrival(False)
    return visitor.onward()
