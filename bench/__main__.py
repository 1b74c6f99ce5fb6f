"""`make bench`: measure what a request costs, and print it beside the budget."""

import argparse
import os
import platform
import sys

from bench import crowd, machine, measure, quickstart, stand, table


def main() -> int:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured; the middle round counts (3)")
    parser.add_argument("--seconds", type=float, default=1.5, help="how long an operation is driven in each round (1.5)")
    asked = parser.parse_args()
    print(f"{machine.name()}, {platform.python_implementation()} {platform.python_version()}")
    print(f"Running on average in the last minute, before this: {os.getloadavg()[0]:.1f} processes.")
    _tell("starting")
    with stand.opened() as ready:
        crowded = crowd.run(ready, tell=_tell)
        results = measure.run(ready, rounds=asked.rounds, seconds=asked.seconds, tell=_tell)
    _tell("the quickstart")
    print(f"\n{table.costs(results)}\n", flush=True)
    print(f"{table.crowd(crowded)}\n", flush=True)
    print(table.starts(quickstart.run()))
    return 0


def _tell(what: str) -> None:
    """Say on a terminal what is going on."""
    if sys.stderr.isatty():
        print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
