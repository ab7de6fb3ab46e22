"""What a training of value found: predictors tested, which is used, and customers of that day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from features.settings import Currency
from models.metrics import Estimate
from models.value.choice import Verdict
from models.value.held_out import HeldOut


@dataclass(frozen=True, eq=False)
class RepeatBuying:
    """The model of repeat buying that tells who is there and what comes beyond the horizon.

    Attributes
    ----------
    name, title
        What settings call it, such as ``bg_nbd``, and what people do.
    parameters
        name, value, low, high (95 %), error: see `models.value.fitted.Fitted.table`; time in weeks.
    spending
        The same of the Gamma-Gamma model of money per purchase, in minor units.
    customers
        On how many it was fitted.
    correlation
        Of the number of purchases and their mean amount, which it takes for 0.
    over_time
        A row per week: ends_on (date), came, expected (repeat purchases of the customers known on
        the tested day, since the first day), is_known (whether the model was fitted on it).
    """

    name: str
    title: str
    parameters: pd.DataFrame
    spending: pd.DataFrame
    customers: int
    correlation: Estimate
    over_time: pd.DataFrame


@dataclass(frozen=True, eq=False)
class ValueFound:
    """Everything that a page about value shows; all money in minor units of the currency.

    Attributes
    ----------
    business, currency
        Whose customers, and in what they pay.
    tested
        First day of the horizon that all is tested on; models were fitted on what was known then.
    chosen_on
        The day, one horizon earlier, on which the model was picked; None: not every model could be
        held out there, so that it was picked on ``tested``, with intervals as wide as a pick among
        several needs.
    horizon_days, clv_days, discount_rate
        Of the forecast that is tested, and of the value beyond it.
    margin_share, margin_source
        What is left of the spend as margin (0..1), and where that is from: ``settings``, ``costs``
        or ``unknown`` (value is revenue then).
    held
        All predictors, models and naive ones, on the tested day.
    held_before
        The same on ``chosen_on``; None where that is.
    verdict
        The picked model against the naive ones on the tested day; None when no model could be
        fitted.
    shipped
        Predictor of money that is registered: the model, or the naive one that it did not beat.
    baselines
        Names of the naive ones.
    untold
        Predictors, models and naive ones, that say nothing, and why.
    customers
        By customer, on the tested day: came; a column per predictor of ``held``; probability (to
        buy within the horizon; null without the learner), purchases (expected within it), alive and
        alive_reason, value (margin within clv_days, discounted), tier. What no model tells is null.
    cohorts
        Quarter of the first order of each of them, shape (n,).
    calibration
        By the chance to buy that was told: expected calibration error, with those of a chance that
        is the same for all (``overall_rate``); empty without the learner.
    repeat_buying
        None: no model of repeat buying could be fitted.
    learnt_from
        Days that the learner of the tested day learnt from; none without it.
    """

    business: str
    currency: Currency
    tested: date
    chosen_on: date | None
    horizon_days: int
    clv_days: int
    discount_rate: float
    margin_share: float
    margin_source: str
    held: HeldOut
    held_before: HeldOut | None
    verdict: Verdict | None
    shipped: str
    baselines: tuple[str, ...]
    untold: Mapping[str, str]
    customers: pd.DataFrame
    cohorts: pd.Series
    calibration: Mapping[str, Estimate]
    repeat_buying: RepeatBuying | None
    learnt_from: tuple[date, ...]

    @property
    def is_model(self) -> bool:
        """Whether a model is shipped, and no naive predictor."""
        return self.shipped not in self.baselines
