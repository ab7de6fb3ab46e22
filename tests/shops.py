"""Hypothesis: small shops in which everything that can coincide does."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from tests.builders import (
    AS_OF,
    DAY,
    SETTINGS,
    Campaign,
    Contact,
    Customer,
    Order,
    Response,
    Shop,
    Visit,
    midnight_in,
)

ASKED = SETTINGS.model_copy(update={"peers_by": ("store", "tier")})
"""All that can be asked of a shop that has every source."""

ZONES = ("UTC", "Asia/Taipei", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo")
NAMES = ("ann", "bob", "0007", "7", "林小姐")
OFTEN = (*NAMES, "ann", "ann", "ann", "bob")
"""Some so often that gaps, slopes and repeated purchases come about."""

PRODUCTS = ("tea", "milk", "rice; --", 'a "b"', "POSTAGE", None)
CATEGORIES = (("tea", "drinks"), ("milk", "drinks"), ("rice; --", "穀物"))
UNIT_COSTS = (("tea", 60), ("milk", 0), ('a "b"', 300))
PRIVATE_LABELS = (("tea", True), ("milk", False), ("POSTAGE", True))
PLACES = (("north", "shop"), ("台北", "shop"), (None, "web"), (None, None))
REDUCTIONS = ((0, 0), (0, 0), (1, 0), (1, 1), (50, 0), (50, 20))
"""Discount and the coupon's part of it."""

HOW = st.sampled_from(
    [
        *(("call",), ("call", "Resolved", 90.0, 5.0), ("call", "open", 0.0, 1.0)),
        *(("complaint", "open"), ("complaint", "resolved", 30.5, None), ("mail", None, None, 3.0)),
    ]
)
"""Kind, outcome, seconds and satisfaction of a contact, as far as they are known."""

WHAT = st.sampled_from([(), ("s1",), ("s1", 3), ("s2", 0), (None, 2)])
"""Session and pages of a visit, as far as they are known."""

MICROSECOND = timedelta(microseconds=1)

PAST = (*range(-12, 0), -14, -15, -28, -29, -56, -57, -300, -364, -365)
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
    discount, coupon = draw(st.sampled_from(REDUCTIONS))
    store, channel = draw(st.sampled_from(PLACES))
    return Order(
        draw(st.sampled_from(names)),
        draw(instants(time_zone, offsets)),
        draw(st.sampled_from(["1", "2", "3"])),
        draw(st.sampled_from(PRODUCTS)),
        quantity,
        amount,
        discount,
        store,
        channel,
        coupon,
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
def events(
    draw: st.DrawFn, time_zone: str, offsets: tuple[int, ...], names: tuple[str, ...] = NAMES
) -> Shop:
    """A shop of contacts, visits, campaigns and responses only, a few of each."""
    who, when = st.sampled_from((*names, "ann", "ann")), instants(time_zone, offsets)
    campaign = st.sampled_from(["spring", "autumn"])
    calls = st.builds(lambda name, at, how: Contact(name, at, *how), who, when, HOW)
    views = st.builds(lambda name, at, what: Visit(name, at, *what), who, when, WHAT)
    return Shop(
        conversations=tuple(draw(st.lists(calls, max_size=8))),
        visits=tuple(draw(st.lists(views, max_size=8))),
        campaigns=tuple(draw(st.lists(st.builds(Campaign, who, when, campaign), max_size=6))),
        responses=tuple(draw(st.lists(st.builds(Response, who, when, campaign), max_size=6))),
        time_zone=time_zone,
    )


def _sure(time_zone: str) -> Shop:
    """What every shop holds of the past, so that no column depends on what is drawn.

    Ann bought something in the last microsecond before `AS_OF`; a caller did the rest.
    """
    last = midnight_in(AS_OF, time_zone) - MICROSECOND
    return Shop(
        (Order("ann", last, "9", "tea", 1, 120, 0),),
        (Customer("nobody", "gold"),),
        CATEGORIES,
        conversations=(Contact("caller", last, "complaint", "resolved", 60, 5),),
        visits=(Visit("caller", last, "s0", 2),),
        campaigns=(Campaign("caller", last),),
        responses=(Response("caller", last),),
        unit_costs=UNIT_COSTS,
        private_labels=PRIVATE_LABELS,
        time_zone=time_zone,
    )


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    """A shop with a past; ann bought something the day before `AS_OF`."""
    zone = draw(st.sampled_from(ZONES))
    least = draw(st.sampled_from([0, 15, 30]))
    rows = draw(st.lists(lines(zone, PAST, (*OFTEN, None)), min_size=least, max_size=40))
    drawn = replace(draw(events(zone, PAST)), orders=tuple(rows), customers=draw(versions(PAST)))
    return together(_sure(zone), drawn)


@st.composite
def futures(draw: st.DrawFn, time_zone: str) -> Shop:
    """What may happen on `AS_OF` and later: lines, attributes, contacts, of new customers too.

    It holds responses to campaigns of the past.
    """
    rows = draw(st.lists(lines(time_zone, FUTURE, (*NAMES, None, "new")), max_size=12))
    happened = draw(events(time_zone, FUTURE, (*NAMES, "caller", "visitor")))
    return replace(happened, orders=tuple(rows), customers=draw(versions(FUTURE)))


def together(past: Shop, future: Shop) -> Shop:
    """One shop with the rows of both; its products are those of the past."""
    return replace(
        past,
        orders=(*past.orders, *future.orders),
        customers=(*past.customers, *future.customers),
        contacts=(*past.contacts, *future.contacts),
        conversations=(*past.conversations, *future.conversations),
        visits=(*past.visits, *future.visits),
        campaigns=(*past.campaigns, *future.campaigns),
        responses=(*past.responses, *future.responses),
    )
