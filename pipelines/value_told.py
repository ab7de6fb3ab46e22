"""What a version of value tells of the customers of a day: for scores and reviews alike."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.spec import FloatArray
from models.value.baselines import NobodyBefore, SeasonNotObserved
from models.value.snapshots import ValueSnapshot
from pipelines.config import Business
from pipelines.value_days import day_of
from pipelines.value_gathered import Purse, asked_on
from pipelines.value_learning import ValueModel, repeat_of
from pipelines.value_models import (
    ANCHORED,
    LEARNER,
    ValueUntold,
    chance_of,
    naive_money,
    season_times,
    told_by,
)


@dataclass(frozen=True, eq=False)
class Told:
    """What a version tells of the customers of a day, in their order.

    Attributes
    ----------
    chance
        Chance to buy within the horizon, shape (n,); NaN without a learner.
    spend
        Money within the horizon, minor units, shape (n,).
    repeat
        By customer: see `pipelines.value_models.told_by`.
    notes
        What its reader should know.
    """

    chance: FloatArray
    spend: FloatArray
    repeat: pd.DataFrame
    notes: tuple[str, ...]


def told_of(
    model: ValueModel,
    business: Business,
    purse: Purse,
    customers: tuple[ValueSnapshot, pd.DataFrame],
) -> Told:
    """What a version tells of customers of a day.

    Parameters
    ----------
    model
        Of the version.
    business
        The config.
    purse
        Purchases; those of the day and later are not seen.
    customers
        Their figures on the day, and their repeat buying before it (see `summary_of`).

    Raises
    ------
    ValueUntold
        When the version's predictor says nothing of the day.
    """
    at, summary = customers
    asked = asked_on(business, day_of(at.as_of))
    chance, _ = chance_of(model.models, at, purse.purchases, asked)
    repeat, notes = repeat_of(model, summary), []
    if model.money in {LEARNER, ANCHORED} and model.models.learner is not None:
        spend = model.models.learner.spend(at.figures)
        if model.money == ANCHORED:
            times, why = season_times(spend, at.customers, purse.purchases, asked)
            spend = spend * times
            notes += [f"spend is not at the total of a season: {why}"] if why else []
    elif model.money in model.models.repeats:
        own = told_by(model.models.repeats[model.money], summary, model.economy)
        spend = own["spend_by_purchases"].fillna(0.0).to_numpy(dtype=np.float64)
    else:
        try:
            spend = naive_money(model.money, at.customers, purse.purchases, asked)
        except (SeasonNotObserved, NobodyBefore) as error:
            message = f"the version tells spend by {model.money}, which says nothing: {error}"
            raise ValueUntold(message) from error
    told = np.full(len(at.customers), np.nan) if chance is None else chance
    return Told(told, spend, repeat, tuple(notes))
