"""What the orders of a shop say about who returns."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import pairwise

import pytest

from features.clock import OutsideHistory
from features.settings import Behaviour, Cohort
from features.star import history
from features.warehouse import Connection
from pipelines.check import load_config
from pipelines.config import Business, Churn
from pipelines.proposal_record import define, to_json
from pipelines.study import (
    MOST_CUTOFFS,
    Study,
    TooLittleHistory,
    candidates,
    contracts,
    study,
)
from tests.builders import AS_OF, DAY, Customer, Order, Shop, built, order

WEEKLY = tuple(order(AS_OF - back * DAY) for back in range(1, 141, 7))
"""Ann buys every seven days for twenty weeks, the last time on the day before `AS_OF`."""


@contextmanager
def shop_of(
    *rows: Order, shop: Shop | None = None, churn: dict[str, object] | None = None
) -> Iterator[tuple[Connection, Business]]:
    """A warehouse and its config: windows of 7 and 28 days, a horizon of 14, steps of 28."""
    with built(shop or Shop(rows)) as (con, sources):
        config = load_config("complete_journey").business
        settings = {"horizon_days": 14, "test_as_of": AS_OF - 14 * DAY, "step_days": 28}
        yield (
            con,
            config.model_copy(
                update={
                    "sources": sources,
                    "behaviour": Behaviour(
                        windows_days=(7, 28), cohort=Cohort(active_within_days=56)
                    ),
                    "churn": Churn.model_validate(settings | (churn or {})),
                }
            ),
        )


def studied(
    *rows: Order, as_of: date | None = None, churn: dict[str, object] | None = None
) -> Study:
    with shop_of(*rows, churn=churn) as (con, business):
        return study(con, business, history(con, business.sources), as_of)


def test_candidates_are_the_windows_and_what_the_config_says_now() -> None:
    with shop_of(order()) as (_, business):
        found = candidates(business)
    assert (found.horizons_days, found.active_days) == ((7, 14, 28), (7, 28, 56))


def test_without_a_day_all_orders_are_seen_and_none_after_a_day() -> None:
    whole, earlier = studied(*WEEKLY), studied(*WEEKLY, as_of=AS_OF - 50 * DAY)
    assert (whole.as_of, whole.last_on, whole.days) == (AS_OF, AS_OF - DAY, 134)
    assert (earlier.last_on, earlier.days) == (AS_OF - 51 * DAY, 84)
    known = tuple(row for row in WEEKLY if row.ordered_at.date() < AS_OF - 50 * DAY)
    again = studied(*known, order(AS_OF - 51 * DAY, None))
    assert earlier.returned.equals(again.returned)
    assert earlier.everyone.survival.times.tolist() == again.everyone.survival.times.tolist()


def test_gaps_are_counted_with_the_open_one() -> None:
    found = studied(*WEEKLY, order(AS_OF - 30 * DAY, "bob"))
    assert (found.everyone.gaps, found.everyone.still_open) == (21, 2)
    assert found.everyone.survival.quantile(0.9) == 7
    assert (found.one_time.gaps, found.one_time.still_open) == (2, 1)
    assert found.one_time.open_share == 0.5
    assert [each.name for each in found.by_segment] == [
        *("1 order", "2 to 4 orders", "5 orders or more")
    ]


def test_rates_are_of_the_days_with_a_label_behind_and_as_many_days_before() -> None:
    """Data begin 134 days before the end; days lie 28, 56, 84 and 112 before it."""
    found = studied(*WEEKLY, order(AS_OF - 134 * DAY, "bob"))

    def days(horizon: int, active: int | None) -> list[int]:
        rates = found.rates(horizon, Cohort(active_within_days=active))
        return [(AS_OF - rate.as_of).days for rate in rates]

    assert days(7, None) == [112, 84, 56, 28]
    assert days(28, None) == [84, 56, 28]
    assert days(7, 56) == [56, 28]


def test_a_day_whose_label_is_not_over_has_no_rate() -> None:
    found = studied(*WEEKLY, churn={"step_days": 14})
    newest = {days: found.rates(days, Cohort())[-1] for days in (7, 14, 28)}
    assert {days: (AS_OF - rate.as_of).days for days, rate in newest.items()} == {
        7: 14,
        14: 14,
        28: 28,
    }


def test_a_rate_is_the_share_of_the_cohort_that_does_not_return_in_the_horizon() -> None:
    rows = [order(AS_OF - back * DAY, "bob") for back in (134, 130)]
    found = studied(*WEEKLY, *rows, order(AS_OF - 120 * DAY, "cid"))
    everybody, twice = Cohort(), Cohort(min_orders=2)
    assert [(rate.customers, rate.lost) for rate in found.rates(28, everybody)] == [(3, 2)] * 3
    assert [(rate.customers, rate.lost) for rate in found.rates(28, twice)] == [(2, 1)] * 3
    recent = found.rates(28, Cohort(active_within_days=28))
    assert [(rate.customers, rate.lost) for rate in recent] == [(1, 0)] * 3


def test_very_many_days_are_taken_in_wider_steps() -> None:
    found = studied(*WEEKLY, churn={"step_days": 1})
    days = sorted(set(found.returned["as_of"]))
    assert len(days) <= MOST_CUTOFFS
    assert {(later - day).days for day, later in pairwise(days)} == {3}


def test_a_step_beyond_the_data_leaves_the_newest_day() -> None:
    found = studied(*WEEKLY, churn={"step_days": 366})
    assert set(found.returned["as_of"]) == {AS_OF - 7 * DAY}


def test_too_few_days_of_orders_are_refused() -> None:
    text = (
        "a proposal needs a day with 7 days of orders before and after it, but the orders that "
        "are seen reach from 2024-02-20 to 2024-02-29; load more of them"
    )
    with pytest.raises(TooLittleHistory, match=f"^{re.escape(text)}$"):
        studied(order(AS_OF - 10 * DAY), order())


def test_lines_of_nobody_are_no_ground_for_a_proposal() -> None:
    text = (
        "a proposal needs purchases of customers, but before 2024-03-01 all lines are of nobody, "
        "returns or fees; look at sources.orders.columns.customer"
    )
    rows = [order(AS_OF - back * DAY, None) for back in (1, 90)]
    with (
        pytest.raises(TooLittleHistory, match=f"^{re.escape(text)}$"),
        shop_of(shop=Shop(tuple(rows), (Customer("ann"),))) as (con, business),
    ):
        study(con, business, history(con, business.sources), by="orders")


def test_a_day_before_the_orders_is_refused() -> None:
    with pytest.raises(OutsideHistory, match="use a date from 2023-10-20"):
        studied(*WEEKLY, as_of=date(2020, 1, 1))


CONTRACTS = Shop(
    customers=(Customer("ann", "gold"), Customer("bob", "tin")),
    labels=(("ann", AS_OF, True), ("bob", AS_OF, False), ("ann", AS_OF - 28 * DAY, False)),
)


def test_labels_give_rates_by_day_and_of_the_newest_day_by_segment() -> None:
    with shop_of(shop=CONTRACTS) as (con, business):
        found = contracts(con, business)
    assert [(rate.as_of, rate.customers, rate.lost) for rate in found.by_day] == [
        (AS_OF - 28 * DAY, 1, 0),
        (AS_OF, 2, 1),
    ]
    assert {name: rate.share for name, rate in found.by_segment.items()} == {
        "gold": 1,
        "unlisted": 0,
    }


def test_the_record_of_labels_says_what_they_say() -> None:
    labelled: dict[str, object] = {"kind": "labelled", "test_as_of": None}
    with shop_of(shop=CONTRACTS, churn=labelled) as (con, business):
        found = json.loads(to_json(define(con, business, history(con, business.sources))))
    assert (found["kind"], found["by"]) == ("labelled", "tier")
    assert found["newest_by_segment"]["gold"] == {"as_of": str(AS_OF), "customers": 1, "lost": 1}


def test_the_record_of_orders_holds_every_figure_and_null_for_what_is_not_known() -> None:
    with shop_of(*WEEKLY) as (con, business):
        found = json.loads(to_json(define(con, business, history(con, business.sources))))
    (seven, *_, longest) = found["horizons"]
    assert seven["horizon_days"] == 7
    assert seven["come_back"] == {"value": None, "low": None, "high": None}
    assert [day["lost"] for day in seven["label_rates"]["days"]] == [0] * 4
    assert longest["label_rates"]["variation"] is None
    assert found["returns"][0]["days_by_share"]["0.5"] == 7
    assert found["current"]["churn.horizon_days"] == 14
