"""Contributions for many rows beside LightGBM's own, the same model, in turns in one run.

``python -m benchmarks.reasons`` trains binary models of 500 trees over 60 columns (31 leaves, 63
leaves, and 31 leaves with six columns of categories) on made-up rows, explains 100,000 rows on two
threads, and holds that against ``pred_contrib`` on two threads, which is timed on fewer rows and
told in proportion. The package ``shap`` hands LightGBM's trees to ``pred_contrib``, so it is no
peer of its own. Making the tables is told by itself. Batches of a fitted model are timed at every
size, first with tables yet to be made where the model makes any, then with tables that are there.
At last the contributions of 100,000 rows are put into words, three reasons each, and the leading
causes are found.
"""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.goals import Goal, at_least, at_most, line
from features.contract import Column
from models.churn.booster import FAST_FROM, FAST_ONCE_MADE, BoosterFitted
from models.explain import CAUSES, leading, reasons
from models.shapley.explainer import explainer

Doubles = npt.NDArray[np.float64]

ROWS, COLUMNS, THREADS, TREES = 100_000, 60, 2, 500
TRAINED_ON, SLOW_ROWS = 100_000, 2_000
CATEGORIES = {54: 5, 55: 12, 56: 40, 57: 100, 58: 300, 59: 1000}
ROUNDS = 3
MOST_ROUNDS, A_WHILE = 100, 2.0
BATCHES = (1, FAST_ONCE_MADE, 100, 1_000, FAST_FROM, 2 * FAST_FROM)


def made_up(rows: int, seed: int, *, has_categories: bool) -> tuple[Doubles, Doubles]:
    """Rows whose columns matter alone, together, or not at all; one value in twenty is missing."""
    random, fixed = np.random.default_rng(seed), np.random.default_rng(99)
    values = random.normal(size=(rows, COLUMNS))
    values[:, 20:40] += values[:, :20] @ fixed.normal(size=(20, 20)) * 0.3
    weight = fixed.normal(size=COLUMNS) * (fixed.random(COLUMNS) < 0.6)
    score = values @ weight * 0.3 + np.sin(values[:, 0] * 2) * values[:, 1]
    score += values[:, 2] * values[:, 3] * 0.7 + (values[:, 4] > 0.5) * values[:, 5]
    for column, count in CATEGORIES.items() if has_categories else ():
        effect = fixed.normal(size=count)
        values[:, column] = random.integers(0, count, rows)
        score += effect[values[:, column].astype(int)] * 0.7
    target = (score + random.logistic(size=rows) > 0).astype(np.float64)
    values[random.random(values.shape) < 0.05] = np.nan
    return values, target


def trained(leaves: int, *, has_categories: bool) -> lgb.Booster:
    """A model of that many leaves a tree."""
    values, target = made_up(TRAINED_ON, 1, has_categories=has_categories)
    data = lgb.Dataset(
        values, target, categorical_feature=list(CATEGORIES) if has_categories else []
    )
    settings = {"objective": "binary", "learning_rate": 0.05, "num_leaves": leaves, "seed": 1}
    threads = {"num_threads": THREADS, "deterministic": True, "verbosity": -1}
    return lgb.train(settings | threads, data, num_boost_round=TREES)


@dataclass(frozen=True)
class Figures:
    """Of one model: rows a second of both ways, and what tables take."""

    fast: float
    slow: float
    plan_seconds: float
    table_mb: float
    difference: float

    @property
    def ratio(self) -> float:
        """How many times as fast tables are."""
        return self.fast / self.slow


