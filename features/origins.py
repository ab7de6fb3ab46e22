"""Origins: the rows of the star that made a value of one customer, newest first.

A window's sum is made of the rows of that window; a time since something of the row that ended it;
a count of things of the rows that name them. Nothing of as_of or a later day is read out.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from features.clock import day_number
from features.contract import Orders, Shape
from features.daily import PURCHASE, SLOTS
from features.measures import RETURNED_AMOUNT, RETURNED_LINES
from features.relations import categories, relations
from features.spelling import DuckDB
from features.sql import identifier, listing
from features.star import BEGINNING
from features.terms import THING_KINDS, Atom
from features.warehouse import Connection

SPELLING = DuckDB()
_MONEY = frozenset(
    {
        *("amount", "discount", "coupon", "unit_cost", "cost"),
        *("spend", "returned_amount", "costed_spend", "full_price", "usual_price"),
    }
)
"""Names of amounts, in rows of facts and in measures of days."""

_RETURNS = frozenset({RETURNED_LINES.name, RETURNED_AMOUNT.name})
_EVENTS = {
    "contacts": (
        "fact_contacts",
        "contacted_on",
        ("kind", "topic", "channel", "outcome", "is_resolved", "duration_seconds", "satisfaction"),
    ),
    "sendings": ("fact_campaigns", "sent_on", ("campaign", "arm", "offer", "cost")),
    "responses": ("fact_campaigns", "responded_on", ("campaign", "arm", "offer", "sent_on")),
}
"""Relation to its fact, the day of a row, and the columns to show."""

_THINGS = {
    "products": ("order", "product", "quantity", "amount"),
    "categories": ("order", "category", "product", "quantity", "amount"),
    "stores": ("order", "store", "product", "quantity", "amount"),
}
"""Relation of things to the columns to show of a line."""

_TOLD_BY = {
    **{f"{slot}_orders": "hour" for slot in SLOTS},
    **dict.fromkeys(("coupon", "coupon_lines"), "coupon"),
    **dict.fromkeys(("cost", "costed_spend"), "unit_cost"),
    **dict.fromkeys(("branded_lines", "private_lines"), "is_private_label"),
}
"""Measure of a day to the column that says how a line counts for it."""


@dataclass(frozen=True)
class Valued:
    """An atom and its value at the as_of; a text of the profile, or the name of a thing, too."""

    atom: Atom
    value: float | str | None


@dataclass(frozen=True)
class Origin:
    """Rows that a value was made of.

    Attributes
    ----------
    relation
        Which of `features.relations`, or ``calendar``, ``everyone``, ``peers``, ``profile``.
    content
        What a row is: a day of the customer, a line or another row of a fact, or what holds.
    table
        The newest rows. The day comes first, what the atoms count or add up last.
    total
        How many rows there are.
    money
        Columns in minor units.
    """

    relation: str
    content: str
    table: pa.Table
    total: int
    money: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Subject:
    """Whose rows are looked for, before which day, and how many at most; None: all."""

    con: Connection
    shape: Shape
    customer_key: int
    as_of: date
    most: int | None = None

    @property
    def own(self) -> str:
        """SQL condition on the rows of a relation that may be seen."""
        return f"customer_key = {self.customer_key} AND day < {day_number(self.as_of)}"


def origins(subject: Subject, atoms: Sequence[Valued]) -> tuple[Origin, ...]:
    """Rows behind the atoms, relation by relation in order of their names.

    Parameters
    ----------
    subject
        Connection to a warehouse whose customer-day table is there, customer and day.
    atoms
        What is asked about, with values.
    """
    found: list[Origin] = []
    for relation in sorted({each.atom.relation for each in atoms}):
        asked = [each for each in atoms if each.atom.relation == relation]
        if relation == "profile":
            found.append(_profile(subject, [each.atom for each in asked]))
        elif asked[0].atom.kind == "given":
            found.append(_known(relation, subject.as_of, asked))
        else:
            found += _of_relation(subject, relation, asked)
    return tuple(found)


def is_money(measure: str) -> bool:
    """Whether the SQL of a measure adds up minor units."""
    outside_literals = re.sub("'(?:[^']|'')*'", "", measure)
    return not _MONEY.isdisjoint(re.findall(r"\w+", outside_literals))


def version(subject: Subject, attributes: Iterable[str]) -> pa.Table:
    """What dim_customer says on the day before as_of: at most one row.

    ``since`` is the day from which it holds, missing where it holds since ever.
    """
    day = f"DATE '{subject.as_of}'"
    names = listing(["", *map(identifier, attributes)])
    return subject.con.sql(f"""
        SELECT nullif(valid_from_on, {BEGINNING}) AS since {names} FROM dim_customer
        WHERE customer_key = {subject.customer_key} AND valid_from_on < {day}
            AND (valid_to_on IS NULL OR valid_to_on >= {day})""").to_arrow_table()


def _profile(subject: Subject, atoms: Sequence[Atom]) -> Origin:
    table = version(subject, [atom.name.removeprefix("profile_") for atom in atoms])
    return Origin("profile", "customer", table, table.num_rows)


def _known(relation: str, as_of: date, asked: Sequence[Valued]) -> Origin:
    """The one row that holds for everybody, or for all who are alike, at the as_of."""
    columns = {"as_of": [as_of], **{each.atom.name: [each.value] for each in asked}}
    money = columns.keys() - {"as_of"} if relation == "peers" else ()
    return Origin(relation, "as_of", pa.table(columns), 1, frozenset(money))


def _of_relation(subject: Subject, relation: str, asked: Sequence[Valued]) -> list[Origin]:
    """The rows that the atoms look at; and the lines or views behind them where they are days."""
    source, shown = _source(subject.shape, relation)
    first = ", min(day) OVER (PARTITION BY thing) AS first_day" if relation in _THINGS else ""
    rows = f"""SELECT * FROM (SELECT *{first} FROM ({source}) AS r WHERE {subject.own}) AS own
        WHERE {_condition(subject, asked, source)}"""
    columns = {"day": _date("day"), **{name: identifier(name) for name in shown}}
    if any(each.atom.kind == "fresh" for each in asked):
        columns["first_on"] = _date("first_day")
    money = set(_MONEY.intersection(shown))
    measures = {each.atom.measure: each.atom.sql for each in asked if each.atom.measure}
    for measure, sql in measures.items():
        name = f"counted {measure}" if measure in columns else measure
        columns[name] = f"coalesce(CAST({sql} AS BIGINT), 0)"
        money |= {name} if is_money(sql) else set()
    kind = "days" if relation in ("purchases", "visits") else "lines" if first else "rows"
    found = [Origin(relation, kind, *_fetched(subject, columns, rows), frozenset(money))]
    if relation == "purchases" and subject.shape.orders is not None:
        found.append(_lines(subject, subject.shape.orders, measures.keys(), rows))
    if relation == "visits":
        found.append(_views(subject, rows))
    return found


def _source(shape: Shape, relation: str) -> tuple[str, tuple[str, ...]]:
    """SELECT of a relation's rows with all that its measures are made of; what to show of a row."""
    if relation in _EVENTS:
        fact, on, shown = _EVENTS[relation]
        day = SPELLING.day_number(on)
        return f"SELECT *, {day} AS day FROM {fact} WHERE {on} IS NOT NULL", shown
    if relation not in _THINGS or shape.orders is None:
        return relations(shape, SPELLING)[relation].rows, ()
    level, thing = shape.orders.category, f"{relation.removesuffix('s')}_key"
    joins = "LEFT JOIN (SELECT product_key, product FROM dim_product) AS p USING (product_key)"
    if relation == "stores":
        joins += " LEFT JOIN dim_store USING (store_key)"
    if relation == "categories" and level is not None:
        thing = "category_key"
        joins += f" JOIN ({categories(level)}) AS c USING (product_key)"
    query = f"""SELECT *, {SPELLING.day_number("ordered_on")} AS day, amount AS spend,
        1 AS lines, {thing} AS thing FROM fact_sales {joins} WHERE {PURCHASE} AND {thing} > 0"""
    return query, _THINGS[relation]


