"""Refusals: of several things that were sent together, all that is wrong is told at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.kit.errors import AppError, Invalid


class Refusals:
    """What is noted as refused. `tell` raises it as one, which speaks of the first and names each under `errors`."""

    def __init__(self) -> None:
        self._found: list[Invalid] = []

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note what is refused inside, and go on after it."""
        try:
            yield
        except Invalid as refused:
            self._found.append(refused)

    def tell(self) -> None:
        """Raise Invalid if anything was noted: of each field the first."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            first, every = self._found[0], [one for found in self._found for one in each_of(found)]
            named = dict(reversed(every))
            others = {name: value for name, value in first.fields.items() if name != "errors"}
            raise Invalid(first.message, **others, errors=[{"field": f, "message": named[f]} for f in dict(every)])


def each_of(refused: AppError) -> list[tuple[str, str]]:
    """What was refused, as pairs of a field (empty for the whole) and what is wrong with it."""
    told = refused.fields.get("errors")
    if isinstance(told, list):
        return [(one["field"], one["message"]) for one in told]
    return [(str(refused.fields.get("field") or ""), refused.message)]
