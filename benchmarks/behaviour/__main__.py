"""Seconds, CPU seconds and peak memory of behaviour tables beside what else would make them.

Run as ``python -m benchmarks.behaviour``. All ways read the same made-up shop, take turns in
processes of their own, and must give equal values. The last line is JSON: the goals.
"""

import argparse
import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.behaviour.equal import differences
from benchmarks.behaviour.ours import LAST_AS_OF, as_ofs
from benchmarks.behaviour.shop import Shop, require_shop
from benchmarks.behaviour.sql_columns import expressions
from benchmarks.behaviour.ways import Cost, measure
from benchmarks.goals import Goal, at_least, at_most, line

SCALE = (2_000_000, 20_000_000, 100_000_000)
ALL_DAYS_UP_TO = 5_000_000
"""Lines up to which SQL by hand is run for every as_of; beyond, for three of them."""

PANDAS_UP_TO = 30_000_000
"""Lines beyond which pandas would need more memory than a usual machine has."""


ONE, EVERY, FEW = "ours", "ours, all as_ofs", "ours, few columns"
SQL_ONE, SQL_EVERY = "SQL by hand", "SQL by hand, all as_ofs"
DIFFERENCES_TOLD = 10


@dataclass(frozen=True)
class Run:
    """One entry of the table.

    Attributes
    ----------
    name
        Its name in the table.
    way
        Which way, see `benchmarks.behaviour.ways`.
    days
        The as_ofs that it really computes.
    stands_for
        The number of as_ofs that its time is told for.
    reference
        Name of the run whose values it must equal; empty: it is one.
    """

    name: str
    way: str
    days: tuple[date, ...]
    stands_for: int
    reference: str = ""


@dataclass
class Outcome:
    """What the runs of one shop took, and where their tables differ from ours."""

    costs: dict[str, Cost] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)


