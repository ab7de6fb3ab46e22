"""Items that stand for a discount, as of context ``promoted``: which they are, baskets without."""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from features.baskets import Bought
from features.items import OF_PROMOTION, Items


def is_promoted(items: Items, levels: Collection[str]) -> npt.NDArray[np.bool_]:
    """Which items stand for one that was discounted, shape (items,).

    Parameters
    ----------
    items
        Of baskets that were made with context ``promoted``, or without.
    levels
        What lines count as: ``items`` of the definition.
    """
    promoted = {OF_PROMOTION + name for name in levels}
    rows = items.table.select(["level", "is_context"]).to_pylist()
    return np.array([row["is_context"] and row["level"] in promoted for row in rows], dtype=bool)


def without_promoted(bought: Bought, levels: Collection[str]) -> Bought:
    """The baskets as they would have been made without context ``promoted``.

    Parameters
    ----------
    bought
        Made with it.
    levels
        What lines count as.
    """
    is_left = ~is_promoted(bought.items, levels)
    number = pa.array(np.cumsum(is_left, dtype=np.int32) - 1)

    def left(table: pa.Table, *columns: str) -> pa.Table:
        """Rows whose items are all left, with their new numbers."""
        held = np.ones(len(table), dtype=bool)
        for column in columns:
            held &= is_left[table[column].to_numpy()]
        kept = table.filter(pa.array(held))
        for column in columns:
            place = kept.schema.get_field_index(column)
            kept = kept.set_column(place, kept.schema.field(column), number.take(kept[column]))
        return kept

    items = Items(
        left(bought.items.table, "item"), left(bought.items.ancestors, "item", "ancestor")
    )
    return Bought(left(bought.rows, "item"), bought.baskets, items, bought.lines)
