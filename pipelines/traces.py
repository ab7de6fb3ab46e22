"""The curves of one contestant, from what it predicted and what happened."""

import numpy as np

from models.levels import Levels, Ranking
from models.spec import BoolArray, FloatArray
from pipelines.charts import Point
from pipelines.curves import Bin
from pipelines.findings import Traces

BINS = 10
STEPS = 20


def traces(churned: BoolArray, probability: FloatArray) -> Traces:
    """Gains, ROC, reliability and score counts of (n,) customers, whatever their order.

    Customers with the same probability are one straight step of a curve and fall in the same bin.
    The bins are those of `models.metrics.expected_calibration_error`. ROC and gains are empty when
    nobody left, ROC also when everybody did.
    """
    if not len(churned):
        return Traces()
    levels = Ranking.of(churned, probability).levels(np.ones((1, len(churned))))
    found, called = levels.left_so_far[0], levels.everyone_so_far[0]
    named = called - found
    left, stayed = found[-1], named[-1]
    return Traces(
        gains=_points(called / called[-1], found / left) if left else (),
        roc=_points(named / stayed, found / left) if left and stayed else (),
        reliability=_bins(levels),
        scores=tuple(int(n) for n in np.histogram(probability, bins=STEPS, range=(0.0, 1.0))[0]),
    )


def _points(across: FloatArray, up: FloatArray) -> tuple[Point, ...]:
    return ((0.0, 0.0), *zip(across.tolist(), up.tolist(), strict=True))


def _bins(levels: Levels) -> tuple[Bin, ...]:
    """About equally many customers per bin, in order of their probability."""
    left, everyone = levels.left[0], levels.everyone[0]
    middle = (levels.everyone_so_far[0] - everyone / 2) / everyone.sum()
    place = np.minimum((BINS * middle).astype(np.int64), BINS - 1)
    customers, leavers, expected = (
        np.bincount(place, weights=weights, minlength=BINS)
        for weights in (everyone, left, everyone * levels.probability)
    )
    return tuple(
        Bin(
            float(expected[at] / customers[at]),
            float(leavers[at] / customers[at]),
            int(customers[at]),
        )
        for at in reversed(range(BINS))
        if customers[at]
    )
