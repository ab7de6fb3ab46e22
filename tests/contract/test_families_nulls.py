"""A value is missing exactly when what its column declares of a missing value is true."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pytest
from hypothesis import given, settings

from features.behaviour import build, columns, shape_of
from features.contract import Column
from features.settings import Cohort
from tests.builders import (
    AS_OF,
    DAY,
    Campaign,
    Contact,
    Customer,
    Order,
    Response,
    Shop,
    Visit,
    built,
    noon,
    returned,
)
from tests.oracles.events import contacts_of
from tests.oracles.goods import category, half_up, usual_prices
from tests.oracles.others import gaps_of_everybody, spend_by_store, spend_by_tier
from tests.oracles.past import Asked, Line, Past, attributes, days_of, slug, spend
from tests.shops import ASKED, CATEGORIES, PRIVATE_LABELS, UNIT_COSTS, shops

ACTIVE = ASKED.model_copy(update={"cohort": Cohort(contract="active")})
EVERYONE = Asked(
    ASKED.windows_days, ASKED.categories, ASKED.channels, ASKED.contact_kinds, ASKED.peers_by
)


@dataclass(frozen=True)
class Case:
    """A customer, and the column whose value is missing or not."""

    past: Past
    column: Column

    @property
    def days(self) -> int:
        """Length of the column's window."""
        return self.column.window_days or 10**5

    @property
    def bought(self) -> list[Line]:
        """What was bought in the window."""
        return self.past.bought(self.days)

    @property
    def contacts(self) -> list[Contact]:
        """Contacts in the window."""
        return [row for age, row in contacts_of(self.past) if age <= self.days]

    @property
    def rank(self) -> int:
        """How many days with an order the column counts back."""
        ranks = {"second": 2, "third": 3, "fifth": 5, "tenth": 10}
        return next(rank for name, rank in ranks.items() if name in self.column.name)

    def named(self, values: Sequence[str]) -> str:
        """The value of the config that has this column."""
        (value,) = [value for value in values if slug(value) in self.column.name]
        return value


def in_category(case: Case, lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if category(case.past.shop, line) is not None]


def products(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if line.row.product is not None]


def at_stores(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if line.row.store is not None]


def of_known_brand(case: Case) -> bool:
    return any(line.row.product in dict(case.past.shop.private_labels) for line in case.bought)


def of_known_price(case: Case) -> bool:
    """Something that usually costs at least half a minor unit."""
    usual, shop = usual_prices(case.past.shop), case.past.shop
    prices = [(x.row.quantity, usual.get((category(shop, x), x.day))) for x in case.bought]
    return any(price is not None and half_up(quantity * price) for quantity, price in prices)


def of_named_category(case: Case) -> bool:
    name = case.named(ASKED.categories)
    return any(category(case.past.shop, line) == name for line in case.bought)


def in_both_windows(case: Case) -> bool:
    twice = case.past.bought(2 * case.days)
    return bool(spend(twice) if case.column.name.startswith("spend") else twice)


def has_peers(case: Case) -> bool:
    spent = spend_by_store if "store" in case.column.name else spend_by_tier
    return bool(case.past.bought()) and sum(spent(case.past, case.days)) > 0


def was_sent(case: Case) -> bool:
    who = case.past.customer
    return bool(case.past.seen(x.sent_at for x in case.past.shop.campaigns if x.customer == who))


def responded(case: Case) -> bool:
    """To a campaign that was sent before."""
    shop, who = case.past.shop, case.past.customer
    return any(
        case.past.seen([answer.responded_at])
        for sent in shop.campaigns
        for answer in shop.responses
        if sent.customer == answer.customer == who
        if sent.campaign == answer.campaign
        if sent.sent_at <= answer.responded_at
    )


def has_usual_gaps(case: Case) -> bool:
    """Somebody's gaps to be held against; for a deviation, gaps that deviate."""
    gaps = gaps_of_everybody(case.past.shop, case.past.as_of)
    enough = 2 if "deviation" in case.column.name else 1
    return bool(case.past.bought()) and len(set(gaps)) >= enough


def bought_a_year_ago(case: Case) -> bool:
    """Before the first of the days that lie opposite those ahead."""
    return any(case.past.age(line.day) > 364 for line in case.past.bought())


def visited(case: Case) -> bool:
    who = case.past.customer
    return bool(case.past.seen(x.visited_at for x in case.past.shop.visits if x.customer == who))


def contacted_within(case: Case, days: int | None = None) -> bool:
    return any(days is None or age <= days for age, _ in contacts_of(case.past))


def held(case: Case, name: str) -> object:
    return getattr(attributes(case.past.shop, case.past.customer, case.past.as_of), name, None)


