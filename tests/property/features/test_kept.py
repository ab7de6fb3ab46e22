"""Days of customers that grow file by file against those that are made of the star at once."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.clock import EPOCH
from tests.builders import Contact, Order, Shop
from tests.growing import Growing, growing
from tests.shops import CATEGORIES, NAMES, PRIVATE_LABELS, UNIT_COSTS, ZONES, instants, lines

PAST = (*range(-12, 0), -28, -60, -400)
LATE = (-61, -30, -12, -5, -2, -1)
NEW = (0, 1, 2)
WHO = (*NAMES, None, "aaron", "mimi", "zoe", "鄭")
"""Buyers whose names stand before, between and after those of the others."""

NEVER_BOUGHT = ("abel", "carl", "zz")


def _shop(zone: str, rows: list[Order], calls: list[Contact], costs: dict[str, int]) -> Shop:
    return Shop(
        tuple(rows), conversations=tuple(calls), unit_costs=tuple(costs.items()), time_zone=zone
    )


@st.composite
def first_files(draw: st.DrawFn, zone: str) -> Shop:
    """Some lines, a contact, and what is known of products."""
    call = Contact("caller", draw(instants(zone, PAST)))
    return Shop(
        tuple(draw(st.lists(lines(zone, PAST, WHO), min_size=1, max_size=10))),
        categories=CATEGORIES,
        conversations=(call,),
        unit_costs=UNIT_COSTS,
        private_labels=PRIVATE_LABELS,
        time_zone=zone,
    )


def of_orders(zone: str) -> st.SearchStrategy[Shop]:
    """A file of lines: of any day, late ones, or those of new days only."""
    rows = st.sampled_from([PAST, LATE, NEW, NEW]).flatmap(
        lambda offsets: st.lists(lines(zone, offsets, WHO), min_size=1, max_size=6)
    )
    return rows.map(lambda found: _shop(zone, found, [], {}))


def of_any_kind(zone: str) -> st.SearchStrategy[Shop]:
    """A file of orders, or of contacts, of products, of products and orders together."""
    call = st.builds(Contact, st.sampled_from(NEVER_BOUGHT), instants(zone, PAST))
    calls = st.lists(call, min_size=1, max_size=2)
    costs = st.dictionaries(st.sampled_from(["tea", "milk"]), st.integers(1, 99), min_size=1)
    row = lines(zone, PAST, WHO)
    return st.one_of(
        of_orders(zone),
        calls.map(lambda found: _shop(zone, [], found, {})),
        costs.map(lambda found: _shop(zone, [], [], found)),
        st.builds(lambda one, found: _shop(zone, [one], [], found), row, costs),
    )


def require_all_days(shop: Growing) -> None:
    """What is kept equals, row for row, what a build from scratch makes."""
    assert shop.days() == shop.days_from_scratch()


@pytest.mark.slow
@settings(max_examples=20)
@given(
    st.sampled_from(ZONES).flatmap(
        lambda zone: st.tuples(first_files(zone), st.lists(of_orders(zone), min_size=1, max_size=4))
    )
)
def test_after_every_file_of_orders_the_days_are_those_of_a_build_from_scratch(
    drawn: tuple[Shop, list[Shop]],
) -> None:
    """And no day is made again that is earlier than the day before the file's first."""
    first, more = drawn
    with growing(first) as shop:
        shop.refresh()
        require_all_days(shop)
        known = [first.orders]
        for file in more:
            shop.add(file)
            begins = min(row.ordered_at for row in file.orders)
            day = (begins - EPOCH) // timedelta(days=1) - 1
            assert shop.refresh() == (None if file.orders in known else day)
            require_all_days(shop)
            known.append(file.orders)


Steps = list[tuple[Shop, bool]]
"""Files, and whether the days are brought up to date after each."""


@pytest.mark.slow
@settings(max_examples=20)
@given(
    st.sampled_from(ZONES).flatmap(
        lambda zone: st.tuples(
            first_files(zone),
            st.lists(st.tuples(of_any_kind(zone), st.booleans()), min_size=1, max_size=5),
        )
    )
)
def test_files_of_any_kind_in_any_order_lead_to_the_days_of_a_build_from_scratch(
    drawn: tuple[Shop, Steps],
) -> None:
    first, steps = drawn
    with growing(first) as shop:
        for file, is_kept_up in [(Shop(), True), *steps, (Shop(), True)]:
            shop.add(file)
            if is_kept_up:
                shop.refresh()
                require_all_days(shop)
