"""What the behaviour table is worth: one fixed LightGBM on it beside one on windowed RFM alone.

Run as ``python -m benchmarks.behaviour_value [--ablation]``. Both models see the same customers on
the same days, trained on days whose outcome was known before each test day, and are compared on
three test days of each business: means over the days of ROC AUC and average precision, with paired
intervals over customers. With ``--ablation``, what each family adds to RFM and what the table loses
without it. The last line is JSON.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
from rich.console import Console

from benchmarks.goals import Goal, at_least, line
from benchmarks.ranking import Gain, Ranking, gains
from features.behaviour import build, shape_of
from features.catalogue import families
from features.labels import build_labels
from pipelines import build as building
from pipelines.check import load_config
from pipelines.jobs import Home, Job
from pipelines.progress import Steps

DRAWS = 500
SEED = 11

FIXED = {
    "objective": "binary",
    "num_leaves": 7,
    "learning_rate": 0.02,
    "min_data_in_leaf": 80,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
}
FIXED_TREES = 400
"""Settings of the model on all columns, chosen on days whose outcome was known before the tests."""

RFM = {"objective": "binary", "num_leaves": 7, "learning_rate": 0.04, "min_data_in_leaf": 50}
RFM_TREES = 150
RFM_WINDOWS = (28, 91, 182, 364)
RFM_COLUMNS = (
    *("days_since_order", "orders_count", "tenure_days", "spend_364d", "order_value_mean_364d"),
    *(f"orders_count_{days}d" for days in RFM_WINDOWS),
    *(f"spend_{days}d" for days in RFM_WINDOWS if days != RFM_WINDOWS[-1]),
)
"""Recency, orders, tenure, spend, average order value, orders and spend in four windows."""

_ALWAYS = {"seed": 1, "deterministic": True, "force_row_wise": True, "num_threads": 1}


@dataclass(frozen=True)
class Trial:
    """Test days of a business, and the days to learn from.

    Attributes
    ----------
    config
        Name of the shipped config.
    tests
        Days on which the models are compared.
    newest
        For each test day the newest day to learn from; its outcome is known by then.
    oldest, step_days
        Learning days lie so many days apart, back to the oldest.
    goals
        Bounds by name.
    """

    config: str
    tests: tuple[date, ...]
    newest: tuple[date, ...]
    oldest: date
    step_days: int
    goals: dict[str, float]

    def learnt_from(self, test: date) -> tuple[date, ...]:
        """Days to learn from for a test day, newest first."""
        newest = self.newest[self.tests.index(test)]
        count = (newest - self.oldest).days // self.step_days + 1
        return tuple(newest - timedelta(days=index * self.step_days) for index in range(count))

    @property
    def days(self) -> list[date]:
        """Every day that is needed."""
        return sorted({*self.tests, *(d for test in self.tests for d in self.learnt_from(test))})


_WHOLESALE_TESTS = (date(2011, 6, 1), date(2011, 7, 15), date(2011, 9, 9))
TRIALS = (
    Trial(
        "complete_journey",
        (date(2017, 10, 19), date(2017, 11, 16), date(2017, 11, 30)),
        (date(2017, 9, 21),) * 3,
        date(2017, 2, 23),
        28,
        {"roc_auc": 0.855, "roc_auc_gain": 0.005, "roc_auc_gain_low": 0.0},
    ),
    Trial(
        "online_retail",
        _WHOLESALE_TESTS,
        tuple(test - timedelta(days=90) for test in _WHOLESALE_TESTS),
        date(2010, 2, 15),
        28,
        {
            "roc_auc": 0.787,
            "roc_auc_gain": 0.013,
            "average_precision": 0.719,
            "average_precision_gain": 0.010,
        },
    ),
)


@dataclass(frozen=True)
class Table:
    """Behaviour and outcome of a trial's days, and the columns by family."""

    trial: Trial
    rows: pd.DataFrame
    by_family: dict[str, list[str]]

    @property
    def columns(self) -> list[str]:
        """All columns."""
        return [column for names in self.by_family.values() for column in names]

    def rankings(
        self, columns: Sequence[str], settings: dict[str, object], trees: int
    ) -> list[Ranking]:
        """Customers of each test day as a model on some columns ranks them.

        Test days with the same days to learn from share a model.
        """
        days = {test: self.trial.learnt_from(test) for test in self.trial.tests}
        models = {
            learnt: self._model(learnt, list(columns), settings, trees)
            for learnt in set(days.values())
        }
        return [self._ranking(test, list(columns), models[days[test]]) for test in days]

    def _ranking(self, test: date, columns: list[str], model: lgb.Booster) -> Ranking:
        rows = self.rows[self.rows["as_of"] == test]
        person, churned = rows["person"].to_numpy(), rows["churned"].to_numpy()
        return Ranking.of(person, churned, np.asarray(model.predict(rows[columns])))

    def _model(
        self, days: tuple[date, ...], columns: list[str], settings: dict[str, object], trees: int
    ) -> lgb.Booster:
        rows = self.rows[self.rows["as_of"].isin(days)]
        data = lgb.Dataset(rows[columns], rows["churned"])
        return lgb.train({**settings, **_ALWAYS, "verbose": -1}, data, trees)