def seconds(call: Callable[[], object]) -> float:
    """Wall time."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def measured(booster: lgb.Booster, values: Doubles) -> Figures:
    """Both ways in turns; medians of the rounds."""
    text = booster.model_to_string()
    explainer(text).contributions(values[:10], THREADS)  # loads or compiles the loops
    plan = seconds(lambda: explainer(text))
    tables, few = explainer(text), values[:SLOW_ROWS]

    def slow() -> Doubles:
        return np.asarray(booster.predict(few, pred_contrib=True, num_threads=THREADS))

    rounds = [
        (seconds(lambda: tables.contributions(values, THREADS)), seconds(slow))
        for _ in range(ROUNDS)
    ]
    fast_seconds, slow_seconds = (statistics.median(each) for each in zip(*rounds, strict=True))
    difference = float(np.abs(tables.contributions(few, THREADS) - slow()).max())
    return Figures(
        len(values) / fast_seconds,
        len(few) / slow_seconds,
        plan,
        tables.nbytes / 1e6,
        difference,
    )


def batches(booster: lgb.Booster, values: Doubles) -> float:
    """Least speed of a fitted model's batches of every size, LightGBM's own being 1."""
    names = booster.feature_name()
    warm, worst = BoosterFitted(tuple(names), booster, THREADS), np.inf
    warm.contributions(pd.DataFrame(values[:FAST_FROM], columns=names))
    for size in BATCHES:
        rows = pd.DataFrame(values[:size], columns=names)
        slow = partial(booster.predict, rows, pred_contrib=True, num_threads=THREADS)
        peer, own = _least(slow, partial(warm.contributions, rows))
        ratios = {"tables there": peer / own}
        if size >= FAST_FROM:
            fresh = BoosterFitted(tuple(names), booster, THREADS)
            ratios["tables made"] = peer / seconds(partial(fresh.contributions, rows))
        told = ", ".join(f"{how} {ratio:.1f} x" for how, ratio in ratios.items())
        sys.stdout.write(f"  batch of {size:>5,}: {told}\n")
        worst = min(worst, *ratios.values())
    return float(worst)


def _least(*calls: Callable[[], object]) -> list[float]:
    """Seconds of the quickest of some rounds, in turns; of small batches there are many rounds."""
    rounds = [[seconds(call) for call in calls] for _ in range(ROUNDS)]
    more = min(MOST_ROUNDS, int(A_WHILE / sum(rounds[0])))
    rounds += [[seconds(call) for call in calls] for _ in range(more)]
    return [min(each) for each in zip(*rounds, strict=True)]


def words() -> tuple[float, float]:
    """Rows a second whose reasons are put into words, and whose leading causes are found.

    Every second column holds amounts of money that hardly two rows share, the others days.
    """
    values, _ = made_up(ROWS, 7, has_categories=False)
    moved = np.random.default_rng(5).normal(size=values.shape)
    columns = [
        Column(
            name=f"c{number // 4}_{7 * (number % 4 + 1)}d",
            unit="minor units" if number % 2 else "days",
            window_days=None,
            null_means="never ordered",
            meaning=f"figure {number}",
            sql="",
            cause=CAUSES[number % len(CAUSES)],
        )
        for number in range(COLUMNS)
    ]
    values = np.rint(np.exp(values) * np.where(np.arange(COLUMNS) % 2, 50_000, 20))
    typical = {column.name: 10.0 for column in columns}
    spoken, led = (
        min(seconds(call) for _ in range(ROUNDS))
        for call in (
            partial(reasons, moved, values, columns, typical),
            partial(leading, moved, columns),
        )
    )
    return ROWS / spoken, ROWS / led


def main() -> None:
    """Measure all models and print the goals."""
    goals: dict[str, Goal] = {}
    for name, leaves, has_categories in (
        ("31_leaves", 31, False),
        ("63_leaves", 63, False),
        ("31_leaves_categories", 31, True),
    ):
        booster = trained(leaves, has_categories=has_categories)
        values, _ = made_up(ROWS, 7, has_categories=has_categories)
        found = measured(booster, values)
        sys.stdout.write(
            f"{name}: {found.fast:,.0f} rows/s, pred_contrib {found.slow:,.0f}: "
            f"{found.ratio:.1f} x; tables {found.table_mb:.0f} MB in {found.plan_seconds:.1f} s; "
            f"largest difference {found.difference:.1e}\n"
        )
        goals[f"{name}_ratio"] = at_least(found.ratio, 50 if leaves > 31 else 60, 1)
        goals[f"{name}_table_mb"] = at_most(found.table_mb, 256)
        goals[f"{name}_difference_1e_12"] = at_most(found.difference * 1e12, 1)
        goals[f"{name}_slowest_batch"] = at_least(batches(booster, values), 1)
    spoken, led = words()
    sys.stdout.write(f"words: {spoken:,.0f} rows/s; leading causes: {led:,.0f} rows/s\n")
    sys.stdout.write(line("reasons", goals))


if __name__ == "__main__":
    main()
