"""How well any predictors of money tell a later period: by customer, in total, per decile, cohort.

All are held against the same customers over the same period, and every interval is of the same
resamples, so that gains are paired.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.metrics import Estimate, estimate, resampled_weights
from models.spec import FiguresUnfit, FloatArray, IntArray, require_figures

Labels = npt.NDArray[np.generic]

MEASURES: Final[Mapping[str, str]] = {
    "mae": "mean absolute error, money per customer",
    "rmse": "root of the mean squared error, money per customer",
    "total_bias": "what was promised in all over what came, less 1; 0 is right",
    "spearman": "rank correlation of promised and came, -1..1",
    "top_tenth_share": "share of the money that came from the tenth promised most, 0..1",
}
"""Measures of a predictor, in order of the tables."""

RESAMPLES: Final = 500
TENTHS: Final = 10

_ERRORS: Final = ("mae", "rmse", "total_bias")


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What was promised against what came.

    Intervals are of 95 %, percentiles of a bootstrap over customers (Efron and Tibshirani 1993,
    "An introduction to the bootstrap", chapter 13).

    Attributes
    ----------
    figures
        A row per predictor and measure (`MEASURES`): predictor, measure, value, low, high. The
        total's interval is that of other customers of the kind: these came to one total.
    deciles
        A row per predictor and tenth of the customers by its promise, 1 the highest: predictor,
        decile, customers, promised, came (money) with low and high; ratio of came to promised with
        ratio_low and ratio_high. Equal promises stay in one tenth, the one of their middle.
    cohorts
        A row per predictor and cohort: the same, with bias (promised over came, less 1) for the
        ratio. Empty without cohorts.
    customers
        How many.
    came
        Money that came, in all.
    sampled
        By predictor and measure: the values on all resamples, shape (resamples,).
    """

    figures: pd.DataFrame
    deciles: pd.DataFrame
    cohorts: pd.DataFrame
    customers: int
    came: float
    sampled: Mapping[str, Mapping[str, FloatArray]]

    @property
    def predictors(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(self.sampled)

    def value(self, predictor: str, measure: str) -> Estimate:
        """A measure of a predictor."""
        rows = self.figures[["predictor", "measure"]].eq([predictor, measure]).all(axis=1)
        (row,) = self.figures.loc[rows, ["value", "low", "high"]].to_numpy(dtype=float)
        return Estimate(*map(float, row))

    def gain(self, measure: str, one: str, other: str, share: float = 0.95) -> Estimate:
        """What one is better by than another, paired; above 0 is better whatever the measure.

        Of the total bias it is the distance to 0 that shrinks. ``share`` of the resamples lie
        within the interval.
        """
        first, second = (
            _better(measure, np.array([self.value(name, measure).value])) for name in (one, other)
        )
        gains = _better(measure, self.sampled[one][measure]) - _better(
            measure, self.sampled[other][measure]
        )
        tail = 100 * (1 - share) / 2
        defined = gains[~np.isnan(gains)]
        low, high = np.percentile(defined, [tail, 100 - tail]) if len(defined) else (np.nan, np.nan)
        return Estimate(float(first[0] - second[0]), float(low), float(high))

    def gains(self, over: Sequence[str]) -> pd.DataFrame:
        """Every predictor's gain over some: predictor, over, measure, gain, gain_low, gain_high."""
        rows = []
        for predictor in self.predictors:
            for other in over:
                for measure in MEASURES if predictor != other else ():
                    found = self.gain(measure, predictor, other)
                    rows.append((predictor, other, measure, found.value, found.low, found.high))
        columns = ["predictor", "over", "measure", "gain", "gain_low", "gain_high"]
        return pd.DataFrame(rows, columns=columns)


@dataclass(frozen=True, eq=False)
class Promise:
    """One predictor's promises and what is worked out from them once."""

    said: FloatArray
    error: FloatArray
    squared: FloatArray
    ranks: "_Ranks"
    tenth: IntArray


def held_out(
    came: FloatArray,
    predictors: Mapping[str, FloatArray],
    *,
    cohorts: Labels | None = None,
    groups: Labels | None = None,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> HeldOut:
    """Predictors of money beside what came over the same period.

    Parameters
    ----------
    came
        Shape (n,): money of each customer within the horizon.
    predictors
        By name: what was promised of each, shape (n,), in the same order.
    cohorts
        Shape (n,): a label of each, such as the month of the first order; who has none (null) is in
        no cohort.
    groups
        Shape (n,): the customer of each row, where customers repeat; whole customers are drawn.
    seed
        Of the bootstrap.
    resamples
        How many.

    Raises
    ------
    FiguresUnfit
        When lengths differ, nobody is there, a figure is not finite, or nothing was promised.
    """
    _require(came, predictors, {"cohorts": cohorts, "groups": groups})
    promises = {name: _promise(came, said) for name, said in predictors.items()}
    truth = _ranks(came)
    codes, labels = _codes(cohorts, len(came))
    parts = []
    for weights in resampled_weights(len(came), seed, resamples, groups):
        ranks = truth.drawn(weights).middle()
        by_name = {n: _measured(came, ranks, each, weights) for n, each in promises.items()}
        tenths = {n: _sums(weights, came, each.tenth, TENTHS) for n, each in promises.items()}
        parts.append((by_name, tenths, _sums(weights, came, codes, len(labels))))
    sampled = {
        name: {m: np.concatenate([part[0][name][m] for part in parts]) for m in MEASURES}
        for name in promises
    }
    once = np.ones((1, len(came)))
    exact = {
        n: _measured(came, truth.drawn(once).middle(), each, once) for n, each in promises.items()
    }
    by_tenth = {name: np.concatenate([part[1][name] for part in parts]) for name in promises}
    by_cohort = np.concatenate([part[2] for part in parts])
    deciles = [
        _told(name, came, each.said, (each.tenth, np.arange(TENTHS) + 1), by_tenth[name])
        for name, each in promises.items()
    ]
    told = [_told(n, came, e.said, (codes, labels), by_cohort) for n, e in promises.items()]
    return HeldOut(
        _figures(exact, sampled),
        _of_deciles(pd.concat(deciles, ignore_index=True)),
        _of_cohorts(pd.concat(told, ignore_index=True)),
        len(came),
        float(came.sum()),
        sampled,
    )


def _require(
    came: FloatArray, predictors: Mapping[str, FloatArray], labels: Mapping[str, Labels | None]
) -> None:
    require_figures("a comparison of predictors", {"came": came, **predictors})
    lengths = {name: len(each) for name, each in labels.items() if each is not None}
    if not predictors or any(length != len(came) for length in lengths.values()):
        told = "".join(f", {length:,} {name}" for name, length in lengths.items())
        message = (
            f"a comparison needs predictors and labels of the same customers, but was given "
            f"{len(predictors)} predictors of {len(came):,} customers{told}; pass them in one order"
        )
        raise FiguresUnfit(message)


def _codes(cohorts: Labels | None, rows: int) -> tuple[IntArray, Labels]:
    if cohorts is None:
        return np.zeros(rows, dtype=np.int64), np.empty(0, dtype=object)
    codes, labels = pd.factorize(pd.Series(cohorts), sort=True)
    return codes.astype(np.int64), np.asarray(labels)


def _promise(came: FloatArray, said: FloatArray) -> Promise:
    ranks = _ranks(said)
    twice = 2 * np.cumsum(ranks.counts) - ranks.counts
    from_top = TENTHS * (2 * len(said) - twice) // (2 * len(said))
    tenth = np.minimum(from_top, TENTHS - 1)[ranks.level]
    error = said - came
    return Promise(said, np.abs(error), error**2, ranks, tenth.astype(np.int64))


@dataclass(frozen=True, eq=False)
class _Ranks:
    """Levels of equal values, ascending."""

    order: IntArray
    begins: IntArray
    level: IntArray
    counts: IntArray

    def drawn(self, weights: FloatArray) -> "_Drawn":
        """Rows by level where each counts so often, shape (b, n)."""
        ordered: FloatArray = weights[:, self.order]
        return _Drawn(self, ordered, self.sums(ordered))

    def sums(self, ordered: FloatArray) -> FloatArray:
        """Sums of each level, shape (b, levels), of rows by level."""
        if len(self.begins) == len(self.order):  # no two values are equal
            return ordered
        found: FloatArray = np.add.reduceat(ordered, self.begins, axis=1)
        return found


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Some resamples of rows by level: how often each row, and each level, is there."""

    ranks: _Ranks
    ordered: FloatArray
    held: FloatArray

    def middle(self) -> FloatArray:
        """Middle ranks of rows, shape (b, n)."""
        middle = np.cumsum(self.held, axis=1) - self.held + (self.held + 1) / 2
        found: FloatArray = middle[:, self.ranks.level]
        return found

    def top(self, came: FloatArray) -> FloatArray:
        """Money that came from the tenth of highest values, shape (b,); ties in proportion."""
        held = self.held[:, ::-1]
        money = self.ranks.sums(self.ordered * came[self.ranks.order])[:, ::-1]
        held_so_far, rows = np.cumsum(held, axis=1), np.arange(len(held))
        wanted = held_so_far[:, -1] / TENTHS
        edge = np.argmax(held_so_far >= wanted[:, None], axis=1)
        beyond = (held_so_far[rows, edge] - wanted) / held[rows, edge]
        found: FloatArray = np.cumsum(money, axis=1)[rows, edge] - beyond * money[rows, edge]
        return found


def _ranks(values: FloatArray) -> _Ranks:
    _, level, counts = np.unique(values, return_inverse=True, return_counts=True)
    begins = np.cumsum(counts) - counts
    order = np.argsort(level, kind="stable")
    return _Ranks(order.astype(np.int64), begins, level.astype(np.int64), counts.astype(np.int64))


def _measured(
    came: FloatArray, truth: FloatArray, promise: Promise, weights: FloatArray
) -> dict[str, FloatArray]:
    """Every measure on each resample, shape (b,), from the ranks of what came, shape (b, n)."""
    whole = weights.sum(axis=1)
    total = _weighed(weights, came)
    drawn = promise.ranks.drawn(weights)
    return {
        "mae": _weighed(weights, promise.error) / whole,
        "rmse": np.sqrt(_weighed(weights, promise.squared) / whole),
        "total_bias": _ratio(_weighed(weights, promise.said), total) - 1,
        "spearman": _correlation(weights, truth, drawn.middle()),
        "top_tenth_share": _ratio(drawn.top(came), total),
    }


def _weighed(weights: FloatArray, values: FloatArray) -> FloatArray:
    """Sums by einsum and not by BLAS, whose last digit depends on the number of threads."""
    return np.asarray(np.einsum("bn,n->b", weights, values), dtype=np.float64)


def _correlation(weights: FloatArray, one: FloatArray, other: FloatArray) -> FloatArray:
    """Weighted, of each row; NaN where one does not vary."""
    middle = (weights.sum(axis=1, keepdims=True) + 1) / 2
    one, other = one - middle, other - middle
    both, first, second = (
        np.einsum("bn,bn,bn->b", weights, left, right)
        for left, right in ((one, other), (one, one), (other, other))
    )
    return _ratio(both, np.sqrt(first * second))


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    found: FloatArray = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return found


def _sums(weights: FloatArray, came: FloatArray, codes: IntArray, count: int) -> FloatArray:
    """Money that came to each group, shape (b, groups)."""
    found = np.empty((len(weights), count))
    for group in range(count):
        rows = np.flatnonzero(codes == group)
        found[:, group] = np.einsum("bn,n->b", weights[:, rows], came[rows])
    return found


def _better(measure: str, values: FloatArray) -> FloatArray:
    """Values that rise as things get better."""
    if measure in _ERRORS:
        return -np.abs(values)
    return values


def _figures(
    exact: Mapping[str, Mapping[str, FloatArray]], sampled: Mapping[str, Mapping[str, FloatArray]]
) -> pd.DataFrame:
    rows = []
    for name, by_measure in exact.items():
        for measure, value in by_measure.items():
            found = estimate(float(value[0]), sampled[name][measure])
            rows.append((name, measure, found.value, found.low, found.high))
    return pd.DataFrame(rows, columns=["predictor", "measure", "value", "low", "high"])


def _told(
    name: str,
    came: FloatArray,
    said: FloatArray,
    grouped: tuple[IntArray, Labels],
    sampled: FloatArray,
) -> pd.DataFrame:
    """Customers, promise and what came of each group."""
    codes, labels = grouped
    rows = []
    for group, label in enumerate(labels):
        inside = codes == group
        found = estimate(float(came[inside].sum()), sampled[:, group])
        promised = float(said[inside].sum())
        rows.append((name, label, int(inside.sum()), promised, found.value, found.low, found.high))
    columns = ["predictor", "group", "customers", "promised", "came", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _of_deciles(told: pd.DataFrame) -> pd.DataFrame:
    below = told["promised"].where(told["promised"] > 0)
    ratios = {"ratio": "came", "ratio_low": "low", "ratio_high": "high"}
    more = {name: told[column] / below for name, column in ratios.items()}
    return told.rename(columns={"group": "decile"}).assign(**more)


def _of_cohorts(told: pd.DataFrame) -> pd.DataFrame:
    bias = told["promised"] / told["came"].where(told["came"] > 0) - 1
    return told.rename(columns={"group": "cohort"}).assign(bias=bias)
