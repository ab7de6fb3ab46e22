"""A model fitted anew for every test day, on what was known by then, beside its rivals."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from models.baselines import Baseline, WindowedRfm, fit_baselines, fit_windowed_rfm
from models.calibration import Platt, calibrate
from models.catalogue import CHURN_KINDS, ChurnSpec
from models.metrics import Estimate
from models.rolling import Outcomes, measure
from models.spec import ChurnGbm, ChurnLogit, Fitted, FloatArray, Params
from pipelines.config import Business, Churn
from pipelines.contest import MODEL, SEED, Contest, contest_of, said_by
from pipelines.frames import Frame, stacked
from pipelines.plan import PARTS, SPLIT_SEED, Origin, Part, Plan, parts_of
from pipelines.season import Season

RIVALS: Final[tuple[ChurnSpec, ...]] = (ChurnLogit(), ChurnGbm())
"""Judged beside the model of the config, hand-set: one that is smooth, and one that is not."""

HELD_OUT: Final = 0.2
"""Share of the rows that the random split keeps for its test."""


@dataclass(frozen=True)
class Stage:
    """What one origin gave.

    Attributes
    ----------
    origin
        Its days.
    fitted, line
        The model, calibrated, and how.
    baselines
        Simple rules and the windowed-RFM model, of the same days.
    test
        Rows of the test day.
    probabilities
        Contestant to its chances for these rows; ``model`` is the config's.
    season
        How the model's chances were shifted, as those of its rivals and of the windowed-RFM
        model were by themselves, in a sentence.
    """

    origin: Origin
    fitted: Fitted
    line: Platt
    baselines: tuple[Baseline | WindowedRfm, ...]
    test: Frame
    probabilities: Mapping[str, FloatArray]
    season: str


@dataclass(frozen=True)
class Rolled:
    """Every origin's test rows and what every contestant said of them.

    Attributes
    ----------
    business
        The config.
    stages
        The earliest test day first.
    """

    business: Business
    stages: tuple[Stage, ...]

    @property
    def newest(self) -> Stage:
        """That of the registered model."""
        return self.stages[-1]

    @cached_property
    def frame(self) -> Frame:
        """Test rows of all days, in the order of the contest's."""
        return stacked([stage.test for stage in self.stages])

    @cached_property
    def contest(self) -> Contest:
        """Of all test days."""
        names = self.newest.probabilities
        joined = {
            name: np.concatenate([stage.probabilities[name] for stage in self.stages])
            for name in names
        }
        return contest_of(self.business, self.frame, joined)

    @cached_property
    def last_day(self) -> Contest:
        """Of the newest test day alone."""
        return contest_of(self.business, self.newest.test, self.newest.probabilities)

    @property
    def days(self) -> tuple[date, ...]:
        """Test days, ascending."""
        return tuple(day for stage in self.stages for day in stage.origin.test)

    def by_day(self) -> pd.DataFrame:
        """A row per contestant, test day and metric, with the 95 % interval over customers."""
        return pd.DataFrame(
            [
                {"contestant": name, "as_of": str(day), "metric": key, **vars(figure)}
                for name, measured in self.contest.measured.items()
                for day, figures in zip(self.days, measured.by_day(), strict=True)
                for key, figure in figures.items()
            ]
        )


def split(frame: Frame, origin: Origin, *, by_customer: bool) -> dict[Part, Frame]:
    """Rows of each part, by their day, or by their customer where the plan says so."""
    if not by_customer:
        days = {"train": origin.train, "calibration": origin.calibration, "test": origin.test}
        return {part: frame.on(days[part]) for part in PARTS}
    drawn = parts_of(frame.customers)
    return {part: frame.where(drawn == number) for number, part in enumerate(PARTS)}


