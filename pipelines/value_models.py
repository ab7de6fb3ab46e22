"""Every predictor of value, fitted on what was known by a day, and what it says of customers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.calibration import log_odds, sigmoid
from models.metrics import Estimate
from models.season import Rate, shift_to
from models.spec import FloatArray
from models.spending import seen, spend_of
from models.value import gamma_gamma, two_part
from models.value.baselines import (
    BASELINES,
    YEAR,
    Asked,
    Naive,
    SeasonNotObserved,
    at_total,
    customers_of,
    seasonal_total,
)
from models.value.catalogue import process_of
from models.value.cells import counted
from models.value.fitted import Fitted
from models.value.fitting import NotConverged
from models.value.forecast import Ahead, force_of_interest, purchases, still_there, valued
from models.value.process import NobodyBoughtAgain, Process
from models.value.process import fit as fit_process
from models.value.snapshots import ValueSnapshot
from pipelines.value_gathered import Purse, summary_of
from pipelines.value_settings import ValueSettings

LEARNER: Final = "learner"
ANCHORED: Final = "learner_at_seasonal_total"
SEASONAL: Final = "seasonal_total"
LATEST: Final = "latest_total"

NAIVE: Final = frozenset({*BASELINES, LATEST})
"""Naive predictors of money, whether or not a day allows them."""

NEVER_BOUGHT: Final = "never_bought"
"""Why nothing is told of a customer whom no order is known of."""
NO_MODEL: Final = "no_model"
"""Why nothing is told of anybody: no model of repeat buying could be fitted."""

TOLD: Final = ("purchases", "spend_by_purchases", "value", "alive")
"""Numbers that a model of repeat buying tells of a customer."""

_DAYS_OF_A_WEEK: Final = 7


@dataclass(frozen=True, eq=False)
class Repeat:
    """A model of repeat buying with the money of a purchase; times in weeks, money minor.

    Attributes
    ----------
    process, fitted
        Purchases.
    spending
        The Gamma-Gamma model.
    """

    process: Process
    fitted: Fitted
    spending: Fitted


@dataclass(frozen=True)
class Economy:
    """What turns purchases into value.

    Attributes
    ----------
    horizon_days, clv_days
        Days that are told, and days that count in the value.
    discount_rate
        Of a year.
    margin_share
        What is left of the spend, 0..1.
    """

    horizon_days: int
    clv_days: int
    discount_rate: float
    margin_share: float


@dataclass(frozen=True, eq=False)
class ValueModels:
    """What was fitted on what was known by a day.

    Attributes
    ----------
    learner
        None: it was not asked for, or could not be learnt.
    repeats
        Models of repeat buying by name.
    untold
        By name: why a model is not there.
    correlation
        Of the purchases of customers and their mean amounts; None: no repeat purchases.
    learnt_from
        Days that the learner learnt from; none without it.
    """

    learner: two_part.TwoPart | None
    repeats: Mapping[str, Repeat]
    untold: Mapping[str, str]
    correlation: Estimate | None
    learnt_from: tuple[date, ...]

    @property
    def beyond(self) -> str | None:
        """The model of repeat buying that the purchases fit best: the least Schwarz criterion."""
        found = self.repeats
        return min(found, key=lambda name: found[name].fitted.bayesian_information, default=None)


def fitted_on(purse: Purse, asked: ValueSettings, day: date, learnt: Sequence[date]) -> ValueModels:
    """All models that are asked for, of what was known by a day.

    Parameters
    ----------
    purse
        Purchases and behaviour.
    asked
        Of the config.
    day
        Nothing from it on is seen.
    learnt
        Days whose outcome was known by then, the oldest first.
    """
    untold: dict[str, str] = {}
    repeats: dict[str, Repeat] = {}
    learner, correlation = None, None
    if LEARNER in asked.models:
        earlier = [purse.on(each, asked.horizon_days) for each in learnt]
        try:
            learner = two_part.fit(earlier, asked.learner)
        except two_part.NothingToLearn as error:
            untold[LEARNER] = str(error)
    learnt_from = tuple(learnt) if learner is not None else ()
    wanted: list[str] = [name for name in asked.models if name != LEARNER]
    if wanted:
        summary = summary_of(purse.purchases, day)
        try:
            amounts = gamma_gamma.spending(*_spent(summary))
            spending, correlation = _spending(amounts), amounts.correlation
        except (gamma_gamma.SpendUnknown, NotConverged) as error:
            return ValueModels(
                learner, {}, untold | dict.fromkeys(wanted, str(error)), None, learnt_from
            )
        cells = counted(summary)
        for name in wanted:
            process = process_of(name)
            try:
                repeats[name] = Repeat(process, fit_process(process, cells), spending)
            except (NobodyBoughtAgain, NotConverged) as error:
                untold[name] = str(error)
    return ValueModels(learner, repeats, untold, correlation, learnt_from)


def _spent(summary: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    repeats, mean = summary["repeats"], summary["repeat_spend_mean"]
    return repeats.to_numpy(dtype=np.float64), mean.to_numpy(dtype=np.float64)


def _spending(amounts: gamma_gamma.Spending) -> Fitted:
    """The money of a purchase, where it has a mean."""
    found = gamma_gamma.fit(amounts)
    if found.value("q") <= 1:
        message = (
            f"the money of a purchase has no mean, because q is {found.value('q'):.2f} and not "
            "above 1: amounts of customers differ too much; learn from more customers"
        )
        raise gamma_gamma.SpendUnknown(message)
    return found


def told_by(repeat: Repeat, summary: pd.DataFrame, economy: Economy) -> pd.DataFrame:
    """What a model of repeat buying tells of customers, in their order; by customer.

    Parameters
    ----------
    repeat
        The model.
    summary
        By customer, see `models.value.summary.summarised`; nulls of who never bought.
    economy
        Horizons, interest and margin.

    Returns
    -------
    pandas.DataFrame
        `TOLD` (purchases and money of the horizon; value within ``clv_days``) and alive_reason;
        money in minor units.
    """
    known = summary[summary["repeats"].notna()]
    cells = counted(known)
    weeks = economy.horizon_days / _DAYS_OF_A_WEEK
    force = force_of_interest(economy.discount_rate, "weeks")
    beyond = Ahead(economy.clv_days / _DAYS_OF_A_WEEK, force)
    soon = purchases(repeat.process, repeat.fitted, cells, Ahead(weeks))
    later = purchases(repeat.process, repeat.fitted, cells, beyond)
    there = still_there(repeat.process, repeat.fitted, cells)
    share = economy.margin_share
    found = pd.DataFrame(
        {
            "purchases": soon["purchases"],
            "spend_by_purchases": valued(soon, repeat.spending, known, share)["spend"],
            "value": valued(later, repeat.spending, known, share)["value"],
            "alive": there["alive"],
            "alive_reason": there["reason"],
        }
    ).set_index(known.index)
    told = found.reindex(summary.index)
    told.loc[summary["repeats"].isna().to_numpy(), "alive_reason"] = NEVER_BOUGHT
    return told


def untold_by(customers: pd.Index) -> pd.DataFrame:
    """The same when there is no model: nulls with their reason."""
    nothing = pd.DataFrame(np.nan, index=customers, columns=list(TOLD))
    return nothing.assign(alive_reason=NO_MODEL)


def money_of(
    models: ValueModels, at: ValueSnapshot, summary: pd.DataFrame, economy: Economy, plain: Naive
) -> dict[str, FloatArray]:
    """What every model promises to the customers of a day, money within the horizon, by name."""
    found = {}
    if models.learner is not None:
        found[LEARNER] = models.learner.spend(at.figures)
        if SEASONAL in plain.said:
            found[ANCHORED] = at_total(found[LEARNER], float(plain.said[SEASONAL].sum()))
    for name, repeat in models.repeats.items():
        told = told_by(repeat, summary, economy)["spend_by_purchases"]
        found[name] = told.fillna(0.0).to_numpy(dtype=np.float64)
    return found


def naive_money(name: str, customers: pd.Index, bought: pd.DataFrame, asked: Asked) -> FloatArray:
    """What one naive predictor says of customers.

    Raises
    ------
    SeasonNotObserved, NobodyBefore
        When the purchases do not allow it.
    """
    if name == LATEST:
        return seasonal_total(customers, bought, asked, asked.horizon_days)
    return BASELINES[name](customers, bought, asked)


def season_times(
    money: FloatArray, customers: pd.Index, bought: pd.DataFrame, asked: Asked
) -> tuple[float, str]:
    """What the learner's money is multiplied by to come to the seasonal total; 1 with a reason."""
    try:
        total = float(seasonal_total(customers, bought, asked).sum())
    except SeasonNotObserved as error:
        return 1.0, str(error)
    whole = float(money.sum())
    return (total / whole, "") if whole > 0 else (1.0, "nothing was promised to anybody")


