"""The search of every candidate of a config, the choice between them, and what is said of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from models.candidates import Choice, Judging, choose
from models.catalogue import ChurnSpec
from models.rolling import Outcomes
from models.search import Found, Task
from models.splits import Fold
from models.stacking import find
from pipelines.frames import Frame
from pipelines.fronting import chosen_front, figures, front_files, front_trials, telling
from pipelines.jobs import Job
from pipelines.journal import opened_journal
from pipelines.progress import fact
from pipelines.versions import Trial


def chosen(job: Job, train: Frame, folds: Sequence[Fold]) -> Choice:
    """The model of the config, or of its candidates the simplest that is as good as the best.

    Raises
    ------
    RegularsError
        When no fold can tell, or a candidate cannot be trained here.
    """
    churn = job.business.churn
    if churn.search.goal == "profit_and_columns":
        return chosen_front(job, train, folds)
    specs = [churn.model, *churn.candidates]
    task = Task(train.heeding(churn.columns).features, train.churned, folds)
    storage = opened_journal(job.home.search(job.business.name))

    def searched(spec: ChurnSpec) -> Found:
        whose = f" of {spec.kind}" if len(specs) > 1 else ""
        step = f"search: {churn.search.trials} trials{whose}"
        with job.steps.step(step, churn.search.trials) as advance:
            found = find(
                *(spec, churn.search, task, storage, job.task),
                on_trial=lambda trial: advance(trial.place + 1),
            )
        fact("searched", kind=spec.kind, **figures(found))
        return found

    outcomes = Outcomes(train.churned, train.as_of, train.customers)
    judging = Judging(outcomes, telling(churn.economics))
    choice = choose(specs, task, judging, searched, churn.search)
    if choice.verdict is not None:
        fact("chosen", kind=choice.spec.kind, because=reason(choice))
    return replace(choice, columns=churn.columns)


def reason(choice: Choice) -> str:
    """Why the winner won, in words; empty where it was the only one."""
    if choice.verdict is None:
        return ""
    as_good, everyone = choice.verdict.as_good, len(choice.found)
    metrics = " and ".join(next(iter(choice.verdict.standings.values())))
    if not as_good:
        return f"none of {everyone} is as good as the best in {metrics}; it is the least behind"
    if as_good == (choice.spec.kind,):
        return f"of {everyone} it alone is within one standard error of the best in {metrics}"
    rest = ", ".join(as_good[1:])
    return f"as good as {rest} within one standard error in {metrics}, and simpler"


def trials_of(choice: Choice) -> Iterator[Trial]:
    """Trials of every search, numbered through."""
    if choice.front is not None:
        yield from front_trials(choice.front, choice.spec.kind)
        return
    every = [(kind, trial) for kind, found in choice.found.items() for trial in found.trials]
    for number, (kind, trial) in enumerate(every):
        yield Trial(number, {"kind": kind, **trial.params}, trial.metrics)


def told_params(choice: Choice) -> dict[str, object]:
    """What is kept with a run of the winner's search, and why it won where it had rivals."""
    told = {f"search.{name}": value for name, value in figures(choice.winner).items()}
    told |= {"columns_heeded": len(choice.columns)} if choice.columns else {}
    return told | ({"candidates.reason": reason(choice)} if choice.verdict else {})


def told_metrics(choice: Choice) -> dict[str, float]:
    """Each candidate's metrics over the folds, and how far behind the best it is."""
    standings = choice.verdict.standings if choice.verdict else {}
    return {
        f"candidate.{kind}.{key}{suffix}": value
        for kind, found in standings.items()
        for key, standing in found.items()
        for suffix, value in (
            ("", standing.value),
            (".behind", standing.behind),
            (".behind_error", standing.error),
        )
    }


def told_files(choice: Choice) -> Mapping[str, str]:
    """The candidates as ``candidates.csv``, simplest first; nothing where there was one only."""
    if choice.front is not None:
        return front_files(choice.front)
    if choice.verdict is None:
        return {}
    rows = [
        {
            "kind": kind,
            "is_trained": kind == choice.spec.kind,
            "is_as_good": kind in choice.verdict.as_good,
            "log_loss": found.value,
            **{
                f"{key}{suffix}": value
                for key, standing in choice.verdict.standings[kind].items()
                for suffix, value in (
                    ("", standing.value),
                    ("_behind", standing.behind),
                    ("_behind_error", standing.error),
                )
            },
            **figures(found),
            "params": json.dumps(dict(found.params)),
        }
        for kind, found in choice.found.items()
    ]
    return {"candidates.csv": pd.DataFrame(rows).to_csv(index=False)}
