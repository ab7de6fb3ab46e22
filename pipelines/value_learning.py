"""Which predictor of value is used: fitted, picked on an earlier day, tested on a later one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from models.metrics import METRICS, Estimate, evaluate
from models.spec import BoolArray, FloatArray
from models.value.baselines import Naive, naive
from models.value.choice import DECIDING, Verdict, verdict
from models.value.forecast import bought_by
from models.value.held_out import HeldOut, held_out
from models.value.snapshots import ValueSnapshot
from models.worth.tiers import tiers_of
from pipelines.config import Business
from pipelines.jobs import Job
from pipelines.value_days import day_of, number_of
from pipelines.value_found import RepeatBuying, ValueFound
from pipelines.value_gathered import (
    Purse,
    ValueMaterial,
    asked_on,
    margin_of,
    quarters_of,
    summary_of,
)
from pipelines.value_models import (
    LEARNER,
    Economy,
    Repeat,
    ValueModels,
    chance_of,
    fitted_on,
    money_of,
    told_by,
    untold_by,
)

OVERALL: Final = "overall_rate"
CALIBRATION: Final = "expected_calibration_error"

_DAYS_OF_A_WEEK: Final = 7


@dataclass(frozen=True, eq=False)
class Trial:
    """Predictors of a day, and what came.

    Attributes
    ----------
    day, at
        The day and its customers.
    summary
        Repeat buying of these before it, by customer.
    said
        Money that each model promised, by name.
    plain
        What the naive predictors said.
    chance, shift
        Chance of each to buy within the horizon, shape (n,), at the rate that the season lets
        expect, and what was added to its log-odds for that; None without the learner.
    came
        Money within the horizon, shape (n,).
    held
        All of them beside it.
    cohorts
        Quarter of the first order of each.
    """

    day: date
    at: ValueSnapshot
    summary: pd.DataFrame
    said: Mapping[str, FloatArray]
    plain: Naive
    chance: FloatArray | None
    shift: float
    came: FloatArray
    held: HeldOut
    cohorts: pd.Series

    @property
    def baselines(self) -> tuple[str, ...]:
        """Names of the naive predictors."""
        return tuple(self.plain.said)


@dataclass(frozen=True, eq=False)
class ValueModel:
    """All that a version knows.

    Attributes
    ----------
    money
        Predictor of the money within the horizon: a model of ``models``, or a naive one.
    models
        What was fitted.
    economy
        Horizons, interest and margin.
    """

    money: str
    models: ValueModels
    economy: Economy


@dataclass(frozen=True, eq=False)
class ValueLearnt:
    """What was found, what is registered, and the trial of the tested day."""

    found: ValueFound
    model: ValueModel
    tested: Trial


def learnt(job: Job, material: ValueMaterial) -> ValueLearnt:
    """Models of both days, the pick of the earlier one, and its test on the later one."""
    business, days, purse = job.business, material.days, material.purse
    asked = business.value
    share, source = margin_of(business, purse.before(days.tested))
    economy = Economy(asked.horizon_days, asked.clv_days, asked.discount_rate, share)
    models, trials = {}, {}
    for day in (days.chosen, days.tested):
        with job.steps.step(f"models of what was known by {day}"):
            models[day] = fitted_on(purse, asked, day, days.learnt(day))
            trials[day] = trial_of(purse, business, day, models[day], economy)
    before, tested = trials[days.chosen], trials[days.tested]
    said, is_before = decided(before, tested)
    money = said.chosen if said else _least(before, tested)
    model = ValueModel(money, models[days.tested], economy)
    with job.steps.step("customers of the test"):
        found = ValueFound(
            business.name,
            business.currency,
            days.tested,
            days.chosen if is_before else None,
            economy.horizon_days,
            economy.clv_days,
            economy.discount_rate,
            share,
            source,
            tested.held,
            before.held if is_before else None,
            said,
            money,
            tested.baselines,
            {**model.models.untold, **tested.plain.untold},
            _customers(business, tested, model),
            tested.cohorts,
            calibration_of(business, tested, before),
            _repeat_buying(purse, days.tested, model),
            model.models.learnt_from,
        )
    return ValueLearnt(found, model, tested)


def trial_of(
    purse: Purse, business: Business, day: date, models: ValueModels, economy: Economy
) -> Trial:
    """Models and naive predictors of a day beside what came.

    Raises
    ------
    SnapshotUnclear
        When its horizon is not over.
    """
    asked = business.value
    at = purse.on(day, economy.horizon_days)
    summary = summary_of(purse.purchases, day).reindex(at.customers)
    plain = naive(at.customers, purse.purchases, asked_on(business, day))
    chance, shift = chance_of(models, at, purse.purchases, asked_on(business, day))
    said = money_of(models, at, summary, economy, plain)
    came, cohorts = at.outcome("a test"), quarters_of(purse.before(day), at.customers)
    held = held_out(
        came,
        {**said, **plain.said},
        cohorts=cohorts.to_numpy(dtype=object),
        seed=asked.seed,
        resamples=asked.resamples,
    )
    return Trial(day, at, summary, said, plain, chance, shift, came, held, cohorts)


def decided(before: Trial, tested: Trial) -> tuple[Verdict | None, bool]:
    """The pick against the naive predictors on the tested day, and whether it was made before.

    Where a model could not be held out on the earlier day, all are picked from on the tested one.
    The naive predictor that stands in is that of the least error on the earlier day, so that the
    test decides between the two alone.
    """
    names = list(tested.said)
    if not names:
        return None, True
    is_before = set(names) <= set(before.said)
    if is_before:
        names = [verdict(before.held, names, list(before.baselines)).model]
    found = verdict(tested.held, names, list(tested.baselines))
    if found.chosen == found.model:
        return found, is_before
    return replace(found, chosen=_least(before, tested)), is_before


def _least(before: Trial, tested: Trial) -> str:
    """The naive predictor of the least error on the earlier day, of those of the tested one."""
    known = [name for name in tested.baselines if name in before.baselines]
    return min(known, key=lambda name: before.held.value(name, DECIDING).value)


def calibration_of(
    business: Business, tested: Trial, before: Trial | None = None
) -> dict[str, Estimate]:
    """Expected calibration error of the chances to buy; of one rate for all, where it is known."""
    if tested.chance is None:
        return {}
    bought = tested.came > 0
    chances = {LEARNER: tested.chance}
    if before is not None:
        chances[OVERALL] = np.full(len(bought), float((before.came > 0).mean()))
    found = {name: chance_calibration(business, each, bought) for name, each in chances.items()}
    return {name: each for name, each in found.items() if each is not None}


def chance_calibration(
    business: Business, chance: FloatArray, bought: BoolArray
) -> Estimate | None:
    """Expected calibration error of chances to buy; None where there are none, or all did alike."""
    if np.isnan(chance).any() or bought.all() or not bought.any():
        return None
    asked, metrics = business.value, {CALIBRATION: METRICS[CALIBRATION]}
    found = evaluate(bought, chance, asked.seed, metrics=metrics, resamples=asked.resamples)
    return found[CALIBRATION]


def _customers(business: Business, tested: Trial, model: ValueModel) -> pd.DataFrame:
    """What is told of each customer of the tested day, and what came."""
    told = repeat_of(model, tested.summary)
    chance = np.nan if tested.chance is None else tested.chance
    found = pd.DataFrame({"came": tested.came, **tested.said, **tested.plain.said})
    found.index = tested.at.customers
    more = told[["purchases", "alive", "alive_reason", "value"]]
    return found.assign(probability=chance, **more, tier=tiered(business, told["value"]))


def repeat_of(model: ValueModel, summary: pd.DataFrame) -> pd.DataFrame:
    """What the best model of repeat buying tells of customers; nulls where there is none."""
    best = model.models.beyond
    if best is None:
        return untold_by(summary.index)
    return told_by(model.models.repeats[best], summary, model.economy)


def tiered(business: Business, value: pd.Series) -> pd.Series:
    """Tier of each customer by value (minor units), null where that is."""
    table = business.value.worth.in_minor_units(business.currency.digits).tier_rows
    return tiers_of(value, table).astype(object)


def _repeat_buying(purse: Purse, tested: date, model: ValueModel) -> RepeatBuying | None:
    best = model.models.beyond
    if best is None or model.models.correlation is None:
        return None
    repeat = model.models.repeats[best]
    return RepeatBuying(
        best,
        repeat.process.title,
        repeat.fitted.table(),
        repeat.spending.table(),
        repeat.fitted.customers,
        model.models.correlation,
        _over_time(purse, tested, repeat, model.economy.horizon_days),
    )


def _over_time(purse: Purse, tested: date, repeat: Repeat, horizon: int) -> pd.DataFrame:
    """Repeat purchases that came, week by week, beside those that were to be expected."""
    bought = purse.purchases[purse.purchases["orders"] > 0]
    until = number_of(tested)
    first = bought.groupby("customer")["day"].min()
    first = first[first < until]
    again = bought.merge(first.rename("first"), on="customer")
    later = np.sort(again.loc[again["day"] > again["first"], "day"].to_numpy())
    start = int(first.min())
    weeks = np.arange(1, (until + horizon - start) // _DAYS_OF_A_WEEK + 1, dtype=np.float64)
    ends = start + (_DAYS_OF_A_WEEK * weeks).astype(np.int64)
    begun = (first.to_numpy() + 1 - start) / _DAYS_OF_A_WEEK  # age runs to the last day seen
    return pd.DataFrame(
        {
            "ends_on": [day_of(int(each)) for each in ends],
            "came": np.searchsorted(later, ends).astype(np.float64),
            "expected": bought_by(repeat.process, repeat.fitted, begun, weeks),
            "is_known": ends <= until,
        }
    )