def table_of(trial: Trial, folder: Path) -> Table:
    """The trial's table, from raw files."""
    name = None if trial.config == "complete_journey" else trial.config
    config = load_config(name, ())
    job = Job(config, Home(folder), datetime.now(UTC), Steps(Console(stderr=True)))
    building.run(job)
    business = job.business
    with job.opened() as con:
        (last_on,) = con.execute("SELECT max(ordered_on) FROM fact_sales").fetchall()[0]
        behaviour = build(con, trial.days, business.sources, business.behaviour)
        labels = build_labels(con, trial.days, business.churn, last_on)
    rows = behaviour.to_pandas().merge(labels.to_pandas(), on=["customer", "as_of"])
    rows["person"] = rows["customer"].factorize(sort=True)[0]
    shape = shape_of(business.sources, business.behaviour)
    by_family = {f.name: [c.name for c in f.columns] for f in families(shape)}
    return Table(trial, rows, by_family)


def compared(table: Table, baseline: list[Ranking]) -> tuple[Gain, Gain]:
    """All columns against RFM."""
    ours = table.rankings(table.columns, dict(FIXED), FIXED_TREES)
    return gains(ours, baseline, draws=DRAWS, seed=SEED)


def ablation(table: Table, baseline: list[Ranking]) -> list[str]:
    """A line of Markdown per family: gain in AUC when added to RFM, loss when taken away."""
    whole = table.rankings(table.columns, dict(FIXED), FIXED_TREES)
    heading = f"| {table.trial.config} | columns | added to RFM | all less all without |"
    lines = [heading, "|" + "---|" * 4]
    for family, names in table.by_family.items():
        more = table.rankings(list(dict.fromkeys([*RFM_COLUMNS, *names])), dict(RFM), RFM_TREES)
        fewer = [column for column in table.columns if column not in names]
        less = table.rankings(fewer, dict(FIXED), FIXED_TREES)
        added, _ = gains(more, baseline, draws=DRAWS, seed=SEED)
        lost, _ = gains(whole, less, draws=DRAWS, seed=SEED)
        lines.append(f"| {family} | {len(names)} | {_told(added)} | {_told(lost)} |")
    return lines


def _told(gain: Gain) -> str:
    return f"{gain.gain:+.4f} ({gain.low:+.4f} to {gain.high:+.4f})"


def goals_of(trial: Trial, auc: Gain, precision: Gain) -> dict[str, Goal]:
    """The trial's bounds and what was found."""
    found = {
        "roc_auc": auc.value,
        "roc_auc_gain": auc.gain,
        "roc_auc_gain_low": auc.low,
        "average_precision": precision.value,
        "average_precision_gain": precision.gain,
    }
    return {
        f"{trial.config}_{name}": at_least(found[name], bound, digits=4)
        for name, bound in trial.goals.items()
    }


def main() -> None:
    """Write the comparison to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ablation", action="store_true", help="family by family; minutes more")
    asked = parser.parse_args()
    goals: dict[str, Goal] = {}
    for trial in TRIALS:
        with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
            table = table_of(trial, Path(folder))
        baseline = table.rankings(RFM_COLUMNS, dict(RFM), RFM_TREES)
        auc, precision = compared(table, baseline)
        sys.stdout.write(
            f"{trial.config}: {len(table.columns)} columns, {len(table.rows):,} rows of "
            f"{len(trial.days)} days\n  ROC AUC {auc}\n  average precision {precision}\n"
        )
        if asked.ablation:
            sys.stdout.write("\n".join(["", *ablation(table, baseline), ""]) + "\n")
        goals |= goals_of(trial, auc, precision)
    sys.stdout.write(line("behaviour_value", goals))


if __name__ == "__main__":
    main()
