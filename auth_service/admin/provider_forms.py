"""What an operator writes down of a provider: every preset asks for its part of this."""

from typing import Any

from wtforms import BooleanField, PasswordField, SelectChoice, SelectField
from wtforms.validators import DataRequired

from auth_service.admin.forms import Form, Lines, Text
from shared.models.provider import Provider
from shared.services.provider_presets import APPLE, BASIC, OAUTH2, OPENID, POST, Preset
from shared.services.provider_rules import ENDPOINTS, NONE, PATHS

WAYS = [
    SelectChoice("", "As the provider says"),
    SelectChoice(BASIC, "In the header (client_secret_basic)"),
    SelectChoice(POST, "In the form (client_secret_post)"),
    SelectChoice(NONE, "Without a secret"),
]


class ProviderForm(Form):
    name = Text("Name", [DataRequired("Give it the name that people know it by.")])
    client_id = Text("Client ID", [DataRequired("Paste the client ID that the provider gave you.")])
    secret = PasswordField("Client secret")
    discovery_url = Text("Address of the provider")
    directory = Text("Directory")
    team_id = Text("Team ID")
    key_id = Text("Key ID")
    origin = Text("Address")
    authorization_endpoint = Text("Authorization endpoint")
    token_endpoint = Text("Token endpoint")
    userinfo_endpoint = Text("Profile endpoint")
    emails_endpoint = Text("E-mail addresses endpoint")
    issuer_endpoint = Text("Issuer")
    subject_path = Text("Where the id stands")
    email_path = Text("Where the e-mail address stands")
    email_verified_path = Text("Where it says that the address is verified")
    name_path = Text("Where the name stands")
    authentication = SelectField("How we show our secret", choices=WAYS, default="", validate_choice=False)
    scopes = Lines("Scopes")
    trusts_email = BooleanField("An address is verified when it says so")
    keeps_tokens = BooleanField("Keep its tokens for applications of yours")

    @property
    def key(self) -> str:
        """The secret as it was typed; one that is a key has several lines."""
        return (self.secret.data or "").strip()

    def rules(self, preset: Preset) -> dict[str, Any]:
        """What `providers.create` and `providers.update` take."""
        kept = {name: self[name].data for name in (*always(preset), *preset.asks)}
        if preset.slug == OAUTH2:
            kept["endpoints"] = {name: self[f"{name}_endpoint"].data for name in ENDPOINTS}
            kept["paths"] = {name: self[f"{name}_path"].data for name in PATHS}
        return kept | {"secret": self.key or None}


class NewProviderForm(ProviderForm):
    slug = Text("Slug")


def always(preset: Preset) -> tuple[str, ...]:
    """The fields that every preset has, and those of its kind."""
    own = {OPENID: ("discovery_url", "authentication"), OAUTH2: ("authentication",)}.get(preset.slug, ())
    return ("name", "client_id", "scopes", "trusts_email", "keeps_tokens", *own)


def fresh(preset: Preset) -> dict[str, Any]:
    """What the form of a new provider says."""
    told = {"name": preset.name if preset.slug not in (OPENID, OAUTH2) else "", "scopes": preset.scopes}
    return {**told, "slug": "" if preset.slug in (OPENID, OAUTH2) else preset.slug, **of_settings(preset, preset.defaults)}


def kept(provider: Provider, preset: Preset) -> dict[str, Any]:
    """What the form of a provider says. Its secret is never among it."""
    columns = {name: getattr(provider, name) for name in ("name", "client_id", "discovery_url", "scopes", "keeps_tokens")}
    endpoints = {f"{name}_endpoint": provider.endpoints.get(name, "") for name in ENDPOINTS}
    return {**columns, **endpoints, **of_settings(preset, provider.settings)}


def of_settings(preset: Preset, settings: dict[str, Any]) -> dict[str, Any]:
    paths = settings.get("paths", preset.paths)
    told = {f"{name}_path": paths.get(name, "") for name in PATHS} if paths else {}
    return {"trusts_email": preset.verifies_email, **settings, **told}


def is_key(preset: Preset) -> bool:
    """Whether its secret is the text of a private key."""
    return preset.slug == APPLE
