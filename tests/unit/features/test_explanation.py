"""What the rows behind a value are, worked out by hand."""

import re
from dataclasses import replace
from datetime import date

import pytest

from features.behaviour import keep_daily, shape_of
from features.clock import OutsideHistory
from features.explanation import ColumnUnknown, CustomerUnknown
from features.measures import GAP_DAYS, ORDERS
from features.origins import Subject, Valued, origins
from features.settings import Cohort, Engine
from tests.builders import (
    AS_OF,
    DAY,
    Campaign,
    Contact,
    Customer,
    Response,
    Shop,
    Visit,
    built,
    noon,
    order,
    returned,
)
from tests.explanations import RICH, explained, origin

LAST_WEEK = noon(AS_OF - 7 * DAY)


def ago(days: int) -> date:
    return AS_OF - days * DAY


def test_a_sum_shows_the_lines_of_its_window_newest_first() -> None:
    rows = (order(ago(29)), order(ago(28), amount=1), order(ago(2), amount=20), order(AS_OF))
    lines = origin(explained(Shop(rows), "spend_28d"), "purchases", "lines").table
    assert lines["day"].to_pylist() == [ago(2), ago(28)]
    assert lines["amount"].to_pylist() == [20, 1]


def test_a_fee_or_a_return_is_not_among_the_lines_of_spend() -> None:
    shop = Shop((order(amount=5), returned(), order(product="POSTAGE", amount=7)))
    result = explained(shop, "spend_28d")
    assert result.value == 5
    assert origin(result, "purchases", "lines").table["amount"].to_pylist() == [5]


def test_a_share_that_came_back_shows_lines_of_both_kinds() -> None:
    result = explained(
        Shop((order(number="1", amount=400), replace(returned(), order="0"))),
        "returned_amount_ratio_28d",
    )
    lines = origin(result, "purchases", "lines").table.to_pylist()
    assert [(line["amount"], line["is_return"]) for line in lines] == [(-100, True), (400, False)]
    assert result.value == 0.25


def test_a_time_since_shows_the_day_that_ended_it_alone() -> None:
    result = explained(Shop((order(ago(9)), order(ago(3), product="milk"))), "days_since_order")
    assert result.value == 3
    assert origin(result, "purchases", "days").table["day"].to_pylist() == [ago(3)]
    assert origin(result, "purchases", "lines").table["product"].to_pylist() == ["milk"]


def test_the_longest_gap_shows_the_day_on_which_it_ended() -> None:
    rows = (order(ago(20)), order(ago(9)), order(ago(8)))
    days = origin(explained(Shop(rows), "gap_longest_days"), "purchases", "days").table
    assert days.to_pylist() == [{"day": ago(9), "gap_days": 11}]


def test_gaps_longer_than_the_silence_are_shown_and_shorter_ones_are_not() -> None:
    (longer,) = GAP_DAYS.exceeding(ORDERS).atoms
    with built(Shop(tuple(order(ago(days)) for days in (40, 20, 9, 6)))) as (con, sources):
        keep_daily(con, sources, RICH, Engine())
        subject = Subject(con, shape_of(sources, RICH), 1, AS_OF)
        days, _ = origins(subject, [Valued(longer, 2.0)])
    assert days.table.to_pylist() == [
        {"day": ago(9), "gap_days": 11},
        {"day": ago(20), "gap_days": 20},
    ]


def test_the_second_last_order_is_the_day_shown() -> None:
    result = explained(Shop((order(ago(9)), order(ago(3)))), "days_since_second_last_order")
    assert result.value == 9
    assert origin(result, "purchases", "days").table["day"].to_pylist() == [ago(9)]


def test_a_new_product_shows_when_it_was_first_bought() -> None:
    rows = (order(ago(60)), order(ago(2)), order(ago(1), product="milk"))
    result = explained(Shop(rows), "new_products_share_28d")
    lines = origin(result, "products", "lines").table.select(["product", "first_on"])
    assert result.value == 0.5
    assert lines.to_pylist() == [
        {"product": "milk", "first_on": ago(1)},
        {"product": "tea", "first_on": ago(60)},
    ]


def test_a_share_of_a_category_names_the_category_of_each_line() -> None:
    rows = (order(amount=30), order(product="rice", amount=10), order(product="pen", amount=9))
    shop = Shop(rows, categories=(("tea", "drinks"), ("rice", "food")))
    result = explained(shop, "drinks_spend_share_28d")
    lines = origin(result, "categories", "lines").table
    shown = zip(
        *(lines[n].to_pylist() for n in ("category", "amount", "spend_drinks")), strict=True
    )
    assert sorted(shown) == [("drinks", 30, 30), ("food", 10, 0)]
    assert result.value == 0.75


def test_peers_name_the_main_store_and_show_its_lines() -> None:
    rows = (replace(order(amount=30), store="north"), replace(order(customer="bob"), store="north"))
    result = explained(Shop(rows), "spend_to_store_peers_28d")
    assert {each.atom.kind: each.value for each in result.atoms} == {
        "sum": 30,
        "leader": "north",
        "given": 65,
    }
    assert origin(result, "stores", "lines").table["store"].to_pylist() == ["north"]
    assert origin(result, "peers", "as_of").money == {"peers_store"}


