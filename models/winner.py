"""Which of several models is trained: the simplest of those that are as good as the best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from models.levels import Ranking
from models.metrics import Metric, resampled_weights
from models.spec import BoolArray, FloatArray, IntArray, OneClassOnly

RESAMPLES: Final = 500
"""Enough for a standard error that is itself known to some 3 % (1 / sqrt(2 x 500))."""


@dataclass(frozen=True, eq=False)
class Validated:
    """Rows that validated some folds, and what happened to them.

    Attributes
    ----------
    churned
        Shape (n,).
    customers
        Identifier of each row, shape (n,); a customer may be in several folds.
    fold
        Number of the fold that each row validated, shape (n,).
    """

    churned: BoolArray
    customers: npt.NDArray[np.generic]
    fold: IntArray


@dataclass(frozen=True)
class Standing:
    """How one model stands beside the best by one metric.

    Attributes
    ----------
    value
        Mean of the metric over the folds.
    behind
        How much worse that is than the best model's, 0 or more.
    error
        Standard error of that difference.
    """

    value: float
    behind: float
    error: float

    @property
    def is_as_good(self) -> bool:
        """Whether no more than one standard error lies between this model and the best."""
        return self.behind <= self.error

    @property
    def errors_behind(self) -> float:
        """The difference in standard errors; infinite where there is one without any error."""
        if self.behind == 0:
            return 0.0
        return self.behind / self.error if self.error > 0 else float("inf")


@dataclass(frozen=True)
class Verdict:
    """The winner, and how every model stands.

    Attributes
    ----------
    winner
        Its name.
    standings
        Model to metric to standing, simplest model first.
    """

    winner: str
    standings: Mapping[str, Mapping[str, Standing]]

    @property
    def as_good(self) -> tuple[str, ...]:
        """Models within one standard error of the best in every metric, simplest first."""
        return tuple(
            name
            for name, found in self.standings.items()
            if all(standing.is_as_good for standing in found.values())
        )


def verdict(
    validated: Validated,
    probabilities: Mapping[str, FloatArray],
    metrics: Mapping[str, Metric],
    seed: int,
) -> Verdict:
    r"""The simplest model within one standard error of the best in every metric.

    .. math:: \bar m_{best} - \bar m_k \le SE(\bar m_{best} - \bar m_k), \qquad
              \bar m_k = \frac1F \sum_f m(y_f, \hat p_{k,f})

    Source: the one-standard-error rule of Breiman, Friedman, Olshen and Stone 1984, section
    3.4.3; Hastie, Tibshirani and Friedman 2009, "The elements of statistical learning", section
    7.10. Where we differ: the error is that of the difference, not of the best alone, since both
    are judged by the same customers, and what these share cancels out; and it comes from a
    bootstrap of customers (Efron and Tibshirani 1993, chapter 13), because a handful of folds,
    whose training rows overlap, gives no variance worth the name.

    Where no model is as good in every metric, because the best in one is not the best in another,
    the one whose worst shortfall in standard errors is least.

    Parameters
    ----------
    validated
        The rows, and what happened.
    probabilities
        Model to what it said of rows that it had not seen, each of shape (n,); simplest first.
    metrics
        What counts, by name. They are taken fold by fold, so that chances of one fold are never
        compared with those of another.
    seed
        Equal seeds give equal errors.

    Raises
    ------
    OneClassOnly
        When in no fold some left and some stayed.
    """
    scorecards = {
        name: _Scorecard.of(validated, said, metrics) for name, said in probabilities.items()
    }
    rows = len(validated.churned)
    exact = {name: card.means(np.ones((1, rows))) for name, card in scorecards.items()}
    drawn = [
        {name: card.means(weights) for name, card in scorecards.items()}
        for weights in resampled_weights(rows, seed, RESAMPLES, validated.customers)
    ]
    standings = {
        key: _standings(
            metric,
            {name: float(found[key][0]) for name, found in exact.items()},
            {name: np.concatenate([each[name][key] for each in drawn]) for name in scorecards},
        )
        for key, metric in metrics.items()
    }
    by_model = {name: {key: found[name] for key, found in standings.items()} for name in scorecards}
    return Verdict(_simplest(by_model), by_model)


def _standings(
    metric: Metric, exact: Mapping[str, float], sampled: Mapping[str, FloatArray]
) -> dict[str, Standing]:
    """Of every model by one metric, turned so that more is better; sampled has shape (b,)."""
    best = max(exact, key=exact.__getitem__)  # of equal ones the simplest
    sign = 1.0 if metric.higher_is_better else -1.0
    return {
        name: Standing(sign * value, exact[best] - value, _spread(sampled[best] - sampled[name]))
        for name, value in exact.items()
    }


@dataclass(frozen=True, eq=False)
class _Scorecard:
    """Rankings of one model, fold by fold, ready to be measured on any resample."""

    folds: Sequence[tuple[IntArray, Ranking]]
    metrics: Mapping[str, Metric]

    @classmethod
    def of(
        cls, validated: Validated, said: FloatArray, metrics: Mapping[str, Metric]
    ) -> "_Scorecard":
        folds = [
            (rows, Ranking.of(validated.churned[rows], said[rows])) for rows in _telling(validated)
        ]
        return cls(folds, metrics)

    def means(self, weights: FloatArray) -> dict[str, FloatArray]:
        """Metric to its mean over the folds, turned so that more is better, shape (b,).

        NaN where a resample has one outcome only in some fold.
        """
        levels = [ranking.levels(weights[:, rows]) for rows, ranking in self.folds]
        return {
            key: np.mean([metric.kernel(each) for each in levels], axis=0)
            * (1.0 if metric.higher_is_better else -1.0)
            for key, metric in self.metrics.items()
        }


def _telling(validated: Validated) -> list[IntArray]:
    """Rows of each fold in which some left and some stayed."""
    folds = [np.flatnonzero(validated.fold == number) for number in np.unique(validated.fold)]
    telling = [rows for rows in folds if len(np.unique(validated.churned[rows])) > 1]
    if not telling:
        message = (
            f"a choice between models needs a fold with customers who left and customers who "
            f"stayed, but none of {len(folds)} has both; widen the cohort or name one model alone"
        )
        raise OneClassOnly(message)
    return telling


def _spread(sampled: FloatArray) -> float:
    """Standard deviation of the defined ones."""
    defined = sampled[~np.isnan(sampled)]
    return float(defined.std(ddof=1)) if len(defined) > 1 else 0.0


def _simplest(standings: Mapping[str, Mapping[str, Standing]]) -> str:
    """The first that is as good as the best in everything, else the one that is least behind."""
    worst = {
        name: max(standing.errors_behind for standing in found.values())
        for name, found in standings.items()
    }
    as_good = [name for name, errors in worst.items() if errors <= 1]
    return as_good[0] if as_good else min(worst, key=lambda name: worst[name])
