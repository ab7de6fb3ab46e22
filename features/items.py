"""Items of baskets: what a line counts as at each level, what each item belongs to, its number."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from features.asked import WITHOUT_PRODUCT, refuse, strange_level, without_orders
from features.levels import ItemsUnclear, Level, label_sql, level_of
from features.schemas import Sources
from features.settings import BasketDefinition
from features.sql import identifier, listing, literal
from features.suggest import nearest

OF_PROMOTION: Final = "promoted_"
"""Stands before the level of items that were discounted."""


@dataclass(frozen=True)
class Items:
    """Everything that baskets may hold.

    Attributes
    ----------
    table
        One row per item, in order of its number: item (int32, from 0), label (string, ascending),
        level (string: what a line counts as, or the kind of context), name (string: without its
        parents), title (string: the name where no other item has it; else, and of context, the
        label), is_context (bool: may stand in antecedents only).
    ancestors
        One row per item and item that it belongs to, sorted: item, ancestor (int32). No itemset
        makes sense that holds both.
    """

    table: pa.Table
    ancestors: pa.Table

    def __len__(self) -> int:
        """How many there are."""
        return len(self.table)

    def labels(self, levels: Collection[str] = (), *, with_context: bool = True) -> list[str]:
        """Labels of the items of some levels, ascending.

        Parameters
        ----------
        levels
            Names of `Level`; empty: all of them.
        with_context
            Whether items of the context are told too, whatever the levels.
        """
        return [
            row["label"]
            for row in self.table.to_pylist()
            if (with_context if row["is_context"] else not levels or row["level"] in levels)
        ]

    def numbered(self, wanted: str) -> int:
        """Number of the item of this label or title.

        Raises
        ------
        ItemsUnclear
            When there is none, with the nearest.
        """
        for column in ("label", "title"):
            names: list[str] = self.table[column].to_pylist()
            if wanted in names:
                return names.index(wanted)
        close = nearest(wanted, self.table["title"].to_pylist())
        hint = f"; did you mean {close!r}?" if close else ""
        message = f"an item needs the label of one that was bought, but found {wanted!r}{hint}"
        raise ItemsUnclear(message)


def levels_of(asked: BasketDefinition, sources: Sources) -> tuple[Level, ...]:
    """The levels of a definition that keeps to its sources, see `unknown`."""
    return tuple(level_of(name, sources) for name in asked.items)


def segment_of(asked: BasketDefinition, sources: Sources) -> str | None:
    """Attribute that is the segment: the one asked for, or the first that has levels."""
    if asked.segment is not None:
        return asked.segment
    known = sources.customers.attributes if sources.customers else {}
    return next((name for name, each in known.items() if each.levels), None)


def unknown(asked: BasketDefinition, sources: Sources) -> Iterator[tuple[str, str]]:
    """Each setting that asks for what the sources do not tell, and a sentence that says so."""
    if sources.orders is None:
        yield "basket", without_orders("baskets", sources)
        return
    columns = sources.orders.columns
    for name in asked.items:
        if (strange := strange_level(name, sources, "some")) is not None:
            yield "items", strange
    if columns.product is None:
        yield "items", WITHOUT_PRODUCT
    for field, wanted, column in (
        ("basket", asked.basket == "visit", "store"),
        ("context", "store" in asked.context, "store"),
        ("splits", "store" in asked.splits, "store"),
        ("context", "channel" in asked.context, "channel"),
        ("context", not {"promotion", "promoted"}.isdisjoint(asked.context), "discount"),
    ):
        if wanted and getattr(columns, column) is None:
            value = asked.basket if field == "basket" else column
            value = "promotion" if column == "discount" else value
            yield field, f"{value} needs sources.orders.columns.{column}"
    yield from _unknown_of_others(asked, sources)


def _unknown_of_others(asked: BasketDefinition, sources: Sources) -> Iterator[tuple[str, str]]:
    products, customers = sources.products, sources.customers
    if "margin" in asked.weights and (products is None or products.columns.unit_cost is None):
        yield "weights", "margin needs sources.products.columns.unit_cost; amount needs none"
    attributes = customers.attributes if customers else {}
    known = [name for name, each in attributes.items() if each.type == "category"]
    if asked.segment is not None and asked.segment not in known:
        found = ", ".join(known) or "there are none"
        text = f"needs a category of sources.customers.attributes ({found}), but found"
        yield "segment", f"{text} {asked.segment}"
    for field in ("context", "splits"):
        if "segment" in getattr(asked, field) and segment_of(asked, sources) is None:
            yield field, "segment needs a category with levels in sources.customers.attributes"
    for field in ("items", "context", "weights", "splits"):
        values = getattr(asked, field)
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            yield field, f"needs each once, but found twice: {', '.join(twice)}"
    names = prefixes(asked, sources)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        text = f"needs other names than those of levels, but both have {', '.join(twice)}"
        yield "context", f"{text}; rename that level or attribute"


def prefixes(asked: BasketDefinition, sources: Sources) -> list[str]:
    """What stands before the colon in labels: each level, and each kind of context."""
    levels = list(dict.fromkeys(asked.items))
    kinds = [kind for kind in dict.fromkeys(asked.context) if kind != "promoted"]
    named = [segment_of(asked, sources) or kind if kind == "segment" else kind for kind in kinds]
    promoted = [OF_PROMOTION + name for name in levels] if "promoted" in asked.context else []
    return [*levels, *named, *promoted]


def require_known(asked: BasketDefinition, sources: Sources) -> None:
    """Refuse a definition that asks for what the sources do not tell.

    Raises
    ------
    ItemsUnclear
        Naming each setting and what it needs.
    """
    refuse(unknown(asked, sources), "rules", ItemsUnclear)


def product_items(levels: tuple[Level, ...], *, with_promoted: bool) -> str:
    """SELECT of product_key, label, level, name, path, is_promoted: a row per product and item.

    Of products that are in ``basket_lines``.
    """
    parts = []
    for level in levels:
        columns = listing(map(identifier, level.path))
        own = identifier(level.path[-1])
        bought = "(SELECT DISTINCT product_key FROM basket_lines)"
        known = f"FROM dim_product JOIN {bought} AS b USING (product_key) WHERE {own} IS NOT NULL"
        label, name = label_sql(level), literal(level.name)
        parts.append(
            f"SELECT product_key, {label} AS label, {name} AS level, {own} AS name, "
            f"[{columns}] AS path, false AS is_promoted {known}"
        )
        if with_promoted:
            parts.append(
                f"SELECT product_key, {literal(OF_PROMOTION)} || {label}, "
                f"{literal(OF_PROMOTION)} || {name}, {own}, [{columns}], true {known} "
                f"AND product_key IN (SELECT product_key FROM basket_lines WHERE is_discounted)"
            )
    return " UNION ALL ".join(parts)


PRODUCT_ITEMS: Final = """
    SELECT product_key, p.level, is_promoted, item
    FROM basket_product_items AS p JOIN basket_items USING (label)"""
"""SELECT of the numbered items of each product."""


def ancestors_sql(levels: tuple[Level, ...], *, with_promoted: bool) -> str:
    """SELECT of item and ancestor, one row per pair, sorted."""
    pairs = [
        (below.name, above.name) for below in levels for above in levels if above.is_above(below)
    ]
    if with_promoted:
        promoted = [(OF_PROMOTION + below, OF_PROMOTION + above) for below, above in pairs]
        across = [(OF_PROMOTION + below, above) for below, above in pairs]
        same = [(OF_PROMOTION + level.name, level.name) for level in levels]
        pairs += [*promoted, *across, *same]
    if not pairs:
        return "SELECT 0::INTEGER AS item, 0::INTEGER AS ancestor WHERE false"
    wanted = listing(f"({literal(below)}, {literal(above)})" for below, above in pairs)
    return f"""
        SELECT DISTINCT b.item, a.item AS ancestor
        FROM ({PRODUCT_ITEMS}) AS b JOIN ({PRODUCT_ITEMS}) AS a USING (product_key)
        WHERE (b.level, a.level) IN ({wanted}) ORDER BY item, ancestor"""
