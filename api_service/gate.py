"""Who may use the API of operators: an operator, through an application that an operator let do so, at the default tenant."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import g

from shared.kit.errors import Denied, NotFound
from shared.models.audit import Actor
from shared.models.scope import ADMIN
from shared.models.user import OPERATOR
from shared.web import bearer, tenancy

P = ParamSpec("P")
R = TypeVar("R")


def operators(view: Callable[P, R]) -> Callable[P, R]:
    """Let a request in whose token has the scope of operators and speaks for one."""

    @wraps(view)
    def admitted(*args: P.args, **kwargs: P.kwargs) -> R:
        # Its operators run every tenant; those of another tenant are people like all others.
        if not tenancy.tenant().is_default:
            raise NotFound("There is nothing at this address.")
        person = bearer.subject()
        # The right as it is now, whatever the token says of it.
        if not person.has(OPERATOR):
            raise Denied("This is for operators. Ask one of them to make you an operator too.")
        g.actor = Actor.of(person, by=bearer.token().authorization_id)
        return view(*args, **kwargs)

    return bearer.require(ADMIN, whole=True)(admitted)


def operator() -> Actor:
    """The operator whose token was let in, as the audit log names them."""
    return g.actor
