"""A learner of what customers will spend: the chance that they do, times how much then."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import lightgbm as lgb
import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from features.errors import RegularsError
from models.calibration import fit_platt, sigmoid
from models.spec import ColumnsMissing, FloatArray, numbers
from models.trees import boosting
from models.value.snapshots import OWN, ValueSnapshot

Scale = Literal["root", "log"]

_LEAST_BUYERS: Final = 20
"""Who spent something, below which money is not learnt."""


class NothingToLearn(RegularsError):
    """Too few snapshots, too few who spent something, or nobody who did not."""


class TwoPartSpec(BaseModel):
    """How spending is learnt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trees: int = Field(default=250, ge=5, le=2000, description="Boosting rounds of each part.")
    leaves: int = Field(default=7, ge=2, le=127, description="Most leaves of one tree.")
    learning_rate: float = Field(default=0.04, gt=0.0, le=0.5, description="Weight of a tree.")
    rows_per_leaf: int = Field(default=50, ge=1, le=10_000, description="Least rows in a leaf.")
    column_share: float = Field(
        default=0.4, gt=0.0, le=1.0, description="Share of the columns that each tree may use."
    )
    l2: float = Field(default=5.0, ge=0.0, le=1000.0, description="L2 penalty on leaf values.")
    scale: Scale = Field(
        default="root",
        description="Money is learnt as its square root, or its logarithm: large amounts then "
        "weigh less.",
    )
    money: Literal["ratio", "smearing"] = Field(
        default="ratio",
        description="How money is brought back to its mean: by the ratio of what came to what was "
        "promised in all, or by the residuals of those who spent (Duan's smearing).",
    )
    refit: bool = Field(
        default=False,
        description="Boost anew on all snapshots once the calibration is found, so that the newest "
        "teaches, too. Better of few snapshots without a season; where spending swings, the swing "
        "counts twice then.",
    )
    behaviour: tuple[str, ...] = Field(
        default=(), description="Columns of the behaviour table that are used; none named: all."
    )
    threads: int = Field(default=1, ge=1, description="Threads of a fit; changes no result.")
    seed: int = Field(default=0, ge=0, description="Of all draws.")


@dataclass(frozen=True, eq=False)
class TwoPart:
    """What gives a customer a promise of money: library objects and numbers.

    Attributes
    ----------
    chance
        A Booster of the log-odds to spend something within the horizon.
    amount
        A Booster of the money then, on its scale.
    columns
        Names of the figures in the order of the Boosters, `models.value.snapshots.OWN` last.
    horizon_days
        Of the period that is told.
    scale
        ``root`` or ``log``.
    slope, intercept
        The probability is ``1 / (1 + exp(-(slope * z + intercept)))`` of the log-odds z.
    added, times
        Money is ``times * (m ** 2 + 2 * m * added[0] + added[1])`` of the root m, or
        ``times * exp(m)`` of the logarithm m; a root below 0 counts as 0.
    known_until
        First day that it learnt nothing of, since 1970-01-01.
    """

    chance: lgb.Booster
    amount: lgb.Booster
    columns: tuple[str, ...]
    horizon_days: int
    scale: Scale
    slope: float
    intercept: float
    added: tuple[float, float]
    times: float
    known_until: int

    def probability(self, figures: pd.DataFrame, threads: int = 1) -> FloatArray:
        """Chance to spend something within the horizon, shape (n,), 0..1.

        Raises
        ------
        ColumnsMissing, ColumnsNotNumbers
            See `models.spec.numbers`.
        """
        odds = _raw(self.chance, numbers(figures, self.columns), threads)
        return sigmoid(self.slope * odds + self.intercept)

    def spend_if_any(self, figures: pd.DataFrame, threads: int = 1) -> FloatArray:
        """Mean money within the horizon of who spends something, shape (n,).

        Raises
        ------
        ColumnsMissing, ColumnsNotNumbers
            See `models.spec.numbers`.
        """
        raw = _raw(self.amount, numbers(figures, self.columns), threads)
        return self.times * _money(raw, self.scale, self.added)

    def spend(self, figures: pd.DataFrame, threads: int = 1) -> FloatArray:
        """Mean money within the horizon, shape (n,): `probability` times `spend_if_any`.

        Raises
        ------
        ColumnsMissing, ColumnsNotNumbers
            See `models.spec.numbers`.
        """
        return self.probability(figures, threads) * self.spend_if_any(figures, threads)


