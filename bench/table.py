"""What was measured, as tables in Markdown."""

from collections.abc import Iterator

from bench import machine
from bench.crowd import PEOPLE, Beside
from bench.measure import Result
from bench.quickstart import Start

HEAD = ("operation", "per second", "p50 ms", "p99 ms", "gunicorn µs", "PostgreSQL µs", "Redis µs", "ratio", "budget", "")
# The budget of PRODUCT.md: seconds, and MiB.
FIRST_TOKEN, MEMORY = 3, 250


def costs(results: list[Result]) -> str:
    """One row for each operation, with its cost as a ratio to bare Flask."""
    return _written([HEAD, ("---", *("--:" for _ in HEAD[1:])), *map(_cost, results)])


def starts(measured: list[Start]) -> str:
    """The quickstart's speed and memory."""
    rows = [("quickstart", "measured", "budget", ""), ("---", "--:", "--:", "--:")]
    for which, start in zip(("first", "second"), measured, strict=True):
        told = f"{start.seconds:.1f} s", f"{FIRST_TOKEN} s", _judged(start.seconds, FIRST_TOKEN)
        rows.append((f"{which} start to first token", *told))
    memory = measured[-1].memory
    total = sum(memory.values())
    rows.append(("idle memory (PSS)", f"{total:.0f} MiB", f"{MEMORY} MiB", _judged(total, MEMORY)))
    rows += [(f"· {machine.called(command)}", f"{size:.0f} MiB", "", "") for command, size in memory.items()]
    return _written(rows)


def crowd(measured: list[Beside]) -> str:
    """What a crowd at the login page does to the tokens of others."""
    head = ("", "p50 ms", "p95 ms", "p99 ms", "p50 ratio", "seconds")
    return _written([head, ("---", *("--:" for _ in head[1:])), *(row for one in measured for row in _beside(one))])


def _beside(one: Beside) -> Iterator[tuple[str, ...]]:
    loads = {"alone": one.quiet, f"beside {PEOPLE} hashes": one.hashes, f"beside {PEOPLE} logins": one.logins}
    for beside, load in loads.items():
        times = (f"{load.percentile(share):.1f}" for share in (50, 95, 99))
        yield f"{one.name}, {beside}", *times, f"{load.percentile(50) / one.quiet.percentile(50):.2f}", f"{load.seconds:.1f}"


def _cost(result: Result) -> tuple[str, ...]:
    budget, spent = result.plan.budget, result.microseconds
    servers = sum(spent[name] for name in result.plan.counted if name != "postgresql")
    return (
        result.plan.name,
        f"{result.load.rate:,.0f}",
        f"{result.load.percentile(50):.1f}",
        f"{result.load.percentile(99):.1f}",
        f"{servers:,.0f}",
        f"{spent['postgresql']:,.0f}",
        f"{spent['redis']:,.0f}",
        f"{result.ratio:.2f}",
        f"{budget:g}" if budget else "",
        _judged(result.ratio, budget) if budget else "",
    )


def _judged(measured: float, budget: float) -> str:
    return "ok" if measured <= budget else "**over**"


def _written(rows: list[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
