"""Every error that the protocol can raise, read from its source: what each says, and which function raises it.

An error is often made by a small function of its module (`_refused`), from what that is called with. Such values are followed
to where they are written, through parameters, local names, tables and the exceptions of the proofs; what only a request knows
stands as DYNAMIC.
"""

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

DYNAMIC = "{}"
# What makes an error, and what it calls its positional arguments.
KINDS: dict[str, tuple[str, ...]] = {
    "ProtocolError": ("error", "description"),
    "ShownError": ("error", "description"),
    "ClientAuthError": ("description",),
    "NotProved": ("description",),
}
Function = ast.FunctionDef | ast.AsyncFunctionDef
Told = dict[str, ast.expr]


@dataclass(eq=False)
class Module:
    """One source file, with the function that each node is in."""

    path: Path
    tree: ast.Module
    inside: dict[ast.AST, Function] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for function in (node for node in ast.walk(self.tree) if isinstance(node, Function)):
            # Walked from the outside in: the innermost is the last to say.
            for node in ast.walk(function):
                if node is not function:
                    self.inside[node] = function

    @cached_property
    def functions(self) -> dict[str, Function]:
        return {node.name: node for node in ast.walk(self.tree) if isinstance(node, Function)}

    @cached_property
    def constants(self) -> dict[str, ast.expr]:
        found: dict[str, ast.expr] = {}
        for node in self.tree.body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
                found[node.target.id] = node.value
            elif isinstance(node, ast.Assign):
                found |= _named(node.targets[0], node.value)
        return found

    def calls(self, *names: str) -> Iterator[ast.Call]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield node

    def calls_of(self, module: "Module", function: Function) -> Iterator[ast.Call]:
        """Calls here of a function of `module`."""
        if self is module:
            yield from self.calls(function.name)
            return
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == f"{module.path.stem}.{function.name}":
                yield node


@dataclass(frozen=True)
class Raised:
    """One place where an error is made: where, in which function, and every text that each of its facts can be."""

    where: str
    texts: dict[str, list[str]]


class House:
    """The modules whose errors are walked."""

    def __init__(self, *places: Path) -> None:
        files = itertools.chain.from_iterable(sorted(place.rglob("*.py")) if place.is_dir() else [place] for place in places)
        self.modules = [Module(path, ast.parse(path.read_text())) for path in files]

    def made(self) -> Iterator[tuple[Module, ast.Call]]:
        """Every construction of an error."""
        for module in self.modules:
            for call in module.calls(*KINDS):
                yield module, call

    def errors(self) -> list[Raised]:
        """Every error, with what it says."""
        return [
            Raised(
                f"{module.path.name}:{call.lineno}",
                {name: self.texts(module, value) for name, value in _told(call, KINDS[call.func.id]).items()},  # type: ignore[attr-defined]
            )
            for module, call in self.made()
        ]

    def raising(self) -> Iterator[tuple[Module, Function, ast.Raise]]:
        """Every `raise` of a new error, and the function that it stands in."""
        for module in self.modules:
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and _is_error(module, node.exc):
                    yield module, module.inside[node], node

    def texts(self, module: Module, value: ast.expr) -> list[str]:
        """What `value` can be, as texts."""
        reader = getattr(self, f"_{type(value).__name__.lower()}", None)
        return list(dict.fromkeys(reader(module, value))) if reader else [DYNAMIC]

    def _constant(self, module: Module, value: ast.Constant) -> list[str]:
        return [str(value.value)]

    def _joinedstr(self, module: Module, value: ast.JoinedStr) -> list[str]:
        parts = [self.texts(module, part.value if isinstance(part, ast.FormattedValue) else part) for part in value.values]
        return ["".join(choice) for choice in itertools.islice(itertools.product(*parts), 100)]

    def _ifexp(self, module: Module, value: ast.IfExp) -> list[str]:
        return self.texts(module, value.body) + self.texts(module, value.orelse)

    def _boolop(self, module: Module, value: ast.BoolOp) -> list[str]:
        return [text for each in value.values for text in self.texts(module, each)]

    def _name(self, module: Module, value: ast.Name) -> list[str]:
        function = module.inside.get(value)
        if function and value.id in _parameters(function):
            return self._passed(module, function, value.id)
        written = list(_assigned(function, value.id)) if function else []
        # A constant has one value in the whole house, whatever module it is imported from.
        written = written or [each for other in self.modules for name, each in other.constants.items() if name == value.id]
        return [text for each in written for text in self._elements(module, each)] or [DYNAMIC]

    def _passed(self, module: Module, function: Function, name: str) -> list[str]:
        """What a function is called with, in its own module or as `module.function` in another."""
        calls = [(other, call) for other in self.modules for call in other.calls_of(module, function)]
        found = [(other, _told(call, _parameters(function)).get(name) or _default(function, name)) for other, call in calls]
        return [text for other, each in found if each for text in self.texts(other, each)] or [DYNAMIC]

    def _elements(self, module: Module, value: "ast.expr | _Part") -> list[str]:
        """The texts of a value, or of one place in each of a table's rows."""
        if not isinstance(value, _Part):
            return self.texts(module, value)
        of = value.of
        if isinstance(of, ast.Subscript) and isinstance(of.value, ast.Name):
            of = module.constants.get(of.value.id, of)
        rows = of.values if isinstance(of, ast.Dict) else of.elts if isinstance(of, ast.Tuple | ast.List) else []
        picked = [row.elts[value.place] if isinstance(row, ast.Tuple) and value.place is not None else row for row in rows]
        return [text for each in picked for text in self.texts(module, each)] or [DYNAMIC]

    def _call(self, module: Module, value: ast.Call) -> list[str]:
        name = value.func.id if isinstance(value.func, ast.Name) else ""
        if name in ("str", "said"):
            return self.texts(module, value.args[0])
        function = module.functions.get(name)
        ends = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value] if function else []
        return [text for each in ends for text in self.texts(module, each)] or [DYNAMIC]

    def _attribute(self, module: Module, value: ast.Attribute) -> list[str]:
        """What an exception of the proofs was made with; anything else is known at run time only."""
        kind = _kind_of(module.inside.get(value), value.value)
        if kind not in KINDS:
            return [DYNAMIC]
        left_out = self._left_out(kind, value.attr)
        calls = [(other, call) for other in self.modules for call in other.calls(kind)]
        told = [(other, _told(call, KINDS[kind]).get(value.attr, left_out)) for other, call in calls]
        return [text for other, each in told if each for text in self.texts(other, each)]

    def _left_out(self, kind: str, name: str) -> ast.expr | None:
        """What an exception says when it is not told."""
        classes = [node for module in self.modules for node in module.tree.body if isinstance(node, ast.ClassDef)]
        made = [node for each in classes if each.name == kind for node in each.body if isinstance(node, Function)]
        return next((default for function in made if (default := _default(function, name))), None)


