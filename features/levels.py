"""Levels at which a line counts as an item, and the labels of items.

An item of a level is named by its whole path (``type:GROCERY > ICE > CRUSHED``): shops use the same
name for different things (``SEASONAL`` is a type of toys, of cookware, of candy), and a path is the
same whatever else the shop sells. So an item has one parent, and there are no loops.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from features.errors import RegularsError
from features.schemas import Sources
from features.sql import identifier, listing, literal
from features.warehouse import Connection

PRODUCT: Final = "product"
"""The level of the products themselves."""

IN: Final = "in_"
"""Stands before the name of a level in the column that says what an item belongs to."""

_BETWEEN, _MISSING = " > ", "?"


class ItemsUnclear(RegularsError):
    """Items were asked for that the sources do not tell, or that cannot be told apart."""


@dataclass(frozen=True)
class Level:
    """What a line counts as.

    Attributes
    ----------
    name
        As the config writes it.
    path
        Columns of ``dim_product`` from the widest level to this one.
    """

    name: str
    path: tuple[str, ...]

    def is_above(self, other: "Level") -> bool:
        """Whether each item of the other belongs to one of this."""
        wider = self.path == other.path[: len(self.path)] and len(self.path) < len(other.path)
        return wider or (other.name == PRODUCT and self.name != PRODUCT)


def offered(sources: Sources) -> tuple[str, ...]:
    """Names of all levels that the sources tell, products first."""
    products = sources.products
    return (PRODUCT,) if products is None else (PRODUCT, *products.hierarchy, *products.groups)


def level_of(name: str, sources: Sources) -> Level:
    """The level of this name, one of `offered`."""
    hierarchy = _hierarchy(sources)
    path = hierarchy[: hierarchy.index(name) + 1] if name in hierarchy else (name,)
    return Level(name, path)


def levels_above(level: Level, sources: Sources) -> tuple[Level, ...]:
    """Levels of the hierarchy that are above another, the widest first; none above a group."""
    found = (level_of(name, sources) for name in _hierarchy(sources))
    return tuple(each for each in found if each.is_above(level))


def _hierarchy(sources: Sources) -> tuple[str, ...]:
    return () if sources.products is None else tuple(sources.products.hierarchy)


def label_sql(level: Level) -> str:
    """SQL of the label of a row of ``dim_product``; null where the level is not known.

    A wider level that is not known stands as a question mark.
    """
    return f"CASE WHEN {identifier(level.path[-1])} IS NOT NULL THEN {group_sql(level)} END"


def group_sql(level: Level) -> str:
    """SQL of the label of a row of ``dim_product``, with a question mark for what is not known."""
    parts = [f"coalesce({identifier(name)}, {literal(_MISSING)})" for name in level.path]
    path = f" || {literal(_BETWEEN)} || ".join(parts)
    return f"{literal(level.name + ':')} || {path}"


def belongs_sql(levels: Iterable[Level]) -> list[str]:
    """SQL of what a row of ``dim_product`` belongs to, a column each: ``in_department``."""
    return [f"{group_sql(each)} AS {identifier(IN + each.name)}" for each in levels]


def labelled(level: Level, *more: str) -> str:
    """Relation of a row per product that is an item: product_key, label, name, path.

    Parameters
    ----------
    level
        What a line counts as.
    more
        SQL of further columns of a row of ``dim_product``.
    """
    columns, own = listing(map(identifier, level.path)), identifier(level.path[-1])
    selected = listing(
        ["product_key", f"{label_sql(level)} AS label", f"{own} AS name", f"[{columns}] AS path"]
    )
    return f"(SELECT {listing([selected, *more])} FROM dim_product WHERE {own} IS NOT NULL)"


def require_labels_apart(con: Connection, relation: str = "basket_product_items") -> None:
    """Refuse names that hold what labels put between a name and its parent.

    Parameters
    ----------
    con
        Connection to a warehouse.
    relation
        SQL of label and path.

    Raises
    ------
    ItemsUnclear
        Naming one label and the paths that share it.
    """
    found = con.execute(f"""
        SELECT label, list_sort(list(DISTINCT path)) FROM {relation}
        GROUP BY label HAVING count(DISTINCT path) > 1 ORDER BY label LIMIT 1""").fetchall()
    if found:
        ((label, paths),) = found
        shown = " and ".join(str([part or _MISSING for part in path]) for path in paths)
        message = (
            f"items need labels of their own, but {label!r} stands for {shown}; names of "
            f"sources.products.hierarchy must not hold {_BETWEEN!r} or be {_MISSING!r}"
        )
        raise ItemsUnclear(message)
