"""What the learner of offers is told beside baskets, and that nothing of it is of later days."""

import numpy as np
import pandas as pd
import pytest

from models.next_basket.histories import histories_of
from pipelines.offer_settings import Fact, Offers
from pipelines.offers_facts import beside_of
from pipelines.offers_goods import Goods

ITEMS = pd.DataFrame({"label": ["cod", "eel"], "in_shelf": ["fish", "fish"]})


def goods(later: int = 0) -> Goods:
    """Ten customers who buy cod every week of 60, at half the price in the newest one."""
    rows = [
        (who, 7 * week, 0, 1.0, 50 if week == 59 else 100, 50 if week == 59 else 0)
        for who in range(10)
        for week in range(60)
    ]
    rows += [(who, 7 * 30, 1, 2.0, 80, 0) for who in range(10)]
    rows += [(0, 7 * 60 + later, 1, 1.0, 1, 500)] * bool(later)
    columns = ["customer", "day", "item", "quantity", "amount", "discount"]
    bought = pd.DataFrame(rows, columns=columns)
    return Goods(ITEMS, histories_of(bought, "customer", "day", "item"), bought)


def told(found: Goods, *asked: Fact) -> pd.DataFrame:
    """What is known of both items on the day after the last week."""
    items = beside_of(found, Offers(item="product", facts=asked)).facts
    assert items is not None
    assert items.items is not None
    known = items.items.on(items.items.places(pd.RangeIndex(2)), np.full(2, 420))
    return pd.DataFrame(known, columns=list(items.items.columns))


def test_without_facts_there_are_the_groups_alone() -> None:
    found = beside_of(goods(), Offers(item="product"))
    assert found.facts is None
    assert found.groups is not None
    assert list(found.groups) == ["shelf"]


def test_prices_are_those_of_a_piece_beside_what_is_usual() -> None:
    found = told(goods(), "prices")
    cod = found.iloc[0]
    assert cod["discount_share_7d"] == 1
    assert cod["discount_share_28d"] == pytest.approx(0.25)
    # One week of four at half the price, as a logarithm.
    assert cod["price_over_usual"] == pytest.approx(np.log(0.5) / 4)


def test_the_season_stands_beside_prices() -> None:
    found = told(goods(), "prices", "season")
    assert found["season"].tolist() == pytest.approx([1.0, 1 / (10 * 4 / 52 + 1)])
    assert found.columns.tolist()[-1] == "season"


def test_what_is_bought_on_the_day_or_later_changes_no_fact() -> None:
    pd.testing.assert_frame_equal(
        told(goods(later=1), "prices", "season"), told(goods(), "prices", "season")
    )


def test_rules_are_those_of_the_baskets_that_are_known() -> None:
    bought = pd.DataFrame(
        [(who, day, item) for who in range(20) for day in (1, 2) for item in (0, 1)],
        columns=["customer", "day", "item"],
    )
    facts = beside_of(goods(), Offers(item="product", facts=("rules",))).facts
    assert facts is not None
    known = histories_of(bought, "customer", "day", "item")
    scores = facts.recommenders["rules"](known).scores(known)
    assert scores.shape == (20, 2)
    assert (scores == 1).all()  # either item is in every basket with the other
    alone = histories_of(bought[bought["item"] == 0], "customer", "day", "item")
    assert facts.recommenders["rules"](alone).scores(alone).max() < 0
