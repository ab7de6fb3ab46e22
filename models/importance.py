"""What a model looks at: how much each column moves the scores of customers, with intervals."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from features.contract import Cause, Column
from models.explain import by_figure
from models.metrics import Estimate, resampled_weights
from models.spec import FloatArray, IntArray

Customers = npt.NDArray[np.generic]


def importance(
    contributions: FloatArray,
    seed: int,
    *,
    resamples: int = 1000,
    groups: Customers | None = None,
) -> tuple[Estimate, ...]:
    r"""Share (0..1) of each column in all that moved the scores, with its 95 % interval.

    .. math:: I_j = \frac{\sum_i |\phi_{ij}|}{\sum_k \sum_i |\phi_{ik}|}

    Source: Lundberg, Erion and Lee 2018, "Consistent individualized feature attribution for tree
    ensembles", section 4, divided by the sum over columns so that models can be compared.

    Parameters
    ----------
    contributions
        Shape (n, k), log-odds, of one fitted model.
    seed
        Equal seeds give equal intervals.
    resamples
        Of the percentile bootstrap over customers. The interval is about who was asked, not about
        how the model was fitted: for that see `models.stability`.
    groups
        Shape (n,): the customer of each row, where customers repeat; whole customers are drawn.
    """
    return _shares(np.abs(contributions), seed, resamples, groups)


def importance_by_cause(
    contributions: FloatArray,
    columns: Sequence[Column],
    seed: int,
    *,
    resamples: int = 1000,
    groups: Customers | None = None,
) -> dict[Cause | None, Estimate]:
    """Share (0..1) of each cause of leaving in all that moved the scores; None: of no cause.

    Columns that have one cause and differ in the window only count together, as in a customer's
    reasons, so that windows that cancel each other out move nothing. Other parameters are those of
    `importance`.

    Raises
    ------
    ValueError
        When the contributions do not fit the columns.
    """
    moved, causes = by_figure(contributions, columns)
    distinct = tuple(dict.fromkeys(causes))
    sums = np.zeros((len(moved), len(distinct)))
    for figure, cause in zip(np.abs(moved).T, causes, strict=True):
        sums[:, distinct.index(cause)] += figure
    return dict(zip(distinct, _shares(sums, seed, resamples, groups), strict=True))


def sampled(customers: Customers, most: int, seed: int) -> IntArray:
    """Positions, ascending, of the rows of customers drawn at random: at most so many rows.

    Whole customers are drawn, and at least one; whom depends on who is there, not on their order.

    Parameters
    ----------
    customers
        Shape (n,): the customer of each row.
    most
        Rows.
    seed
        Equal seeds draw alike.
    """
    _, codes, counts = np.unique(customers, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(counts))
    is_within = np.cumsum(counts[order]) <= most
    chosen = order[: max(1, int(np.count_nonzero(is_within)))]
    return np.flatnonzero(np.isin(codes, chosen))


def _shares(
    moved: FloatArray, seed: int, resamples: int, groups: Customers | None
) -> tuple[Estimate, ...]:
    """Share of each part, from how far it moved each score, shape (n, parts), none below 0.

    By einsum and not by BLAS, whose last digit depends on the number of threads.
    """
    drawn = [
        _normed(np.einsum("bn,np->bp", weights, moved))
        for weights in resampled_weights(len(moved), seed, resamples, groups)
    ]
    low, high = np.quantile(np.concatenate(drawn), [0.025, 0.975], axis=0)
    (exact,) = _normed(moved.sum(axis=0, keepdims=True))
    return tuple(map(Estimate, exact.tolist(), low.tolist(), high.tolist()))


def _normed(sums: FloatArray) -> FloatArray:
    """Rows divided by their sums; zeros where nothing moved."""
    whole = sums.sum(axis=1, keepdims=True)
    shares: FloatArray = np.divide(sums, whole, out=np.zeros_like(sums), where=whole > 0)
    return shares
