"""A search for two goals: the model with few columns that is chosen, and what is said of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

import pandas as pd

from models.candidates import Choice
from models.columns import ranked
from models.economics import Economics
from models.front import Front, Goal, columns_of, params_of, search_front
from models.metrics import Z_95, Estimate, Metric
from models.rolling import Outcomes
from models.search import Found, Task
from models.splits import Fold
from pipelines.bars import Whisker, whisker_chart
from pipelines.charts import as_file
from pipelines.contest import metrics_with
from pipelines.frames import Frame
from pipelines.jobs import Job
from pipelines.journal import opened_journal
from pipelines.progress import fact
from pipelines.versions import Trial

TELLING = ("expected_maximum_profit", "average_precision")
"""What a model must be as good in as the best; profit only where there are economics."""


def telling(economics: Economics | None) -> dict[str, Metric]:
    """Metrics that decide between models, money first."""
    metrics = metrics_with(economics)
    return {key: metrics[key] for key in TELLING if key in metrics}


def chosen_front(job: Job, train: Frame, folds: Sequence[Fold]) -> Choice:
    """The config's model with the fewest columns within one standard error of the best.

    Raises
    ------
    RegularsError
        When no fold can tell, or the model cannot be trained here.
    """
    churn = job.business.churn
    spec, plan = churn.model, churn.search
    rows = train.heeding(churn.columns)
    name, metric = next(iter(telling(churn.economics).items()))
    money = sha256((churn.economics.model_dump_json() if churn.economics else "").encode())
    with job.steps.step(f"search: {plan.trials} trials for two goals", plan.trials) as advance:
        front = search_front(
            *(spec, plan, Task(rows.features, rows.churned, folds)),
            opened_journal(job.home.search(job.business.name)),
            f"{job.task}-{money.hexdigest()[:8]}",
            goal=Goal(name, metric, Outcomes(train.churned, train.as_of, train.customers)),
            on_trial=lambda trial: advance(trial.place + 1),
        )
        order = ranked(spec, rows.features, rows.churned, plan.seed)
    best = front.chosen
    found = Found(params_of(best), best.value, front.trials, front.study_name, front.is_cut)
    fact("searched", kind=spec.kind, columns=columns_of(best), **figures(found))
    return Choice(spec, {spec.kind: found}, front=front, columns=order[: columns_of(best)])


def figures(found: Found) -> dict[str, object]:
    """How a search ended, by names that a log line and a run share."""
    return {
        "trials": len(found.trials),
        "pruned": sum(trial.is_pruned for trial in found.trials),
        "ended_by": "churn.search.seconds" if found.is_cut else "churn.search.trials",
    }


def front_trials(front: Front, kind: str) -> Iterator[Trial]:
    """Every trial with the metric that it reached."""
    for trial in front.trials:
        yield Trial(trial.place, {"kind": kind, **trial.params}, {metric_of(front): trial.value})


def metric_of(front: Front) -> str:
    """Name of the metric that was to be much."""
    return next(iter(front.verdict.standings[front.verdict.winner]))


def front_files(front: Front) -> Mapping[str, str]:
    """The front as ``front.csv``, fewest columns first, and as ``plots/front.svg``.

    The chart begins with the model that is trained.
    """
    key = metric_of(front)
    standings = [front.verdict.standings[str(point.place)][key] for point in front.points]
    table = pd.DataFrame(
        [
            {
                "columns": columns_of(point),
                key: standing.value,
                f"{key}_behind": standing.behind,
                f"{key}_behind_error": standing.error,
                "is_as_good": standing.is_as_good,
                "is_trained": point == front.chosen,
                "trial": point.place,
                "params": json.dumps(dict(params_of(point))),
            }
            for point, standing in zip(front.points, standings, strict=True)
        ]
    )
    whiskers = [
        Whisker(
            f"{columns_of(point)} columns{' (trained)' if point == front.chosen else ''}",
            1 if point == front.chosen else 2,
            Estimate(
                -standing.behind,
                -standing.behind - Z_95 * standing.error,
                -standing.behind + Z_95 * standing.error,
            ),
        )
        for point, standing in sorted(
            zip(front.points, standings, strict=True), key=lambda pair: pair[0] != front.chosen
        )
    ]
    title = f"Behind the best in {key.replace('_', ' ')}, by number of columns"
    return {
        "front.csv": table.to_csv(index=False),
        "plots/front.svg": as_file(whisker_chart(title, whiskers)),
    }
