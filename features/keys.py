"""Where keys stand among others."""

import numpy as np
import numpy.typing as npt

from features.kernels import Whole


def find(keys: Whole, wanted: Whole) -> tuple[Whole, npt.NDArray[np.bool_]]:
    """Place of each wanted key, which means nothing for one that is not there; and whether it is.

    Parameters
    ----------
    keys
        Ascending, each once; there may be none.
    wanted
        In any order.
    """
    if not len(keys):
        return np.zeros(len(wanted), dtype=np.int64), np.zeros(len(wanted), dtype=bool)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return place, keys[place] == wanted