def _condition(subject: Subject, asked: Sequence[Valued], source: str) -> str:
    """SQL over a row of the relation: whether any of the atoms is made of it."""
    return " OR ".join(dict.fromkeys(f"({_is_part(subject, each, source)})" for each in asked))


def _is_part(subject: Subject, asked: Valued, source: str) -> str:
    atom, value, as_of = asked.atom, asked.value, day_number(subject.as_of)
    if atom.kind in ("since", "first", "most") and not isinstance(value, float):
        return "false"
    if atom.kind in ("since", "first"):
        return f"day = {as_of - int(float(value or 0))} AND {atom.sql} > 0"
    if atom.kind == "exceeding":
        other = f"SELECT max(day) FROM ({source}) AS o WHERE {subject.own} AND {atom.than} > 0"
        return f"{atom.sql} > {as_of} - ({other})"
    window = f"day <= {as_of - atom.youngest}"
    window += "" if atom.oldest is None else f" AND day >= {as_of - atom.oldest}"
    if atom.kind == "most":
        return f"{window} AND {atom.sql} > 0 AND {atom.sql} = {int(float(value or 0))}"
    return window if atom.kind in THING_KINDS else f"{window} AND {atom.sql} <> 0"


def _date(day: str) -> str:
    return f"DATE '1970-01-01' + CAST({day} AS INTEGER)"


