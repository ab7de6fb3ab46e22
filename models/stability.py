"""Do reasons survive a retraining: the same customers explained by models of other customers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from features.contract import Cause, Column
from models.explain import CAUSES, by_figure, leading, told_figures
from models.metrics import Estimate, estimate
from models.spec import Fitted, FloatArray, IntArray

STABLE: Final = 0.75
"""From here on agreement is called excellent (Fleiss 1981, "Statistical methods for rates and
proportions", for kappa; taken over for the shared part of chosen sets by Nogueira, Sechidis and
Brown 2018, "On the stability of feature selection algorithms", JMLR 18). A cause is then the same
for three customers in four after a retraining, too."""

POOR: Final = 0.4
"""Below it agreement is called poor; same sources."""


def as_overlap(shared: float) -> float:
    """Jaccard's overlap (0..1) of two sets of one size that share so much (0..1) of either."""
    return shared / (2 - shared)


LEAST_TOLD: Final = 30
"""Customers whom a cause must lead for its own figure."""

REASONS: Final = 3
"""Reasons of a customer that are compared."""

_RESAMPLES: Final = 1000
_NOBODY: Final = -1


@dataclass(frozen=True)
class Kept:
    """A cause that leads some customers' reasons, and how often it still does after a retraining.

    Attributes
    ----------
    cause
        The cause.
    customers
        Whom it leads, by the model in question.
    share
        Of them, those whom it leads by a refit, too; mean over refits, with 95 % interval. None
        where customers are fewer than `LEAST_TOLD`.
    """

    cause: Cause
    customers: int
    share: Estimate | None


@dataclass(frozen=True)
class Stability:
    """How a model's reasons agree with those of refits, mean over refits with 95 % intervals.

    Attributes
    ----------
    refits, customers
        Numbers of models, and of customers explained by each.
    ranks
        Spearman's correlation of the importance of figures, -1..1.
    overlap
        Jaccard's overlap of a customer's `REASONS` strongest reasons, 0..1, mean over customers.
    first_cause
        Share of the customers with a cause whose cause is the same.
    by_chance
        Share that would be the same if causes were dealt out at random, each as often as now.
    by_cause
        Of each cause that leads anybody's reasons, the most frequent first.
    """

    refits: int
    customers: int
    ranks: Estimate
    overlap: Estimate
    first_cause: Estimate
    by_chance: float
    by_cause: tuple[Kept, ...]


@dataclass(frozen=True, eq=False)
class Told:
    """What one model says of some customers.

    Attributes
    ----------
    ranks
        Of the importance of each figure, shape (figures,).
    figures
        See `models.explain.told_figures`, shape (n, `REASONS`).
    cause
        Position in `models.explain.CAUSES` of what leads each customer's reasons, shape (n,).
    """

    ranks: FloatArray
    figures: IntArray
    cause: IntArray


def bootstrapped(customers: npt.NDArray[np.generic], refits: int, seed: int) -> Iterator[IntArray]:
    """Positions of the rows that each refit learns from: whole customers, drawn with replacement.

    Source: Efron and Tibshirani 1993, "An introduction to the bootstrap", section 6.2. Such a
    resample holds about 63 % of the customers, so refits differ from one another rather more than
    models of as many new customers would.

    Parameters
    ----------
    customers
        Shape (n,): the customer of each row.
    refits
        Number of resamples.
    seed
        Equal seeds draw alike.
    """
    random = np.random.default_rng(seed)
    _, codes = np.unique(customers, return_inverse=True)
    count = int(codes.max()) + 1
    for _ in range(refits):
        times = np.bincount(random.integers(0, count, size=count), minlength=count)
        yield np.repeat(np.arange(len(codes)), times[codes])


def told(fitted: Fitted, features: pd.DataFrame, columns: Sequence[Column]) -> Told:
    """The reasons that a model gives for some customers, as `models.explain` makes them.

    Parameters
    ----------
    fitted
        The model. Calibration changes nothing here: it moves all contributions alike.
    features
        Shape (n, k): the customers.
    columns
        The k columns.
    """
    moved = fitted.contributions(features)
    figures, _ = by_figure(moved, columns)
    return Told(
        rankdata(np.abs(figures).mean(axis=0)),
        told_figures(moved, columns, REASONS),
        leading(moved, columns).cause,
    )


