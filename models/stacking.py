"""The search of any kind of model; that of a blend searches its members and weighs them."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from optuna.storages import BaseStorage

from models.calibration import log_odds
from models.catalogue import ChurnSpec
from models.churn.blend import stacked, with_weights
from models.metrics import log_loss
from models.out_of_fold import out_of_fold
from models.search import Found, Task, Trial, search, usable_folds
from models.spec import Search
from models.spec_blend import ChurnBlend


def find(
    spec: ChurnSpec,
    plan: Search,
    task: Task,
    storage: BaseStorage,
    study_name: str,
    *,
    on_trial: Callable[[Trial], None] | None = None,
) -> Found:
    """Hyperparameters of a model of any kind, those of a blend by way of its members.

    Each member of a blend is searched by itself, in a study that it shares with a search of that
    member alone; its best hyperparameters say what it expects of each fold's validation rows, and
    the weights are those with which the members together expect best (`models.churn.blend`).

    Parameters
    ----------
    spec, plan, task, storage, study_name
        As in `models.search.search`; the plan's trials and seconds are those of each member.
    on_trial
        Called after each trial that newly ended, of whichever member.

    Returns
    -------
    Found
        Of a blend the trials are those of all members, and ``value`` is the blend's mean log loss
        over the folds, its members fitted to their training rows. The weights have seen all folds:
        two or three numbers, which some thousand rows hardly flatter.

    Raises
    ------
    OneClassOnly
        When no fold has both outcomes in its training rows.
    """

    def searched(each: ChurnSpec) -> Found:
        return search(each, plan, task, storage, study_name, on_trial=on_trial)

    if not isinstance(spec, ChurnBlend):
        return searched(spec)
    found: dict[str, Found] = {member.kind: searched(member) for member in spec.members}
    said = [out_of_fold(member, found[member.kind].params, task, plan) for member in spec.members]
    odds = [np.column_stack([log_odds(each) for each in fold]) for fold in zip(*said, strict=True)]
    left = [task.churned[fold.valid] for fold in usable_folds(task)]
    weights = dict(zip(found, map(float, stacked(odds, left)), strict=True))
    params = with_weights({kind: each.params for kind, each in found.items()}, weights)
    losses = map(log_loss, left, out_of_fold(spec, params, task, plan))
    return Found(
        params,
        float(np.mean(list(losses))),
        _numbered_through(found),
        " and ".join(each.study_name for each in found.values()),
        is_cut=any(each.is_cut for each in found.values()),
    )


def _numbered_through(found: Mapping[str, Found]) -> tuple[Trial, ...]:
    """Trials of all members, their hyperparameters under names that say whose they are."""
    every = [(kind, trial) for kind, each in found.items() for trial in each.trials]
    return tuple(
        replace(
            trial,
            place=place,
            params={f"{kind}.{name}": value for name, value in trial.params.items()},
        )
        for place, (kind, trial) in enumerate(every)
    )
