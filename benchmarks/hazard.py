"""When customers leave: our curves beside Kaplan and Meier's and Cox's, out of time or of folds.

Run as ``python -m benchmarks.hazard [trial …]``. At a grocer and a wholesaler the models learn what
was known by the test day and are judged by what came after it; of the phone company's single
snapshot, whose tenure and label stand for lifetimes as in textbooks, ten folds of customers are
judged. Figures are those of `models.survival_metrics`, with 95 % intervals by resampling customers;
integrated Brier scores of the peers stand beside the paired difference from ours. The last line is
JSON.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from rich.console import Console

from benchmarks.cox import fit_cox
from benchmarks.goals import Goal, at_least, at_most, line
from features.behaviour import build
from features.labels import build_labels, labelled_days
from features.star import history
from models.hazard import HazardGbm, calibrate, fit
from models.lifetimes import Lifetimes
from models.metrics import Estimate
from models.spec import FloatArray
from models.splits import customer_folds
from models.survival import kaplan_meier
from models.survival_metrics import Judged, every, integrated_brier, less, measured
from pipelines import build as building
from pipelines.check import load_config
from pipelines.frames import IDENTITY
from pipelines.jobs import Home, Job
from pipelines.lifetime_frames import lifetime_parts, lifetime_plan
from pipelines.progress import Steps

SEED, RESAMPLES, FOLDS = 11, 500, 10
OURS, MEIER, COX = "hazard model", "Kaplan-Meier", "Cox"

MONTHS, TENURE, OF_TENURE = 72, "tenure_months", ("total_charges",)
"""Of the phone company: longest tenure, its column, and what is a function of it."""

CALIBRATION_ERROR = 0.05
"""At every horizon, at most: what a review asks by default."""


@dataclass(frozen=True, eq=False)
class Trial:
    """What became of customers, and what each model had said.

    Attributes
    ----------
    title
        What was done, in a line.
    lifetimes
        Of the judged customers.
    curves
        Survival curves by the name of the model.
    horizons
        Weeks (or months) whose calibration is told.
    """

    title: str
    lifetimes: Lifetimes
    curves: dict[str, FloatArray]
    horizons: tuple[int, ...]


def out_of_time(name: str) -> Trial:
    """A shop: learned by the test day, judged after it."""
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        job = _built(name, folder)
        business, asked = job.business, job.business.lifetime
        with job.opened() as con:
            chosen = lifetime_plan(business.churn, asked, history(con, business.sources))
            parts = lifetime_parts(con, business, chosen)
    train, later, test = parts.train, parts.later, parts.test
    learnt = train.watched()
    ours = fit(asked.model, learnt.features, learnt.lifetimes, asked.weeks, asked.seed)
    most = asked.model.rows_most
    ours, _ = calibrate(ours, later.features, later.lifetimes, most, asked.seed)
    known = parts.known()
    persons = pd.factorize(later.customers)[0]
    cox = fit_cox(later.features, known, list(persons), asked.weeks)
    curves = {
        OURS: ours.survival(test.features),
        MEIER: _meier(known, asked.weeks, len(test.customers)),
        COX: cox.survival(test.features),
    }
    title = (
        f"{name}: {len(test.customers):,} customers on {chosen.test}, {asked.weeks} weeks, learnt "
        f"from {len(chosen.as_ofs)} days from {chosen.as_ofs[0]} on"
    )
    return Trial(title, test.lifetimes, curves, asked.horizons_weeks)


def telco(name: str = "telco") -> Trial:
    """A snapshot of contracts: months of tenure until the label, each fold by the nine others."""
    features, lifetimes, customers = _snapshot(name)
    curves = {model: np.empty((len(customers), MONTHS)) for model in (OURS, MEIER, COX)}
    persons = np.arange(len(customers))
    settings = HazardGbm()
    for fold in customer_folds(customers, FOLDS, SEED):
        learn = np.isin(np.arange(len(customers)), fold.train)
        rows, seen = features[learn], lifetimes.where(learn)
        judged = features.iloc[fold.valid]
        ours = fit(settings, rows, seen, MONTHS, SEED)
        curves[OURS][fold.valid] = ours.survival(judged)
        curves[MEIER][fold.valid] = _meier(seen, MONTHS, len(fold.valid))
        curves[COX][fold.valid] = fit_cox(rows, seen, list(persons[learn]), MONTHS).survival(judged)
    title = f"{name}: {len(customers):,} contracts, months of tenure, {FOLDS} folds"
    return Trial(title, lifetimes, curves, (12, 24, 48))


def _snapshot(name: str) -> tuple[pd.DataFrame, Lifetimes, list[str]]:
    """Attributes without tenure, months of tenure until the label, and who."""
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        job = _built(name, folder)
        business = job.business
        with job.opened() as con:
            days = labelled_days(con)
            behaviour = build(con, days, business.sources, business.behaviour).to_pandas()
            labels = build_labels(con, days, business.churn, days[-1]).to_pandas()
    rows = behaviour.merge(labels, on=IDENTITY, validate="one_to_one")
    rows = rows[rows[TENURE] > 0].reset_index(drop=True)
    lifetimes = Lifetimes(
        rows[TENURE].to_numpy(dtype=np.int64), rows["churned"].to_numpy(dtype=bool)
    )
    features = rows.drop(columns=[*IDENTITY, "churned", TENURE, *OF_TENURE])
    return features, lifetimes, list(rows["customer"])


def _built(name: str, folder: str) -> Job:
    config = load_config(None if name == "complete_journey" else name)
    job = Job(config, Home(Path(folder)), datetime.now(UTC), Steps(Console(stderr=True)))
    building.run(job)
    return job


def _meier(lifetimes: Lifetimes, weeks: int, customers: int) -> FloatArray:
    """The one curve of all, for everybody."""
    found = kaplan_meier(lifetimes.weeks, ~lifetimes.ended)
    curve = [found.outlasting(week).value for week in range(1, weeks + 1)]
    return np.tile(np.array(curve), (customers, 1))


def compared(name: str, trial: Trial) -> dict[str, Goal]:
    """Write a table of the models; the trial's goals."""
    judged = {model: Judged(trial.lifetimes, curves) for model, curves in trial.curves.items()}
    customers = len(trial.lifetimes.weeks)
    found: dict[str, dict[str, Estimate]] = {}
    for model, each in judged.items():
        figures = every(each, trial.horizons)
        figures["behind"] = less(integrated_brier(each), integrated_brier(judged[OURS]))
        found[model] = measured(figures, customers, SEED, resamples=RESAMPLES)
    told = [
        *(("C", "concordance"), ("Uno's C", "uno_concordance"), ("timed C", "timed_concordance")),
        *(("integrated Brier", "integrated_brier"), ("behind ours", "behind")),
        *((f"calibration error {each}", f"calibration_error_{each}w") for each in trial.horizons),
        *((f"gone / said {each}", f"gone_ratio_{each}w") for each in trial.horizons),
    ]
    ended = int(np.count_nonzero(trial.lifetimes.ended))
    sys.stdout.write(
        f"\n{trial.title}; {ended:,} left\n"
        f"| | {' | '.join(judged)} |\n|{'---|' * (len(judged) + 1)}\n"
    )
    for title, key in told:
        cells = " | ".join(_told(found[model][key]) for model in judged)
        sys.stdout.write(f"| {title} | {cells} |\n")
    return _goals(name, found, trial.horizons)


def _told(found: Estimate) -> str:
    return f"{found.value:.4f} ({found.low:.4f} to {found.high:.4f})"


def _goals(
    name: str, found: dict[str, dict[str, Estimate]], horizons: Sequence[int]
) -> dict[str, Goal]:
    worst = max(found[OURS][f"calibration_error_{each}w"].value for each in horizons)
    return {
        f"{name}_ahead_of_kaplan_meier_low": at_least(found[MEIER]["behind"].low, 0.0, digits=4),
        f"{name}_ahead_of_cox": at_least(found[COX]["behind"].value, 0.0, digits=4),
        f"{name}_calibration_error": at_most(worst, CALIBRATION_ERROR),
    }


TRIALS: Final[dict[str, Callable[[str], Trial]]] = {
    "complete_journey": out_of_time,
    "online_retail": out_of_time,
    "telco": telco,
}


def main() -> None:
    """Write the comparison to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trials", nargs="*", default=[*TRIALS], metavar="trial")
    goals: dict[str, Goal] = {}
    for name in parser.parse_args().trials:
        goals |= compared(name, TRIALS[name](name))
        sys.stdout.flush()
    sys.stdout.write(line("hazard", goals))


if __name__ == "__main__":
    main()