def test_an_unresolved_contact_is_shown_as_it_was_told() -> None:
    contacts = (
        Contact("ann", LAST_WEEK, "complaint", "open", 90.0),
        Contact("ann", LAST_WEEK, "complaint", "resolved"),
    )
    shop = Shop((order(),), conversations=contacts)
    rows = origin(explained(shop, "unresolved_contacts_count_28d"), "contacts", "rows").table
    assert rows.select(["kind", "outcome", "duration_seconds"]).to_pylist() == [
        {"kind": "complaint", "outcome": "open", "duration_seconds": 90.0}
    ]


def test_visits_show_days_and_the_views_behind_them() -> None:
    views = (Visit("ann", LAST_WEEK, "s1", 3), Visit("ann", LAST_WEEK, "s1", 2))
    result = explained(Shop((order(),), visits=views), "web_pages_count_28d")
    assert result.value == 5
    assert origin(result, "visits", "days").table["pages"].to_pylist() == [5]
    assert origin(result, "visits", "rows").table["pages"].to_pylist() == [2, 3]


def test_a_response_that_came_later_is_not_told_of_a_sending() -> None:
    shop = Shop(
        (order(),),
        campaigns=(Campaign("ann", LAST_WEEK),),
        responses=(Response("ann", noon(AS_OF)),),
    )
    result = explained(shop, "campaigns_unanswered_count_28d")
    assert result.value == 1
    assert origin(result, "responses", "rows").total == 0
    sendings = origin(result, "sendings", "rows").table
    assert not {"responded_on", "responded_at"} & set(sendings.column_names)


def test_the_profile_shows_the_version_that_held_the_day_before() -> None:
    tiers = [("silver", ago(30)), ("gold", ago(5)), ("iron", AS_OF)]
    versions = tuple(Customer("ann", tier, None, since) for tier, since in tiers)
    result = explained(Shop((order(),), versions), "is_tier_gold")
    assert result.value == 1
    assert result.atoms[0].value == "gold"
    held = origin(result, "profile", "customer").table.to_pylist()
    assert held == [{"since": ago(5), "tier": "gold"}]


def test_the_day_and_everybody_are_one_row_each() -> None:
    shop = Shop((order(ago(9)), order(ago(3))))
    week = origin(explained(shop, "week_of_year"), "calendar", "as_of").table
    assert week.to_pylist() == [{"as_of": AS_OF, "week_of_year": 9.0}]
    result = explained(shop, "gap_this_long_probability")
    gaps = origin(result, "everyone", "as_of").table.to_pylist()
    assert gaps == [{"as_of": AS_OF, "everyone_gap_days": 6.0, "everyone_gaps": 1.0}]


def test_a_category_called_as_a_column_does_not_hide_it() -> None:
    settings = RICH.model_copy(update={"categories": ("Day",)})
    shop = Shop((order(ago(2)),), categories=(("tea", "Day"),))
    result = explained(shop, "days_since_day", settings=settings)
    assert origin(result, "categories", "lines").table["day"].to_pylist() == [ago(2)]


def test_no_more_rows_are_shown_than_wanted_and_how_many_there_are_is_known() -> None:
    rows = tuple(order(ago(days)) for days in range(1, 6))
    days = origin(explained(Shop(rows), "spend_28d", rows=2), "purchases", "days")
    assert days.table["day"].to_pylist() == [ago(1), ago(2)]
    assert days.total == 5


def test_a_customer_who_is_not_in_the_cohort_is_explained_all_the_same() -> None:
    settings = RICH.model_copy(update={"cohort": Cohort(active_within_days=7)})
    shop = Shop((order(ago(20)), order(ago(1), "bob")))
    results = [explained(shop, "spend_28d", who, settings=settings) for who in ("ann", "bob")]
    assert [(result.is_in_cohort, result.value) for result in results] == [
        (False, 100),
        (True, 100),
    ]


def test_a_customer_without_any_row_before_the_day_has_no_value_and_no_rows() -> None:
    shop = Shop((order(), order(AS_OF, "bob")))
    result = explained(shop, "spend_28d", "bob")
    assert (result.value, result.is_in_cohort) == (None, False)
    assert [each.total for each in result.origins] == [0, 0]


def test_a_column_that_is_not_there_is_refused_with_the_nearest() -> None:
    with pytest.raises(ColumnUnknown, match=r"found 'spend_28'; did you mean 'spend_28d'\?$"):
        explained(Shop((order(),)), "spend_28")


def test_a_column_like_no_other_is_refused_with_where_to_look() -> None:
    with pytest.raises(ColumnUnknown, match=r"found 'x'; regulars features list names them$"):
        explained(Shop((order(),)), "x")


def test_a_customer_who_is_not_there_is_refused_with_how_one_is_written() -> None:
    expected = (
        "an explanation needs a customer of the warehouse, but found 'Ann', who is none of its 1; "
        "write it as the sources do, such as 'ann'"
    )
    with pytest.raises(CustomerUnknown, match=f"^{re.escape(expected)}$"):
        explained(Shop((order(),)), "spend_28d", "Ann")


def test_a_day_without_a_past_is_refused() -> None:
    with pytest.raises(OutsideHistory, match="an as_of needs orders before it"):
        explained(Shop((order(),)), "spend_28d", as_of=ago(1))
