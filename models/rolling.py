"""Several contestants on several test days: means over the days, and how the days differ.

Every figure of every contestant is measured on the same resamples of whole customers, so that any
two of them can be compared, and a customer who was judged on several days does not count as several
independent ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.levels import Ranking
from models.metrics import METRICS, Estimate, Metric, estimate, resampled_weights
from models.spec import BoolArray, FloatArray, IntArray, require_both_classes
from models.splits import DayArray


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What happened to the customers of some test days.

    Attributes
    ----------
    churned
        Shape (n,).
    as_of
        Test day of each row, shape (n,); None where all rows are of one.
    customers
        Customer of each row, shape (n,); None where each has one row.
    """

    churned: BoolArray
    as_of: DayArray | None = None
    customers: npt.NDArray[np.object_] | None = None

    @cached_property
    def rows_by_day(self) -> tuple[IntArray, ...]:
        """Positions of the rows of each test day, the earliest day first."""
        if self.as_of is None:
            return (np.arange(len(self.churned)),)
        return tuple(np.flatnonzero(self.as_of == day) for day in np.unique(self.as_of))

    @cached_property
    def groups(self) -> IntArray | None:
        """A number for each customer, shape (n,); None where each has one row."""
        if self.customers is None:
            return None
        codes = np.unique(self.customers.astype(str), return_inverse=True)[1].astype(np.int64)
        return None if codes.max() + 1 == len(codes) else codes

    def where(self, mask: BoolArray) -> "Outcomes":
        """The rows of the mask."""
        return Outcomes(
            self.churned[mask],
            None if self.as_of is None else self.as_of[mask],
            None if self.customers is None else self.customers[mask],
        )


@dataclass(frozen=True, eq=False)
class Measured:
    """One contestant's metrics, by name.

    Attributes
    ----------
    exact
        Figure of each test day, shape (d,), the earliest day first; NaN where a day has none.
    sampled
        The same of every resample, shape (b, d).
    """

    exact: Mapping[str, FloatArray]
    sampled: Mapping[str, FloatArray]

    def means(self) -> dict[str, Estimate]:
        """Mean over the test days that have the figure, with its 95 % interval."""
        return {
            name: _mean(exact, self.sampled[name], ~np.isnan(exact))
            for name, exact in self.exact.items()
        }

    def by_day(self) -> tuple[dict[str, Estimate], ...]:
        """The figures of each test day, the earliest first."""
        days = len(next(iter(self.exact.values())))
        return tuple(
            {
                name: estimate(float(exact[day]), self.sampled[name][:, day])
                for name, exact in self.exact.items()
            }
            for day in range(days)
        )

    def minus(self, other: "Measured") -> dict[str, Estimate]:
        """Mean over the days of the paired differences, with 95 % intervals.

        Both were measured on the same resamples, so what they share cancels out. Whether a positive
        difference is good says ``higher_is_better`` of the metric.
        """
        return Measured(
            {name: exact - other.exact[name] for name, exact in self.exact.items()},
            {name: drawn - other.sampled[name] for name, drawn in self.sampled.items()},
        ).means()


def measure(
    outcomes: Outcomes,
    probabilities: Mapping[str, FloatArray],
    seed: int,
    *,
    metrics: Mapping[str, Metric] = METRICS,
    resamples: int = 1000,
) -> dict[str, Measured]:
    """Every metric of every contestant on each test day, and on resamples of the customers.

    Parameters
    ----------
    outcomes
        What happened.
    probabilities
        Contestant to the probabilities (0..1) that it gave, each of shape (n,).
    seed
        Equal seeds draw alike.
    metrics
        What is measured, by name.
    resamples
        Number of bootstrap resamples; in each, whole customers are drawn with all their days.

    Raises
    ------
    OneClassOnly
        When nobody left or nobody stayed on any day.

    Notes
    -----
    Percentile bootstrap by cluster: Davison and Hinkley 1997, "Bootstrap methods and their
    application", section 3.8. The interval speaks of other customers on the same days; how much
    other days would differ is seen in the days themselves.
    """
    require_both_classes(outcomes.churned, "an evaluation")
    days = outcomes.rows_by_day
    rankings = {
        name: [Ranking.of(outcomes.churned[rows], given[rows]) for rows in days]
        for name, given in probabilities.items()
    }
    parts: dict[str, list[dict[str, FloatArray]]] = {name: [] for name in probabilities}
    drawn = resampled_weights(len(outcomes.churned), seed, resamples, outcomes.groups)
    for weights in drawn:
        by_day = [weights[:, rows] if len(days) > 1 else weights for rows in days]
        for name, ranked in rankings.items():
            parts[name].append(_figures(ranked, by_day, metrics))
    whole = [np.ones((1, len(rows))) for rows in days]
    return {
        name: Measured(
            {key: figures[0] for key, figures in _figures(ranked, whole, metrics).items()},
            {key: np.concatenate([part[key] for part in parts[name]]) for key in metrics},
        )
        for name, ranked in rankings.items()
    }


def _figures(
    ranked: list[Ranking], weights: list[FloatArray], metrics: Mapping[str, Metric]
) -> dict[str, FloatArray]:
    """Metric to its figures, shape (b, d)."""
    levels = [ranking.levels(each) for ranking, each in zip(ranked, weights, strict=True)]
    return {
        name: np.column_stack([metric.kernel(level) for level in levels])
        for name, metric in metrics.items()
    }


def _mean(exact: FloatArray, sampled: FloatArray, has_figure: BoolArray) -> Estimate:
    if not has_figure.any():
        return Estimate(np.nan, np.nan, np.nan)
    return estimate(float(exact[has_figure].mean()), sampled[:, has_figure].mean(axis=1))