def stability(own: Told, others: Sequence[Told], seed: int) -> Stability:
    """How far refits give the same customers the same reasons.

    The intervals are of a bootstrap over customers and refits at once (Owen 2007, "The pigeonhole
    bootstrap"), the one of the ranks over refits alone; of a handful of refits they are rough.

    Parameters
    ----------
    own
        Of the model in question.
    others
        Of models of the same kind and hyperparameters on resamples of its customers, for the same
        rows; at least one.
    seed
        Equal seeds give equal intervals.
    """
    random = np.random.default_rng(seed)
    rows, count = len(own.cause), len(others)
    by_row = _counts(random, rows)
    by_refit = _counts(random, count)
    overlap = np.column_stack([_jaccard(own.figures, each.figures) for each in others])
    same = np.column_stack([own.cause == each.cause for each in others]).astype(np.float64)
    has_cause = own.cause != _NOBODY
    ranks = np.array([_spearman(own.ranks, each.ranks) for each in others])

    def share(agreement: FloatArray, wanted: npt.NDArray[np.bool_]) -> Estimate:
        return _mean(agreement[wanted], by_row[:, wanted], by_refit)

    led = np.bincount(own.cause[has_cause], minlength=len(CAUSES))
    kept = [
        Kept(
            CAUSES[place],
            int(led[place]),
            share(same, own.cause == place) if led[place] >= LEAST_TOLD else None,
        )
        for place in np.argsort(-led, kind="stable").tolist()
        if led[place]
    ]
    return Stability(
        refits=count,
        customers=rows,
        ranks=_mean(ranks[None, :], np.ones((_RESAMPLES, 1)), by_refit),
        overlap=share(overlap, np.ones(rows, dtype=bool)),
        first_cause=share(same, has_cause),
        by_chance=_by_chance(own.cause[has_cause], [each.cause[has_cause] for each in others]),
        by_cause=tuple(kept),
    )


def _spearman(one: FloatArray, other: FloatArray) -> float:
    """Pearson's correlation of mean ranks; NaN where all ranks of one are equal (Spearman 1904)."""
    a, b = one - one.mean(), other - other.mean()
    size = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum()) / size if size > 0 else float("nan")


def _jaccard(one: IntArray, other: IntArray) -> FloatArray:
    """Members of both sets in parts of members of either, shape (n,); 1 where both are empty.

    Source: Jaccard 1912, "The distribution of the flora in the alpine zone". Rows hold distinct
    members, filled up with -1.
    """
    is_there = one != _NOBODY
    both = ((one[:, :, None] == other[:, None, :]) & is_there[:, :, None]).sum(axis=(1, 2))
    either = is_there.sum(axis=1) + (other != _NOBODY).sum(axis=1) - both
    shares: FloatArray = np.divide(both, either, out=np.ones(len(one)), where=either > 0)
    return shares


def _by_chance(own: IntArray, others: Sequence[IntArray]) -> float:
    """Agreement of two dealers who know only how often each cause comes, mean over refits."""
    if not len(own):
        return float("nan")
    mine, *theirs = (np.bincount(each + 1, minlength=len(CAUSES) + 1) for each in (own, *others))
    return float(np.mean([(mine * each).sum() for each in theirs]) / len(own) ** 2)


def _counts(random: np.random.Generator, count: int) -> FloatArray:
    """How often each of some things is drawn, shape (resamples, count)."""
    shape = (_RESAMPLES, count)
    picks = random.integers(0, count, size=shape) + np.arange(_RESAMPLES)[:, None] * count
    times = np.bincount(picks.ravel(), minlength=_RESAMPLES * count)
    return times.reshape(shape).astype(np.float64)


def _mean(agreement: FloatArray, by_row: FloatArray, by_refit: FloatArray) -> Estimate:
    """Mean of a table of rows and refits, with the interval of resampled rows and columns."""
    if not agreement.size:
        return Estimate(float("nan"), float("nan"), float("nan"))
    by_both = np.einsum("bn,nr->br", by_row, agreement)
    total = np.einsum("br,br->b", by_both, by_refit)
    drawn = by_row.sum(axis=1) * by_refit.sum(axis=1)
    sampled = np.divide(total, drawn, out=np.full(len(total), np.nan), where=drawn > 0)
    return estimate(float(agreement.mean()), sampled)
