"""Who responded to what was sent from a day on, and when that is not known yet."""

import re
from datetime import timedelta

import pytest

from features.responders import ResponsesNotOver, ResponsesUnclear, responders
from tests.builders import AS_OF, Campaign, Order, Response, Shop, built, noon


def order(customer: str, days: int) -> Order:
    day = AS_OF + timedelta(days=days)
    return Order(customer, noon(day), f"{customer}{days}", "p", 1, 100, 0)


SHOP = Shop(
    orders=tuple(order(name, days) for name in ("a", "b", "c", "d") for days in (-5, 40)),
    campaigns=(
        Campaign("a", noon(AS_OF), "spring"),
        Campaign("b", noon(AS_OF), "spring"),
        Campaign("c", noon(AS_OF + timedelta(days=6)), "easter"),
        Campaign("d", noon(AS_OF - timedelta(days=1)), "winter"),
        Campaign("b", noon(AS_OF + timedelta(days=7)), "easter"),
    ),
    responses=(
        Response("a", noon(AS_OF + timedelta(days=9)), "spring"),
        Response("b", noon(AS_OF + timedelta(days=10)), "spring"),
        Response("c", noon(AS_OF + timedelta(days=7)), "easter"),
        Response("d", noon(AS_OF), "winter"),
    ),
)


def told(campaign: str | None = None, days: tuple[int, int] = (7, 10)) -> dict[str, bool]:
    with built(SHOP) as (con, sources):
        found = responders(con, sources, AS_OF, campaign, days)
    return dict(zip(*(found[name].to_pylist() for name in ("customer", "responded")), strict=True))


def test_a_response_counts_up_to_the_eve_of_the_last_day() -> None:
    assert told() == {"a": True, "b": False, "c": True}
    assert told(days=(7, 11)) == {"a": True, "b": True, "c": True}


def test_what_was_sent_before_as_of_or_after_the_days_is_not_looked_at() -> None:
    assert told(days=(1, 10)) == {"a": True, "b": False}


def test_one_campaign_alone_can_be_looked_at() -> None:
    assert told("easter") == {"c": True}


def test_responses_that_may_still_come_are_refused() -> None:
    with pytest.raises(ResponsesNotOver, match="who responded is known 60 days after the sending"):
        told(days=(7, 60))


def test_a_campaign_that_was_sent_before_is_refused_with_its_day() -> None:
    message = (
        "a comparison by campaign winter looks at customers as they were before it, and needs a "
        "sending from 2024-03-01 up to the eve of 2024-03-08, but it was sent on 2024-02-29; use "
        "--as-of 2024-02-29, or more days: profile.sent_days"
    )
    with pytest.raises(ResponsesUnclear, match=re.escape(message)):
        told("winter")


def test_a_campaign_that_nobody_knows_is_refused_with_the_nearest() -> None:
    with pytest.raises(ResponsesUnclear, match=r"no campaign is called 'eastr'; did you mean 'eas"):
        told("eastr")


def test_days_without_a_campaign_are_refused_with_those_that_have_one() -> None:
    with built(SHOP) as (con, sources):
        early = AS_OF - timedelta(days=30)
        with pytest.raises(ResponsesUnclear, match="campaigns were sent from 2024-02-29 to 2024-0"):
            responders(con, sources, early, None, (7, 7))


def test_sources_without_responses_are_refused() -> None:
    with built(Shop(orders=SHOP.orders)) as (con, sources):
        message = "a comparison of who responded needs sources.campaigns and sources.responses"
        with pytest.raises(ResponsesUnclear, match=message):
            responders(con, sources, AS_OF, None, (7, 7))


def test_a_sending_that_is_planned_for_later_does_not_make_the_data_reach_there() -> None:
    planned = Campaign("a", noon(AS_OF + timedelta(days=90)), "summer")
    later = Shop(SHOP.orders, campaigns=(*SHOP.campaigns, planned), responses=SHOP.responses)
    with built(later) as (con, sources), pytest.raises(ResponsesNotOver, match="the data end on"):
        responders(con, sources, AS_OF, None, (7, 60))
