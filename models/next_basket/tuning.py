"""A learner trained and tuned on earlier targets only, and whether it may be used at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import optuna

from models.metrics import Estimate
from models.next_basket.facts import Facts
from models.next_basket.histories import Doubles
from models.next_basket.learner import (
    Examples,
    NothingToLearn,
    Ranker,
    best_recall,
    examples,
    fit,
    together,
)
from models.next_basket.measures import gain
from models.next_basket.pairs import Groups
from models.next_basket.settings import NextBasketSpec
from models.next_basket.targets import Targets

DEPTH: Final = 10
"""Offers whose recall is tuned for."""

_SEARCHED: Final = {
    "leaves": True,
    "learning_rate": True,
    "rows_per_leaf": True,
    "column_share": False,
    "size_power": False,
    "ranking_share": False,
}
"""Settings that are searched, and whether by their logarithm."""


@dataclass(frozen=True, eq=False)
class Tuned:
    """What a search found.

    Attributes
    ----------
    spec
        The best settings.
    recalls
        Mean recall@10 on the newest of the earlier targets, of each trial in their order.
    """

    spec: NextBasketSpec
    recalls: tuple[float, ...]


def tuned(
    earlier: Sequence[Examples], newest: Examples, trials: int, spec: NextBasketSpec
) -> Tuned:
    """The settings with the highest recall@10 on the newest of the earlier targets.

    Each trial is of one ranker. The settings given are the first one; further ones are drawn by the
    tree-structured Parzen estimator (Bergstra et al. 2011, "Algorithms for hyper-parameter
    optimization").

    Parameters
    ----------
    earlier
        Examples to learn from; of each set of targets.
    newest
        All candidates of targets that came after those.
    trials
        How many settings are tried.
    spec
        Where to start; what is not searched stays.
    """
    learnt_from = together(earlier)

    def recall(trial: optuna.Trial) -> float:
        ranker = fit(learnt_from, _drawn(trial, spec).model_copy(update={"rankers": 1}))
        scores = ranker.scores(newest.figures, spec.threads)
        return float(best_recall(scores, newest, DEPTH).mean())

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        study = optuna.create_study(
            direction="maximize", sampler=optuna.samplers.TPESampler(seed=spec.seed)
        )
        study.enqueue_trial({name: getattr(spec, name) for name in _SEARCHED})
        study.optimize(recall, n_trials=trials)
    finally:
        optuna.logging.set_verbosity(before)
    recalls = tuple(float(each.value or 0.0) for each in study.trials)
    return Tuned(spec.model_copy(update=study.best_params), recalls)


def _drawn(trial: optuna.Trial, spec: NextBasketSpec) -> NextBasketSpec:
    """Settings within their own bounds."""
    bounds = NextBasketSpec.model_json_schema()["properties"]
    drawn: dict[str, float] = {}
    for name, is_log in _SEARCHED.items():
        low, high = bounds[name]["minimum"], bounds[name]["maximum"]
        if bounds[name]["type"] == "integer":
            drawn[name] = trial.suggest_int(name, low, high, log=is_log)
        else:
            drawn[name] = trial.suggest_float(name, low, high, log=is_log)
    return spec.model_copy(update=drawn)


def trained(
    sets: Sequence[Targets],
    spec: NextBasketSpec,
    trials: int,
    groups: Groups | None = None,
    facts: Facts | None = None,
) -> tuple[Ranker, Tuned]:
    """A ranker of all sets of targets, with settings tuned on the newest of them.

    Who buys nothing for a while has the same target in several sets. Settings are tried on none
    that they were learnt from: a search learns from targets that came before the newest ones'
    ``as_of``. The ranker learns from all.

    Parameters
    ----------
    sets
        Of earlier targets, the newest first; two or more where there are trials.
    spec
        Where the search starts; the settings, where there are no trials.
    trials
        How many settings are tried.
    groups
        What items belong to.
    facts
        What is known beside the baskets.

    Raises
    ------
    GroupsUnclear, NothingToLearn
        See `examples` and `fit`; also when there are too few sets.
    """
    least = 2 if trials else 1
    if len(sets) < least:
        message = (
            f"a ranker needs {least} or more sets of earlier targets for {trials} trials, but was "
            f"given {len(sets)}; give it more, or ask for 0 trials with one set"
        )
        raise NothingToLearn(message)
    newest = sets[0]
    sets = [
        sampled(each, spec.customers_most, spec.seed + place) for place, each in enumerate(sets)
    ]
    parts = [
        examples(each, groups, spec.kept_share, spec.seed + place, facts)
        for place, each in enumerate(sets)
    ]
    found = Tuned(spec, ())
    if trials:
        before = [
            part.taken(came_before(each, newest))
            for each, part in zip(sets[1:], parts[1:], strict=True)
        ]
        found = tuned(before, examples(sets[0], groups, facts=facts), trials, spec)
    return fit(together(parts), found.spec), found


def sampled(targets: Targets, most: int, seed: int) -> Targets:
    """At most so many of the targets, drawn by seed and in their order."""
    count = len(targets.sizes)
    if count <= most:
        return targets
    return targets.taken(np.sort(np.random.default_rng(seed).choice(count, most, replace=False)))


def came_before(earlier: Targets, newest: Targets) -> npt.NDArray[np.bool_]:
    """Which targets came before their customer's newest one is predicted, shape (targets,)."""
    place = newest.known.customers.get_indexer(earlier.known.customers)
    found: npt.NDArray[np.bool_] = (place < 0) | (earlier.days < newest.as_of[place])
    return found


@dataclass(frozen=True)
class Verdict:
    """Which recommender is used, and what that rests on.

    Attributes
    ----------
    chosen
        Its name: ``learner``, or the better of the baselines.
    gains
        Recall@10 of the learner over each baseline by name, paired, with 95 % interval.
    """

    chosen: str
    gains: dict[str, Estimate]

    @property
    def reason(self) -> str:
        """In words."""
        told = ", ".join(
            f"{each.value:+.4f} ({each.low:+.4f} to {each.high:+.4f}) over {name}"
            for name, each in self.gains.items()
        )
        if self.chosen == "learner":
            return f"the learner beats every baseline in recall@{DEPTH}: {told}"
        return (
            f"the learner does not beat every baseline in recall@{DEPTH} by its interval: {told}; "
            f"{self.chosen} is used instead"
        )


def verdict(learner: Doubles, baselines: dict[str, Doubles], seed: int = 0) -> Verdict:
    """The learner if its paired interval over each baseline lies above 0, else the better baseline.

    Parameters
    ----------
    learner
        Recall of each customer, shape (customers,).
    baselines
        The same of each baseline, by name.
    seed
        Of the bootstrap.
    """
    gains = {name: gain(learner, each, seed) for name, each in baselines.items()}
    if all(each.low > 0 for each in gains.values()):
        return Verdict("learner", gains)
    return Verdict(max(baselines, key=lambda name: baselines[name].mean()), gains)
