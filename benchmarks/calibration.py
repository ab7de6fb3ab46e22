"""Do chances come true? Calibrators, the shift of the season, and class weights, side by side.

Run as ``python -m benchmarks.calibration [--every DAYS] [--kinds KIND …] [--set SETTING] [config
…]``. On every test day that the
data can speak of, a kind of model is fitted with its hand-set values on what was known by then,
and each calibrator to the day of calibration one label window before the test; ``season`` is the
sigmoid with the shift that a test, a review and a scoring apply. On telco, which has one day,
customers are split instead: ten stratified folds, each judged by a model and a calibrator that
never saw it. There models are also fitted with the rarer class weighted up.

Figures are means over test days with 95 % intervals by resampling customers. The last line is JSON.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from rich.console import Console
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from benchmarks.calibrators import CALIBRATORS
from benchmarks.churn_quality import FOLDS, SEED, Customers, stratified, telco
from benchmarks.goals import Goal, at_least, at_most, line
from models.calibration import log_odds
from models.catalogue import CHURN_KINDS
from models.churn.booster import BoosterFitted, binned
from models.churn.logit import LogitFitted
from models.churn.shaping import shaped
from models.metrics import METRICS, Estimate
from models.rolling import Measured, Outcomes, measure
from models.spec import BoolArray, ChurnGbm, ChurnLogit, Fitted, FloatArray
from pipelines import build as building
from pipelines.check import load_config
from pipelines.frames import Frame, stacked
from pipelines.jobs import Home, Job
from pipelines.plan import Part
from pipelines.progress import Steps
from pipelines.rolling import fit
from pipelines.train import Material, gather

TELCO = "telco"
CONFIGS = (TELCO, "online_retail", "complete_journey")
SPECS: Mapping[str, ChurnGbm | ChurnLogit] = {
    spec.kind: spec for spec in (ChurnGbm(), ChurnLogit())
}
MOST_DAYS, RESAMPLES = 60, 300
SHOWN = ("expected_calibration_error", "log_loss", "roc_auc")
SEASON, SIGMOID = "season", "sigmoid"
CALIBRATION_SHARE = 0.25
"""Of the customers that a model of telco may see."""


@dataclass(frozen=True)
class Asked:
    """Days between test days, kinds of model, and settings that are replaced."""

    every: int
    kinds: Sequence[str]
    settings: Sequence[str]


@dataclass(frozen=True)
class Said:
    """What every way said of the rows of a test day, and what its season did.

    Attributes
    ----------
    test
        The rows.
    chances
        Way to its probabilities.
    has_season
        Whether a year before says something of the day.
    shift
        Log-odds, 0 where the difference is within chance.
    """

    test: Frame
    chances: Mapping[str, FloatArray]
    has_season: bool
    shift: float


def job_of(name: str, folder: Path, *settings: str) -> Job:
    """A job on a shipped config."""
    config = load_config(name, settings)
    return Job(config, Home(folder), datetime.now(UTC), Steps(Console(stderr=True)))


def materials(name: str, folder: Path, asked: Asked) -> list[Material]:
    """Behaviour and labels of every test day and of the days that it learns from.

    Test days of one plan lie as far apart as training days, so there are several plans.
    """
    job = job_of(name, folder, *asked.settings)
    building.run(job)
    churn = job.business.churn
    newest = churn.test_as_of or date.min
    return [
        gather(
            job_of(
                name,
                folder,
                *asked.settings,
                f"churn.test_as_of={newest - timedelta(days=back)}",
                f"churn.test_cutoffs={MOST_DAYS}",
            )
        )
        for back in range(0, churn.step_days, asked.every)
    ]


def said(spec: ChurnGbm | ChurnLogit, material: Material) -> list[Said]:
    """Every calibrator on every test day of a plan."""
    found = []
    for origin in material.plan.origins:
        parts = material.parts(origin)
        fitted = fit(spec, CHURN_KINDS[spec.kind].first_params(spec), parts["train"], SEED)
        chances = _calibrated(fitted, parts)
        season = material.seasons[origin.test[0]]
        seasonal = season.applied(chances[SIGMOID])
        everything = {**chances, SEASON: seasonal.probability}
        found.append(Said(parts["test"], everything, season.rate is not None, seasonal.shift))
    return found


def _calibrated(fitted: Fitted, parts: Mapping[Part, Frame]) -> dict[str, FloatArray]:
    later, test = parts["calibration"], parts["test"]
    odds, judged = (log_odds(fitted.predict(part.features)) for part in (later, test))
    return {name: make(later.churned, odds)(judged) for name, make in CALIBRATORS.items()}


def measured(frame: Frame, chances: Mapping[str, FloatArray]) -> Mapping[str, Measured]:
    """The metrics that are shown, of every way."""
    outcomes = Outcomes(frame.churned, frame.as_of, frame.customers)
    metrics = {name: METRICS[name] for name in SHOWN}
    return measure(outcomes, chances, SEED, metrics=metrics, resamples=RESAMPLES)


def told(figure: Estimate, form: str = ".3f") -> str:
    """A figure with its interval."""
    return f"{figure.value:{form}} ({figure.low:{form}} to {figure.high:{form}})"


def table(title: str, found: Mapping[str, Measured], against: str) -> list[str]:
    """Markdown: a row per way, and its log loss less that of another."""
    lines = [
        f"| {title} | calibration error | log loss | ROC AUC | log loss less that of {against} |",
        f"|{'---|' * 5}",
    ]
    for name, each in found.items():
        means = each.means()
        error, loss, area = (told(means[key]) for key in SHOWN)
        more = "" if name == against else told(each.minus(found[against])["log_loss"], "+.4f")
        lines.append(f"| {name} | {error} | {loss} | {area} | {more} |")
    return lines


def days_table(days: Sequence[Said], found: Mapping[str, Measured]) -> list[str]:
    """Markdown: a row per test day, without and with the season."""
    heading = (
        *("test day", "left", "shift", f"calibration error: {SIGMOID}", SEASON),
        *(f"log loss: {SIGMOID}", SEASON, "ROC AUC of both"),
    )
    lines = [
        f"| {' | '.join(heading)} |",
        f"|{'---|' * len(heading)}",
    ]
    plain, seasonal = found[SIGMOID].by_day(), found[SEASON].by_day()
    for day, before, after in zip(days, plain, seasonal, strict=True):
        error, loss, area = SHOWN
        lines.append(
            f"| {day.test.as_of[0]} | {day.test.churned.mean():.3f} | {day.shift:+.2f} "
            f"| {told(before[error])} | {told(after[error])} "
            f"| {before[loss].value:.4f} | {after[loss].value:.4f} | {after[area].value:.3f} |"
        )
    return lines


def shown(lines: Sequence[str]) -> None:
    """Write lines, and a blank one before them."""
    sys.stdout.write("\n".join(["", *lines, ""]))
    sys.stdout.flush()


def out_of_time(name: str, asked: Asked) -> dict[str, Goal]:
    """Write the tables of a shop; its goals, which are about the test day of the config."""
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        given = materials(name, Path(folder), asked)
    goals: dict[str, Goal] = {}
    for spec in (SPECS[kind] for kind in asked.kinds):
        unsorted = [day for material in given for day in said(spec, material)]
        days = sorted(unsorted, key=lambda day: day.test.as_of[0])
        moved = [day for day in days if day.has_season]
        found = _of_days(days)
        shown(table(f"{name}, {spec.kind}, {len(days)} test days", found, SIGMOID))
        if moved:
            title = f"of them the {len(moved)} with a year before"
            shown(table(title, _of_days(moved), SIGMOID))
            shown(days_table(days, found))
        key, last = f"{name}_{spec.kind}", [found[way].by_day()[-1] for way in (SEASON, SIGMOID)]
        error = last[0]["expected_calibration_error"].value
        goals[f"{key}_calibration_error"] = at_most(error, 0.05)
        areas = [figures["roc_auc"].value for figures in last]
        goals[f"{key}_roc_auc_kept"] = at_least(areas[0] - areas[1], 0.0, digits=6)
    return goals


def _of_days(days: Sequence[Said]) -> Mapping[str, Measured]:
    joined = {way: np.concatenate([day.chances[way] for day in days]) for way in days[0].chances}
    return measured(stacked([day.test for day in days]), joined)


def weighted(spec: ChurnGbm | ChurnLogit, learnt: Customers) -> Fitted:
    """The kind with those who left weighted up until both classes weigh the same."""
    features, churned = learnt.features, learnt.churned
    if isinstance(spec, ChurnLogit):
        ground = shaped(features, churned, spec.quantiles, SEED)
        model = LogisticRegression(
            C=spec.inverse_penalty, solver="newton-cholesky", class_weight="balanced"
        )
        return LogitFitted(ground.columns, ground.pipeline(model.fit(ground.rows, churned)))
    rows = binned(features, churned, SEED)
    settings = {
        "num_leaves": spec.leaves,
        "learning_rate": spec.learning_rate,
        "min_data_in_leaf": spec.rows_per_leaf,
        "feature_fraction": spec.column_share,
        "lambda_l2": spec.l2,
        "scale_pos_weight": float((~churned).sum() / churned.sum()),
    }
    return BoosterFitted(rows.columns, rows.grow(settings, spec.trees))


def by_customer(spec: ChurnGbm | ChurnLogit, people: Customers) -> dict[str, FloatArray]:
    """Chances of every customer by each way, from models that never saw them."""
    names = [*CALIBRATORS, "class weights", "class weights, sigmoid"]
    chances = {name: np.empty(len(people.churned)) for name in names}
    first = CHURN_KINDS[spec.kind].first_params(spec)
    for fold in stratified(people.churned, FOLDS):
        learnt, later = _parts(people, fold.train)
        judged = people.features.iloc[fold.valid]
        plain = CHURN_KINDS[spec.kind].fit(spec, first, learnt.features, learnt.churned, SEED)
        for given, ways in (
            (plain, {name: name for name in CALIBRATORS}),
            (weighted(spec, learnt), {"none": names[-2], "sigmoid": names[-1]}),
        ):
            odds, asked = (log_odds(given.predict(rows)) for rows in (later.features, judged))
            for way, name in ways.items():
                chances[name][fold.valid] = CALIBRATORS[way](later.churned, odds)(asked)
    return chances


def _parts(people: Customers, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[Customers]:
    """Customers to fit and to calibrate on."""
    parts = train_test_split(
        rows, test_size=CALIBRATION_SHARE, stratify=people.churned[rows], random_state=SEED
    )
    return [Customers(people.features.iloc[part], people.churned[part]) for part in parts]


def weights_of_classes(kinds: Sequence[str]) -> None:
    """Write what calibrators and class weights do on telco, by customer."""
    people = telco()
    for spec in (SPECS[kind] for kind in kinds):
        found = _of_customers(people.churned, by_customer(spec, people))
        shown(table(f"telco, {spec.kind}, {len(people.churned):,} customers", found, SIGMOID))


def _of_customers(churned: BoolArray, chances: Mapping[str, FloatArray]) -> Mapping[str, Measured]:
    metrics = {name: METRICS[name] for name in SHOWN}
    return measure(Outcomes(churned), chances, SEED, metrics=metrics, resamples=RESAMPLES)


def main() -> None:
    """Write everything to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("configs", nargs="*", default=[*CONFIGS], metavar="config")
    parser.add_argument("--every", type=int, default=7, help="days between test days")
    parser.add_argument("--kinds", nargs="*", default=[*SPECS], choices=SPECS, metavar="kind")
    parser.add_argument("--set", action="append", default=[], help="churn.horizon_days=42")
    given = parser.parse_args()
    goals: dict[str, Goal] = {}
    for name in given.configs:
        if name == TELCO:
            weights_of_classes(given.kinds)
        else:
            goals |= out_of_time(name, Asked(given.every, given.kinds, given.set))
    sys.stdout.write(line("calibration", goals))


if __name__ == "__main__":
    main()