def plan(lines: int, count: int) -> tuple[Run, ...]:
    """The runs of a shop of so many lines, in the order in which they take turns."""
    days = as_ofs(count)
    newest, spread = days[-1:], days
    if lines > ALL_DAYS_UP_TO and count > 3:
        spread = (days[0], days[count // 2], days[-1])
    runs = [
        Run(ONE, "ours", newest, 1, EVERY),
        Run(SQL_ONE, "sql", newest, 1, EVERY),
        Run(FEW, "few", newest, 1),
        Run("polars, few columns", "polars", newest, 1, FEW),
        Run("pandas, few columns", "pandas", newest, 1, FEW),
        Run(EVERY, "ours", days, count),
        Run(SQL_EVERY, "sql", spread, count, EVERY),
    ]
    return tuple(run for run in runs if run.way != "pandas" or lines <= PANDAS_UP_TO)


def compete(shop: Shop, runs: Sequence[Run], rounds: int, out: Path) -> Outcome:
    """The least of every figure over the rounds; in each round the ways take turns."""
    outcome = Outcome()
    for _ in range(rounds):
        for run in runs:
            cost = told_for(run, measure(run.way, shop, run.days, out / run.name))
            known = outcome.costs.get(run.name)
            outcome.costs[run.name] = cost if known is None else known.least(cost)
    for run in runs:
        if run.reference and not outcome.costs[run.name].missing:
            for day in run.days:
                ours, theirs = (out / name / f"{day}.parquet" for name in (run.reference, run.name))
                for column, count in differences(ours, theirs).items():
                    outcome.differing.append(f"{run.name} at {day}: {column} ({count})")
    return outcome


def told_for(run: Run, cost: Cost) -> Cost:
    """Times of so many as_ofs from those that were really computed."""
    share = run.stands_for / len(run.days)
    return replace(cost, seconds=cost.seconds * share, cpu_seconds=cost.cpu_seconds * share)


def table(shop: Shop, runs: Sequence[Run], outcome: Outcome) -> str:
    """The figures for people."""
    lines, contacts = (pq.read_metadata(file).num_rows for file in (shop.sales, shop.contacts))
    text = [
        f"{lines:,} lines, {contacts:,} contacts; {len(expressions(LAST_AS_OF))} columns, few: 27",
        f"{'':26}{'as_ofs':>8}{'seconds':>10}{'CPU s':>10}{'peak GB':>10}",
        *(entry(run, outcome.costs[run.name]) for run in runs),
    ]
    if any(len(run.days) < run.stands_for for run in runs):
        text.append("* computed for 3 as_ofs from the first to the last, times told in proportion")
    if not any(run.way == "pandas" for run in runs):
        text.append(f"pandas is left out beyond {PANDAS_UP_TO:,} lines, for its memory")
    text += [f"not equal: {each}" for each in outcome.differing[:DIFFERENCES_TOLD]]
    text.append(f"{len(outcome.differing)} differing columns" if outcome.differing else "all equal")
    return "\n".join(text) + "\n"


def entry(run: Run, cost: Cost) -> str:
    """One line of the table."""
    if cost.missing:
        return f"{run.name:26}left out: {cost.missing}"
    told = f"{run.stands_for}{'*' if len(run.days) < run.stands_for else ''}"
    return f"{run.name:26}{told:>8}{cost.seconds:10.2f}{cost.cpu_seconds:10.2f}{cost.peak_gb:10.2f}"


def goals_of(outcome: Outcome, count: int) -> dict[str, Goal]:
    """Every goal whose ways could run."""
    seconds = {name: cost.seconds for name, cost in outcome.costs.items() if not cost.missing}
    found = {
        "differing_columns": at_most(len(outcome.differing), 0),
        "one_as_of_over_sql": at_most(seconds[ONE] / seconds[SQL_ONE], 1.15),
        "peak_gb": at_most(outcome.costs[EVERY].peak_gb, 6.0),
    }
    for peer, bound in (("pandas", 5.0), ("polars", 3.0)):
        if f"{peer}, few columns" in seconds:
            share = seconds[f"{peer}, few columns"] / seconds[FEW]
            found[f"over_{peer}"] = at_least(share, bound)
    if count == 12:
        found["twelve_over_one"] = at_most(seconds[EVERY] / seconds[ONE], 3.5)
        found["twelve_sql_over_twelve"] = at_least(seconds[SQL_EVERY] / seconds[EVERY], 4.0)
    return found


def growth(shops: Sequence[Shop], outcomes: Sequence[Outcome]) -> Goal:
    """Exponent with which the time of all as_ofs grows from the smallest shop to the largest."""
    lines = [pq.read_metadata(shop.sales).num_rows for shop in (shops[0], shops[-1])]
    seconds = [outcome.costs[EVERY].seconds for outcome in (outcomes[0], outcomes[-1])]
    return at_most(math.log(seconds[1] / seconds[0]) / math.log(lines[1] / lines[0]), 1.05)


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.behaviour", description=__doc__)
    parser.add_argument("--lines", type=int, default=SCALE[0], help="purchase lines, about")
    parser.add_argument("--as-ofs", type=int, default=12, help="days, four weeks apart")
    parser.add_argument("--rounds", type=int, default=3, help="of which the least counts")
    parser.add_argument("--folder", type=Path, help="keeps the shop for the next run")
    parser.add_argument(
        "--scale", action="store_true", help=f"the sizes {SCALE}, and how the time grows"
    )
    return parser.parse_args()


def main() -> None:
    """Write the measurements to standard output, the last line as JSON."""
    asked = arguments()
    sizes = SCALE if asked.scale else (asked.lines,)
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as made:
        folder = asked.folder or Path(made)
        shops, outcomes = [], []
        for lines in sizes:
            shops.append(require_shop(folder, lines))
            runs = plan(lines, asked.as_ofs)
            outcomes.append(compete(shops[-1], runs, asked.rounds, folder / "out"))
            sys.stdout.write(table(shops[-1], runs, outcomes[-1]))
            sys.stdout.flush()
    goals = goals_of(outcomes[-1], asked.as_ofs)
    if asked.scale:
        goals["growth_exponent"] = growth(shops, outcomes)
    sys.stdout.write(line("behaviour", goals))


if __name__ == "__main__":
    main()
