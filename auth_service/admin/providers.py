"""Providers: others with whom people can sign in, listed, added, changed, put in order, switched off and deleted."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from auth_service.admin import choosing, listing, provider_forms
from auth_service.admin.forms import Form, Question, Typed
from auth_service.admin.gate import operator
from auth_service.admin.provider_forms import NewProviderForm, ProviderForm
from shared.federation import discovery
from shared.federation.faults import ProviderFault
from shared.kit.errors import NotFound
from shared.models.provider import Provider
from shared.models.tenant import Tenant
from shared.services import providers, tenants
from shared.services.provider_presets import PRESETS, Preset
from shared.web import tenancy

INSIDE = " Name a host of your own network in BAILIWICK_FETCH_ADMITS."


class Providers(MethodView):
    def get(self) -> ResponseReturnValue:
        tenant = _tenant()
        rows = [(each, providers.preset_of(each), providers.people(each)) for each in providers.of(tenant)]
        return render_template("admin/providers.html", rows=rows, tenant=tenant, tenants=choosing.choices())


class NewProvider(MethodView):
    def get(self) -> ResponseReturnValue:
        preset = _preset()
        if preset is None:
            return render_template("admin/provider_presets.html", presets=PRESETS.values(), tenant=_tenant())
        return _new_page(preset, NewProviderForm(**provider_forms.fresh(preset)))

    def post(self) -> ResponseReturnValue:
        preset, form = _preset(), NewProviderForm()
        if preset is None:
            raise NotFound("There is no such preset.")
        made = form.submit(lambda: _create(preset, form))
        return (_new_page(preset, form), 422) if made is None else _back(made, f"People can sign in with {made.name}.")


class OneProvider(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return _page("provider", providers.get(None, id), Question())


class EditedProvider(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        provider = providers.get(None, id)
        form = ProviderForm(**provider_forms.kept(provider, providers.preset_of(provider)))
        return _page("provider_edit", provider, form)

    def post(self, id: UUID) -> ResponseReturnValue:
        provider, form = providers.get(None, id), ProviderForm()
        rules = form.rules(providers.preset_of(provider))
        form.submit(lambda: providers.update(provider, by=operator(), **rules))
        return _page("provider_edit", provider, form) if form.refused else _back(provider, "Updated.")


class EnabledProvider(MethodView):
    """Posting here switches it on, or off: `enabled` says which."""

    def post(self, id: UUID) -> ResponseReturnValue:
        on = request.form.get("enabled") == "yes"
        provider = providers.update(providers.get(None, id), enabled=on, by=operator())
        return _back(provider, f"{provider.name} is switched {'on' if on else 'off'}.")


class MovedProvider(MethodView):
    """Posting here moves it by one place among the buttons of the login page: `direction` is up or down."""

    def post(self, id: UUID) -> ResponseReturnValue:
        provider = providers.get(None, id)
        tenant = tenants.get(provider.tenant_id)
        providers.move(provider, tenant, by=operator(), places=-1 if request.form.get("direction") == "up" else 1)
        return redirect(url_for("admin.providers", tenant=tenant.slug), 303)


class CheckedProvider(MethodView):
    """Posting here asks the provider for its discovery document now."""

    def post(self, id: UUID) -> ResponseReturnValue:
        provider = providers.get(None, id)
        try:
            found = discovery.check(provider)
        except ProviderFault as fault:
            flash(f"It does not answer as it should: {fault.why}.{INSIDE if 'public address' in fault.why else ''}", "warning")
            return redirect(url_for("admin.provider", id=id), 303)
        return _back(provider, f"It answers as {found.issuer or 'an OAuth 2 provider, which has no discovery document'}.")


class DeletedProvider(MethodView):
    def get(self, id: UUID) -> ResponseReturnValue:
        return _page("provider_delete", providers.get(None, id), Typed())

    def post(self, id: UUID) -> ResponseReturnValue:
        provider, form = providers.get(None, id), Typed()
        tenant = tenants.get(provider.tenant_id)
        form.submit_if(provider.name, lambda: providers.delete(provider, by=operator()))
        if form.refused:
            return _page("provider_delete", provider, form)
        flash(f"Nobody can sign in with {provider.name} any more.", "success")
        return redirect(url_for("admin.providers", tenant=tenant.slug))


def _create(preset: Preset, form: NewProviderForm) -> Provider:
    return providers.create(_tenant(), preset=preset.slug, slug=form.slug.data or None, by=operator(), **form.rules(preset))


def _tenant() -> Tenant:
    return choosing.tenant() or tenants.default()


def _preset() -> Preset | None:
    return PRESETS.get(listing.word("preset"))


def _new_page(preset: Preset, form: NewProviderForm) -> str:
    tenant = _tenant()
    # Without one it is made from the name.
    callback = tenancy.provider_callback(tenant, form.slug.data) if form.slug.data else None
    is_key = provider_forms.is_key(preset)
    return render_template("admin/provider_new.html", form=form, preset=preset, tenant=tenant, callback=callback, is_key=is_key)


def _page(name: str, provider: Provider, form: Form) -> ResponseReturnValue:
    tenant, preset = tenants.get(provider.tenant_id), providers.preset_of(provider)
    page = render_template(
        f"admin/{name}.html",
        provider=provider,
        preset=preset,
        tenant=tenant,
        form=form,
        people=providers.people(provider),
        trusts_email=providers.trusts_email(provider),
        callback=tenancy.provider_callback(tenant, provider.slug),
        is_key=provider_forms.is_key(preset),
    )
    return page, 422 if form.refused else 200


def _back(provider: Provider, done: str) -> ResponseReturnValue:
    flash(done, "success")
    return redirect(url_for("admin.provider", id=provider.id), 303)
