"""Room for what is found: large arrays whose pages are kept for the next ones."""

from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Kind = TypeVar("Kind", bound=np.generic)

_SMALL: Final = 1 << 18
"""Bytes up to which an array costs less than the way round."""


def room(shape: int | tuple[int, int], kind: type[Kind]) -> npt.NDArray[Kind]:
    """An array that is not yet filled.

    A large one is of Arrow's memory pool. It takes huge pages and keeps them for a while after they
    are freed; to be given pages anew by the system takes longer than most loops take to fill them.

    Parameters
    ----------
    shape
        Of the array.
    kind
        Of its numbers.
    """
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    if size <= _SMALL:
        return np.empty(shape, dtype=kind)
    return np.frombuffer(pa.allocate_buffer(size), dtype=kind).reshape(shape)
