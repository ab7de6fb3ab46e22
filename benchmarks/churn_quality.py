"""How well every kind of churn model ranks and calibrates on public data, settings found inside.

Run as ``python -m benchmarks.churn_quality [kind …]``. Ten stratified folds of each data set: on
nine of them a kind's settings are searched by three inner folds, as a training does, and the tenth
is judged once. Nothing is chosen on a judged fold: ``chosen`` is, fold by fold, the kind with the
least log loss on the inner folds. Figures are of the probabilities of all ten folds together, with
95 % intervals by resampling customers; the means of the folds' own ROC AUC and expected maximum
profit stand behind, which are what papers report and the goals are about (of a profit that is the
greatest of many, a mean over small folds flatters). Money is per customer: one kept is worth 200,
an offer costs 10, a contact 1, as in the literature. The last line is JSON.

Both companies are fictional, and the second data set is artificial: good for comparing kinds, not
for claims about anybody's customers.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from optuna.storages import InMemoryStorage
from pydantic import TypeAdapter
from rich.console import Console
from sklearn.model_selection import StratifiedKFold

from benchmarks.goals import Goal, at_least, at_most, line
from features.star import history
from models.catalogue import CHURN_KINDS, ChurnSpec
from models.economics import Economics
from models.levels import Ranking
from models.metrics import evaluate
from models.search import Task
from models.spec import BoolArray, FloatArray, Search
from models.splits import Fold
from models.stacking import find
from pipelines import build as building
from pipelines.check import load_config
from pipelines.contest import metrics_with
from pipelines.frames import labelled_frame
from pipelines.jobs import Home, Job
from pipelines.plan import plan
from pipelines.progress import Steps

FOLDS, INNER_FOLDS, TRIALS, SEED = 10, 3, 8, 11
SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data"
SHOWN = (
    *("roc_auc", "average_precision", "log_loss", "expected_calibration_error"),
    "expected_maximum_profit",
)
METRICS_SHOWN = metrics_with(Economics())
BY_FOLD = ("roc_auc", "expected_maximum_profit")
CHOSEN = "chosen"

GOALS = {
    "telco": {
        "roc_auc": 0.847,
        "expected_calibration_error": 0.035,
        "expected_maximum_profit": 10.4,
    },
    "mlc_churn": {"roc_auc": 0.915},
}


@dataclass(frozen=True, eq=False)
class Customers:
    """Columns of numbers and who left."""

    features: pd.DataFrame
    churned: BoolArray


@dataclass(frozen=True, eq=False)
class Judged:
    """What a kind said of customers whom it had not seen.

    Attributes
    ----------
    probability
        Shape (n,).
    inner_loss
        Log loss of the best settings on the inner folds, one for each outer fold.
    seconds
        Wall time of all searches and fits.
    """

    probability: FloatArray
    inner_loss: FloatArray
    seconds: float


def telco() -> Customers:
    """The columns that a training of the shipped config ``telco`` sees."""
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        config = load_config("telco")
        job = Job(config, Home(Path(folder)), datetime.now(UTC), Steps(Console(stderr=True)))
        building.run(job)
        with job.opened() as con:
            known = history(con, job.business.sources)
            days = plan(con, job.business.churn, known).as_ofs
            frame = labelled_frame(con, job.business, days, known)
    return Customers(frame.features, frame.churned)


def mlc_churn() -> Customers:
    """Every column, categories as flags."""
    table = pd.read_parquet(SHARED / "churn" / "mlc_churn.parquet")
    flags = pd.get_dummies(table.drop(columns="churn"), dtype=float)
    return Customers(flags.astype(float), (table["churn"] == "yes").to_numpy())


def judged(kind: str, customers: Customers, folds: Sequence[Fold]) -> Judged:
    """The kind on every fold, its settings searched on the others."""
    started = time.perf_counter()
    spec: ChurnSpec = TypeAdapter(ChurnSpec).validate_python({"kind": kind})
    probability, losses = np.empty(len(customers.churned)), np.empty(len(folds))
    for number, fold in enumerate(folds):
        features, churned = customers.features.iloc[fold.train], customers.churned[fold.train]
        inner = stratified(churned, INNER_FOLDS)
        asked = Search(trials=TRIALS, seed=SEED)
        found = find(spec, asked, Task(features, churned, inner), InMemoryStorage(), "inner")
        fitted = CHURN_KINDS[kind].fit(spec, found.params, features, churned, SEED)
        probability[fold.valid] = fitted.predict(customers.features.iloc[fold.valid])
        losses[number] = found.value
    return Judged(probability, losses, time.perf_counter() - started)


def stratified(churned: BoolArray, folds: int) -> list[Fold]:
    """Folds with about the same rate of churn in each."""
    parts = StratifiedKFold(folds, shuffle=True, random_state=SEED)
    return [
        Fold(f"part {number + 1}", train.astype(np.int64), valid.astype(np.int64))
        for number, (train, valid) in enumerate(parts.split(np.zeros(len(churned)), churned))
    ]


def chosen(found: dict[str, Judged], folds: Sequence[Fold]) -> tuple[FloatArray, list[str]]:
    """Probabilities of the kind that the inner folds prefer, and its name, fold by fold."""
    kinds = list(found)
    best = np.argmin([found[kind].inner_loss for kind in kinds], axis=0)
    probability = np.empty(sum(len(fold.valid) for fold in folds))
    for fold, number in zip(folds, best, strict=True):
        probability[fold.valid] = found[kinds[number]].probability[fold.valid]
    return probability, [kinds[number] for number in best]


def row(
    name: str, churned: BoolArray, probability: FloatArray, folds: Sequence[Fold]
) -> tuple[str, dict[str, float]]:
    """A line of Markdown, and the figures that goals are about."""
    estimates = evaluate(churned, probability, SEED, metrics=METRICS_SHOWN)
    shown = [estimates[key] for key in SHOWN]
    means = {key: mean_of_folds(key, churned, probability, folds) for key in BY_FOLD}
    figures = [f"{each.value:.4f} ({each.low:.4f} to {each.high:.4f})" for each in shown]
    told = f"| {name} | {' | '.join([*figures, *(f'{mean:.4f}' for mean in means.values())])} |"
    return told, {key: estimates[key].value for key in SHOWN} | means


def mean_of_folds(
    key: str, churned: BoolArray, probability: FloatArray, folds: Sequence[Fold]
) -> float:
    """Mean over the folds of a metric of each fold's customers alone."""
    figures = []
    for fold in folds:
        ranking = Ranking.of(churned[fold.valid], probability[fold.valid])
        levels = ranking.levels(np.ones((1, len(fold.valid))))
        figures.append(METRICS_SHOWN[key].kernel(levels)[0])
    return float(np.mean(figures))


