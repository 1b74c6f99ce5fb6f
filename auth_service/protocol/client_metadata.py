"""What a client may say of itself, field by field (RFC 7591 §2; OpenID Connect Registration 1.0 §2)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from auth_service.protocol import implicit
from auth_service.protocol.errors import ProtocolError
from shared.kit.errors import Invalid
from shared.models import device
from shared.models.client import CODE, ID_TOKEN, ID_TOKEN_TOKEN, NATIVE, PUBLIC_SUBJECT, RESPONSE_TYPES, WEB, Client
from shared.models.scope import USUAL, parse
from shared.services import redirects
from shared.services.registrations import Wanted

# What a client that nobody vouches for may use; the rest is for an operator to allow.
GRANT_TYPES = ("authorization_code", "refresh_token", device.GRANT_TYPE)
LONGEST = 2000  # characters of a text
MOST = 100  # members of a list, and texts in other languages
# Which grant each response type goes with (RFC 7591 §2.1, OpenID Connect Registration 1.0 §2).
GRANT_OF = {CODE: "authorization_code", ID_TOKEN: implicit.GRANT_TYPE, ID_TOKEN_TOKEN: implicit.GRANT_TYPE}
TRANSLATED = ("client_name", "logo_uri", "client_uri", "policy_uri", "tos_uri")
KEPT = ("software_id", "software_version")
# Promises that we cannot keep: a client that goes by them must hear so now.
REFUSED = ("authorization_signed_response_alg", "tls_client_certificate_bound_access_tokens", "introspection_signed_response_alg")
ENCRYPTED = ("_encrypted_response_alg", "_encrypted_response_enc", "object_encryption_alg", "object_encryption_enc")


@dataclass(frozen=True)
class Field:
    """One member of the metadata: its name, our setting, what JSON it is, and what leaving it out means."""

    name: str
    setting: str
    kind: type
    default: Any = None


FIELDS = (
    Field("redirect_uris", "redirect_uris", list, []),
    Field("client_name", "name", str),
    Field("grant_types", "grant_types", list, ["authorization_code"]),
    Field("response_types", "response_types", list, []),
    Field("application_type", "application_type", str),
    Field("contacts", "contacts", list, []),
    Field("logo_uri", "logo_url", str),
    Field("client_uri", "client_uri", str),
    Field("policy_uri", "policy_uri", str),
    Field("tos_uri", "tos_uri", str),
    Field("jwks_uri", "jwks_uri", str),
    Field("jwks", "jwks", dict),
    Field("sector_identifier_uri", "sector_identifier_uri", str),
    Field("subject_type", "subject_type", str, PUBLIC_SUBJECT),
    Field("id_token_signed_response_alg", "id_token_alg", str, "RS256"),
    Field("userinfo_signed_response_alg", "userinfo_signed_response_alg", str),
    Field("request_object_signing_alg", "request_object_signing_alg", str),
    Field("token_endpoint_auth_method", "token_endpoint_auth_method", str, "client_secret_basic"),
    Field("token_endpoint_auth_signing_alg", "token_endpoint_auth_signing_alg", str),
    Field("default_max_age", "default_max_age", int),
    Field("require_auth_time", "require_auth_time", bool, False),
    Field("default_acr_values", "default_acr_values", list, []),
    Field("initiate_login_uri", "initiate_login_uri", str),
    Field("request_uris", "request_uris", list, []),
    Field("post_logout_redirect_uris", "post_logout_redirect_uris", list, []),
    Field("backchannel_logout_uri", "backchannel_logout_uri", str),
    Field("backchannel_logout_session_required", "backchannel_logout_session_required", bool, False),
    Field("frontchannel_logout_uri", "frontchannel_logout_uri", str),
    Field("frontchannel_logout_session_required", "frontchannel_logout_session_required", bool, False),
    Field("scope", "scopes", str),
    Field("dpop_bound_access_tokens", "dpop_bound_access_tokens", bool, False),
    Field("require_pushed_authorization_requests", "require_par", bool, False),
    Field("require_signed_request_object", "require_signed_request_object", bool, False),
)
# By which member a setting that is refused is called.
NAMES = {field.setting: field.name for field in FIELDS}


def read(unverified: Mapping[str, Any], held: Client | None = None, *, implicit_allowed: bool = False) -> Wanted:
    """What the metadata asks for, unknown members passed over (RFC 7591 §2). What a value means, the services judge.

    `held` is the client as it is registered, which may keep what an operator gave it; `implicit_allowed` whether it may register
    tokens without a code. Raises ProtocolError.
    """
    check_promises(unverified)
    said = {field.name: check_kind(field, unverified.get(field.name)) for field in FIELDS}
    check_grant_types(said, (*GRANT_TYPES, implicit.GRANT_TYPE, *(held.grant_types if held else ())))
    said["response_types"] = check_response_types(said, RESPONSE_TYPES if implicit_allowed else (CODE,))
    said["grant_types"] = [grant for grant in said["grant_types"] if _counts(grant, said["response_types"])]
    check_redirects(said)
    said["application_type"] = check_application_type(said)
    said["client_name"] = said["client_name"] or _name_from(said)
    settings = {field.setting: said[field.name] for field in FIELDS}
    # Of what it asked for, what there is (RFC 7591 §2); scopes of an API are that API's to give, and the operators' not its own.
    offered = {*USUAL, *(held.scopes if held else ())}
    settings["scopes"] = list(USUAL) if said["scope"] is None else [each for each in parse(said["scope"]) if each in offered]
    # OpenID Connect knows no PKCE: its nonce stops an injected code. Without a secret there is no going without.
    settings |= {"profile": "openid", "require_pkce": said["token_endpoint_auth_method"] == "none"}
    named = {} if said["scope"] is None else {"scope": said["scope"]}
    return Wanted(settings, _kept(unverified) | named)


def written(client: Client) -> dict[str, Any]:
    """What is registered of a client, as it is answered (RFC 7591 §3.2.1)."""
    values = {field.name: getattr(client, field.setting) for field in FIELDS}
    flows = [kind for kind in client.response_types if kind != CODE or "authorization_code" in client.grant_types]
    others = [implicit.GRANT_TYPE] if any(kind != CODE for kind in flows) else []
    listed = {
        "redirect_uris": client.redirect_uris,
        "grant_types": [*client.grant_types, *others],
        "response_types": flows,
    }
    kept = {name: value for name, value in client.metadata_kept.items() if name != "scope"}
    # Who named no scope may ask for each of the usual, and some clients take a scope that they did not name for a refusal.
    values["scope"] = None if _unlimited(client) else " ".join(client.scopes) or None
    return {name: value for name, value in values.items() if value not in (None, [])} | listed | kept


def judged(verb: Callable[[], Any]) -> Any:
    """What `verb` returns; what the services refuse of the metadata is told in the words of RFC 7591 §3.2.2."""
    try:
        return verb()
    except Invalid as refusal:
        raise _refused(refusal) from None


def check_promises(unverified: Mapping[str, Any]) -> None:
    """Nothing is asked for that the client would rely on and we do not do (RFC 7591 §2, §3.2.2)."""
    found = [name for name in unverified if (name in REFUSED or name.endswith(ENCRYPTED)) and unverified[name]]
    if found:
        raise _invalid("This is not offered.", "neither encryption nor certificates", found[0], found[0])


def check_kind(field: Field, unverified: Any) -> Any:
    """A member is the kind of JSON that it should be (RFC 7591 §2); null means left out."""
    if unverified is None:
        return field.default
    right = isinstance(unverified, field.kind) and not (field.kind is int and isinstance(unverified, bool))
    if right and isinstance(unverified, list):
        right = len(unverified) <= MOST and all(isinstance(each, str) and len(each) <= LONGEST for each in unverified)
    if not right or (isinstance(unverified, str) and len(unverified) > LONGEST):
        raise _invalid("This is not the kind of value that it should be.", field.kind.__name__, type(unverified), field.name)
    return unverified


def check_response_types(said: dict[str, Any], offered: Sequence[str]) -> list[str]:
    """Of the response types there is one that is offered and has its grant (RFC 7591 §2.1): who knows others too does without.

    Libraries register every flow that they know.
    """
    asked, grants = said["response_types"], said["grant_types"]
    if not asked and not {"authorization_code", implicit.GRANT_TYPE} & {*grants}:
        return [CODE]  # devices and the like, which no browser comes back to
    known = dict.fromkeys(implicit.KINDS.get(kind, kind) for kind in asked or [CODE])
    found = [kind for kind in known if kind in offered and GRANT_OF[kind] in grants]
    if not found:
        expected = [f"{kind} with the grant {GRANT_OF[kind]}" for kind in offered]
        raise _invalid("None of these is offered, or its grant is not registered.", expected, asked, "response_types")
    return found


def _counts(grant: str, response_types: Sequence[str]) -> bool:
    """Whether a grant is kept: that of codes where there are codes; the implicit one is what the response types say."""
    return grant != implicit.GRANT_TYPE and (grant != GRANT_OF[CODE] or CODE in response_types)


def check_grant_types(said: dict[str, Any], offered: Sequence[str]) -> None:
    """The grants are ones that a client may take for itself (RFC 7591 §2)."""
    if not said["grant_types"] or any(grant not in offered for grant in said["grant_types"]):
        raise _invalid("A grant is not offered to clients that register themselves.", offered, said["grant_types"], "grant_types")


def check_redirects(said: dict[str, Any]) -> None:
    """Who uses a flow of browsers has an address to return to (RFC 7591 §2)."""
    flows = "authorization_code" in said["grant_types"] or said["response_types"] != [CODE]
    if flows and not said["redirect_uris"]:
        raise _invalid("An address to return to is needed.", "one address or more", "none", "redirect_uris")


def check_application_type(said: dict[str, Any]) -> str:
    """Installed applications return to themselves, and sites to https (OpenID Connect Registration §2). The type it has."""
    installed = [uri for uri in said["redirect_uris"] if _is_installed(uri)]
    kind = said["application_type"] or (NATIVE if installed else WEB)
    if kind == WEB and installed:
        raise _invalid("A web application returns to https; this is for a native one.", "https", installed[0], "redirect_uris")
    return kind


def _is_installed(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return redirects.OWN_SCHEME.fullmatch(parts.scheme) is not None or parts.hostname in redirects.LOOPBACK


def _name_from(said: dict[str, Any]) -> str:
    """What people read of a client that has no name: where they return to."""
    first = next(iter(said["redirect_uris"]), "")
    try:
        return urlsplit(first).hostname or "An application without a name"
    except ValueError:
        return "An application without a name"


def _unlimited(client: Client) -> bool:
    return "scope" not in client.metadata_kept and set(client.scopes) == set(USUAL)


def _kept(unverified: Mapping[str, Any]) -> dict[str, str]:
    """What is shown back as it came: the software's id, and texts in other languages (RFC 7591 §2.2)."""
    names = [name for name in unverified if name in KEPT or ("#" in name and name.partition("#")[0] in TRANSLATED)]
    for name in names:
        value = unverified[name]
        https = name in KEPT or name.startswith("client_name") or (isinstance(value, str) and value.startswith("https://"))
        if not isinstance(value, str) or not https or len(value) > LONGEST or len(name) > MOST or len(names) > MOST:
            raise _invalid("This is not a text, or an https address.", "text", type(value), name)
    return {name: unverified[name] for name in names}


def _refused(refusal: Invalid) -> ProtocolError:
    setting = str(refusal.fields.get("field"))
    about = NAMES.get(setting, setting)
    return ProtocolError(
        "invalid_redirect_uri" if about == "redirect_uris" else "invalid_client_metadata",
        f"{about}: {_plain(refusal.message)}",
        section="RFC 7591 §2, §3.2.2",
        expected=refusal.message,
        came=refusal.fields.get("uri", about),
        mend="Correct this member of the metadata, or leave it out.",
    )


def _invalid(words: str, expected: object, came: object, about: str) -> ProtocolError:
    return ProtocolError(
        "invalid_redirect_uri" if about == "redirect_uris" else "invalid_client_metadata",
        f"{_plain(about)[:100]}: {words}",
        section="RFC 7591 §2, §3.2.2",
        expected=expected,
        came=came,
        mend="Correct this member of the metadata, or leave it out.",
    )


def _plain(words: str) -> str:
    """As an error may say it (RFC 6749 §5.2): ASCII, without quotes and backslashes."""
    return "".join(letter for letter in words if " " <= letter <= "~" and letter not in '"\\')
