"""Items on offer, who bought them when, and first purchases that may be offered."""

import re
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import sparse

from features.clock import Window
from features.journeys import Journeys, LinesCounted
from models.cross_sell.snapshots import Snapshot
from pipelines.offers_cross import Cross, categories_of, cross_shelf, snapshot_on
from pipelines.offers_goods import NothingOnOffer, goods_of, number_of

ITEMS = {"label": ["cod", "eel", "rye"], "in_shelf": ["fish", "fish", "bread"]}
BOUGHT = [
    ("zoe", 1, 0, 2.0),
    ("zoe", 3, 2, 1.0),
    ("ann", 1, 0, 1.0),
    ("ann", 2, 0, 3.0),
    ("ann", 2, 1, 1.0),
    ("bob", 2, 2, 1.0),
]


def journeys(bought: list[tuple[str, int, int, float]] = BOUGHT) -> Journeys:
    rows = {
        "customer": [each[0] for each in bought],
        "day": [date(2024, 1, each[1]) for each in bought],
        "item": pa.array([each[2] for each in bought], pa.int32()),
        "quantity": [each[3] for each in bought],
        "amount": [100] * len(bought),
        "discount": [0] * len(bought),
    }
    items = pa.table(
        {
            **ITEMS,
            "name": ITEMS["label"],
            "title": ITEMS["label"],
            "price": [1.0, 2.0, 3.0],
            "unit_margin": [0.5, None, 1.0],
        }
    )
    window = Window(date(2024, 1, 1), date(2024, 1, 5))
    return Journeys(pa.table(rows), items, ("shelf",), window, LinesCounted(6, 0, 0, 0, 0, 0))


def test_rare_items_are_not_on_offer() -> None:
    found = goods_of(journeys(), 2)
    assert found.items["label"].tolist() == ["cod", "rye"]
    assert found.histories.customers.tolist() == ["ann", "bob", "zoe"]
    assert found.histories.popularity.tolist() == [3, 2]
    assert found.groups["shelf"].tolist() == [1, 0]


def test_nothing_bought_often_enough_is_refused() -> None:
    message = (
        "an offer needs an item that was bought 4 times (days and customers), but the most of any "
        "is 3; lower offers.seen_least, or offer a wider level (offers.item)"
    )
    with pytest.raises(NothingOnOffer, match=f"^{re.escape(message)}$"):
        goods_of(journeys(), 4)


def test_later_purchases_are_told_and_put_nothing_on_offer() -> None:
    found = goods_of(journeys([*BOUGHT, ("ann", 6, 2, 1.0), ("ann", 6, 1, 1.0)]), 2)
    assert found.items["label"].tolist() == ["cod", "rye"]
    assert len(found.purchases) == 6
    before = found.before(number_of(date(2024, 1, 5)))
    assert len(before.purchases) == 5
    assert before.histories.popularity.tolist() == [3, 2]


def test_on_an_earlier_day_less_was_on_offer() -> None:
    whole = journeys()
    day, until = number_of(date(2024, 1, 3)), number_of(date(2024, 1, 4))
    found = goods_of(whole, 1).earlier(whole.items.to_pandas(), day, until, 2)
    assert found.items["label"].tolist() == ["cod"]
    assert found.histories.customers.tolist() == ["ann", "zoe"]
    assert found.purchases["customer"].tolist() == [0, 0, 1]
    assert found.purchases["quantity"].tolist() == [1.0, 3.0, 2.0]


def test_units_are_means_of_the_customer_and_of_everybody() -> None:
    own, usual = goods_of(journeys(), 2).units()
    assert own.toarray().tolist() == [[2.0, 0.0], [0.0, 1.0], [2.0, 1.0]]
    assert usual.tolist() == [2.0, 1.0]


def test_categories_are_the_nearest_level_or_the_items_themselves() -> None:
    found = goods_of(journeys(), 1)
    assert categories_of(found, None, ("shelf",)).names.tolist() == ["bread", "fish"]
    assert categories_of(found, None, ()).names.tolist() == ["cod", "eel", "rye"]
    assert categories_of(found, "shelf", ()).of_item.tolist() == [1, 1, 0]


def test_a_first_purchase_is_offered_by_the_item_bought_most_of_its_category() -> None:
    found = goods_of(journeys(), 1)
    categories = categories_of(found, None, ("shelf",))
    behaviour = pd.DataFrame({"orders": [1.0, 1.0]}, index=pd.Index(["bob", "zoe"]))
    day = date(2024, 1, 5)
    snapshot = snapshot_on(found, categories, behaviour, day, 2)
    rates = pd.Series([0.2, 0.6], index=["bread", "fish"])
    shelf = cross_shelf(found, categories, snapshot, Cross(None, rates), number_of(day))
    offered = shelf.offered(np.arange(3))
    assert offered["customer"].tolist() == [1]
    assert offered["item"].tolist() == [0]
    assert offered["probability"].tolist() == pytest.approx([0.6 * 3 / 3])
    pairs = np.array([0, 1, 1, 2]), np.array([2, 0, 2, 1])
    assert shelf.covers(*pairs).tolist() == [False, True, False, False]


def test_a_category_that_was_not_bought_of_late_is_not_offered() -> None:
    found = goods_of(journeys(), 1)
    categories = categories_of(found, None, ("shelf",))
    empty = sparse.csr_array((1, 2), dtype=np.int64)
    names = pd.Index(["bob"])
    snapshot = Snapshot(names, categories.names, pd.DataFrame(index=[0]), empty, empty)
    rates = pd.Series([0.2, 0.6], index=["bread", "fish"])
    later = number_of(date(2024, 6, 1))
    shelf = cross_shelf(found, categories, snapshot, Cross(None, rates), later)
    assert len(shelf.offered(np.arange(3))) == 0
