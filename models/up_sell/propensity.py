"""Chance that a customer buys above the usual tier of a need within the horizon."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import lightgbm as lgb
import numpy as np

from features.errors import RegularsError
from models.calibration import Platt, fit_platt, log_odds, sigmoid
from models.spec import BoolArray, ColumnsMissing, FloatArray
from models.trees import boosting
from models.up_sell.candidates import UpPairs
from models.up_sell.rates import Rates, rates_of
from models.up_sell.settings import UpSellSpec

OURS: Final = "model"
"""Name of the learner beside `models.up_sell.rates.BASELINES`."""

_UNLIKE: Final = 1.5


class NothingToLearn(RegularsError):
    """No earlier pairs with an outcome, or all of them with the same one."""


@dataclass(frozen=True, eq=False)
class UpSell:
    """A fitted propensity: library objects, names and numbers.

    Attributes
    ----------
    booster
        Log-odds of the figures.
    columns
        Names of the figures, in the order that the booster reads them.
    line
        Calibrated log-odds are its slope times those of the booster, plus its intercept.
    rates
        The baselines, of the same pairs.
    known_until
        Day from which on nothing was seen, outcomes included: figures and outcomes that it is tried
        on are of this day or later.
    """

    booster: lgb.Booster
    columns: tuple[str, ...]
    line: Platt
    rates: Rates
    known_until: int

    def propensity(self, pairs: UpPairs) -> FloatArray:
        """Probability of each pair, 0..1, shape (pairs,).

        Raises
        ------
        ColumnsMissing
            When the pairs' figures are others than those learnt from.
        """
        if pairs.columns != self.columns:
            unlike = sorted(set(self.columns) ^ set(pairs.columns)) or "their order"
            message = (
                f"the model reads {len(self.columns)} figures of pairs, but these have "
                f"{len(pairs.columns)}, and differ in {unlike}; make them by the same version"
            )
            raise ColumnsMissing(message)
        if not len(pairs):
            return np.empty(0)
        raw = np.asarray(self.booster.predict(pairs.figures, raw_score=True, num_threads=1))
        return sigmoid(self.line.slope * raw + self.line.intercept)

    def said_by(self, name: str, pairs: UpPairs) -> FloatArray:
        """Probability by what a verdict chose, 0..1, shape (pairs,): `OURS` or a baseline.

        Raises
        ------
        ColumnsMissing
            When the pairs' figures are others than those learnt from.
        """
        return self.propensity(pairs) if name == OURS else self.rates.of(pairs)[name]


class HorizonsUnlike(RegularsError):
    """Outcomes of some pairs are of a much longer time than those of others."""


def fit(earlier: Sequence[UpPairs], spec: UpSellSpec) -> UpSell:
    """Boosted trees on earlier pairs, calibrated on the newest of them.

    With several days, a booster of the older ones whose outcomes were all known on the newest day
    scores that day, on which Platt's line is fitted; with one day, or where no older outcomes were
    known by then, every other customer takes its place. The booster that is kept learns from all
    pairs and takes over the line. Source: Ke et al. 2017, "LightGBM"; Platt 1999.

    Parameters
    ----------
    earlier
        Pairs of one day or several, all with an outcome.
    spec
        Settings, with the seed.

    Raises
    ------
    NothingToLearn
        When there are no pairs, a day has no outcome, or all outcomes are one.
    HorizonsUnlike
        When one horizon is more than half as long again as another.
    """
    _require(earlier)
    # The newest day last: it calibrates.
    parts = sorted(earlier, key=lambda part: part.as_of)
    figures = np.concatenate([part.figures for part in parts])
    bought = np.concatenate([_outcome(part) for part in parts])
    booster = _boosted(figures, bought, spec)
    until = max(part.as_of + (part.horizon or 0) for part in parts)
    line = _line(parts, spec)
    return UpSell(booster, parts[0].columns, line, rates_of(parts, spec.prior_pairs), until)


def _line(parts: Sequence[UpPairs], spec: UpSellSpec) -> Platt:
    """Platt's line, of a booster that did not see what it is fitted on."""
    newest = parts[-1]
    older = [part for part in parts if part.as_of + (part.horizon or 0) <= newest.as_of]
    if older:
        taken, held = older, [newest]
    else:
        odd = _are_odd(parts)
        taken = [part.where(~mask) for part, mask in zip(parts, odd, strict=True)]
        held = [part.where(mask) for part, mask in zip(parts, odd, strict=True)]
    known = np.concatenate([_outcome(part) for part in taken])
    if known.all() or not known.any():
        return Platt(fallback="one_class")
    figures = np.concatenate([part.figures for part in taken])
    booster = _boosted(figures, known, spec)
    raw = np.asarray(
        booster.predict(
            np.concatenate([part.figures for part in held]), raw_score=True, num_threads=1
        )
    )
    # The raw score is a log-odds already; by way of a probability it is kept off infinity.
    return fit_platt(np.concatenate([_outcome(part) for part in held]), log_odds(sigmoid(raw)))


def _are_odd(parts: Sequence[UpPairs]) -> list[BoolArray]:
    """Every other customer of all parts, by name: in each part on the same side."""
    customers = [part.keys["customer"].to_numpy() for part in parts]
    everyone = np.unique(np.concatenate(customers))
    return [np.searchsorted(everyone, each) % 2 == 1 for each in customers]


def _outcome(pairs: UpPairs) -> BoolArray:
    return np.zeros(len(pairs), dtype=np.bool_) if pairs.bought is None else pairs.bought


def _require(earlier: Sequence[UpPairs]) -> None:
    unknown = [part.as_of for part in earlier if part.bought is None]
    if unknown:
        message = (
            f"up-sell learns from days with an outcome, but as_of={unknown[0]} has none; make its "
            f"snapshot with a horizon"
        )
        raise NothingToLearn(message)
    horizons = sorted(part.horizon or 1 for part in earlier)
    if horizons and horizons[-1] > _UNLIKE * horizons[0]:
        message = (
            f"up-sell learns from outcomes of about one horizon, but they run from {horizons[0]} "
            f"to {horizons[-1]} days; make all snapshots with the same"
        )
        raise HorizonsUnlike(message)
    pairs = sum(len(part) for part in earlier)
    bought = sum(int(_outcome(part).sum()) for part in earlier)
    if not 0 < bought < pairs:
        message = (
            f"up-sell learns from pairs that bought above their usual tier and others that did "
            f"not, but of {pairs:,} pairs {bought:,} did; use more days or a longer horizon"
        )
        raise NothingToLearn(message)


def _boosted(figures: FloatArray, bought: BoolArray, spec: UpSellSpec) -> lgb.Booster:
    """Trees of figures by position: LightGBM refuses names with a colon, comma or bracket."""
    settings = boosting(spec, "binary")
    data = lgb.Dataset(figures, bought.astype(np.float64), params=settings)
    return lgb.train(settings, data, spec.trees)
