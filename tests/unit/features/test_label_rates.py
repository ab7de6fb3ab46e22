"""How many customers would be called lost."""

import re
from collections import Counter
from datetime import date

import pyarrow.compute as pc
import pytest

from features.behaviour import build
from features.clock import HorizonNotObserved
from features.label_rates import Candidates, cohort_rates, labelled_rates, returns
from features.labels import LabelsMissing, build_labels
from features.segments import segments_of
from features.settings import Behaviour, ChurnDefinition, Cohort
from tests.builders import AS_OF, DAY, SETTINGS, Customer, Order, Shop, built, order

CANDIDATES = Candidates(0, (7, 28), (7, 28))
LATER = AS_OF + 365 * DAY


def found(
    shop: Shop,
    *as_ofs: date,
    candidates: Candidates = CANDIDATES,
    settings: Behaviour = SETTINGS,
    last_on: date = LATER,
) -> list[tuple[object, ...]]:
    """As_of, window, orders, horizon, and how many customers."""
    with built(shop) as (con, sources):
        table = returns(con, as_ofs or (AS_OF,), candidates, (sources, settings), last_on)
    return [tuple(row.values()) for row in table.to_pylist()]


def of(*rows: Order) -> Shop:
    return Shop(rows)


def test_a_customer_is_told_by_the_last_and_the_next_purchase() -> None:
    shop = of(order(AS_OF - 8 * DAY), order(AS_OF + 6 * DAY), order(AS_OF + 20 * DAY))
    assert found(shop) == [(AS_OF, 28, 1, 7, 1)]


@pytest.mark.parametrize(
    ("days", "horizon"), [(0, 7), (6, 7), (7, 28), (27, 28), (28, None), (None, None)]
)
def test_the_shortest_horizon_with_a_purchase_counts(days: int | None, horizon: int | None) -> None:
    later = [] if days is None else [order(AS_OF + days * DAY)]
    assert found(of(order(), *later)) == [(AS_OF, 7, 1, horizon, 1)]


@pytest.mark.parametrize(("days", "horizon"), [(4, None), (5, 7), (11, 7), (12, 28)])
def test_a_horizon_begins_after_the_gap(days: int, horizon: int | None) -> None:
    shop = of(order(), order(AS_OF + days * DAY))
    assert found(shop, candidates=Candidates(5, (7, 28), (7, 28))) == [(AS_OF, 7, 1, horizon, 1)]


@pytest.mark.parametrize(("days", "active"), [(1, 7), (7, 7), (8, 28), (28, 28), (29, None)])
def test_the_shortest_window_with_an_order_counts(days: int, active: int | None) -> None:
    assert found(of(order(AS_OF - days * DAY))) == [(AS_OF, active, 1, None, 1)]


def test_orders_are_counted_as_far_as_a_cohort_may_ask() -> None:
    rows = [order(AS_OF - back * DAY) for back in (9, 6, 3)]
    assert found(of(*rows)) == [(AS_OF, 7, 2, None, 1)]
    assert found(of(*rows), candidates=Candidates(0, (7,), (7,), 5)) == [(AS_OF, 7, 3, None, 1)]


def test_a_horizon_that_is_not_over_is_not_looked_at() -> None:
    shop = of(order(), order(AS_OF + 10 * DAY))
    assert found(shop, last_on=AS_OF + 26 * DAY) == [(AS_OF, 7, 1, None, 1)]
    assert found(shop, last_on=AS_OF + 27 * DAY) == [(AS_OF, 7, 1, 28, 1)]


def test_a_day_whose_shortest_horizon_is_not_over_is_refused() -> None:
    with pytest.raises(HorizonNotObserved, match=re.escape("need orders up to 2024-03-07")):
        found(of(order()), last_on=AS_OF + 5 * DAY)


def test_a_contract_is_a_member_whether_it_orders_or_not() -> None:
    shop = Shop((order(), order(customer="bob")), (Customer("ann"), Customer("eve")))
    rule = SETTINGS.model_copy(update={"cohort": Cohort(contract="active")})
    assert found(shop, settings=rule) == [(AS_OF, 7, 1, None, 1), (AS_OF, None, 0, None, 1)]


@pytest.mark.parametrize("active", [7, 28])
@pytest.mark.parametrize("least", [1, 2])
@pytest.mark.parametrize("horizon", [7, 28])
def test_a_rate_is_that_of_the_rows_that_a_training_has(
    active: int, least: int, horizon: int
) -> None:
    rows = [order(AS_OF + days * DAY, f"c{days % 11}") for days in range(-60, 40, 3)]
    rows += [order(AS_OF + days * DAY, f"d{days}", number=f"{days}") for days in range(-30, 0, 2)]
    cohort = Cohort(active_within_days=active, min_orders=least)
    as_ofs = [AS_OF - 7 * DAY, AS_OF]
    with built(of(*rows)) as (con, sources):
        settings = SETTINGS.model_copy(update={"cohort": cohort})
        table = build(con, as_ofs, sources, settings).select(["customer", "as_of"])
        labels = build_labels(con, as_ofs, ChurnDefinition(horizon_days=horizon), LATER)
        joined = table.join(labels, ["customer", "as_of"])
        counted = returns(con, as_ofs, CANDIDATES, (sources, SETTINGS), LATER).to_pylist()
    trained = Counter(joined.filter(pc.field("churned"))["as_of"].to_pylist())
    members, lost = Counter[date](), Counter[date]()
    for row in counted:
        if row["active_days"] and row["active_days"] <= active and row["orders"] >= least:
            members[row["as_of"]] += row["customers"]
            is_back = row["returned_days"] is not None and row["returned_days"] <= horizon
            lost[row["as_of"]] += 0 if is_back else row["customers"]
    assert members == Counter(table["as_of"].to_pylist())
    assert +lost == trained
    assert len(members) == 2


