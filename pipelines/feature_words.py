"""What an atom, a window and a value are, in words that all texts about columns share."""

import math
from datetime import date

from features.clock import days_after
from features.contract import Column, Feature
from features.origins import is_money
from features.settings import Currency
from features.sql import identifier
from features.terms import Atom

_GIVEN = {
    "calendar": "what the calendar says of the day",
    "everyone": "over all customers, up to the day before",
    "peers": "mean spend of the customers alike",
    "profile": "what the customers table says on the day before",
}
_ROWS = {
    "products": "lines of a named product",
    "categories": "lines with a category",
    "stores": "lines from a named store",
}
"""What the rows of a relation of things are; those of others are called as the relation."""

_ONE = {"products": "product", "categories": "category", "stores": "store"}

_LARGE = 1e5
"""From here on two decimals are enough."""

_TEENS = (11, 12, 13)
_ADDED = frozenset({"sum", "most", "decayed"})
"""Kinds whose value is in the unit of their measure."""


def formula(feature: Feature) -> str:
    """The SQL of the term, with plain names."""
    sql = feature.term.sql
    for atom in feature.term.atoms:
        sql = sql.replace(identifier(atom.name), atom.name)
    return sql


def in_words(atom: Atom) -> str:
    """``spend: sum over purchases of the last 28 days``."""
    if atom.kind == "given":
        return _GIVEN[atom.relation]
    rows, measure = _ROWS.get(atom.relation, atom.relation), atom.measure.replace("_", " ")
    thing, span = _ONE.get(atom.relation, ""), _span(atom)
    return {
        "sum": f"{measure}: sum over {rows} {span}",
        "moment": f"{measure}: sum over {rows} {span}, each times its age in days",
        "since": f"{measure}: days since the {_newest(atom)} of the {rows} that has any",
        "first": f"{measure}: days since the oldest of the {rows} that has any",
        "most": f"{measure}: largest of {rows} {span}",
        "exceeding": f"{rows} whose {measure} are more than the days since the newest {atom.than}",
        "decayed": f"{measure}: sum over {rows} {span}, counting half after {atom.half_life} days",
        "distinct": f"different {atom.relation} {span}",
        "fresh": f"{atom.relation} {span} that had never been bought before",
        "squares": f"n squared, added up over {atom.relation}; n: the {measure} of each, {span}",
        "logs": f"n ln n, added up over {atom.relation}; n: the {measure} of each, {span}",
        "top": f"{measure} of the {thing} that has most, {span}",
        "leader": f"{thing} that has most {measure}, {span}",
    }[atom.kind]


def _newest(atom: Atom) -> str:
    """``newest``, ``3rd newest``."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(atom.rank % 10, "th")
    ending = "th" if atom.rank % 100 in _TEENS else ending
    return "newest" if atom.rank == 1 else f"{atom.rank}{ending} newest"


def _span(atom: Atom) -> str:
    if atom.oldest is None:
        return "of all history"
    if atom.youngest == 1:
        return f"of the last {atom.oldest} days"
    return f"of {atom.youngest} to {atom.oldest} days before"


def window(column: Column) -> str:
    """``28 days``, or ``ever`` where all history counts."""
    if column.window_days is None:
        return "ever"
    return "1 day" if column.window_days == 1 else f"{column.window_days} days"


def window_on(column: Column, as_of: date) -> str:
    """``28 days, 2017-11-16 to 2017-12-13``: the window and its first and last day."""
    last = days_after(as_of, -1)
    if column.window_days is None:
        return f"all history up to {last}"
    return f"{window(column)}, {days_after(as_of, -column.window_days)} to {last}"


def amount(minor_units: float, currency: Currency) -> str:
    """``1,234.50``: minor units in the currency's digits; fractions of one are rounded."""
    return f"{minor_units / 10**currency.digits:,.{currency.digits}f}"


def number(value: float) -> str:
    """``12,840`` or ``0.480769``: whole numbers in full, others to six digits."""
    if math.isfinite(value) and value == round(value):
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) >= _LARGE else f"{value:.6g}"


def value_of(column: Column, value: float, currency: Currency) -> str:
    """``15,006 = USD 150.06``: a column's value, in the currency too where it is an amount."""
    if column.unit != "minor units":
        return number(value)
    return f"{number(value)} = {currency.code} {amount(value, currency)}"


def atom_value(atom: Atom, value: float | str | None, currency: Currency) -> str:
    """The value of an atom; amounts of money in the currency."""
    if value is None:
        return "missing"
    if isinstance(value, str):
        return value
    is_amount = atom.relation == "peers" or (atom.kind in _ADDED and is_money(atom.sql))
    return f"{currency.code} {amount(value, currency)}" if is_amount else number(value)


def cell(value: object, currency: Currency, *, is_amount: bool) -> str:
    """A value of a row of the warehouse."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date | str):
        return str(value)
    figure = float(str(value))
    return amount(figure, currency) if is_amount else number(figure)
