"""Steps up to the next tier: who buys above the usual one, learnt and tested out of time."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from features.errors import RegularsError
from models.next_basket.histories import Doubles, WholeArray
from models.up_sell.candidates import UpPairs, snapshot
from models.up_sell.propensity import OURS, NothingToLearn, UpSell, fit
from models.up_sell.rates import Rates
from models.up_sell.settings import UpSellSpec
from models.up_sell.tiers import Tiers
from models.up_sell.trials import OneOutcome, Trial, trial
from pipelines.offer_days import OfferDays
from pipelines.offers_cross import snapshot_days
from pipelines.offers_goods import number_of
from pipelines.offers_up_goods import UpGoods

NEW: Final = "new"
"""Pairs that bought nothing above lately: those that steps up are offered to."""

NOT_ASKED: Final = "not looked for (offers.up_sell, or products without a hierarchy)"

_LEARNT_MOST: Final = 10_000
_TRIED_MOST: Final = 4_000
"""Customers of a day that is learnt from, and of a trial, at most: a sample of more."""


@dataclass(frozen=True, eq=False)
class Up:
    """What says how likely a customer buys above the usual tier of a need.

    Attributes
    ----------
    name
        `models.up_sell.propensity.OURS`, or the baseline that is used because the learner did not
        beat it.
    model
        None where a baseline is used.
    rates
        The baselines.
    """

    name: str
    model: UpSell | None
    rates: Rates

    def said(self, pairs: UpPairs) -> Doubles:
        """Probability of each pair that something above is bought, 0..1, shape (pairs,).

        Raises
        ------
        ColumnsMissing
            When the pairs' figures are others than those learnt from.
        """
        return (
            self.rates.of(pairs)[self.name] if self.model is None else self.model.propensity(pairs)
        )


@dataclass(frozen=True, eq=False)
class UpLearnt:
    """What was learnt, its test, and why it is what it is.

    Attributes
    ----------
    up
        What is used; None where no steps up are offered.
    trial, chosen_on
        Of the test, and of the day of calibration, which chose what is used; None where there was
        nothing to learn or to try.
    tiers
        As of the day of the test; None where none are looked for.
    note
        Why there is no trial; None where there is one.
    """

    up: Up | None
    trial: Trial | None = None
    chosen_on: Trial | None = None
    tiers: Tiers | None = None
    note: str | None = None

    @property
    def chosen(self) -> str:
        """``model``, a baseline or ``none``."""
        return "none" if self.up is None else self.up.name


class NothingToChoose(RegularsError):
    """No new pair, or all of one outcome, so that nothing tells the learner from a baseline."""


def learn_up(goods: UpGoods | None, days: OfferDays, threads: int) -> UpLearnt:
    """Learn, choose on the day of calibration, learn again with that day, and test.

    What is chosen had seen nothing of the calibration's horizon; the test chooses nothing.

    Parameters
    ----------
    goods
        Purchases up to the end of the test; None: no steps up are looked for.
    days
        Of training, calibration and test.
    threads
        Of the trees; change no result.
    """
    if goods is None:
        return UpLearnt(None, note=NOT_ASKED)
    tested = number_of(days.tested)
    tiers = goods.tiers(tested)
    spec = goods.asked.learner.model_copy(update={"threads": threads})
    try:
        model, chosen_on = _chosen(goods, days, spec)
    except (NothingToLearn, NothingToChoose, OneOutcome) as error:
        return UpLearnt(None, tiers=tiers, note=str(error))
    name = chosen_on.verdicts[NEW].chosen
    up = Up(name, model if name == OURS else None, model.rates)
    try:
        pairs = _pairs(goods, tiers, tested, days.horizon_days, spec.seed)
        found = trial(model, _some(pairs, spec.seed), spec.seed)
    except OneOutcome as error:
        return UpLearnt(up, None, chosen_on, tiers, str(error))
    return UpLearnt(up, found, chosen_on, tiers)


def _chosen(goods: UpGoods, days: OfferDays, spec: UpSellSpec) -> tuple[UpSell, Trial]:
    """Learnt of all days, and the trial of what was learnt of those before the calibration."""
    snapshots = [
        _pairs(goods, goods.tiers(day), day, days.horizon_days, spec.seed)
        for day in map(number_of, snapshot_days(days))
    ]
    *before, calibrated = snapshots
    found = trial(fit(before, spec), _some(calibrated, spec.seed), spec.seed)
    if NEW not in found.verdicts:
        message = (
            f"a choice between the learner and the baselines needs customers who bought nothing "
            f"above their usual tier lately, and both outcomes among them, but of "
            f"{found.pairs[NEW]:,} on the day of calibration {found.bought[NEW]:,} bought above; "
            f"use a wider need (offers.up_sell.need), or a longer horizon"
        )
        raise NothingToChoose(message)
    return fit(snapshots, spec), found


def _pairs(goods: UpGoods, tiers: Tiers, day: int, horizon: int, seed: int) -> UpPairs:
    """Pairs of a day with what became of them, of a sample of the customers where there are many.

    Tiers, and what the figures say of a need, are of everybody.
    """
    customers = _drawn(goods.customers(day), _LEARNT_MOST, seed)
    return snapshot(
        goods.purchases,
        tiers,
        day,
        horizon,
        wanted=goods.asked.pairs,
        customers=customers.tolist(),
        known_until=goods.until,
    )


def _some(pairs: UpPairs, seed: int) -> UpPairs:
    """Pairs of no more customers than a trial takes."""
    customer = pairs.keys["customer"].to_numpy(np.int64)
    return pairs.where(np.isin(customer, _drawn(np.unique(customer), _TRIED_MOST, seed)))


def _drawn(customers: WholeArray, most: int, seed: int) -> WholeArray:
    """At most so many, drawn by seed and in their order."""
    if len(customers) <= most:
        return customers
    return np.sort(np.random.default_rng(seed).choice(customers, most, replace=False))
