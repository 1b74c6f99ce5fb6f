"""How a view is described in the API document: from the models that check it and the scopes that guard it."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import ParamSpec, TypeVar

from flasgger import swag_from
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api_service import (
    access_shapes,
    admin_shapes,
    field_shapes,
    letter_shapes,
    me_shapes,
    provider_shapes,
    shapes,
    tenant_shapes,
)

P = ParamSpec("P")
R = TypeVar("R")

SCHEME = "OAuth2AuthorizationCodeBearer"
SHAPES = (access_shapes, admin_shapes, field_shapes, letter_shapes, me_shapes, provider_shapes, tenant_shapes)
MODELS = (
    (shapes.Address, "serialization"),
    (shapes.OwnClaims, "serialization"),
    (shapes.PersonClaims, "serialization"),
    (shapes.Userinfo, "serialization"),
    (shapes.Me, "serialization"),
    (shapes.MeChange, "validation"),
    (shapes.TokenForm, "validation"),
    (shapes.Problem, "serialization"),
    (shapes.ProtectedResource, "serialization"),
    (shapes.Alive, "serialization"),
    (shapes.Ready, "serialization"),
    *((model, "serialization") for each in SHAPES for model in each.SENT),
    *((model, "validation") for each in SHAPES for model in each.TAKEN),
)

# The words of each error, by status. What RFC 6750 §3.1 says of 400, 401 and 403 is true of every guarded view.
ERRORS = {
    400: ("invalid_request", "The request is malformed, or carries more than one token, or one in its address."),
    401: ("invalid_token", "There is no token, or it is not valid (any more), or its proof is not, or its login does not do."),
    403: ("insufficient_scope", "The token lacks a scope that this needs."),
    404: ("not_found", "There is no such thing."),
    409: ("conflict", "It clashes with what is there."),
    413: ("request_entity_too_large", "The body is larger than the server takes."),
    415: ("unsupported_media_type", "The body is not `application/json`."),
    422: ("invalid", "The body is JSON but does not fit the schema: `errors` names each slip."),
    429: ("too_many", "Too many tries. `Retry-After` says when the next one counts."),
    503: ("unavailable", "The database or the issuer's keys do not answer now. `Retry-After` says when to try again."),
}
GUARDED = (400, 401, 403, 503)
CHALLENGE = {
    "WWW-Authenticate": {
        "description": "What is missing (RFC 6750 §3, RFC 9449 §7.1, RFC 9470 §3).",
        "schema": {"type": "string"},
    }
}
NONCE = {"DPoP-Nonce": {"description": "The nonce for the next DPoP proof (RFC 9449 §9).", "schema": {"type": "string"}}}
RETRY = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
HEADERS = {400: CHALLENGE, 401: CHALLENGE | NONCE, 403: CHALLENGE, 429: RETRY, 503: RETRY}


def describe(
    summary: str,
    *,
    tag: str,
    answer: type[BaseModel],
    takes: type[BaseModel] | None = None,
    as_form: bool = False,
    signed: bool = False,
    errors: tuple[int, ...] = (),
    replies: Mapping[int, dict[str, object]] | None = None,
    params: tuple[dict[str, object], ...] = (),
    status: int = 200,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Describe the view below. Its docstring is the description, the scopes come from `bearer.require` beneath this decorator."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        scopes = getattr(view, "scopes", None)
        statuses = errors if scopes is None else GUARDED + errors
        operation: dict[str, object] = {
            "tags": [tag],
            "operationId": view.__qualname__.replace(".", "_").lower(),
            "description": " ".join((view.__doc__ or "").split()),
            "responses": {str(status): reply("As asked.", answer), **{str(each): error(each) for each in sorted(statuses)}},
        }
        operation |= {"parameters": list(params)} if params else {}
        if signed:
            operation["responses"]["200"]["content"]["application/jwt"] = {
                "schema": {"type": "string"},
                "example": "header.claims.signature",
            }
        operation["responses"] |= {str(status): said for status, said in (replies or {}).items()}
        operation |= {} if scopes is None else {"security": [{SCHEME: list(scopes)}]}
        if takes is not None:
            media_type = "application/x-www-form-urlencoded" if as_form else "application/json"
            operation["requestBody"] = {"required": not as_form, "content": content(takes, media_type)}
        described = swag_from(operation)(view)
        described.__doc__ = summary  # where flasgger looks for it
        return described

    return decorate


def param(name: str, description: str, *, where: str = "query", **schema: object) -> dict[str, object]:
    """A parameter in the path or the query, for `params`."""
    kind = {"type": "string", **schema}
    return {"name": name, "in": where, "description": description, "required": where == "path", "schema": kind}


def schemas() -> dict[str, object]:
    """Every model as JSON Schema, for the document's components."""
    return models_json_schema(MODELS, ref_template="#/components/schemas/{model}")[1]["$defs"]


def reply(description: str, model: type[BaseModel]) -> dict[str, object]:
    """A response that holds `model`."""
    return {"description": description, "content": content(model)}


def error(status: int) -> dict[str, object]:
    """The response for an error."""
    code, words = ERRORS[status]
    example = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": words.replace("`", ""),
    }
    return {
        "description": words,
        "headers": HEADERS.get(status, {}),
        "content": {"application/problem+json": {"schema": _ref(shapes.Problem), "example": example}},
    }


def content(model: type[BaseModel], media_type: str = "application/json") -> dict[str, object]:
    """A body that holds `model`, with its own examples."""
    extra = model.model_config.get("json_schema_extra")
    examples = extra.get("examples", []) if isinstance(extra, dict) else []
    return {media_type: {"schema": _ref(model)} | ({"example": examples[0]} if examples else {})}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