def compared(name: str, customers: Customers, kinds: Sequence[str]) -> dict[str, Goal]:
    """Write a table of the kinds on one data set; its goals."""
    folds = stratified(customers.churned, FOLDS)
    sys.stdout.write(
        f"\n| {name}: {len(customers.churned):,} customers, {customers.features.shape[1]} columns "
        f"| ROC AUC | average precision | log loss | calibration error | expected maximum profit "
        f"| mean of folds' AUC | mean of folds' profit |\n|{'---|' * 8}\n"
    )
    found: dict[str, Judged] = {}
    for kind in kinds:
        found[kind] = judged(kind, customers, folds)
        told, _ = row(kind, customers.churned, found[kind].probability, folds)
        sys.stdout.write(f"{told}  {found[kind].seconds:.0f} s\n")
        sys.stdout.flush()
    probability, names = chosen(found, folds)
    told, figures = row(CHOSEN, customers.churned, probability, folds)
    sys.stdout.write(f"{told}\n\nchosen, fold by fold: {', '.join(names)}\n")
    goals: dict[str, Goal] = {}
    for key, bound in GOALS[name].items():
        is_higher_better = METRICS_SHOWN[key].higher_is_better
        goals[f"{name}_{key}"] = (
            at_least(figures[key], bound, digits=4)
            if is_higher_better
            else at_most(figures[key], bound)
        )
    return goals


def main() -> None:
    """Write both comparisons to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=[*CHURN_KINDS], metavar="kind")
    kinds = parser.parse_args().kinds
    goals = {
        **compared("telco", telco(), kinds),
        **compared("mlc_churn", mlc_churn(), kinds),
    }
    sys.stdout.write(line("churn_quality", goals))


if __name__ == "__main__":
    main()
