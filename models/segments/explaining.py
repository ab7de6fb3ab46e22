"""How much of a figure of customers lies between segments, beside a simpler way to group them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.metrics import Estimate, estimate, resampled_weights
from models.spec import FiguresUnfit, FloatArray, IntArray

_LEAST: Final = 2


@dataclass(frozen=True)
class Explained:
    """Share of the variance of a figure that lies between groups of customers.

    Attributes
    ----------
    shares
        By the name of a way to group: eta squared, 0..1, with its 95 % interval.
    gain
        By the name of each other way: the first one's share less its own.
    """

    shares: Mapping[str, Estimate]
    gain: Mapping[str, Estimate]


def explained(
    figure: FloatArray, ways: Mapping[str, IntArray], resamples: int, seed: int
) -> Explained:
    r"""Share of the variance of a figure between the groups of each way, paired by resamples.

    .. math:: \eta^2 = \sum_g n_g (\bar y_g - \bar y)^2 \Big/ \sum_i (y_i - \bar y)^2

    Source: Fisher 1925, "Statistical methods for research workers". Customers of whom the figure is
    not known (NaN) are left out; of fewer than two, or where all have the same, it is NaN.

    Parameters
    ----------
    figure
        Shape (n,).
    ways
        Name to shape (n,), the group of each customer. The first is compared with the others.
    resamples, seed
        Of the intervals, which are over customers drawn anew.

    Raises
    ------
    FiguresUnfit
        When a way does not tell one group for each customer.
    """
    for name, groups in ways.items():
        if groups.shape != figure.shape:
            message = (
                f"a figure and its groups need one value per customer, but the figure has the "
                f"shape {figure.shape} and {name} {groups.shape}; pass those of the same customers"
            )
            raise FiguresUnfit(message)
    known = ~np.isnan(figure)
    values = figure[known]
    codes = {name: np.unique(each[known], return_inverse=True)[1] for name, each in ways.items()}
    nothing = Estimate(float("nan"), float("nan"), float("nan"))
    if len(values) < _LEAST or (values == values[0]).all():
        return Explained(dict.fromkeys(ways, nothing), dict.fromkeys(list(ways)[1:], nothing))
    whole = np.ones((1, len(values)))
    own = {name: float(_share(values, each, whole)[0]) for name, each in codes.items()}
    drawn = list(resampled_weights(len(values), seed, resamples, None))
    again = {
        name: np.concatenate([_share(values, each, weights) for weights in drawn])
        for name, each in codes.items()
    }
    first, *others = ways
    return Explained(
        {name: estimate(own[name], again[name]) for name in ways},
        {name: estimate(own[first] - own[name], again[first] - again[name]) for name in others},
    )


def _share(values: FloatArray, codes: IntArray, weights: FloatArray) -> FloatArray:
    """Eta squared for each row of weights, shape (b, n)."""
    count = weights.sum(axis=1)
    mean = np.einsum("bn,n->b", weights, values) / count
    whole = np.einsum("bn,n->b", weights, values**2) - count * mean**2
    between = -count * mean**2
    for code in range(int(codes.max()) + 1):
        inside = codes == code
        size = weights[:, inside].sum(axis=1)
        total = np.einsum("bn,n->b", weights[:, inside], values[inside])
        between += np.divide(total**2, size, out=np.zeros(len(size)), where=size > 0)
    found = np.divide(between, whole, out=np.full(len(count), np.nan), where=whole > 0)
    clipped: FloatArray = np.clip(found, 0.0, 1.0)
    return clipped
