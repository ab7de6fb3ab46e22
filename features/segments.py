"""Segments: customers who are looked at apart, by an attribute or by how much they have ordered."""

from dataclasses import dataclass
from typing import Final

from features.errors import RegularsError
from features.schemas import Sources
from features.sql import identifier, listing, literal
from features.suggest import nearest

BY_ORDERS: Final = "orders"
"""Not an attribute: the number of orders so far."""

UNKNOWN, UNLISTED = "unknown", "unlisted"
"""Customers whose attribute nobody knows, and those of a value that the config does not list."""

EVERYONE: Final = "everyone"
"""All customers together."""

LEAST_LEVELS: Final = 2
"""Levels that an attribute needs to tell customers apart without being asked for."""


class SegmentsUnknown(RegularsError):
    """Nothing of that name tells customers apart."""


@dataclass(frozen=True)
class Segments:
    """What tells customers apart.

    Attributes
    ----------
    by
        `BY_ORDERS`, or an attribute of the customers table.
    meaning
        Noun phrase for people.
    sql
        Name of the segment, over a row that has the attribute, or ``orders_so_far``.
    names
        Every segment there can be, in the order in which people expect them.
    """

    by: str
    meaning: str
    sql: str
    names: tuple[str, ...]

    @property
    def attribute(self) -> str | None:
        """Column of ``dim_customer``, if it is an attribute."""
        return None if self.by == BY_ORDERS else self.by


def segments_of(sources: Sources, by: str | None) -> Segments:
    """The segments of a config.

    Parameters
    ----------
    sources
        Of the config.
    by
        `BY_ORDERS`, or a category among the attributes; None: the first category with several
        levels, and where there is none, orders.

    Raises
    ------
    SegmentsUnknown
        Naming what can be asked for.
    """
    attributes = sources.customers.attributes if sources.customers else {}
    known = {name: each for name, each in attributes.items() if each.type == "category"}
    if by is None:
        several = [name for name, each in known.items() if len(each.levels) >= LEAST_LEVELS]
        by = several[0] if several else BY_ORDERS
    if by == BY_ORDERS:
        return _BY_ORDERS
    if by not in known:
        offered = [BY_ORDERS, *known]
        close = nearest(by, offered)
        hint = f"; did you mean {close!r}?" if close else ""
        message = f"--by needs one of {', '.join(offered)}, but found {by!r}{hint}"
        raise SegmentsUnknown(message)
    column, levels = identifier(by), known[by].levels
    listed = listing(map(literal, levels))
    named = f"WHEN {column} IN ({listed}) THEN {column} " if levels else ""
    sql = f"CASE WHEN {column} IS NULL THEN '{UNKNOWN}' {named}ELSE '{UNLISTED}' END"
    return Segments(by, known[by].meaning or by, sql, (*levels, UNLISTED, UNKNOWN))


_ONE, _FEW, _MANY = "1 order", "2 to 4 orders", "5 orders or more"
_BY_ORDERS: Final = Segments(
    BY_ORDERS,
    "orders so far",
    f"CASE WHEN orders_so_far = 1 THEN '{_ONE}' WHEN orders_so_far < 5 THEN '{_FEW}' "
    f"ELSE '{_MANY}' END",
    (_ONE, _FEW, _MANY),
)
