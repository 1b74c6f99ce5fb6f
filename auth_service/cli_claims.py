"""`bailiwick users claims`: what is known of a person besides name and e-mail address."""

from typing import Any

import click

from auth_service import tables
from auth_service.cli_parts import HERE, as_json, needs_app, of_tenant, user_of
from shared.services import person_claims


@click.command("claims")
@click.argument("email")
@click.argument("claims", nargs=-1, metavar="[NAME=VALUE]...")
@of_tenant
@as_json
@needs_app
def user_claims(email: str, claims: tuple[str, ...], slug: str | None, as_json: bool) -> None:
    """Show a person's claims, after setting those that are given.

    family_name=Lovelace sets one, family_name= takes it away. Parts of the address are named address.locality and so on;
    phone_number_verified is yes or no.
    """
    user = user_of(email, slug)
    if claims:
        user = person_claims.change(user, _read(claims, user.claims.get("address", {})), by=HERE)
    tables.one(tables.claims(user), as_json=as_json)


def _read(words: tuple[str, ...], address: dict[str, str]) -> dict[str, Any]:
    pairs = [word.partition("=") for word in words]
    if any(not sign for _, sign, _ in pairs):
        raise click.UsageError("Write each claim as NAME=VALUE.")
    typed: dict[str, Any] = {name: value for name, _, value in pairs if not name.startswith("address.")}
    parts = {name.removeprefix("address."): value for name, _, value in pairs if name.startswith("address.")}
    if person_claims.VERIFIED in typed:
        typed[person_claims.VERIFIED] = typed[person_claims.VERIFIED].lower() in ("yes", "true")
    return {**typed, **({"address": {**address, **parts}} if parts else {})}
