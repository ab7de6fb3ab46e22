"""What is known beside the baskets counts from the day after it was known."""

import re

import numpy as np
import pandas as pd
import pytest

from models.next_basket.facts import BY_OTHERS, Facts, FactsUnclear, dated
from models.next_basket.item_neighbours import by_rules
from models.next_basket.pairs import CANDIDATES, past
from tests.past_baskets import histories

PRICES = pd.DataFrame(
    {"item": [1, 1, 0], "day": [9, 4, 7], "price": [3.0, 2.0, None], "is_discounted": [1, 0, 1]}
)
PAST = {0: [(1, frozenset({0, 1}))], 1: [(2, frozenset({1}))]}


def test_the_newest_row_of_an_earlier_day_counts() -> None:
    found = dated(PRICES, "item", "day")
    assert found.columns == ("price", "is_discounted")
    told = found.on(np.array([1, 1, 1, 1]), np.array([4, 5, 9, 10]))
    np.testing.assert_array_equal(told, [[np.nan, np.nan], [2, 0], [2, 0], [3, 1]])


def test_nothing_is_known_of_other_names_nor_of_empty_figures() -> None:
    found = dated(PRICES, "item", "day")
    places = found.places(pd.Index([0, 1, 5]))
    assert places.tolist() == [0, 1, -1]
    told = found.on(places, np.array([8, 8, 8]))
    np.testing.assert_array_equal(told, [[np.nan, 1], [2, 0], [np.nan, np.nan]])


def test_figures_without_a_day_have_always_been_known() -> None:
    found = dated(pd.DataFrame({"who": ["b", "a"], "segment": [2, 1]}), "who")
    assert found.on(found.places(pd.Index(["a", "b"])), np.array([-5, 0])).tolist() == [[1], [2]]


def test_candidates_have_the_figures_of_their_item_and_customer_before_the_day() -> None:
    known = histories(PAST)
    facts = Facts(
        dated(PRICES, "item", "day"), dated(pd.DataFrame({"who": [1], "segment": [7]}), "who")
    )
    learnt = past(known, facts=facts)
    found = learnt.pairs(known, np.array([9, 10]))
    assert found.figures.shape[1] == len(learnt.columns)
    assert learnt.columns[-3:] == (
        "item_fact_price",
        "item_fact_is_discounted",
        "customer_fact_segment",
    )
    of_item_1 = found.figures[found.items == 1, -3:]
    np.testing.assert_array_equal(of_item_1, [[2, 0, np.nan], [3, 1, 7]])


def test_recommenders_of_facts_put_candidates_forward_and_score_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("models.next_basket.pairs.CANDIDATES", {"popular": 1})
    rules = pd.DataFrame({"antecedent": [[0]], "consequent": [4], "confidence": [0.5]})
    known = histories(PAST)
    learnt = past(
        known, facts=Facts(recommenders={"rules": lambda now: by_rules(rules, now.items)})
    )
    found = learnt.pairs(known, np.array([9, 9]))
    assert found.items.tolist() == [1, 4, 1]
    scores = found.figures[:, learnt.columns.index("score_rules")]
    np.testing.assert_array_equal(scores, [np.nan, 0.5, np.nan])
    ranks = found.figures[:, learnt.columns.index("rank_rules")]
    assert ranks.tolist() == [BY_OTHERS + 1, 1, BY_OTHERS + 1]


def test_a_recommender_of_the_same_name_takes_the_place() -> None:
    known = histories(PAST)
    rules = pd.DataFrame({"antecedent": [[0]], "consequent": [4], "confidence": [0.5]})
    recommender = by_rules(rules, known.items)
    learnt = past(known, facts=Facts(recommenders={"popular": lambda _: recommender}))
    assert list(learnt.recommenders) == list(CANDIDATES)
    assert learnt.recommenders["popular"] is recommender


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (
            PRICES.drop(columns="day"),
            "figures need a column 'day', but the table has: item, price, is_discounted",
        ),
        (
            PRICES.assign(day=[np.nan, 4, 7]),
            (
                "every row of figures needs a 'day', but 1 of 3 have none; leave them out or fill "
                "them in"
            ),
        ),
        (
            PRICES.assign(price=["a", "b", "c"]),
            (
                "figures are numbers, but 'price' holds str; give each of its values a number or "
                "leave the column out"
            ),
        ),
        (
            PRICES.assign(day=4),
            (
                "figures need one row per 'item' and day, but 1 of 3 rows share both with another; "
                "leave one of each"
            ),
        ),
    ],
)
def test_unclear_figures_are_refused(frame: pd.DataFrame, text: str) -> None:
    with pytest.raises(FactsUnclear, match=f"^{re.escape(text)}$"):
        dated(frame, "item", "day")
