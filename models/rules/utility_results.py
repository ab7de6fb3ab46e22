"""What searches by what itemsets bring give back."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.rules.baskets import Baskets, WholeArray
from models.rules.itemsets import Itemsets
from models.rules.utility_kernels import COUNT, ITEM, LENGTH, PARENT, UTILITY
from models.rules.utility_search import Found, Wanted


@dataclass(frozen=True)
class Raised:
    """What a limit took away: nothing that brings less than what fits was looked for.

    Attributes
    ----------
    asked
        What an itemset was to bring, at least.
    least
        What an itemset here brings, at least: the smallest whole number at which all fit.
    limit
        The limit in words, such as ``1,000,000 itemsets``.
    """

    asked: int
    least: int
    limit: str


@dataclass(frozen=True, eq=False)
class Bundles:
    """Itemsets and what each brings.

    Attributes
    ----------
    itemsets
        The trie of the itemsets, with the number of baskets that hold each.
    utility
        Shape (nodes,): sum, over the baskets that hold all items of a node, of the weights of
        these items there, in the unit of the weights.
    least
        What every itemset that is meant brings, at least.
    raised
        What a limit took away; None where nothing was.
    """

    itemsets: Itemsets
    utility: WholeArray
    least: int
    raised: Raised | None = None

    def __len__(self) -> int:
        """Number of itemsets that are meant."""
        return len(self.itemsets)

    def frame(self) -> pd.DataFrame:
        """A row per itemset that is meant, the one that brings most first.

        Columns: ``itemsets`` (frozensets of names), ``count`` (baskets), ``support`` (their share
        of all) and ``utility`` (in the unit of the weights).
        """
        return frame_of(self.itemsets, {"utility": self.utility}, by=self.utility)


@dataclass(frozen=True, eq=False)
class WeightedItemsets:
    """Itemsets and the weight of the baskets that hold each.

    Attributes
    ----------
    itemsets
        The trie of the itemsets, with the number of baskets that hold each.
    weight
        Shape (nodes,): sum of the weights of the baskets that hold all items of a node.
    total
        Weight of all baskets.
    least
        Weight of the baskets that hold an itemset, at least.
    raised
        What a limit took away, as weights; None where nothing was.
    """

    itemsets: Itemsets
    weight: WholeArray
    total: int
    least: int
    raised: Raised | None = None

    def __len__(self) -> int:
        """Number of itemsets that are meant."""
        return len(self.itemsets)

    @property
    def support(self) -> npt.NDArray[np.float64]:
        """Share of the weight of all baskets that is in those which hold a node, shape (nodes,)."""
        return self.weight / max(self.total, 1)

    def frame(self) -> pd.DataFrame:
        """A row per itemset that is meant, the one of the highest weighted support first.

        Columns: ``itemsets`` (frozensets of names), ``count`` (baskets), ``support`` (their share
        of all), ``weight`` and ``weighted_support`` (its share of the weight of all).
        """
        columns = {"weight": self.weight, "weighted_support": self.support}
        return frame_of(self.itemsets, columns, by=self.weight)


def itemsets_of(found: Found, baskets: Baskets, wanted: Wanted) -> Itemsets:
    """The trie of what was found."""
    table = found.table
    is_asked = (table[:, UTILITY] >= found.least) & (table[:, LENGTH] >= wanted.shortest)
    parent, item, count = (table[:, each].astype(np.int32) for each in (PARENT, ITEM, COUNT))
    asked = None if is_asked.all() else is_asked
    return Itemsets(parent, item, count, baskets.labels, baskets.count, least=1, is_asked=asked)


def raised_by(found: Found) -> Raised | None:
    """What a limit took away of what was looked for."""
    return None if found.limit is None else Raised(found.asked, found.least, found.limit)


def frame_of(
    itemsets: Itemsets, columns: Mapping[str, npt.NDArray[np.generic]], by: WholeArray
) -> pd.DataFrame:
    """A row per itemset that is meant, the greatest first, equals in the order of the trie."""
    starts, members = itemsets.members()
    names = itemsets.labels.to_numpy(dtype=object)[members].tolist()
    ends = starts.tolist()
    sets = [frozenset(names[a:b]) for a, b in pairwise(ends)]
    nodes = itemsets.nodes
    order = np.argsort(-by[nodes], kind="stable")
    chosen = nodes[order]
    return pd.DataFrame(
        {
            "itemsets": pd.Series([sets[place] for place in order.tolist()], dtype=object),
            "count": itemsets.count[chosen],
            "support": itemsets.support[chosen],
        }
        | {name: values[chosen] for name, values in columns.items()}
    )