HAS: dict[str, Callable[[Case], object]] = {
    "never missing": lambda _: True,
    "never ordered": lambda c: c.past.bought(),
    "never returned anything": lambda c: c.past.given_back(),
    "nobody has ordered twice": has_usual_gaps,
    "nobody has ordered twice, or all gaps are equal": has_usual_gaps,
    "no customer a year ago": bought_a_year_ago,
    "ordered on fewer days": lambda c: len(days_of(c.past.bought())) >= c.rank,
    "ordered on fewer than two days": lambda c: len(days_of(c.past.bought())) >= 2,
    "fewer than three days with an order": lambda c: len(days_of(c.past.bought())) >= 3,
    "never bought in the category": of_named_category,
    "no order in the window": lambda c: c.bought,
    "nothing in the window and the one before": in_both_windows,
    "nothing with a price in the window": lambda c: any(
        x.row.amount or x.row.discount for x in c.bought
    ),
    "never ordered a named product": lambda c: products(c.past.bought()),
    "no product in the window": lambda c: products(c.bought),
    "never ordered a product with a category": lambda c: in_category(c, c.past.bought()),
    "no category in the window": lambda c: in_category(c, c.bought),
    "no spend in a category in the window": lambda c: spend(in_category(c, c.bought)),
    "no item of a known brand in the window": of_known_brand,
    "no item of a category with a known price above 0 in the window": of_known_price,
    "never ordered at a named store": lambda c: at_stores(c.past.bought()),
    "no item from a named store in the window": lambda c: at_stores(c.bought),
    "nothing bought or returned in the window": lambda c: c.bought or c.past.given_back(c.days),
    "nothing spent in the window": lambda c: spend(c.bought),
    "never ordered, or no peers in the window": has_peers,
    "never in contact": contacted_within,
    "never a contact of this kind": lambda c: (
        c.named(ASKED.contact_kinds) in {row.kind for _, row in contacts_of(c.past)}
    ),
    "no contact in the window and the one before": lambda c: contacted_within(c, 2 * c.days),
    "no contact with a duration in the window": lambda c: any(
        row.duration_seconds is not None for row in c.contacts
    ),
    "no rated contact in the window": lambda c: any(
        row.satisfaction is not None for row in c.contacts
    ),
    "never visited": visited,
    "never sent a campaign": was_sent,
    "never responded": responded,
    "tier of the club unknown": lambda c: held(c, "tier") is not None,
    "age unknown": lambda c: held(c, "age") is not None,
}
"""What a customer has done, or is, unless the declared meaning of a missing value is true."""


def require_nulls_as_declared(table: pa.Table, shop: Shop, declared: Sequence[Column]) -> None:
    """Missing only where the meaning is true; where it is true, missing or nothing (0)."""
    for row in table.to_pylist():
        past = Past(shop, row["customer"], row["as_of"], EVERYONE)
        for column in declared:
            if HAS[column.null_means](Case(past, column)):
                assert row[column.name] is not None, (column.name, past.customer)
            else:
                assert row[column.name] in (None, 0), (column.name, past.customer)


@settings(max_examples=10)
@given(shops())
def test_a_value_is_missing_exactly_as_declared(shop: Shop) -> None:
    with built(shop) as (con, sources):
        declared = columns(shape_of(sources, ASKED))
        for rule in (ASKED, ACTIVE):
            require_nulls_as_declared(build(con, [AS_OF], sources, rule), shop, declared)


# ----------------------------------------------------------------- who did nothing, who did all


def everything_of(who: str) -> Shop:
    """One who bought, gave back, called, complained, visited, was written to and answered."""
    days = (AS_OF - ago * DAY for ago in (2, 4, 8, 40, 41, 42, 43, 44, 45, 400))
    bought = tuple(
        Order(who, noon(day), f"{day} {product}", product, 1, 100, 10, "north", "web", 5)
        for day in days
        for product in ("tea", "rice; --")
    )
    at = noon(AS_OF - 2 * DAY)
    return Shop(
        (*bought, returned(AS_OF - 3 * DAY, who)),
        (Customer(who, "gold", 40),),
        CATEGORIES,
        conversations=tuple(Contact(who, at, kind, "open", 60, 5) for kind in ASKED.contact_kinds),
        visits=(Visit(who, at, "s", 3),),
        campaigns=(Campaign(who, at),),
        responses=(Response(who, at),),
        unit_costs=UNIT_COSTS,
        private_labels=PRIVATE_LABELS,
    )


@pytest.fixture(scope="module")
def extremes() -> Iterator[tuple[dict[str, object], dict[str, object], tuple[Column, ...]]]:
    """Rows of one who did all and of one who did nothing, and the columns."""
    busy = everything_of("busy")
    shop = Shop(**{**vars(busy), "customers": (*busy.customers, Customer("idle"))})
    with built(shop) as (con, sources):
        rows = build(con, [AS_OF], sources, ACTIVE).to_pylist()
        yield rows[0], rows[1], columns(shape_of(sources, ACTIVE))


Extremes = tuple[dict[str, object], dict[str, object], tuple[Column, ...]]


def test_nothing_is_missing_of_a_customer_who_did_everything(extremes: Extremes) -> None:
    did_all, _, declared = extremes
    assert [column.name for column in declared if did_all[column.name] is None] == []


def test_only_the_calendar_speaks_of_a_customer_who_did_nothing(extremes: Extremes) -> None:
    _, did_nothing, declared = extremes
    there = [column for column in declared if did_nothing[column.name] is not None]
    assert {column.null_means for column in there} == {"never missing"}
    assert [column.name for column in there] == ["week_of_year"]


def test_every_meaning_of_a_missing_value_is_checked(extremes: Extremes) -> None:
    *_, declared = extremes
    assert {column.null_means for column in declared} == HAS.keys()
