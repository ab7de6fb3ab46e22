"""Whether two segments of a mixture are two humps of the density, or share one."""

from itertools import combinations
from typing import Final

import numpy as np

from models.segments.clusters import Mixture
from models.spec import FloatArray

_STEPS: Final = 201
_FLAT: Final = 1e-9


def shared_hump(mixture: Mixture) -> tuple[int, int] | None:
    """The first two segments whose normal distributions have one mode together; None: no such two.

    All modes of two normal distributions lie on one curve between their means, the ridgeline, so
    that the density along it has two maxima if and only if there are two humps. Source: Ray and
    Lindsay 2005, "The topography of multivariate normal mixtures", theorem 1. A mixture takes any
    skewness or heavy tail for a further component; this one criterion tells it from a group.
    """
    for one, other in combinations(range(mixture.count), 2):
        if _maxima(along_ridgeline(mixture, one, other)) < _TWO:
            return one, other
    return None


_TWO: Final = 2


def along_ridgeline(mixture: Mixture, one: int, other: int) -> FloatArray:
    """Density of two segments together, each with its share, along their ridgeline."""
    inverse = [mixture.roots[each] @ mixture.roots[each].T for each in (one, other)]
    pulled = [inverse[at] @ mixture.centres[each] for at, each in enumerate((one, other))]
    places = np.linspace(0.0, 1.0, _STEPS)
    points = [
        np.linalg.solve(
            (1 - place) * inverse[0] + place * inverse[1],
            (1 - place) * pulled[0] + place * pulled[1],
        )
        for place in places
    ]
    pair = np.array([one, other])
    joint = Mixture(mixture.centres[pair], mixture.shares[pair], mixture.roots[pair]).log_joint(
        np.array(points)
    )
    found: FloatArray = np.logaddexp(joint[:, 0], joint[:, 1])
    return found


def _maxima(values: FloatArray) -> int:
    """Number of maxima, those at the ends among them; a level stretch is one."""
    steps = np.diff(values)
    steps = np.where(np.abs(steps) < _FLAT, 0.0, np.sign(steps))
    moves = np.r_[1.0, steps[steps != 0], -1.0]
    return int(((moves[:-1] > 0) & (moves[1:] < 0)).sum())
