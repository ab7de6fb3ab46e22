"""A learner of first purchases: one boosted model of all pairs, calibrated on a later snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import lightgbm as lgb
import numpy as np

from features.errors import RegularsError
from models.calibration import fit_platt, sigmoid
from models.cross_sell.pairs import CrossPairs, Known, Singles, known
from models.cross_sell.settings import CrossSellSpec
from models.cross_sell.snapshots import Flags, Snapshot, SnapshotUnclear, require_one_list
from models.spec import ColumnsMissing, FloatArray
from models.trees import boosting


class NothingToLearn(RegularsError):
    """Too few snapshots, or nobody, or everybody, took up a category after them."""


@dataclass(frozen=True, eq=False)
class CrossSell:
    """What gives a pair its probability: library objects and numbers.

    Attributes
    ----------
    booster
        Log-odds of a first purchase within the horizon, of figures in the order of ``columns``.
    columns
        Names of the figures that it reads, the columns of behaviour last.
    behaviour
        Names of the columns of the behaviour table among them.
    slope, intercept
        The probability is ``1 / (1 + exp(-(slope * z + intercept)))`` of the booster's log-odds z;
        the correction for pairs that were left out of training is in the intercept.
    seed
        Of the draw of customers that others are compared with.
    known_until
        First day that it learnt nothing of, in days since 1970-01-01; None: not told.
    """

    booster: lgb.Booster
    columns: tuple[str, ...]
    behaviour: tuple[str, ...]
    slope: float
    intercept: float
    seed: int = 0
    known_until: int | None = None

    def propensity(self, pairs: CrossPairs, threads: int = 1) -> FloatArray:
        """Probability of a first purchase within the horizon, shape (pairs,).

        Raises
        ------
        ColumnsMissing
            When the pairs have other figures than those that were learnt from.
        """
        if pairs.columns != self.columns:
            odd = sorted({*pairs.columns} ^ {*self.columns}) or "their order"
            message = (
                f"the model reads {len(self.columns)} figures of a pair, but the pairs given to it "
                f"have {len(pairs.columns)}, which differ in {odd}; make them with known(snapshot, "
                "model.behaviour)"
            )
            raise ColumnsMissing(message)
        return sigmoid(
            self.slope * _log_odds(self.booster, pairs.figures, threads) + self.intercept
        )

    def propensities(self, snapshot: Snapshot, threads: int = 1) -> FloatArray:
        """Probabilities of shape (customers, categories); NaN where bought before.

        Raises
        ------
        ColumnsMissing
            When the behaviour lacks a column.
        ColumnsNotNumbers
            When a column of behaviour holds text or infinite values.
        """
        learnt = known(snapshot, self.behaviour, self.seed)
        found = np.full(snapshot.counts.shape, np.nan)
        for rows in learnt.blocks():
            some = learnt.pairs(rows)
            found[some.customer, some.category] = self.propensity(some, threads)
        return found


def fit(earlier: Sequence[Snapshot], spec: CrossSellSpec) -> CrossSell:
    r"""A model of first purchases: boosted on all snapshots but the newest, calibrated on that.

    Pairs without a purchase are thinned to a share s, which raises the log-odds by
    :math:`-\ln s` (King and Zeng 2001, "Logistic regression in rare events data"); that is taken
    off. Platt's line, learnt on every pair of the newest snapshot, sees no pair of the boosting.
    Source of the trees: Ke et al. 2017, "LightGBM".

    Parameters
    ----------
    earlier
        Snapshots with their outcome, the oldest first, of the same categories. Horizons that do
        not overlap make the calibration one on new days.
    spec
        Settings.

    Raises
    ------
    NothingToLearn
        With fewer than two snapshots, or when all pairs share one outcome.
    SnapshotUnclear
        When categories differ, days do not rise, or an outcome is not known.
    ColumnsMissing, ColumnsNotNumbers
        When a behaviour lacks a column, or holds text.
    """
    _require_alike(earlier)
    random = np.random.default_rng(spec.seed)
    behaviour = spec.behaviour or tuple(map(str, earlier[-1].behaviour.columns))
    sets = [_thinned(each, behaviour, spec, random) for each in earlier[:-1]]
    bought = np.concatenate([each for _, each in sets])
    _require_both(bought)
    booster = _boosted(np.concatenate([each for each, _ in sets]), bought, spec)
    corrected = float(np.log(spec.kept_share))
    learnt = known(earlier[-1], behaviour, spec.seed)
    odds, outcome = _scored(booster, learnt, spec.threads)
    line = fit_platt(outcome, odds + corrected)
    intercept = line.intercept + line.slope * corrected
    return CrossSell(
        booster,
        learnt.columns,
        behaviour,
        line.slope,
        intercept,
        spec.seed,
        earlier[-1].known_until,
    )


def _require_alike(earlier: Sequence[Snapshot]) -> None:
    if len(earlier) < 2:  # noqa: PLR2004 - one to learn from, one to calibrate on
        message = (
            f"a learner needs 2 snapshots or more whose horizon is over, the newest to calibrate "
            f"on, but has {len(earlier)}; give it earlier ones"
        )
        raise NothingToLearn(message)
    require_one_list(earlier)
    days = [each.as_of for each in earlier if each.as_of is not None]
    if any(one >= other for one, other in pairwise(days)):
        told = ", ".join(str(np.datetime64(day, "D")) for day in days)
        message = (
            f"a learner needs snapshots of rising days, the newest last to calibrate on, but they "
            f"are of {told}; sort them, with one of each day"
        )
        raise SnapshotUnclear(message)


def _require_both(bought: Flags) -> None:
    taken = int(np.count_nonzero(bought))
    if not 0 < taken < len(bought):
        message = (
            f"a learner needs categories that customers took up and others that they did not, but "
            f"{taken:,} of {len(bought):,} pairs were; give it more snapshots or customers"
        )
        raise NothingToLearn(message)


def _thinned(
    snapshot: Snapshot,
    behaviour: tuple[str, ...],
    spec: CrossSellSpec,
    random: np.random.Generator,
) -> tuple[Singles, Flags]:
    """Figures and outcome of all pairs with a purchase and some of the others."""
    outcome = snapshot.outcome("a learner")
    learnt = known(snapshot, behaviour, spec.seed)
    figures = [np.empty((0, len(learnt.columns)), dtype=np.float32)]
    bought = [np.empty(0, dtype=np.bool_)]
    for rows in learnt.blocks():
        kept = outcome[rows] | (random.random((len(rows), outcome.shape[1])) < spec.kept_share)
        some = learnt.pairs(rows, kept)
        figures.append(some.figures)
        bought.append(outcome[some.customer, some.category])
    return np.concatenate(figures), np.concatenate(bought)


def _scored(booster: lgb.Booster, learnt: Known, threads: int) -> tuple[FloatArray, Flags]:
    """The booster's log-odds of every pair of a snapshot, and its outcome."""
    outcome = learnt.snapshot.outcome("calibration")
    odds, bought = [np.empty(0)], [np.empty(0, dtype=np.bool_)]
    for rows in learnt.blocks():
        some = learnt.pairs(rows)
        odds.append(_log_odds(booster, some.figures, threads))
        bought.append(outcome[some.customer, some.category])
    return np.concatenate(odds), np.concatenate(bought)


def _log_odds(booster: lgb.Booster, figures: Singles, threads: int) -> FloatArray:
    if not len(figures):
        return np.empty(0)
    return np.asarray(booster.predict(figures, raw_score=True, num_threads=threads))


def _boosted(figures: Singles, bought: Flags, spec: CrossSellSpec) -> lgb.Booster:
    settings = boosting(spec, "binary", bagged=True)
    data = lgb.Dataset(figures, bought.astype(np.float64), params=settings)
    return lgb.train(settings, data, spec.trees)
