"""Customers ranked by probability, and the weight on each distinct probability."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.spec import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Levels:
    """Weights of b resamples on t distinct probabilities.

    Attributes
    ----------
    probability
        Shape (t,), falling.
    left
        Shape (b, t): weight of the customers who left.
    everyone
        Shape (b, t): weight of all customers.
    """

    probability: FloatArray
    left: FloatArray
    everyone: FloatArray

    @cached_property
    def left_so_far(self) -> FloatArray:
        """Shape (b, t): weight of those who left, at this level or above."""
        return np.cumsum(self.left, axis=1)

    @cached_property
    def everyone_so_far(self) -> FloatArray:
        """Shape (b, t): weight of all, at this level or above."""
        return np.cumsum(self.everyone, axis=1)


@dataclass(frozen=True, eq=False)
class Ranking:
    """Rows by falling probability, and where each distinct probability begins."""

    rows: IntArray
    starts: IntArray
    left: FloatArray
    probability: FloatArray

    @classmethod
    def of(cls, churned: BoolArray, probability: FloatArray) -> "Ranking":
        """The ranking of customers by their probability.

        Raises
        ------
        ValueError
            When the shapes differ or nobody is there.
        """
        if churned.shape != probability.shape or churned.ndim != 1 or len(churned) == 0:
            message = f"one probability per customer, not {probability.shape} for {churned.shape}"
            raise ValueError(message)
        rows = np.argsort(-probability, kind="stable")
        falling = probability[rows]
        starts = np.flatnonzero(np.r_[True, falling[1:] != falling[:-1]])
        return cls(rows, starts, churned[rows].astype(np.float64), falling[starts])

    def levels(self, weights: FloatArray) -> Levels:
        """Weights of shape (b, n), in the original order of rows, summed by level."""
        ordered = weights[:, self.rows]
        left = ordered * self.left
        if len(self.starts) == len(self.rows):
            return Levels(self.probability, left, ordered)
        return Levels(
            self.probability,
            np.add.reduceat(left, self.starts, axis=1),
            np.add.reduceat(ordered, self.starts, axis=1),
        )
