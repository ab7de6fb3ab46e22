"""Who steps up: learnt before the calibration, chosen on it, tested behind it."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest

from features.clock import Window
from models.up_sell.propensity import OURS
from models.up_sell.rates import BASELINES
from models.up_sell.settings import UpSellSpec
from pipelines.offer_days import OfferDays
from pipelines.offer_settings import UpSell
from pipelines.offers_up import NEW, NOT_ASKED, UpLearnt, learn_up
from pipelines.offers_up_goods import UpGoods
from pipelines.offers_up_words import step_rows, step_used, tier_rows
from tests.up_shop import LEVELS, WANTED, Shop, made_up, products

FIRST = date(1970, 1, 1)
TESTED, HORIZON = 240, 28


def on(number: int) -> date:
    return FIRST + timedelta(days=number)


DAYS = OfferDays((on(180),), on(TESTED - HORIZON), on(TESTED), Window(FIRST, on(TESTED)), HORIZON)


def goods(shop: Shop | None = None) -> UpGoods:
    """Products by position, sold until the end of the test."""
    known = products(3)
    lines = made_up(shop or Shop(customers=80, needs=3))
    lines = lines[lines["day"] < TESTED + HORIZON]
    place = pd.Index(known["product"])
    bought = lines.assign(product=place.get_indexer(pd.Index(lines["product"])))
    needs = known[["need", "level"]].assign(product=range(len(known)))
    spec = UpSellSpec(trees=10, rows_per_leaf=5)
    asked = UpSell(need="need", level="level", tiers=WANTED, learner=spec)
    names = pd.Index(bought["customer"].unique())
    return UpGoods(known, needs, bought, TESTED + HORIZON, "product", 1, asked, names)


@pytest.fixture(scope="module")
def learnt() -> UpLearnt:
    return learn_up(goods(), DAYS, 1)


def test_what_is_used_is_chosen_on_the_day_of_calibration(learnt: UpLearnt) -> None:
    assert learnt.chosen_on is not None
    assert learnt.up is not None
    assert learnt.chosen == learnt.chosen_on.verdicts[NEW].chosen
    assert learnt.chosen in (OURS, *BASELINES)
    assert (learnt.up.model is not None) == (learnt.chosen == OURS)
    assert learnt.trial is not None
    assert learnt.note is None


def test_what_comes_in_the_test_changes_only_the_test(learnt: UpLearnt) -> None:
    other = goods()
    is_before = other.purchases["day"] < TESTED
    found = learn_up(replace(other, purchases=other.purchases[is_before]), DAYS, 1)
    assert found.note is not None
    assert found.note.startswith("a trial needs pairs that bought above their usual tier")
    assert found.chosen == learnt.chosen
    assert found.up is not None
    assert learnt.up is not None
    pd.testing.assert_frame_equal(found.up.rates.table, learnt.up.rates.table)
    assert "Not tested: a trial needs pairs" in step_used(found)
    assert step_rows(found) is None


def test_where_no_steps_are_looked_for_the_page_says_so() -> None:
    found = learn_up(None, DAYS, 1)
    assert (found.up, found.chosen) == (None, "none")
    assert step_used(found) == f"Steps up: {NOT_ASKED}."
    assert step_rows(found) is None
    assert tier_rows(found) is None


def test_where_no_need_has_tiers_none_are_offered_and_the_page_says_why() -> None:
    few = goods()
    asked = few.asked.model_copy(update={"tiers": WANTED.model_copy(update={"products_least": 9})})
    found = learn_up(replace(few, asked=asked), DAYS, 1)
    assert found.up is None
    assert found.note is not None
    assert found.note.startswith("up-sell learns from pairs that bought above")
    rows = tier_rows(found)
    assert rows is not None
    assert rows.cells == (("has tiers", "0"), ("too few products for two tiers", "3"))


def test_where_nobody_ever_steps_up_nothing_is_offered() -> None:
    lines = goods()
    only = lines.purchases.assign(product=lines.purchases["product"] // len(LEVELS) * len(LEVELS))
    found = learn_up(replace(lines, purchases=only), DAYS, 1)
    assert found.up is None
    assert found.note is not None


def test_the_learner_and_its_baselines_stand_side_by_side(learnt: UpLearnt) -> None:
    rows = step_rows(learnt)
    assert rows is not None
    assert [cell[0] for cell in rows.cells] == [
        "learner",
        "rate of the need and tier",
        "rate by the customer's own past",
        "the customer's own rate",
    ]
    assert rows.cells[0][-1] == "–"
    tiers = tier_rows(learnt)
    assert tiers is not None
    assert tiers.cells[0] == ("has tiers", "3")
    assert {len(cell) for cell in rows.cells} == {6}
