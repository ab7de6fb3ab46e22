"""What customers will spend: the two-part learner against naive predictors, on public data.

Run as ``python -m benchmarks.value_learner [--resamples N] [CELL ...]``. A cell is a shop, a
horizon in days and a test day, such as ``"complete_journey 28 2017-12-04"``. All predict the money
of the same customers (those active at the test day, by the config) over the same days, from what
was known before. The learner sees the behaviour table every 28 days, as far as the outcome was
known by the test day, and is calibrated on the newest of these. Where a season was observed, its
total is set to the seasonal naive one (``learner_at_seasonal_total``), and that is what is held
against the naive predictors. Its settings were chosen on the earlier cells of each shop.
Intervals are of a bootstrap over customers. The last line is JSON.

Goals: mean absolute error below that of every naive predictor, with the paired interval above 0,
and a total that is not surely farther off than theirs: else the naive one is used, and it is said.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import pandas as pd
from rich.console import Console

from benchmarks.goals import Goal, at_least, line
from features.behaviour import build, shape_of
from features.catalogue import families
from models.value.baselines import Asked, at_total, naive
from models.value.choice import DECIDING, Verdict, verdict
from models.value.held_out import MEASURES, HeldOut, held_out
from models.value.snapshots import ValueSnapshot, snapshot
from models.value.two_part import TwoPartSpec, fit
from pipelines import build as building
from pipelines.check import load_config
from pipelines.jobs import Home, Job
from pipelines.progress import Steps

LEARNER: Final = "learner"
ANCHORED: Final = "learner_at_seasonal_total"
STEP_DAYS: Final = 28
SEED: Final = 11


@dataclass(frozen=True)
class Cell:
    """A shop, the period that is told, and from which day on customers are learnt from.

    Attributes
    ----------
    config
        Name of the shipped config.
    horizon_days
        Length of the period.
    test
        Its first day.
    oldest
        First day to learn from.
    refit
        Whether the learner is boosted anew after its calibration.
    """

    config: str
    horizon_days: int
    test: date
    oldest: date
    refit: bool = False

    @property
    def name(self) -> str:
        """As it is asked for."""
        return f"{self.config} {self.horizon_days} {self.test}"

    @property
    def earlier(self) -> tuple[date, ...]:
        """Days whose outcome was known by the test day, the oldest first."""
        span = (self.test - self.oldest).days // STEP_DAYS
        days = [self.test - timedelta(days=STEP_DAYS * back) for back in range(span, 0, -1)]
        return tuple(day for day in days if day + timedelta(days=self.horizon_days) <= self.test)


_SHOP, _HOUSEHOLDS = date(2010, 3, 1), date(2017, 2, 20)
CELLS: Final = (
    Cell("online_retail", 84, date(2011, 6, 24), _SHOP),
    Cell("online_retail", 84, date(2011, 9, 16), _SHOP),
    Cell("complete_journey", 28, date(2017, 11, 6), _HOUSEHOLDS),
    Cell("complete_journey", 28, date(2017, 12, 4), _HOUSEHOLDS),
    Cell("complete_journey", 84, date(2017, 9, 11), _HOUSEHOLDS, refit=True),
    Cell("complete_journey", 84, date(2017, 10, 9), _HOUSEHOLDS, refit=True),
)


@dataclass(frozen=True, eq=False)
class Shop:
    """What is known of a shop.

    Attributes
    ----------
    behaviour
        The behaviour table of all days that are needed, by customer; with as_of.
    columns
        Names of its figures.
    purchases
        customer, day, order, amount (currency); goods alone, returns negative.
    known_until
        First day that is not known.
    active_within_days
        Who is a customer of a day ordered within so many days before it.
    """

    behaviour: pd.DataFrame
    columns: list[str]
    purchases: pd.DataFrame
    known_until: int
    active_within_days: int | None

    def at(self, day: date, horizon_days: int) -> ValueSnapshot:
        """The customers of a day."""
        rows = self.behaviour[self.behaviour["as_of"] == day]
        figures = rows.set_index("customer")[self.columns]
        return snapshot(figures, self.purchases, number(day), horizon_days, self.known_until)


def number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def shop_of(config: str, days: list[date], folder: Path) -> Shop:
    """A shop from its raw files."""
    job = Job(
        load_config(None if config == "complete_journey" else config, ()),
        Home(folder),
        datetime.now(UTC),
        Steps(Console(stderr=True)),
    )
    building.run(job)
    business = job.business
    with job.opened() as con:
        table = build(con, days, business.sources, business.behaviour).to_pandas()
        lines = con.sql(
            "SELECT c.customer, f.ordered_on - DATE '1970-01-01' AS day, f.\"order\", f.amount "
            "FROM fact_sales f JOIN dim_customer c USING (customer_key) WHERE f.is_product"
        ).df()
    shape = shape_of(business.sources, business.behaviour)
    columns = [column.name for family in families(shape) for column in family.columns]
    lines["amount"] = lines["amount"] / 10**business.currency.digits
    active = business.behaviour.cohort.active_within_days
    return Shop(table, columns, lines, int(lines["day"].max()) + 1, active)


def played(cell: Cell, shop: Shop, resamples: int) -> Verdict:
    """All predictors of a cell; what was found is written to standard output."""
    earlier = [shop.at(day, cell.horizon_days) for day in cell.earlier]
    test = shop.at(cell.test, cell.horizon_days)
    model = fit(earlier, TwoPartSpec(seed=SEED, refit=cell.refit))
    asked = Asked(test.as_of, cell.horizon_days, shop.active_within_days)
    plain = naive(test.customers, shop.purchases, asked)
    first = shop.purchases.groupby("customer")["day"].min().reindex(test.customers)
    quarters = first.to_numpy().astype("datetime64[D]").astype("datetime64[M]")
    labels = pd.PeriodIndex(quarters, freq="Q").astype(str).to_numpy(dtype=object)
    ours = {LEARNER: model.spend(test.figures)}
    if "seasonal_total" in plain.said:
        ours[ANCHORED] = at_total(ours[LEARNER], float(plain.said["seasonal_total"].sum()))
    predictors = {**ours, **plain.said}
    came = test.outcome("a benchmark")
    found = held_out(came, predictors, cohorts=labels, seed=SEED, resamples=resamples)
    said = verdict(found, [list(ours)[-1]], list(plain.said))
    sys.stdout.write(
        f"\n{cell.name}: {found.customers:,} customers, {found.came:,.0f} came; learnt from "
        f"{len(earlier)} days\n{told(found)}{said.reason}\n"
        + "".join(f"no {name}: {reason}\n" for name, reason in plain.untold.items())
        + f"{tenths(found, said.chosen)}{by_cohort(found, said.chosen)}"
    )
    sys.stdout.flush()
    return said


def told(found: HeldOut) -> str:
    """A line of Markdown per predictor."""
    rows = [f"| predictor | {' | '.join(MEASURES)} |", "|" + "---|" * (len(MEASURES) + 1)]
    for name in found.predictors:
        figures = [found.value(name, measure) for measure in MEASURES]
        texts = [f"{each.value:.3f} ({each.low:.3f} to {each.high:.3f})" for each in figures]
        rows.append(f"| {name} | {' | '.join(texts)} |")
    return "\n".join(rows) + "\n"


def tenths(found: HeldOut, name: str) -> str:
    """What a predictor promised to each tenth of the customers, and what came."""
    rows = found.deciles[found.deciles["predictor"] == name]
    texts = [f"{row.promised:,.0f} / {row.came:,.0f}" for row in rows.itertuples() if row.customers]
    return f"{name}, tenths, promised / came: {'; '.join(texts)}\n"


def by_cohort(found: HeldOut, name: str) -> str:
    """What a predictor promised to each cohort, and what came."""
    rows = found.cohorts[found.cohorts["predictor"] == name]
    texts = [
        f"{cohort}: {promised:,.0f} / {came:,.0f}"
        for cohort, promised, came in rows[["cohort", "promised", "came"]].itertuples(index=False)
    ]
    return f"{name}, cohorts of the first order, promised / came: {'; '.join(texts)}\n"


def goals_of(cell: Cell, said: Verdict) -> dict[str, Goal]:
    """Goals of a cell."""
    total = "seasonal_total" if "seasonal_total" in said.gains else "latest_total"
    goals = {
        f"{cell.name}: {DECIDING} gain over {name}, low end": at_least(said.gains[name].low, 0.0)
        for name in ("same_again", total)
    }
    every = min(each.low for each in said.gains.values())
    goals[f"{cell.name}: {DECIDING} gain over every naive one, low end"] = at_least(every, 0.0)
    nearer = min(each.high for each in said.bias_gains.values())
    goals[f"{cell.name}: total not surely farther off, high end"] = at_least(nearer, 0.0)
    return goals


def main() -> None:
    """Write the comparison to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = [cell.name for cell in CELLS]
    parser.add_argument("cells", nargs="*", metavar="CELL", help=f"in quotes, of {names}")
    parser.add_argument("--resamples", type=int, default=500, help="of the bootstrap")
    asked = parser.parse_args()
    unknown = [name for name in asked.cells if name not in names]
    if unknown:
        parser.error(f"cells are {names}, but was given {unknown}; write each in quotes")
    wanted = [cell for cell in CELLS if not asked.cells or cell.name in asked.cells]
    goals: dict[str, Goal] = {}
    for config in dict.fromkeys(cell.config for cell in wanted):
        cells = [cell for cell in wanted if cell.config == config]
        days = sorted({day for cell in cells for day in (*cell.earlier, cell.test)})
        with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
            shop = shop_of(config, days, Path(folder))
        for cell in cells:
            goals |= goals_of(cell, played(cell, shop, asked.resamples))
    sys.stdout.write(line("value_learner", goals))


if __name__ == "__main__":
    main()
