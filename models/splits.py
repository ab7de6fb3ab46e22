"""Who trains and who validates: forward in time, or by customer where there is one date only."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.errors import RegularsError
from models.spec import BoolArray, IntArray

DayArray = npt.NDArray[np.datetime64]


class NothingToValidate(RegularsError):
    """The rows cannot be divided into training and validation."""


@dataclass(frozen=True, eq=False)
class Fold:
    """Row positions to train and to validate on."""

    name: str
    train: IntArray
    valid: IntArray


def label_ended(as_of: DayArray, label_days: int, by: np.datetime64) -> BoolArray:
    """Whether a row's label window ``[as_of, as_of + label_days)`` is over on the day ``by``."""
    return np.less_equal(as_of.astype("datetime64[D]") + np.timedelta64(label_days, "D"), by)


def rolling(as_of: DayArray, label_days: int, folds: int = 3) -> list[Fold]:
    """One fold for each of the newest cutoffs, oldest first; empty where none has a past.

    A fold validates on one cutoff and trains on every cutoff whose label window had ended by
    then, so that nothing is learnt from days that were not over (Bergmeir and Benítez 2012, "On
    the use of cross-validation for time series predictor evaluation").

    Parameters
    ----------
    as_of
        Shape (n,): the cutoff of each row.
    label_days
        Gap and horizon together; 0 where labels are known on the day itself.
    folds
        The most cutoffs to validate on.
    """
    days = as_of.astype("datetime64[D]")
    made: list[Fold] = []
    for cutoff in np.unique(days)[::-1]:
        train = np.flatnonzero(label_ended(days, label_days, cutoff) & (days < cutoff))
        if len(train) > 0 and len(made) < folds:
            made.append(Fold(str(cutoff), train, np.flatnonzero(days == cutoff)))
    return made[::-1]


def by_customer(customers: Sequence[str], shares: Sequence[float], seed: int) -> IntArray:
    """Part (0, 1, ...) of each row, shape (n,), drawn by a hash of the customer alone.

    A customer falls into the same part in every table, whoever else is in it. The hash is BLAKE2b
    of the seed and the identifier, read as a number in [0, 1).

    Parameters
    ----------
    customers
        Identifier of each row.
    shares
        Share of the customers in each part; they sum to 1.
    seed
        Another seed makes another, independent division.

    Raises
    ------
    ValueError
        When the shares are not positive or do not sum to 1.
    """
    edges = np.cumsum(shares)
    if min(shares) <= 0 or not np.isclose(edges[-1], 1.0):
        message = f"shares need to be positive and sum to 1, not {list(shares)}"
        raise ValueError(message)
    key = seed.to_bytes(8, "big")
    drawn = np.array([_uniform(customer, key) for customer in customers], dtype=np.float64)
    return np.searchsorted(edges[:-1], drawn, side="right").astype(np.int64)


def customer_folds(customers: Sequence[str], folds: int, seed: int) -> list[Fold]:
    """Folds over customers: each part validates once, and the others train.

    Raises
    ------
    NothingToValidate
        When all customers fall into one part.
    """
    parts = max(2, folds)
    part = by_customer(customers, [1 / parts] * parts, seed)
    if len(np.unique(part)) < parts:
        message = (
            f"validation needs customers in {parts} parts, but {len(set(customers))} customers "
            f"fell into {len(np.unique(part))}; use more customers or fewer folds"
        )
        raise NothingToValidate(message)
    return [
        Fold(f"part {index + 1}", np.flatnonzero(part != index), np.flatnonzero(part == index))
        for index in range(parts)
    ]


def folds_of(
    customers: Sequence[str], as_of: DayArray, label_days: int, folds: int, seed: int
) -> list[Fold]:
    """`rolling` folds where some cutoff has a past to train on, else `customer_folds`.

    Raises
    ------
    NothingToValidate
        When neither is possible.
    """
    return rolling(as_of, label_days, folds) or customer_folds(customers, folds, seed)


def _uniform(customer: str, key: bytes) -> float:
    digest = hashlib.blake2b(customer.encode("utf-8", "surrogatepass"), digest_size=8, key=key)
    return int.from_bytes(digest.digest(), "big") / 2**64
