"""Sectors: which clients may know a person by the same `sub` (OpenID Connect Core §8.1, Registration 1.0 §5)."""

from collections.abc import Sequence

import orjson

from shared.kit import fetch
from shared.kit.errors import Invalid
from shared.models.client import PAIRWISE
from shared.services import documents, subjects

FIELD = "sector_identifier_uri"


def check(subject_type: str, sector_identifier_uri: str | None, redirect_uris: Sequence[str]) -> None:
    """The document at `sector_identifier_uri` names every redirect URI; without one they share a host. Raises Invalid."""
    if sector_identifier_uri:
        listed = _listed(sector_identifier_uri)
        if missing := [uri for uri in redirect_uris if uri not in listed]:
            raise Invalid(f"The document there does not list {missing[0][:200]}.", field=FIELD)
    elif subject_type == PAIRWISE and len(subjects.hosts_of(list(redirect_uris))) > 1:
        raise Invalid("Redirect URIs of several hosts need the address of a document that lists them.", field=FIELD)


def _listed(uri: str) -> list[str]:
    try:
        found = orjson.loads(documents.get(uri).body)
    except (fetch.FetchFailed, ValueError):
        found = None
    if not isinstance(found, list):
        raise Invalid("At this address there is no JSON list of redirect URIs.", field=FIELD)
    return found
