"""Gaps between days with a purchase."""

from datetime import UTC, date, datetime

from features.gaps import gaps
from features.segments import segments_of
from tests.builders import AS_OF, DAY, Customer, Order, Shop, built, order, returned

LAST = AS_OF - DAY


def found(
    *rows: Order, as_of: date = AS_OF, last_on: date = LAST, zone: str = "UTC"
) -> list[tuple[int, bool, int]]:
    """Days, whether it is open, and how many there are, whatever the segment."""
    with built(Shop(rows, time_zone=zone)) as (con, sources):
        table = gaps(con, as_of, last_on, segments_of(sources, None))
    return sorted((row["days"], row["is_open"], row["gaps"]) for row in table.to_pylist())


def test_a_gap_ends_with_the_next_day_and_the_newest_is_open() -> None:
    assert found(order(AS_OF - 30 * DAY), order(AS_OF - 10 * DAY)) == [
        (9, True, 1),
        (20, False, 1),
    ]


def test_several_orders_on_one_day_are_one_day() -> None:
    rows = [order(AS_OF - 10 * DAY, number=number) for number in ("a", "b", "c")]
    assert found(*rows) == [(9, True, 1)]


def test_what_was_brought_back_and_fees_open_and_end_no_gap() -> None:
    rows = (order(AS_OF - 10 * DAY), returned(AS_OF - 7 * DAY))
    assert found(*rows, order(AS_OF - 3 * DAY, product="POSTAGE")) == [(9, True, 1)]


def test_lines_of_nobody_are_nobodys_gap() -> None:
    assert found(order(AS_OF - 10 * DAY), order(AS_OF - 5 * DAY, None)) == [(9, True, 1)]


def test_an_order_on_as_of_is_not_seen() -> None:
    assert found(order(AS_OF - 10 * DAY), order(AS_OF)) == [(9, True, 1)]


def test_days_after_the_data_make_no_gap_longer() -> None:
    assert found(order(AS_OF - 10 * DAY), as_of=AS_OF + 200 * DAY) == [(9, True, 1)]


def test_who_bought_on_the_last_day_has_waited_for_no_day() -> None:
    assert found(order(LAST)) == [(0, True, 1)]


def test_days_are_those_of_the_shop() -> None:
    """16:30 UTC is the next day in Taipei: 23:30 and 00:30 there are two days, and one in UTC."""
    at = [datetime(2024, 2, 10, hour, 30, tzinfo=UTC) for hour in (15, 16)]
    rows = [order(instant, number=str(instant)) for instant in at]
    assert found(*rows) == [(19, True, 1)]
    assert found(*rows, zone="Asia/Taipei") == [(1, False, 1), (18, True, 1)]


def segmented(shop: Shop, by: str | None) -> list[tuple[str, bool, int]]:
    with built(shop) as (con, sources):
        rows = gaps(con, AS_OF, LAST, segments_of(sources, by)).to_pylist()
    return sorted(
        (row["segment"], row["is_first"], row["days"]) for row in rows for _ in range(row["gaps"])
    )


def test_a_gap_belongs_to_the_orders_so_far() -> None:
    rows = [order(AS_OF - back * DAY) for back in (100, 90, 70, 40, 20)]
    assert segmented(Shop(tuple(rows)), None) == [
        ("1 order", True, 10),
        ("2 to 4 orders", False, 20),
        ("2 to 4 orders", False, 20),
        ("2 to 4 orders", False, 30),
        ("5 orders or more", False, 19),
    ]


def test_two_orders_on_the_first_day_are_no_single_first_order() -> None:
    rows = [order(AS_OF - 10 * DAY, number=number) for number in ("a", "b")]
    assert segmented(Shop(tuple(rows)), None) == [("2 to 4 orders", False, 9)]


def test_a_gap_belongs_to_what_the_customer_was_when_it_opened() -> None:
    tiers = (
        Customer("ann", "gold", valid_from_on=AS_OF - 50 * DAY),
        Customer("ann", "tin", valid_from_on=AS_OF - 20 * DAY),
    )
    rows = tuple(order(AS_OF - back * DAY) for back in (60, 50, 20))
    assert segmented(Shop(rows, tiers), "tier") == [
        ("gold", False, 30),
        ("unknown", True, 10),
        ("unlisted", False, 19),
    ]