@dataclass(frozen=True)
class _Part:
    """One place of what is unpacked, or of what is gone through."""

    of: ast.expr
    place: int | None = None


def _named(target: ast.expr, value: ast.expr) -> dict[str, ast.expr]:
    several = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
    pairs = zip(target.elts, value.elts, strict=True) if several else [(target, value)]  # type: ignore[attr-defined]
    return {each.id: what for each, what in pairs if isinstance(each, ast.Name)}


def _told(call: ast.Call, names: tuple[str, ...]) -> Told:
    return {**dict(zip(names, call.args, strict=False)), **{each.arg: each.value for each in call.keywords if each.arg}}


def _parameters(function: Function) -> tuple[str, ...]:
    return tuple(each.arg for each in (*function.args.args, *function.args.kwonlyargs))


def _default(function: Function, name: str) -> ast.expr | None:
    last = function.args.args[-len(function.args.defaults) :] if function.args.defaults else []
    given = dict(zip((each.arg for each in last), function.args.defaults, strict=True))
    given |= {each.arg: value for each, value in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True) if value}
    return given.get(name)


def _assigned(function: Function, name: str) -> Iterator[ast.expr | _Part]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            yield from _bound(node.targets[0], node.value, name)
        elif isinstance(node, ast.For) and isinstance(node.target, ast.Name) and node.target.id == name:
            yield _Part(node.iter)


def _bound(target: ast.expr, value: ast.expr, name: str) -> Iterator[ast.expr | _Part]:
    if isinstance(target, ast.Name) and target.id == name:
        yield value
    elif isinstance(target, ast.Tuple):
        names = [each.id if isinstance(each, ast.Name) else "" for each in target.elts]
        if name in names:
            at = names.index(name)
            yield value.elts[at] if isinstance(value, ast.Tuple) else _Part(value, at)


def _kind_of(function: Function | None, value: ast.expr) -> str:
    """The class of a name that an `except` or an annotation says."""
    if function is None or not isinstance(value, ast.Name):
        return ""
    for each in (*function.args.args, *function.args.kwonlyargs):
        if each.arg == value.id and isinstance(each.annotation, ast.Name):
            return each.annotation.id
    caught = [node for node in ast.walk(function) if isinstance(node, ast.ExceptHandler) and node.name == value.id]
    return next((node.type.id for node in caught if isinstance(node.type, ast.Name)), "")


def _is_error(module: Module, call: ast.Call) -> bool:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    made_by = module.functions.get(name)
    return name in KINDS or bool(made_by and any(True for node in ast.walk(made_by) if _constructs(node)))


def _constructs(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS
