"""What a file of purchases probably holds: which column is which, how it is written, and how sure.

The first rows are looked at closely, the whole file is read a few times; nothing is kept.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from features.guessing.columns import Table, table_of
from features.guessing.draft import Draft, OrdersNotRecognised, draft_of, with_facts, with_signs
from features.guessing.evidence import Guess
from features.guessing.fees import non_products
from features.guessing.places import WITHOUT_DIGITS, place_of
from features.guessing.plan import Plan, plan
from features.guessing.sample import sampled
from features.guessing.trial import Facts, Pace, Terms, broken_rows, pace_of, read_lines
from features.schemas import Expression, OrdersColumns, OrdersSource
from features.warehouse import Connection

_CENTS = 2
_CORRECTIONS = 0.001
"""Share of rows with a negative amount up to which they are corrections rather than returns."""


@dataclass(frozen=True)
class Guessed:
    """Everything that a file of purchases hints at.

    Attributes
    ----------
    columns
        One guess for each canonical column of orders, in their order.
    settings
        Guesses by setting of the source, where they differ from the default.
    currency, time_zone
        The business's.
    digits
        Digits of the currency that the amounts use.
    source
        What the guesses amount to.
    facts, pace
        What the whole file holds.
    plan
        Settings that fit the pace.
    broken
        Rows that would be quarantined, by the rule they break.
    unused
        Columns of the file that no guess names.
    """

    columns: tuple[Guess, ...]
    settings: Mapping[str, Guess]
    currency: Guess
    time_zone: Guess
    digits: int
    source: OrdersSource
    facts: Facts
    pace: Pace
    plan: Plan
    broken: Mapping[str, int]
    unused: tuple[str, ...]


def guess_orders(con: Connection, path: Path, spill: Path) -> Guessed:
    """What the file holds, how sure each guess is, and settings that follow.

    Parameters
    ----------
    con
        Connection to an empty database in memory.
    path
        One CSV or Parquet file, one row per order and item.
    spill
        Folder for a copy in UTF-8.

    Raises
    ------
    FileUnreadable, SourceUnreadable
        When the file cannot be read.
    NothingToGuessFrom
        When it has no rows or too few columns.
    OrdersNotRecognised
        When no column looks like the instant, the customer or the amount.
    """
    with sampled(con, path, spill) as sample:
        table = table_of(sample)
        place = place_of(table)
        terms = Terms(str(place.time_zone.origin), _CENTS)
        draft, facts = _held_against_all_rows(table, draft_of(table, path), terms)
        pace = pace_of(sample)
        if pace is None:
            raise OrdersNotRecognised(_nothing_bought(draft, facts))
        is_whole = place.currency.origin in WITHOUT_DIGITS and not facts.fractional
        digits = 0 if is_whole else _CENTS
        source = draft.source
        return Guessed(
            columns=tuple(_guesses(draft)),
            settings=draft.settings,
            currency=place.currency,
            time_zone=place.time_zone,
            digits=digits,
            source=source,
            facts=facts,
            pace=pace,
            plan=plan(pace),
            broken=broken_rows(sample, source, replace(terms, digits=digits), pace.last_on),
            unused=tuple(_unused(table, source)),
        )


def _held_against_all_rows(table: Table, draft: Draft, terms: Terms) -> tuple[Draft, Facts]:
    facts = read_lines(table.sample, draft.source, terms)
    if facts.negative > _CORRECTIONS * facts.rows and not facts.returned:
        draft = with_signs(table, draft)
        facts = read_lines(table.sample, draft.source, terms)
    return with_facts(draft, facts, non_products(table.sample)), facts


def _guesses(draft: Draft) -> Iterable[Guess]:
    for name in OrdersColumns.model_fields:
        yield draft.columns.get(name, Guess(name, None, 0.0, "no column looks like it"))


def _nothing_bought(draft: Draft, facts: Facts) -> str:
    mapped = {name: draft.columns[name].origin for name in ("ordered_at", "customer")}
    shown = {
        name: origin.expression if isinstance(origin, Expression) else origin
        for name, origin in mapped.items()
    }
    return (
        f"{draft.path} needs rows with an instant and a customer, but read as {shown} none of its "
        f"{facts.rows:,} rows has both; give the columns telling names, or write the config by hand"
    )


def _unused(table: Table, source: OrdersSource) -> Iterable[str]:
    """Columns that are neither mapped nor part of an expression."""
    origins = [origin for _, origin in source.columns if origin is not None]
    texts = [one.expression for one in origins if isinstance(one, Expression)]
    for look in table.looks:
        alone = re.compile(rf"(?<![\w\"]){re.escape(look.written)}(?![\w\"])")
        if look.name not in origins and not any(alone.search(text) for text in texts):
            yield look.name
