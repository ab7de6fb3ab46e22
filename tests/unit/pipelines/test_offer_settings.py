"""What the section of offers asks for must fit together, and days must lie behind each other."""

import re
from datetime import date

import pytest

from features.clock import HorizonNotObserved, OutsideHistory
from features.schemas import ProductsSource, Sources
from features.star import History
from pipelines.config import Business
from pipelines.contradictions import contradictions
from pipelines.offer_days import offer_days
from pipelines.offer_settings import Offers, UpSell
from pipelines.offers_cross import snapshot_days
from pipelines.offers_up_goods import up_sell_of


def said(offers: dict[str, object], **columns: object) -> list[str]:
    every = {"order": "o", "ordered_at": "d", "customer": "c", "amount": "a", **columns}
    products = {
        "path": "products.csv",
        "columns": {"product": "p"},
        "hierarchy": {"department": "d", "category": "c"},
    }
    business = Business.model_validate(
        {
            "name": "shop",
            "sources": {
                "orders": {"path": "orders.csv", "columns": every},
                "products": products,
            },
            "churn": {"test_as_of": "2024-03-01"},
            "offers": offers,
        }
    )
    return [each.text for each in contradictions(business) if each.text.startswith("offers")]


def history(first: date, last: date) -> History:
    return History(first, last, 1, 1, 1, 0)


def test_an_item_that_the_sources_do_not_know_is_a_contradiction() -> None:
    known = {"product": "p", "quantity": "q"}
    (text,) = said({"item": "categry"}, **known)
    assert text.startswith("offers.item: needs one of product, department, category")
    assert said({"item": "category"}, **known) == []


def test_categories_lie_above_the_item() -> None:
    known = {"product": "p", "quantity": "q"}
    assert said({"item": "category", "cross": "department"}, **known) == []
    message = (
        "offers.cross: needs a level above offers.item=department (of them: none), but found "
        "category"
    )
    assert said({"item": "department", "cross": "category"}, **known) == [message]


def test_a_config_without_the_section_may_lack_what_it_needs() -> None:
    assert said({}) == []


def test_each_part_of_a_training_lies_before_the_next() -> None:
    known = history(date(2024, 1, 1), date(2024, 6, 30))
    found = offer_days(Offers(horizon_days=14, train_cutoffs=3, step_days=7), known)
    assert found.tested == date(2024, 6, 17)
    assert found.calibrated == date(2024, 6, 3)
    assert found.learnt == (date(2024, 5, 20), date(2024, 5, 13), date(2024, 5, 6))
    assert (found.history.start, found.history.end) == (date(2024, 1, 1), date(2024, 6, 17))
    assert (found.judged.start, found.judged.end) == (date(2024, 6, 17), date(2024, 7, 1))


def test_days_without_a_horizon_of_history_are_not_learnt_from() -> None:
    known = history(date(2024, 1, 1), date(2024, 3, 20))
    found = offer_days(Offers(horizon_days=14, step_days=14), known)
    assert found.learnt == (date(2024, 2, 8), date(2024, 1, 25))
    assert snapshot_days(found) == (date(2024, 2, 8), date(2024, 2, 22))


def test_too_short_a_history_is_refused() -> None:
    known = history(date(2024, 1, 1), date(2024, 3, 1))
    message = (
        "offers need 84 days of orders before the test on 2024-02-03: a horizon to look back on, "
        "one to learn from and one to calibrate on, but the warehouse begins on 2024-01-01; use "
        "fewer offers.horizon_days than 28, or a later offers.test_as_of"
    )
    with pytest.raises(OutsideHistory, match=f"^{re.escape(message)}$"):
        offer_days(Offers(), known)


def test_a_test_whose_horizon_is_not_over_is_refused() -> None:
    known = history(date(2024, 1, 1), date(2024, 6, 30))
    message = (
        "offers that are tested on the 28 days from 2024-06-04 on need orders up to 2024-07-01, "
        "but the warehouse ends on 2024-06-30; use offers.test_as_of up to 2024-06-03, or fewer "
        "offers.horizon_days"
    )
    with pytest.raises(HorizonNotObserved, match=f"^{re.escape(message)}$"):
        offer_days(Offers(test_as_of=date(2024, 6, 4)), known)


def test_a_warehouse_without_orders_is_refused() -> None:
    message = "offers need orders, but the warehouse has none; run: regulars build"
    with pytest.raises(OutsideHistory, match=f"^{re.escape(message)}$"):
        offer_days(Offers(), History(None, None, 0, 1, 0, 0))


def test_a_need_and_a_size_that_the_sources_do_not_know_are_contradictions() -> None:
    known = {"product": "p", "quantity": "q"}
    assert said({"up_sell": {"need": "departmnt"}}, **known) == [
        (
            "offers.up_sell.need: needs one of sources.products.hierarchy (department, category), "
            "but found departmnt; did you mean department?"
        )
    ]
    assert said({"up_sell": {"size": "pack"}}, **known) == [
        "offers.up_sell.size: needs one of sources.products.groups (none), but found pack"
    ]


def test_tiers_by_size_or_level_need_the_group_that_tells_it() -> None:
    known = {"product": "p", "quantity": "q"}
    assert said({"up_sell": {"tiers": {"by": "size"}}}, **known) == [
        "offers.up_sell.size: needs the group that tells it, for offers.up_sell.tiers.by is size"
    ]
    assert sorted(said({"up_sell": {"tiers": {"by": "level", "levels": ["a"]}}}, **known)) == [
        "offers.up_sell.level: needs the group that tells it, for offers.up_sell.tiers.by is level",
        (
            "offers.up_sell.tiers.levels: needs two different levels or more, the lowest first, "
            "but found ['a']"
        ),
    ]
    assert said({"up_sell": None}, **known) == []


def test_an_up_sell_without_a_need_is_of_the_finest_level() -> None:
    products = ProductsSource.model_validate(
        {"path": "p.csv", "columns": {"product": "p"}, "hierarchy": {"wide": "w", "fine": "f"}}
    )
    sources = Sources(products=products)
    found = up_sell_of(Offers(), sources)
    assert found is not None
    assert found.need == "fine"
    wide = up_sell_of(Offers(up_sell=UpSell(need="wide")), sources)
    assert wide is not None
    assert wide.need == "wide"
    assert up_sell_of(Offers(up_sell=None), sources) is None
    assert up_sell_of(Offers(), Sources()) is None