@pytest.mark.parametrize(
    "cohort",
    [
        Cohort(),
        Cohort(active_within_days=28, min_orders=2),
        Cohort(contract="active"),
        Cohort(contract="prospect"),
    ],
)
@pytest.mark.parametrize("gap", [0, 5])
def test_the_rate_of_a_cohort_is_that_of_its_behaviour_table_and_labels(
    cohort: Cohort, gap: int
) -> None:
    rows = [order(AS_OF + days * DAY, f"c{days % 11}") for days in range(-60, 40, 3)]
    people = [Customer(f"c{number}") for number in range(5)] + [Customer("z")]
    people += [Customer("late", valid_from_on=AS_OF - 3 * DAY)]
    definition = ChurnDefinition(horizon_days=14, gap_days=gap)
    as_ofs = [AS_OF, AS_OF - 7 * DAY]
    settings = SETTINGS.model_copy(update={"cohort": cohort})
    with built(Shop(tuple(rows), tuple(people))) as (con, sources):
        table = build(con, as_ofs, sources, settings).select(["customer", "as_of"])
        joined = table.join(build_labels(con, as_ofs, definition, LATER), ["customer", "as_of"])
        found = cohort_rates(con, as_ofs, definition, (sources, settings), LATER)
    members = Counter(joined["as_of"].to_pylist())
    lost = Counter(joined.filter(pc.field("churned"))["as_of"].to_pylist())
    assert len(members) == 2
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        (day, members[day], lost[day]) for day in sorted(members)
    ]


def test_the_rate_of_a_day_whose_horizon_is_not_over_is_refused() -> None:
    definition = ChurnDefinition(horizon_days=7)
    with (
        built(of(order())) as (con, sources),
        pytest.raises(HorizonNotObserved, match=re.escape("need orders up to 2024-03-07")),
    ):
        cohort_rates(con, [AS_OF], definition, (sources, SETTINGS), AS_OF + 5 * DAY)


def test_a_day_before_the_first_order_has_no_rate() -> None:
    with built(of(order())) as (con, sources):
        found = cohort_rates(con, [AS_OF - 99 * DAY], ChurnDefinition(), (sources, SETTINGS), LATER)
    assert found.num_rows == 0


CONTRACTS = Shop(
    customers=(
        Customer("ann", "gold"),
        Customer("bob", "tin", valid_from_on=AS_OF - 3 * DAY),
        Customer("cid", "gold", valid_from_on=AS_OF),
    ),
    labels=(
        ("ann", AS_OF, True),
        ("bob", AS_OF, False),
        ("cid", AS_OF, True),
        ("ann", AS_OF - 28 * DAY, False),
    ),
)


def labelled(by: str, before: date | None = None) -> list[tuple[object, ...]]:
    with built(CONTRACTS) as (con, sources):
        table = labelled_rates(con, segments_of(sources, by), before)
    return [tuple(row.values()) for row in table.to_pylist()]


def test_labels_are_counted_by_day_and_by_what_customers_were_the_day_before() -> None:
    assert labelled("tier") == [
        (AS_OF - 28 * DAY, "gold", 1, 0),
        (AS_OF, "gold", 1, 1),
        (AS_OF, "unknown", 1, 1),
        (AS_OF, "unlisted", 1, 0),
    ]


def test_contracts_that_are_not_told_apart_are_one_segment() -> None:
    assert labelled("orders") == [
        (AS_OF - 28 * DAY, "everyone", 1, 0),
        (AS_OF, "everyone", 3, 2),
    ]


def test_labels_of_the_day_and_later_are_not_seen() -> None:
    assert labelled("orders", AS_OF) == [(AS_OF - 28 * DAY, "everyone", 1, 0)]


def test_a_labels_table_that_begins_later_is_refused() -> None:
    text = (
        "label rates need rows of the labels table, but it begins on 2024-02-02 and --as-of is "
        "2024-02-02; use a later day or look at the files of sources.labels"
    )
    with pytest.raises(LabelsMissing, match=f"^{re.escape(text)}$"):
        labelled("orders", AS_OF - 28 * DAY)


def test_an_empty_labels_table_has_no_rates() -> None:
    text = (
        "label rates need rows of the labels table, but it has none; use a later day or look at "
        "the files of sources.labels"
    )
    with built(CONTRACTS) as (con, sources):
        con.execute("DELETE FROM stg_labels")
        with pytest.raises(LabelsMissing, match=f"^{re.escape(text)}$"):
            labelled_rates(con, segments_of(sources, None))
