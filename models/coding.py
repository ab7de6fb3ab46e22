"""Identifiers of any type as whole numbers."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.compiled import compiled

WholeArray = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]

_SMALL = 5_000
"""Rows below which numpy is quicker than loading what is compiled."""

_WIDEST = 2**62
"""Whole numbers from which on differences might not fit."""


def coded(values: pd.Series) -> tuple[Codes, pd.Index]:
    """Position of each value among the distinct ones, ascending; -1 where it is null."""
    if (
        isinstance(values.dtype, np.dtype)
        and values.dtype.kind in "iu"
        and len(values) >= max(_SMALL, 1)
    ):
        numbers = values.to_numpy()
        least, greatest = int(numbers.min()), int(numbers.max())
        if greatest - least < 2 * len(numbers) and greatest < _WIDEST:
            codes, found = _coded_narrow(numbers, least, greatest)
            return codes, pd.Index(found)
    wide, labels = pd.factorize(values, sort=True)
    return wide.astype(np.int32), pd.Index(labels)


@compiled
def _coded_narrow(
    numbers: npt.NDArray[np.integer], least: int, greatest: int
) -> tuple[Codes, WholeArray]:
    """Whole numbers of a narrow range, without a hash table, and which of the range there are."""
    places = np.zeros(greatest - least + 1, np.int32)
    for row in range(numbers.size):
        places[np.int64(numbers[row]) - least] = 1
    found = np.empty(places.sum(), np.int64)
    used = 0
    for value in range(places.size):
        if places[value]:
            found[used] = value + least
            places[value] = used
            used += 1
    codes = np.empty(numbers.size, np.int32)
    for row in range(numbers.size):
        codes[row] = places[np.int64(numbers[row]) - least]
    return codes, found
