"""The contract of a source as rules: which rows break it, in words and in SQL."""

from dataclasses import dataclass
from datetime import datetime

from features.casts import is_blank
from features.clock import micros
from features.mapping import Field
from features.schemas import ContactsSource, OrdersSource, Source, VisitsSource
from features.sql import identifier, literal


@dataclass(frozen=True)
class Plausible:
    """Instants outside ``[earliest, latest)`` are taken for mistakes."""

    earliest: datetime
    latest: datetime


def raw_name(field: Field) -> str:
    """Quoted name of the column that holds a field's value as the file has it."""
    return identifier(f"raw {field.name}")


def broken_rule(source: Source, fields: tuple[Field, ...], plausible: Plausible) -> str:
    """SQL that gives the first rule a row breaks, or NULL when it keeps the contract.

    The row has each field under its name and its raw value under `raw_name`.
    """
    rules = [rule for field in fields for rule in _of_field(field, plausible)]
    if isinstance(source, OrdersSource):
        rules += _of_orders(source)
    if isinstance(source, ContactsSource):
        rules.append(("duration_seconds_negative", "duration_seconds < 0"))
    if isinstance(source, VisitsSource):
        rules += [("pages_negative", "pages < 0"), ("pages_not_whole", "pages <> floor(pages)")]
    cases = " ".join(f"WHEN {condition} THEN {literal(rule)}" for rule, condition in rules)
    return f"CASE {cases} END"


def _of_field(field: Field, plausible: Plausible) -> list[tuple[str, str]]:
    value, raw = identifier(field.name), raw_name(field)
    blank = f"({raw} IS NULL OR {is_blank(f'CAST({raw} AS VARCHAR)')})"
    rules = [(f"{field.name}_unreadable", f"{value} IS NULL AND NOT {blank}")]
    if field.required:
        rules.insert(0, (f"{field.name}_missing", blank))
    if field.type == "instant":
        early, late = micros(plausible.earliest), micros(plausible.latest)
        rules += [
            (f"{field.name}_before_{plausible.earliest.year}", f"{value} < {early}"),
            (f"{field.name}_in_future", f"{value} >= {late}"),
        ]
    if field.type == "day":
        rules += _of_day(field, value, plausible)
    return rules


def _of_day(field: Field, value: str, plausible: Plausible) -> list[tuple[str, str]]:
    """A label cannot be known before its day; contracts may begin long ago or next year."""
    if field.name != "as_of":
        outside = f"{value} < DATE '1900-01-01' OR {value} >= DATE '2200-01-01'"
        return [(f"{field.name}_implausible", outside)]
    early, late = plausible.earliest.date(), plausible.latest.date()
    return [
        (f"{field.name}_before_{early.year}", f"{value} < DATE '{early}'"),
        (f"{field.name}_in_future", f"{value} >= DATE '{late}'"),
    ]


def _of_orders(source: OrdersSource) -> list[tuple[str, str]]:
    rules = [
        ("discount_negative", "discount < 0"),
        ("coupon_negative", "coupon < 0"),
        ("coupon_above_discount", "coupon > coalesce(discount, 0)"),
    ]
    if source.returns == "quarantine":
        return [*rules, ("quantity_negative", "quantity < 0"), ("amount_negative", "amount < 0")]
    return [
        *rules,
        ("amount_negative_without_return", "amount < 0 AND NOT coalesce(quantity < 0, false)"),
        ("amount_positive_on_return", "amount > 0 AND quantity < 0"),
    ]
