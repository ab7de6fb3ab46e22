"""Who is heard, and how loud."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from models.next_basket import item_neighbours, neighbours
from models.next_basket.item_neighbours import item_knn
from models.next_basket.neighbours import Pool, grouped_worth, user_knn
from tests.past_baskets import histories

WORTH = sparse.csr_array(np.array([[1.0, 0.0], [0.0, 1.0], [4.0, 0.0]]))
POOL = Pool(pd.Index([10, 11, 12]), WORTH, WORTH)
ASKED = histories({11: [(1, frozenset({0}))]})


def test_only_the_nearest_are_heard_and_nobody_hears_oneself() -> None:
    likeness = np.array([[0.5, 9.0, 0.6]])
    assert POOL.opinion(likeness, ASKED, 1, 0.0).tolist() == [[4.0, 0.0]]
    assert POOL.opinion(likeness, ASKED, 2, 0.0).tolist() == [[2.5, 0.0]]


def test_the_likeness_weighs_by_its_power() -> None:
    found = POOL.opinion(np.array([[1.0, 9.0, 3.0]]), ASKED, 2, 2.0)
    assert found[0] == pytest.approx([(1 * 1 + 9 * 4) / 10, 0])


def test_the_newest_groups_hold_one_basket_more() -> None:
    nine = histories({0: [(day, frozenset({0})) for day in range(9)]})
    found = grouped_worth(nine)
    assert found[0] == pytest.approx(0.7**6 / 7)  # a group of its own, the oldest of seven
    assert found[-2] == pytest.approx(0.9 / 2 / 7)  # the older one of the newest two
    assert found[-3] == pytest.approx(0.7 / 2 / 7)


def test_neighbours_of_many_customers_are_sought_in_a_sample(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(neighbours, "POOL", 3)
    known = histories({who: [(1, frozenset({who % 6}))] for who in range(20)} | {20: []})
    pool = user_knn(known, seed=1).pool
    assert len(pool.customers) == 3
    assert pool.customers.tolist() == user_knn(known, seed=1).pool.customers.tolist()
    assert user_knn(known).scores(known).shape == (21, 6)


def test_items_that_a_customer_bought_seldom_say_nothing_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = histories({0: [(1, frozenset({0, 1, 2})), (2, frozenset({0, 2}))]})
    assert item_knn(known).likeness[0].toarray().tolist() == [0, 1, 1, 0, 0, 0]
    monkeypatch.setattr(item_neighbours, "HEARD", 2)
    assert item_knn(known).likeness[0].toarray().tolist() == [0, 0, 1, 0, 0, 0]
