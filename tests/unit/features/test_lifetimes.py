"""Weeks until silence, as far as they were known."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from features.clock import HorizonNotObserved
from features.labels import build_labels
from features.lifetimes import build_lifetimes, weeks_watched
from features.settings import ChurnDefinition
from features.warehouse import Connection
from tests.builders import AS_OF, DAY, Shop, built, order, returned

SILENT = ChurnDefinition(horizon_days=14)
UNTIL = AS_OF + 41 * DAY  # the 4 weeks, and the 14 days of the last one's last day
WATCHED = order(UNTIL - DAY, "last", "POSTAGE")
"""The data go on until then, whoever buys."""


def days_of(*days: int) -> str:
    """Name of the customer who buys on these days after as_of."""
    return "days " + " ".join(map(str, days))


CASES = (
    *((), (13,), (14,), (6,), (5,), (2, 17), (2, 16, 30), (13, 26), (13, 27), (5, 12), (3, 18)),
    tuple(range(41)),
)


@pytest.fixture(scope="module")
def shop() -> Iterator[Connection]:
    """A shop of a customer for each case, who also bought something before as_of."""
    rows = [order(AS_OF - 20 * DAY, days_of(*days)) for days in CASES]
    rows += [order(AS_OF + day * DAY, days_of(*days)) for days in CASES for day in days]
    back = [returned(AS_OF + DAY, "back"), order(AS_OF + DAY, "back", "POSTAGE")]
    with built(Shop((WATCHED, *rows, order(AS_OF - 20 * DAY, "back"), *back))) as (con, _):
        yield con


def found(
    shop: Connection, *days: int, until: date = UNTIL, weeks: int = 52, customer: str = ""
) -> tuple[int, bool]:
    """Weeks of who buys on these days, and whether the last of them was the end."""
    table = build_lifetimes(shop, [AS_OF], SILENT, until, weeks).to_pylist()
    (row,) = (each for each in table if each["customer"] == (customer or days_of(*days)))
    return row["weeks"], row["ended"]


def test_who_buys_nothing_more_leaves_in_the_first_week(shop: Connection) -> None:
    assert found(shop) == (1, True)


def test_a_purchase_after_the_horizon_of_as_of_comes_too_late(shop: Connection) -> None:
    assert found(shop, 14) == (1, True)
    assert found(shop, 13) == (3, True)


def test_the_week_is_that_of_the_first_silent_day(shop: Connection) -> None:
    """Bought last on day 6: day 7, the first of week 2, begins the silence; on day 5, day 6."""
    assert found(shop, 6) == (2, True)
    assert found(shop, 5) == (1, True)


def test_silence_ends_a_lifetime_though_the_customer_comes_back(shop: Connection) -> None:
    """Between days 2 and 17 lie the 14 silent ones from day 3 on; between 2 and 16 there are 13."""
    assert found(shop, 2, 17) == (1, True)
    assert found(shop, 2, 16, 30) == (4, False)


def test_everybody_is_watched_until_the_newest_horizon_that_is_over(shop: Connection) -> None:
    """A purchase beyond it lengthens nobody's watch; a silence not yet whole ends nobody's."""
    assert found(shop, 13, 26) == (4, True)
    assert found(shop, 13, 27) == (4, False)
    assert found(shop, *range(41)) == (4, False)


def test_a_week_that_is_not_over_is_not_watched(shop: Connection) -> None:
    assert found(shop, 5, 12) == (2, True)
    assert found(shop, 5, 12, until=AS_OF + 26 * DAY) == (1, False)


def test_no_more_weeks_than_are_asked_for(shop: Connection) -> None:
    assert found(shop, 13, weeks=1) == (1, False)


def test_returns_and_fees_are_no_sign_of_life(shop: Connection) -> None:
    assert found(shop, customer="back") == (1, True)


def test_the_first_week_holds_those_whom_a_label_of_it_calls_lost(shop: Connection) -> None:
    days = [AS_OF + day * DAY for day in range(7)]
    labels = build_labels(shop, days, SILENT, UNTIL - DAY).to_pylist()
    is_lost = [row["churned"] for row in labels if row["customer"] == days_of(3, 18)]
    assert is_lost == [False] * 4 + [True] + [False] * 2
    assert found(shop, 3, 18) == (1, True)


def test_days_are_watched_each_for_its_own_time(shop: Connection) -> None:
    table = build_lifetimes(shop, [AS_OF, AS_OF + 14 * DAY], SILENT, UNTIL, 52)
    assert table.column_names == ["customer", "as_of", "weeks", "ended"]
    rows = [row for row in table.to_pylist() if row["customer"] == days_of(*range(41))]
    assert [(row["weeks"], row["ended"]) for row in rows] == [(4, False), (2, False)]
    keys = [(row["as_of"], row["customer"]) for row in table.to_pylist()]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("days", "weeks"), [(0, 0), (19, 0), (20, 1), (26, 1), (27, 2), (41, 4), (365, 10)]
)
def test_weeks_that_are_over(days: int, weeks: int) -> None:
    assert weeks_watched(AS_OF, 14, AS_OF + timedelta(days=days), 10) == weeks


def test_a_day_without_a_week_that_is_over_is_refused(shop: Connection) -> None:
    text = (
        "lifetimes need a week and a horizon of 14 days that are over, but for as_of=2024-03-01 "
        "they are not by 2024-03-20; use as_of <= 2024-02-29"
    )
    with pytest.raises(HorizonNotObserved, match=f"^{re.escape(text)}$"):
        found(shop, until=AS_OF + 19 * DAY)


def test_days_beyond_the_data_are_not_taken_for_silence(shop: Connection) -> None:
    text = (
        "lifetimes known until 2024-04-12 need orders up to 2024-04-11, but the warehouse ends on "
        "2024-04-10; use a day up to 2024-04-11"
    )
    with pytest.raises(HorizonNotObserved, match=f"^{re.escape(text)}$"):
        found(shop, until=UNTIL + DAY)
