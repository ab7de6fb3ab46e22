"""Frequent itemsets by mlxtend's FP-growth, to compare with; it keeps no limits."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from models.rules.baskets import Baskets
from models.rules.interchange import itemsets_from
from models.rules.itemsets import Itemsets
from models.thresholds import least_count


def frequent_by_mlxtend(
    baskets: Baskets, support: float, max_length: int | None = None
) -> Itemsets:
    """All itemsets in enough baskets, as `models.rules.mining.frequent` finds them.

    Parameters
    ----------
    baskets
        Of distinct items.
    support
        Share of all baskets, at least. mlxtend is asked for half a basket less, so that rounding
        takes no itemset of exactly that share.
    max_length
        Items, at most.

    Raises
    ------
    ThresholdUnusable
        When the support is not above 0 and at most 1.
    """
    from mlxtend.frequent_patterns import fpgrowth  # noqa: PLC0415  loads matplotlib

    least = least_count(support, baskets.count)
    labels, total = baskets.labels, baskets.count
    if not total:
        empty = np.empty(0, dtype=np.int32)
        return Itemsets(empty, empty, empty, labels, total, least)
    held = np.ones(len(baskets.codes), dtype=bool)
    shape = (total, len(labels))
    table: Any = pd.DataFrame.sparse  # an accessor, which stubs do not know
    one_hot = table.from_spmatrix(csr_matrix((held, baskets.codes, baskets.starts), shape))
    told = fpgrowth(one_hot, min_support=(least - 0.5) / total, max_len=max_length)
    found = itemsets_from(told, total)
    positions = found.labels.to_numpy(dtype=np.int64)
    return replace(found, item=positions[found.item].astype(np.int32), labels=labels, least=least)