def chance_of(
    models: ValueModels, at: ValueSnapshot, bought: pd.DataFrame, asked: Asked
) -> tuple[FloatArray | None, float]:
    """Chance of each customer to buy, and what was added to its log-odds for the season."""
    if models.learner is None:
        return None, 0.0
    chance = models.learner.probability(at.figures)
    shift = season_shift(chance, bought, asked)
    return shifted(chance, shift), shift


def season_shift(chance: FloatArray, bought: pd.DataFrame, asked: Asked) -> float:
    """What is added to the log-odds to buy of everybody, for the rate of a year before; 0 without.

    That rate is of the customers of that day by the same rule; there is none where the orders do
    not reach back as far as its cohort looks, or where nothing says how far that is. See
    `models.season.shift_to`.
    """
    earlier, lines = asked.before(YEAR), seen(bought, asked.as_of)
    within = asked.active_within_days
    is_over = earlier.as_of + earlier.horizon_days <= asked.as_of
    if within is None or not is_over or int(lines["day"].min()) > earlier.as_of - within:
        return 0.0
    then = customers_of(lines, earlier)
    spent = spend_of(then, lines, earlier.as_of, earlier.as_of + earlier.horizon_days)
    rate = Rate(len(then), int((spent > 0).sum()))
    return shift_to(chance, rate) if len(chance) and rate.is_inside else 0.0


def shifted(chance: FloatArray, shift: float) -> FloatArray:
    """Chances whose log-odds are moved."""
    return sigmoid(log_odds(chance) + shift) if shift else chance


def season_times_of(said: Mapping[str, FloatArray]) -> float:
    """The same of a day that both promises of the learner are there for; 1 where not."""
    if ANCHORED not in said or not said[LEARNER].sum() > 0:
        return 1.0
    return float(said[ANCHORED].sum() / said[LEARNER].sum())


class ValueUntold(RegularsError):
    """The predictor of a version says nothing of a day."""
