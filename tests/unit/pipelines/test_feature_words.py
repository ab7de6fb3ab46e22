from datetime import date
from typing import get_args

import pytest

from features.contract import Column
from features.measures import CATEGORIES, CATEGORY_LINES, GAP_DAYS, ORDERS, SPEND, STORE_LINES
from features.settings import Currency
from features.terms import Atom, Kind, Term, Things, given
from pipelines.feature_words import atom_value, cell, in_words, number, value_of, window_on

USD = Currency()
YEN = Currency(code="JPY", digits=0)


@pytest.mark.parametrize(
    ("term", "words"),
    [
        (SPEND.within(28), "spend: sum over purchases of the last 28 days"),
        (SPEND.before(28), "spend: sum over purchases of 29 to 56 days before"),
        (ORDERS.ever(), "orders: sum over purchases of all history"),
        (
            SPEND.moment(91),
            "spend: sum over purchases of the last 91 days, each times its age in days",
        ),
        (ORDERS.since(), "orders: days since the newest of the purchases that has any"),
        (
            ORDERS.since(rank=3),
            "orders: days since the 3rd newest of the purchases that has any",
        ),
        (
            GAP_DAYS.exceeding(ORDERS),
            "purchases whose gap days are more than the days since the newest orders",
        ),
        (ORDERS.first(), "orders: days since the oldest of the purchases that has any"),
        (GAP_DAYS.most(91), "gap days: largest of purchases of the last 91 days"),
        (
            SPEND.decayed(28),
            "spend: sum over purchases of all history, counting half after 28 days",
        ),
        (CATEGORIES.distinct(7), "different categories of the last 7 days"),
        (
            Things("products").fresh(7),
            "products of the last 7 days that had never been bought before",
        ),
        (
            CATEGORIES.squares(CATEGORY_LINES, 7),
            "n squared, added up over categories; n: the lines of each, of the last 7 days",
        ),
        (
            CATEGORIES.logs(CATEGORY_LINES, 7),
            "n ln n, added up over categories; n: the lines of each, of the last 7 days",
        ),
        (
            CATEGORIES.top(CATEGORY_LINES, 7),
            "lines of the category that has most, of the last 7 days",
        ),
        (
            Things("stores").leader(STORE_LINES, 7),
            "store that has most lines, of the last 7 days",
        ),
        (given("calendar", "week_of_year"), "what the calendar says of the day"),
    ],
)
def test_an_atom_is_told_in_words(term: Term, words: str) -> None:
    (atom,) = term.atoms
    assert in_words(atom) == words


def test_every_kind_of_atom_has_words() -> None:
    for kind in get_args(Kind):
        assert in_words(Atom(kind, "calendar" if kind == "given" else "stores", "lines", "lines"))


def test_a_value_in_minor_units_is_told_in_the_currency_too() -> None:
    column = Column("spend_28d", "minor units", 28, "never ordered", "spend", "")
    assert value_of(column, 1_234_567, USD) == "1,234,567 = USD 12,345.67"
    assert value_of(column, 1_234_567, YEN) == "1,234,567 = JPY 1,234,567"


def test_a_value_of_another_unit_is_a_plain_number() -> None:
    column = Column("discount_share_28d", "share", 28, "no order", "discount", "")
    assert value_of(column, 25 / 52, USD) == "0.480769"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (12_840, "12,840"),
        (1 / 3, "0.333333"),
        (-2.5, "-2.5"),
        (123_456.789, "123,456.79"),
    ],
)
def test_whole_numbers_are_told_in_full_and_others_to_six_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_only_atoms_that_add_up_money_are_told_in_the_currency() -> None:
    for term, text in [
        (SPEND.within(28), "USD 100.00"),
        (SPEND.moment(28), "10,000"),
        (ORDERS.within(28), "10,000"),
        (given("peers", "peers_store"), "USD 100.00"),
    ]:
        (atom,) = term.atoms
        assert atom_value(atom, 10_000.0, USD) == text
        assert atom_value(atom, None, USD) == "missing"


def test_a_cell_is_told_by_what_it_holds() -> None:
    day = date(2024, 3, 1)
    values = [None, True, False, "tea", day, 1.0]
    shown = [cell(value, USD, is_amount=False) for value in values]
    assert shown == ["–", "yes", "no", "tea", "2024-03-01", "1"]
    assert cell(-5, USD, is_amount=True) == "-0.05"


def test_a_window_is_told_with_its_first_and_last_day() -> None:
    windowed = Column("spend_28d", "minor units", 28, "", "", "")
    ever = Column("orders_count", "orders", None, "", "", "")
    assert window_on(windowed, date(2017, 12, 14)) == "28 days, 2017-11-16 to 2017-12-13"
    assert window_on(ever, date(2017, 12, 14)) == "all history up to 2017-12-13"
