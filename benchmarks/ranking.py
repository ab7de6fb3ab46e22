"""ROC AUC and average precision of many resamples of the customers at once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ranking:
    """Customers of one day from the highest score to the lowest.

    Attributes
    ----------
    person
        Number of each customer, the same on every day, shape (n,).
    churned
        1 or 0, shape (n,).
    ends
        Whether the next customer has another score, shape (n,).
    """

    person: npt.NDArray[np.int64]
    churned: Doubles
    ends: npt.NDArray[np.bool_]

    @classmethod
    def of(
        cls, person: npt.NDArray[np.int64], churned: npt.NDArray[np.bool_], score: Doubles
    ) -> "Ranking":
        """The ranking of scores in any order."""
        order = np.argsort(-score, kind="stable")
        ends = np.append(np.diff(score[order]) != 0, [True])
        return cls(person[order], churned[order].astype(np.float64), ends)

    def measures(self, weight: Doubles) -> tuple[float, float]:
        """ROC AUC and average precision when each person counts so many times.

        Parameters
        ----------
        weight
            By number of the person.
        """
        counts = weight[self.person]
        hits = np.cumsum(counts * self.churned)[self.ends]
        misses = np.cumsum(counts * (1 - self.churned))[self.ends]
        true_rate, false_rate = hits / hits[-1], misses / misses[-1]
        area = np.trapezoid(np.append(0, true_rate), np.append(0, false_rate))
        precision = hits / np.maximum(hits + misses, 1e-300)
        average = np.sum(np.diff(true_rate, prepend=0) * precision)
        return float(area), float(average)


@dataclass(frozen=True)
class Gain:
    """A mean over days with the interval of its gain over another, by resampling customers."""

    value: float
    gain: float
    low: float
    high: float

    def __str__(self) -> str:
        """Value, gain and interval to four digits."""
        return f"{self.value:.4f} ({self.gain:+.4f}: {self.low:+.4f} to {self.high:+.4f})"


def gains(
    ours: list[Ranking], theirs: list[Ranking], *, draws: int, seed: int
) -> tuple[Gain, Gain]:
    """Gains in ROC AUC and average precision, means over the days, with 95 % intervals.

    Parameters
    ----------
    ours, theirs
        One ranking per day, of the same customers.
    draws
        Resamples of the customers; a customer who is drawn is drawn on every day.
    seed
        Of the draws.
    """
    people = 1 + max(int(day.person.max()) for day in ours)
    chance = np.random.default_rng(seed)
    whole = np.ones(people)
    weights = [chance.multinomial(people, whole / people).astype(float) for _ in range(draws)]
    here, there = (_means(days, [whole, *weights]) for days in (ours, theirs))
    low, high = np.percentile((here - there)[1:], [2.5, 97.5], axis=0)
    first, second = (
        Gain(here[0, i], here[0, i] - there[0, i], float(low[i]), float(high[i])) for i in (0, 1)
    )
    return first, second


def _means(days: list[Ranking], weights: list[Doubles]) -> Doubles:
    """Means over the days of both measures, shape (weights, 2)."""
    return np.array([np.mean([day.measures(w) for day in days], axis=0) for w in weights])