def _lines(subject: Subject, orders: Orders, measures: Collection[str], days: str) -> Origin:
    """Lines of products on the days: those bought, those given back, or both."""
    told = {_TOLD_BY[name]: None for name in measures if name in _TOLD_BY}
    told |= {"channel": None} if any(name.startswith("channel_") for name in measures) else {}
    shown = ["order", "product", *told, "quantity", "amount", "discount", "is_return"]
    wanted = "true"
    if _RETURNS.isdisjoint(measures):
        wanted = "NOT is_return"
    elif _RETURNS.issuperset(measures):
        wanted = "is_return"
    category = "NULL" if orders.category is None else identifier(orders.category)
    shown += ["category"] if "usual_price" in measures else []
    query = f"""SELECT *, {SPELLING.day_number("ordered_on")} AS day
        FROM fact_sales LEFT JOIN (SELECT product_key, product, unit_cost, is_private_label,
            {category} AS category FROM dim_product) AS p USING (product_key)
        WHERE is_product AND {wanted}"""
    rows = f"SELECT * FROM ({query}) AS s WHERE {subject.own} AND day IN (SELECT day FROM ({days}))"
    columns = {"day": _date("day"), **{name: identifier(name) for name in shown}}
    table, total = _fetched(subject, columns, rows)
    return Origin("purchases", "lines", table, total, _MONEY.intersection(shown))


def _views(subject: Subject, days: str) -> Origin:
    """Views or visits on the days."""
    query = f"SELECT *, {SPELLING.day_number('visited_on')} AS day FROM fact_visits"
    rows = f"SELECT * FROM ({query}) AS v WHERE {subject.own} AND day IN (SELECT day FROM ({days}))"
    columns = {"day": _date("day"), "session": "session", "pages": "pages"}
    return Origin("visits", "rows", *_fetched(subject, columns, rows))


def _fetched(subject: Subject, columns: Mapping[str, str], rows: str) -> tuple[pa.Table, int]:
    """The newest rows, sorted by all columns, and how many there are."""
    values = listing(f"{sql} AS {identifier(name)}" for name, sql in columns.items())
    order = listing(["1 DESC", *(str(place + 1) for place in range(1, len(columns)))])
    limit = "" if subject.most is None else f"LIMIT {subject.most}"
    query = f"SELECT {values} FROM ({rows}) AS rows_ ORDER BY {order} {limit}"
    table = subject.con.sql(query).to_arrow_table()
    (total,) = subject.con.execute(f"SELECT count(*) FROM ({rows}) AS rows_").fetchall()[0]
    return table, int(total)