def fit(earlier: Sequence[ValueSnapshot], spec: TwoPartSpec | None = None) -> TwoPart:
    r"""A two-part model: boosted on all snapshots but the newest, calibrated on that.

    .. math:: E[y \mid x] = P(y > 0 \mid x)\; E[y \mid y > 0, x]

    Source: Cragg 1971, "Some statistical models for limited dependent variables"; Duan et al. 1983,
    "A comparison of alternative models for the demand for medical care"; for customers Vanderveld
    et al. 2016, "An engagement-based customer lifetime value system for e-commerce". The chance is
    put on Platt's line. Money on its scale is biased when taken back; ``ratio`` multiplies by what
    came to the customers of the snapshot over what was promised them, all together; ``smearing``
    averages over the residuals of those who spent (Duan 1983, "Smearing estimate").

    Parameters
    ----------
    earlier
        Snapshots with their outcome and one horizon, the oldest first. Horizons that overlap that
        of the calibration have seen part of its outcome; with more snapshots that matters less
        than what they teach.
    spec
        Settings.

    Raises
    ------
    NothingToLearn
        With fewer than two snapshots, horizons that differ, days that do not rise, or too few
        customers who spent something or nothing.
    SnapshotUnclear
        When an outcome is not known.
    ColumnsMissing, ColumnsNotNumbers
        See `models.spec.numbers`.
    """
    asked = spec or TwoPartSpec()
    _require_alike(earlier)
    last = earlier[-1]
    columns = _columns(last, asked)
    chance, amount = _parts(earlier[:-1], columns, asked)
    held, came = numbers(last.figures, columns), last.outcome("calibration")
    _require_both(came)
    odds, raw = (_raw(each, held, asked.threads) for each in (chance, amount))
    line = fit_platt(came > 0, odds)
    promised = sigmoid(line.slope * odds + line.intercept)
    added, times = _taken_back(came, raw, promised, asked)
    if asked.refit:
        chance, amount = _parts(earlier, columns, asked)
    return TwoPart(
        chance,
        amount,
        columns,
        last.horizon_days,
        asked.scale,
        line.slope,
        line.intercept,
        added,
        times,
        known_until=last.as_of + last.horizon_days,
    )


def _parts(
    snapshots: Sequence[ValueSnapshot], columns: tuple[str, ...], spec: TwoPartSpec
) -> tuple[lgb.Booster, lgb.Booster]:
    """Boosters of the log-odds to spend and of the money then."""
    values = np.concatenate([numbers(each.figures, columns) for each in snapshots])
    spent = np.concatenate([each.outcome("a learner") for each in snapshots])
    _require_both(spent)
    buys = spent > 0
    chance = _boosted(values, buys.astype(np.float64), "binary", spec)
    return chance, _boosted(values[buys], _scaled(spent[buys], spec.scale), "l2", spec)


def _columns(snapshot: ValueSnapshot, spec: TwoPartSpec) -> tuple[str, ...]:
    there = [str(name) for name in snapshot.figures.columns if name not in OWN]
    missing = sorted(set(spec.behaviour) - set(there))
    if missing:
        message = (
            f"the learner needs the columns that behaviour names, but the table lacks {missing}; "
            "correct the names, or name none and use all"
        )
        raise ColumnsMissing(message)
    return (*(spec.behaviour or there), *OWN)


def _taken_back(
    came: FloatArray, raw: FloatArray, promised: FloatArray, spec: TwoPartSpec
) -> tuple[tuple[float, float], float]:
    """What turns raw amounts into means of money; see `TwoPart`."""
    spenders = came > 0
    if spec.money == "ratio":
        total = float((promised * _money(raw, spec.scale, (0.0, 0.0))).sum())
        return (0.0, 0.0), max(float(came.sum()), 0.0) / total if total > 0 else 1.0
    rest = _scaled(came[spenders], spec.scale) - raw[spenders]
    if spec.scale == "log":
        return (0.0, 0.0), float(np.exp(rest).mean())
    return (float(rest.mean()), float((rest**2).mean())), 1.0


def _scaled(money: FloatArray, scale: Scale) -> FloatArray:
    found: FloatArray = np.sqrt(money) if scale == "root" else np.log(money)
    return found


def _money(raw: FloatArray, scale: Scale, added: tuple[float, float]) -> FloatArray:
    if scale == "log":
        return np.asarray(np.exp(raw), dtype=np.float64)
    root = np.maximum(raw, 0.0)
    return np.asarray(np.maximum(root**2 + 2 * root * added[0] + added[1], 0.0), dtype=np.float64)


def _require_alike(earlier: Sequence[ValueSnapshot]) -> None:
    if len(earlier) < 2:  # noqa: PLR2004 - one to learn from, one to calibrate on
        message = (
            f"a learner needs 2 snapshots or more whose period is over, the newest to calibrate "
            f"on, but has {len(earlier)}; give it earlier ones"
        )
        raise NothingToLearn(message)
    horizons = sorted({each.horizon_days for each in earlier})
    days = [each.as_of for each in earlier]
    if len(horizons) > 1 or any(one >= other for one, other in pairwise(days)):
        told = ", ".join(str(np.datetime64(int(day), "D")) for day in days)
        message = (
            f"a learner needs snapshots of rising days and one horizon, but they are of {told} and "
            f"of {horizons} days; sort them, with one of each day"
        )
        raise NothingToLearn(message)


def _require_both(spent: FloatArray) -> None:
    buyers = int(np.count_nonzero(spent > 0))
    if buyers < _LEAST_BUYERS or buyers == len(spent):
        message = (
            f"a learner needs {_LEAST_BUYERS} customers or more who spent something and others who "
            f"did not, but {buyers:,} of {len(spent):,} did; use more snapshots or customers, or "
            "another horizon_days"
        )
        raise NothingToLearn(message)


def _raw(booster: lgb.Booster, values: FloatArray, threads: int) -> FloatArray:
    if not len(values):  # LightGBM refuses an empty table
        return np.empty(0)
    return np.asarray(booster.predict(values, raw_score=True, num_threads=threads))


def _boosted(
    values: FloatArray, target: FloatArray, objective: str, spec: TwoPartSpec
) -> lgb.Booster:
    settings = boosting(spec, objective, bagged=True)
    data = lgb.Dataset(values, target, params=settings)
    return lgb.train(settings, data, spec.trees)
