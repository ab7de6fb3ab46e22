"""Which of several models is trained: the simplest of those that are as good as the best."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.metrics import Metric
from models.rolling import Measured, Outcomes, measure
from models.spec import BoolArray, FloatArray, OneClassOnly

RESAMPLES: Final = 500
"""Enough for a standard error that is itself known to some 3 % (1 / sqrt(2 x 500))."""


@dataclass(frozen=True)
class Standing:
    """How one model stands beside the best by one metric.

    Attributes
    ----------
    value
        Mean of the metric over the days.
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
        return self.errors_behind <= 1

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
    outcomes: Outcomes,
    probabilities: Mapping[str, FloatArray],
    metrics: Mapping[str, Metric],
    seed: int,
) -> Verdict:
    r"""The simplest model within one standard error of the best in every metric.

    .. math:: \bar m_{best} - \bar m_k \le SE(\bar m_{best} - \bar m_k), \qquad
              \bar m_k = \frac1D \sum_d m(y_d, \hat p_{k,d})

    Source: the one-standard-error rule of Breiman, Friedman, Olshen and Stone 1984, section
    3.4.3; Hastie, Tibshirani and Friedman 2009, "The elements of statistical learning", section
    7.10. Where we differ: the error is that of the difference, not of the best alone, since both
    are judged by the same customers, and what these share cancels out; and it comes from a
    bootstrap of customers (`models.rolling.measure`), because a handful of folds, whose training
    rows overlap, gives no variance worth the name.

    Where no model is as good in every metric, because the best in one is not the best in another,
    the one whose worst shortfall in standard errors is least.

    Parameters
    ----------
    outcomes
        Rows that validated, each in one fold, and what happened. Metrics are taken day by day, so
        that chances of one day are never compared with those of another.
    probabilities
        Model to what it said of rows that it had not seen, each of shape (n,); simplest first.
    metrics
        What counts, by name.
    seed
        Equal seeds give equal errors.

    Raises
    ------
    OneClassOnly
        When on no day some left and some stayed.
    """
    telling = _telling(outcomes)
    measured = measure(
        outcomes.where(telling),
        {name: said[telling] for name, said in probabilities.items()},
        seed,
        metrics=metrics,
        resamples=RESAMPLES,
    )
    by_metric = {key: _standings(key, metric, measured) for key, metric in metrics.items()}
    standings = {
        name: {key: found[name] for key, found in by_metric.items()} for name in probabilities
    }
    return Verdict(_simplest(standings), standings)


def _telling(outcomes: Outcomes) -> BoolArray:
    """Rows of the days on which some left and some stayed."""
    telling = np.zeros(len(outcomes.churned), dtype=np.bool_)
    for rows in outcomes.rows_by_day:
        telling[rows] = len(np.unique(outcomes.churned[rows])) > 1
    if not telling.any():
        message = (
            f"a choice between models needs a day with customers who left and customers who "
            f"stayed, but none of {len(outcomes.rows_by_day)} has both; widen the cohort or name "
            f"one model alone"
        )
        raise OneClassOnly(message)
    return telling


def _standings(key: str, metric: Metric, measured: Mapping[str, Measured]) -> dict[str, Standing]:
    """Of every model by one metric; of equally good ones the first is the best."""
    sign = 1.0 if metric.higher_is_better else -1.0
    exact = {name: sign * float(found.exact[key].mean()) for name, found in measured.items()}
    best = max(exact, key=exact.__getitem__)
    return {
        name: Standing(
            value=sign * value,
            behind=exact[best] - value,
            error=_spread((measured[best].sampled[key] - measured[name].sampled[key]).mean(axis=1)),
        )
        for name, value in exact.items()
    }


def _spread(sampled: FloatArray) -> float:
    """Standard deviation of the defined ones: a day may have one outcome only in a resample."""
    defined = sampled[~np.isnan(sampled)]
    return float(defined.std(ddof=1)) if len(defined) > 1 else 0.0


def _simplest(standings: Mapping[str, Mapping[str, Standing]]) -> str:
    """The first that is as good as the best in everything, else the one that is least behind."""
    for name, found in standings.items():
        if all(standing.is_as_good for standing in found.values()):
            return name
    return min(
        standings,
        key=lambda name: max(standing.errors_behind for standing in standings[name].values()),
    )
