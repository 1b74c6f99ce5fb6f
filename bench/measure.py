"""Runs every operation against the test stand, and counts what the servers spent."""

from collections.abc import Callable
from dataclasses import dataclass

from bench import machine
from bench.load import Load, Operation, drive
from bench.operations import Operations
from bench.stand import Stand


@dataclass(frozen=True)
class Plan:
    """What is driven, at which port, whose CPU time counts, and the budget as a ratio to bare Flask."""

    name: str
    operation: Operation
    port: int
    counted: tuple[str, ...]
    budget: float | None = None


@dataclass(frozen=True)
class Result:
    """What one operation cost in one round, in microseconds of CPU time of each program, and what bare Flask cost right after."""

    plan: Plan
    load: Load
    microseconds: dict[str, float]
    bare: float

    @property
    def ratio(self) -> float:
        """The cost of all programs that count, as a multiple of bare Flask's."""
        return sum(self.microseconds[name] for name in self.plan.counted) / self.bare


def run(stand: Stand, *, rounds: int, seconds: float, tell: Callable[[str], None]) -> list[Result]:
    """The middle round of each operation. Bare Flask follows each, so that other work on the machine burdens both alike."""
    measured: dict[str, list[Result]] = {}
    listed = plans(stand)
    for number in range(rounds):
        for plan in listed:
            tell(f"round {number + 1} of {rounds}: {plan.name}")
            drive(plan.operation, plan.port, seconds / 5)
            load, microseconds = _measured(stand, plan, seconds)
            bare = microseconds if plan is listed[0] else _measured(stand, listed[0], seconds / 2)[1]
            measured.setdefault(plan.name, []).append(Result(plan, load, microseconds, bare["bare"]))
    return [sorted(results, key=_cost)[len(results) // 2] for results in measured.values()]


def plans(stand: Stand) -> list[Plan]:
    """The operations in order: each lives on the sessions, codes and tokens that those before it left."""
    ports, of = stand.ports, Operations(stand.people)
    auth, api = ("auth", "postgresql"), ("api", "postgresql")
    behind_nginx = [
        Plan("discovery, nginx", of.discovery, ports["nginx"], (*auth, "nginx"), 0.1),
        Plan("JWKS, nginx", of.jwks, ports["nginx"], (*auth, "nginx"), 0.1),
    ]
    return [
        Plan("bare Flask", of.bare, ports["bare"], ("bare",)),
        *(behind_nginx if "nginx" in stand.programs.running else ()),
        Plan("discovery", of.discovery, ports["auth"], auth),
        Plan("JWKS", of.jwks, ports["auth"], auth),
        Plan("login", of.login, ports["auth"], auth),
        Plan("login without the hash", of.login_without_hash, ports["cheap"], ("cheap", "postgresql"), 60),
        Plan("silent authorize", of.silent_authorize, ports["auth"], auth, 8),
        Plan("code exchange", of.exchange, ports["auth"], auth, 8),
        Plan("refresh", of.refresh, ports["auth"], auth, 8),
        Plan("client credentials", of.client_credentials, ports["auth"], auth, 2),
        Plan("introspection", of.introspection, ports["auth"], auth, 2.5),
        Plan("userinfo", of.userinfo, ports["api"], api, 2.5),
    ]


def _measured(stand: Stand, plan: Plan, seconds: float) -> tuple[Load, dict[str, float]]:
    before = _spent(stand)
    load = drive(plan.operation, plan.port, seconds)
    spent = _spent(stand)
    return load, {name: 1e6 * (spent[name] - before[name]) / len(load.latencies) for name in spent}


def _spent(stand: Stand) -> dict[str, float]:
    return {name: machine.cpu_seconds(process.pid) for name, process in stand.programs.running.items()}


def _cost(result: Result) -> tuple[float, float]:
    # Of bare Flask itself every ratio is 1.
    return result.ratio, result.bare
