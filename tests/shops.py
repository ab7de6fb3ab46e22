"""Hypothesis: small shops in which everything that can coincide does."""

from datetime import datetime, timedelta

from hypothesis import strategies as st

from tests.builders import AS_OF, DAY, Customer, Order, Shop, midnight_in

ZONES = ("UTC", "Asia/Taipei", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo")
NAMES = ("ann", "bob", "0007", "7", "林小姐")
PRODUCTS = ("tea", "milk", "rice; --", 'a "b"', "POSTAGE", None)
CATEGORIES = (("tea", "drinks"), ("milk", "drinks"), ("rice; --", "穀物"))
MICROSECOND = timedelta(microseconds=1)

PAST = (*range(-12, 0), -28, -29, -60, -400)
FUTURE = (*range(12), 28, 60, 300)
WITHIN_DAY = (timedelta(), timedelta(hours=3), timedelta(hours=15), timedelta(hours=22))
"""Times after local midnight; the shortest day still has 23 hours."""


@st.composite
def instants(draw: st.DrawFn, time_zone: str, offsets: tuple[int, ...]) -> datetime:
    """An instant of a day that lies so many days from `AS_OF`; often the first or last of it."""
    day = AS_OF + draw(st.sampled_from(offsets)) * DAY
    begins, ends = midnight_in(day, time_zone), midnight_in(day + DAY, time_zone)
    choices = [begins + after for after in WITHIN_DAY]
    return draw(st.sampled_from([*choices, ends - MICROSECOND]))


@st.composite
def lines(
    draw: st.DrawFn, time_zone: str, offsets: tuple[int, ...], names: tuple[str | None, ...] = NAMES
) -> Order:
    """A line: bought, bought with a coupon, given back, a fee, or nobody's."""
    quantity = draw(st.sampled_from([1, 1, 1, 2, 0, -1]))
    amount = draw(st.sampled_from([0, 1, 99, 250, 10_000])) * (-1 if quantity < 0 else 1)
    return Order(
        draw(st.sampled_from(names)),
        draw(instants(time_zone, offsets)),
        draw(st.sampled_from(["1", "2", "3"])),
        draw(st.sampled_from(PRODUCTS)),
        quantity,
        amount,
        draw(st.sampled_from([0, 0, 1, 50])),
    )


@st.composite
def versions(draw: st.DrawFn, offsets: tuple[int, ...]) -> tuple[Customer, ...]:
    """Dated attributes, one row per customer and day."""
    keys = st.tuples(st.sampled_from(NAMES), st.sampled_from(offsets))
    tiers = st.sampled_from(["gold", "silver", "iron", None])
    ages = st.sampled_from([18.0, 40.5, None])
    chosen = draw(st.dictionaries(keys, st.tuples(tiers, ages), max_size=6))
    return tuple(
        Customer(name, tier, age, AS_OF + days * DAY)
        for (name, days), (tier, age) in chosen.items()
    )


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    """A shop with a past; ann bought something the day before `AS_OF`."""
    zone = draw(st.sampled_from(ZONES))
    rows = draw(st.lists(lines(zone, PAST, (*NAMES, None)), max_size=30))
    sure = Order("ann", midnight_in(AS_OF, zone) - MICROSECOND, "9", "tea", 1, 120, 0)
    undated = Customer("nobody", "gold")
    attributes = draw(versions(PAST))
    return Shop((sure, *rows), (undated, *attributes), CATEGORIES, time_zone=zone)


@st.composite
def futures(draw: st.DrawFn, time_zone: str) -> Shop:
    """What may happen on `AS_OF` and later: lines, attributes, contacts, of new customers too."""
    names = (*NAMES, None, "new")
    rows = draw(st.lists(lines(time_zone, FUTURE, names), max_size=12))
    calls = draw(
        st.lists(
            st.tuples(st.sampled_from([*NAMES, "caller"]), instants(time_zone, FUTURE)), max_size=3
        )
    )
    attributes = draw(versions(FUTURE))
    return Shop(tuple(rows), attributes, contacts=tuple(calls), time_zone=time_zone)


def together(past: Shop, future: Shop) -> Shop:
    """One shop with the rows of both."""
    return Shop(
        (*past.orders, *future.orders),
        (*past.customers, *future.customers),
        past.categories,
        (*past.contacts, *future.contacts),
        time_zone=past.time_zone,
    )
