"""Days added up run by run against the SQL that groups their lines, whatever the shop."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from features.contract import Orders
from features.daily import line_measures, order_measures
from features.kept import daily
from features.slices import Keys
from features.sql import listing
from tests.builders import Shop
from tests.growing import Growing, Row, growing
from tests.shops import CATEGORIES, NAMES, PRIVATE_LABELS, UNIT_COSTS, ZONES, lines, shops

FEW_DAYS = (-9, -3, -2)
MEASURES = (
    *("spend", "discounted_lines", "coupon", "cost", "costed_spend", "private_lines"),
    *("full_price", "usual_price", "returned_amount", "single_line_orders", "night_orders"),
    *("evening_orders", "channel_0", "channel_1", "gap_days * gap_days", "active_days"),
)


@st.composite
def crowded(draw: st.DrawFn) -> Shop:
    """Few customers and days, so that the lines of orders lie between those of others."""
    zone = draw(st.sampled_from(ZONES))
    rows = lines(zone, FEW_DAYS, ("ann", "ann", "bob", "林小姐", None))
    return Shop(
        tuple(draw(st.lists(rows, min_size=12, max_size=30))),
        categories=CATEGORIES,
        unit_costs=UNIT_COSTS,
        private_labels=PRIVATE_LABELS,
        time_zone=zone,
    )


Turns = tuple[Keys, ...]

turns = st.sets(st.integers(1, len(NAMES) + 4), max_size=4).map(
    lambda ends: tuple(Keys(first + 1, last) for first, last in pairwise([0, *sorted(ends), 1_000]))
)
"""All customers, some at a time or none."""

orders = st.builds(
    Orders,
    category=st.sampled_from([None, "category"]),
    channels=st.lists(st.sampled_from(["web", "shop", "phone"]), max_size=2, unique=True).map(
        tuple
    ),
    has_discounts=st.booleans(),
    has_coupons=st.booleans(),
    has_costs=st.booleans(),
    has_private_labels=st.booleans(),
)
"""What the sources may tell."""

ALL = Orders(
    category="category",
    channels=("web", "shop"),
    has_discounts=True,
    has_coupons=True,
    has_costs=True,
    has_private_labels=True,
)
subsets = st.none() | st.lists(st.sampled_from(MEASURES), max_size=4)
physical = st.none() | st.integers(0, 9)
"""How lines lie: as the star is built; or shuffled, by a number."""


def columns(told: Orders, wanted: list[str] | None) -> list[str]:
    """What is wanted of what is told, with what is always there."""
    words = {"lines", "orders", *(word for sql in wanted or () for word in sql.split())}
    measures = [*line_measures(told), *order_measures(told)]
    chosen = measures if wanted is None else [name for name in measures if name in words]
    return ["customer_key", "day", *chosen, "active_days", "gaps", "gap_days", "gap_logs"]


def days_of(shop: Growing, told: Orders, parts: Turns, wanted: list[str] | None) -> list[Row]:
    """What a job sees that may not write."""
    with daily(shop.con, told, parts, wanted):
        seen = shop.con.execute("DESCRIBE customer_day").fetchall()
        assert [name for name, *_ in seen] == columns(told, wanted)
        return shop.days()


@settings(max_examples=20)
@given(crowded(), turns, physical)
def test_days_of_crowded_lines_equal_those_that_are_grouped(
    drawn: Shop, parts: Turns, seed: int | None
) -> None:
    with growing(drawn) as shop:
        expected = shop.days_from_scratch(ALL)
        if seed is not None:
            shop.shuffle(seed)
        assert days_of(shop, ALL, parts, None) == expected


@settings(max_examples=20)
@given(crowded() | shops(), orders, subsets, turns, physical)
def test_measures_that_are_wanted_equal_those_that_are_grouped(
    drawn: Shop, told: Orders, wanted: list[str] | None, parts: Turns, seed: int | None
) -> None:
    """Whatever the sources tell."""
    with growing(drawn) as shop:
        if seed is not None:
            shop.shuffle(seed)
        expected = shop.days_from_scratch(told, listing(columns(told, wanted)))
        assert days_of(shop, told, parts, wanted) == expected
