"""Every kind of churn model and every baseline on every test day that the data can speak of.

Run as ``python -m benchmarks.rolling [--trials N] [config …]``. The newest test day is the last one
whose outcome is known, the others lie ``churn.step_days`` before each other, as far back as half of
the training days are left. On each day every kind is fitted and calibrated anew on what was known
by then, as a training does it; hyperparameters are searched once, on the earliest day's training
rows. Written are means over the days with 95 % intervals over customers, how far the days lie
apart, and the lead over boosted trees on windowed recency, frequency and spend (``windowed_rfm``).
The last line is JSON.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from optuna.storages import InMemoryStorage
from pydantic import TypeAdapter
from rich.console import Console

from benchmarks.goals import Goal, at_least, line
from features.clock import newest_observable
from features.star import history
from models.baselines import WINDOWED_RFM
from models.catalogue import CHURN_KINDS, ChurnSpec
from models.metrics import Estimate
from models.search import Task
from models.spec import Params
from models.splits import folds_of
from models.stacking import find
from pipelines import build as building
from pipelines.check import load_config
from pipelines.config import Business
from pipelines.contest import Contest
from pipelines.jobs import Home, Job
from pipelines.plan import Plan
from pipelines.progress import Steps
from pipelines.rolling import Rolled, at_origins
from pipelines.train import Material, gather

CONFIGS = ("complete_journey", "online_retail")
MOST_DAYS = 60
SHOWN = ("roc_auc", "average_precision", "expected_calibration_error")
BEST = "churn_gbm"
"""The kind that the goals are about: the default."""


def material_of(name: str, folder: Path) -> tuple[Job, Material]:
    """Behaviour and labels of every observable test day and its training days."""
    job = _job(name, folder, ())
    building.run(job)
    with job.opened() as con:
        last_on = history(con, job.business.sources).last_on or date.min
    newest = newest_observable(last_on, job.business.churn.label_days)
    settings = (f"churn.test_as_of={newest}", f"churn.test_cutoffs={MOST_DAYS}")
    asked = _job(name, folder, settings)
    return asked, gather(asked)


def _job(name: str, folder: Path, assignments: Sequence[str]) -> Job:
    path = None if name == "complete_journey" else name
    config = load_config(path, tuple(assignments))
    return Job(config, Home(folder), datetime.now(UTC), Steps(Console(stderr=True)))


def with_kind(business: Business, kind: str) -> Business:
    """The business with another kind of model, its settings as they come."""
    spec: ChurnSpec = TypeAdapter(ChurnSpec).validate_python({"kind": kind})
    return business.model_copy(update={"churn": business.churn.model_copy(update={"model": spec})})


def searched(business: Business, material: Material, trials: int) -> Params:
    """Hyperparameters by the earliest day's training rows."""
    churn = business.churn
    train = material.parts(material.plan.earliest)["train"]
    asked = churn.search.model_copy(update={"trials": trials})
    folds = folds_of(list(train.customers), train.as_of, churn.label_days, asked.folds, asked.seed)
    task = Task(train.features, train.churned, folds)
    return find(churn.model, asked, task, InMemoryStorage(), "rolling").params


def rolled(business: Business, material: Material, trials: int) -> Rolled:
    """The kind of the business, its rivals and the baselines on every test day."""
    params = searched(business, material, trials)
    stages = at_origins(
        business,
        params,
        material.plan,
        material.parts,
        seasons=material.seasons,
        on_day=lambda _: None,
    )
    return Rolled(business, stages)


def joined(business: Business, found: dict[str, Rolled]) -> Contest:
    """One contest of every kind, by its name, and of the baselines."""
    (first, *_) = found.values()
    names = [baseline.name for baseline in first.newest.baselines]
    stages = [
        replace(
            stage,
            probabilities={
                **{kind: each.stages[at].probabilities["model"] for kind, each in found.items()},
                **{name: stage.probabilities[name] for name in names},
            },
        )
        for at, stage in enumerate(first.stages)
    ]
    return Rolled(business, tuple(stages)).contest


def table(name: str, contest: Contest, chosen: Plan) -> list[str]:
    """Markdown: a row per contestant, best ROC AUC first."""
    heading = (
        f"{name}: {len(chosen.test)} test days, {chosen.test[0]} to {chosen.test[-1]}",
        *("ROC AUC", "least to greatest day", "average precision", "calibration error"),
        f"ROC AUC above {WINDOWED_RFM}",
    )
    rows = [(each, contest.measured[each].means()) for each in contest.probabilities]
    lines = [f"| {' | '.join(heading)} |", f"|{'---|' * len(heading)}"]
    for each, means in sorted(rows, key=lambda pair: -pair[1]["roc_auc"].value):
        by_day = contest.measured[each].exact["roc_auc"]
        gain = contest.differences(each, WINDOWED_RFM)["roc_auc"]
        area, precision, error = (_told(means[key]) for key in SHOWN)
        apart = f"{np.nanmin(by_day):.3f} to {np.nanmax(by_day):.3f}"
        lead = "" if each == WINDOWED_RFM else _told(gain, "+.4f")
        lines.append(f"| {each} | {area} | {apart} | {precision} | {error} | {lead} |")
    return lines


def days_table(contest: Contest, chosen: Plan) -> list[str]:
    """Markdown: ROC AUC of every contestant on every test day."""
    names = list(contest.probabilities)
    lines = [f"| test day | left | {' | '.join(names)} |", f"|{'---|' * (len(names) + 2)}"]
    for number, rows in enumerate(contest.outcomes.rows_by_day):
        areas = (contest.measured[name].exact["roc_auc"][number] for name in names)
        rate = contest.churned[rows].mean()
        cells = " | ".join(f"{area:.3f}" for area in areas)
        lines.append(f"| {chosen.test[number]} | {rate:.3f} | {cells} |")
    return lines


def _told(figure: Estimate, form: str = ".4f") -> str:
    return f"{figure.value:{form}} ({figure.low:{form}} to {figure.high:{form}})"


def compared(name: str, kinds: Sequence[str], trials: int) -> dict[str, Goal]:
    """Write the tables of one business; its goals."""
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        job, material = material_of(name, Path(folder))
    found: dict[str, Rolled] = {}
    for kind in kinds:
        started = time.perf_counter()
        found[kind] = rolled(with_kind(job.business, kind), material, trials)
        sys.stderr.write(f"{name} {kind} {time.perf_counter() - started:.0f} s\n")
    contest = joined(job.business, found)
    lines = [*table(name, contest, material.plan), "", *days_table(contest, material.plan)]
    sys.stdout.write("\n".join(["", *lines, ""]))
    sys.stdout.flush()
    gain = contest.differences(BEST, WINDOWED_RFM)["roc_auc"]
    return {f"{name}_roc_auc_gain_low": at_least(gain.low, 0.0, digits=4)}


def main() -> None:
    """Write the comparison to standard output, the last line as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("configs", nargs="*", default=[*CONFIGS], metavar="config")
    parser.add_argument("--trials", type=int, default=8, help="of each kind's search")
    parser.add_argument("--kinds", nargs="*", default=[*CHURN_KINDS], metavar="kind")
    asked = parser.parse_args()
    kinds = sorted({*asked.kinds, BEST}, key=[*CHURN_KINDS].index)
    goals: dict[str, Goal] = {}
    for name in asked.configs:
        goals |= compared(name, kinds, asked.trials)
    sys.stdout.write(line("rolling", goals))


if __name__ == "__main__":
    main()