def at_origins(
    business: Business,
    params: Params,
    chosen: Plan,
    parts: Callable[[Origin], Mapping[Part, Frame]],
    *,
    seasons: Mapping[date, Season],
    on_day: Callable[[int], None],
) -> tuple[Stage, ...]:
    """`at_origin` for every origin of a plan, some side by side, as many as a search's folds.

    One after the other where a fit has threads of its own: LightGBM has one number of them for the
    whole process, and rivals have another.

    Parameters
    ----------
    business, params
        The config and the hyperparameters of its model.
    chosen
        The plan.
    parts
        Rows of an origin.
    seasons
        What is known beforehand of each test day's base rate.
    on_day
        Called with the number of test days that are done, to show progress.
    """

    def stage(origin: Origin) -> Stage:
        return at_origin(business, params, origin, parts(origin), seasons[origin.test[0]])

    stages: list[Stage] = []
    one_each = threadpool_limits(limits=1, user_api="blas")  # origins take the cores
    has_own = getattr(business.churn.model, "threads", 1) > 1
    with one_each, ThreadPoolExecutor(1 if has_own else business.churn.search.threads) as pool:
        for made in pool.map(stage, chosen.origins):
            stages.append(made)
            on_day(len(stages))
    return tuple(stages)


def at_origin(
    business: Business,
    params: Params,
    origin: Origin,
    parts: Mapping[Part, Frame],
    season: Season,
) -> Stage:
    """Model, rivals and baselines fitted to one origin's rows, and their chances on its test day.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed among the training rows.
    """
    churn, test = business.churn, parts["test"]
    heeded = {**parts, "train": parts["train"].heeding(churn.columns)}
    fitted, line = _calibrated(churn.model, params, churn.search.seed, heeded)
    baselines = _baselines(parts, churn.search.seed)
    seasonal = season.applied(fitted.predict(test.features))
    chances = {MODEL: seasonal.probability}
    for rival in RIVALS:
        if rival.kind != churn.model.kind:
            first = CHURN_KINDS[rival.kind].first_params(rival)
            model = _calibrated(rival, first, SPLIT_SEED, parts)[0]
            chances[rival.kind] = season.applied(model.predict(test.features)).probability
    moved = said_by(baselines, test.features, lambda given: season.applied(given).probability)
    chances.update(moved)
    return Stage(origin, fitted, line, baselines, test, chances, seasonal.told)


def random_split(
    churn: Churn, params: Params, frame: Frame, chosen: Plan
) -> dict[str, Estimate] | None:
    """What the model seems to reach when rows, not days, are split: a figure that flatters.

    The same customers and the same days are on both sides then, which no tomorrow is. None where
    customers are split in any case, or where one side holds one outcome only.
    """
    held_out = np.random.default_rng(SPLIT_SEED).random(len(frame.churned)) < HELD_OUT
    rest, judged = frame.where(~held_out), frame.where(held_out)
    has_both = all(0 < side.churned.mean() < 1 for side in (rest, judged))
    if chosen.by_customer or not has_both:
        return None
    fitted = fit(churn.model, params, rest.heeding(churn.columns), churn.search.seed)
    chances = {MODEL: fitted.predict(judged.features)}
    return measure(Outcomes(judged.churned), chances, SEED)[MODEL].means()


def fit(spec: ChurnSpec, params: Params, frame: Frame, seed: int) -> Fitted:
    """A model of the kind fitted to the rows, not calibrated yet."""
    return CHURN_KINDS[spec.kind].fit(spec, params, frame.features, frame.churned, seed)


def _calibrated(
    spec: ChurnSpec, params: Params, seed: int, parts: Mapping[Part, Frame]
) -> tuple[Fitted, Platt]:
    later = parts["calibration"]
    return calibrate(fit(spec, params, parts["train"], seed), later.features, later.churned)


def _baselines(parts: Mapping[Part, Frame], seed: int) -> tuple[Baseline | WindowedRfm, ...]:
    train, later = parts["train"], parts["calibration"]
    rules: Sequence[Baseline] = fit_baselines(train.features, train.churned)
    trees = fit_windowed_rfm((train.features, train.churned), (later.features, later.churned), seed)
    return (*rules, trees) if trees else tuple(rules)
