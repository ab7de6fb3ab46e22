"""Which pairs there are, and what is known of each."""

import numpy as np
import pytest

from models.cross_sell.affinity import affinities
from models.cross_sell.pairs import CrossPairs, known, pairs
from models.spec import ColumnsMissing
from tests.first_purchases import by_hand, shop
from tests.oracles.cross_sell import alike_share, regression


def figure(found: CrossPairs, name: str) -> list[float]:
    return [round(float(each), 4) for each in found.figures[:, found.columns.index(name)]]


def test_pairs_are_what_a_customer_never_bought() -> None:
    found = pairs(by_hand([[1, 0, 0], [1, 2, 0]]))
    assert found.customer.tolist() == [0, 0, 1]
    assert found.category.tolist() == [1, 2, 2]
    assert found.figures.shape == (3, len(found.columns))
    assert found.figures.dtype == np.float32


def test_a_category_that_everybody_has_gives_no_pair() -> None:
    found = pairs(by_hand([[1, 0], [4, 0]]))
    assert set(found.category.tolist()) == {1}


def test_customers_without_a_history_have_all_pairs_and_finite_figures() -> None:
    found = pairs(by_hand([[0, 0], [0, 0]]))
    assert len(found.customer) == 4
    assert np.isfinite(found.figures).all()


def test_the_first_rate_counts_customers_who_were_known_and_without_the_category() -> None:
    counts = [[5, 1], [5, 0], [5, 0], [0, 1]]  # the last customer is new of late
    recent = [[0, 1], [0, 0], [0, 0], [0, 1]]
    found = pairs(by_hand(counts, recent))
    # One of three took up b; overall it is 1 of 3 as well, as a was free for nobody.
    expected = (1 + 50 / 3) / (3 + 50)
    assert figure(found, "category_first_rate") == [
        pytest.approx((0 + 50 / 3) / 50, abs=1e-4) if category == 0 else round(expected, 4)
        for category in found.category
    ]


def test_figures_of_customers_are_counts_of_their_own() -> None:
    found = pairs(by_hand([[5, 2, 0]], [[1, 2, 0]], behaviour={"orders": [7.0]}))
    assert figure(found, "categories_count") == [2]
    assert figure(found, "new_categories_count") == [1]
    assert figure(found, "category_days_count") == [7]
    assert figure(found, "recent_category_days_count") == [3]
    assert figure(found, "new_categories_share") == [0.5]
    assert figure(found, "orders") == [7]


def test_customers_of_the_same_size_are_compared() -> None:
    counts = [[1, 0, 0]] * 10 + [[1, 1, 0]] * 10
    found = pairs(by_hand(counts))
    of_b = [
        value
        for value, category in zip(figure(found, "same_size_share"), found.category, strict=True)
        if category == 1
    ]
    assert of_b == [round((0 + 20 * 0.5) / 30, 4)] * 10


def test_equal_affinities_share_a_place() -> None:
    found = pairs(by_hand([[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0, 1, 1, 0, 0]]))
    places = np.array(figure(found, "affinity_rank"))[found.customer == 0]
    assert places.tolist() == [1, 4, 2, 2]  # b comes with a; nobody has d or e; c comes without a


def test_affinity_is_the_regression_of_each_category_on_the_others() -> None:
    snapshot = shop(60, 1)[0]
    found = affinities(snapshot, seed=0)
    has = snapshot.has.astype(float)
    assert found.by_category == pytest.approx(regression(has, 200.0), abs=1e-9)
    days = np.log1p(snapshot.counts.toarray())
    assert found.by_days == pytest.approx(regression(days, 300.0), abs=1e-9)


def test_customers_alike_are_weighed_by_likeness() -> None:
    snapshot = shop(40, 1)[0]
    scores = affinities(snapshot, seed=0).scores(np.arange(40))
    for customer, category in [(0, 0), (3, 7), (20, 23)]:
        expected = alike_share(snapshot.has, customer, category)
        assert scores[5][customer, category] == pytest.approx(expected)


def test_blocks_give_the_same_figures_as_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = shop(40, 1)[0]
    whole = pairs(snapshot)
    monkeypatch.setattr("models.cross_sell.pairs._PAIRS_AT_ONCE", 240)
    learnt = known(snapshot)
    parts = [learnt.pairs(rows) for rows in learnt.blocks()]
    assert len(parts) == 4
    together = np.concatenate([part.figures for part in parts])
    np.testing.assert_allclose(together, whole.figures, rtol=1e-4, atol=1e-6)


def test_more_than_5000_customers_are_compared_with_a_drawn_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("models.cross_sell.affinity._MOST_PEERS", 10)
    snapshot = shop(40, 1)[0]
    peers = affinities(snapshot, seed=3).peers
    assert len(set(peers.tolist())) == 10
    assert peers.tolist() == affinities(snapshot, seed=3).peers.tolist()


def test_a_column_of_behaviour_that_is_not_there_is_named() -> None:
    with pytest.raises(ColumnsMissing, match=r"the table lacks \['orders'\]"):
        pairs(by_hand([[1, 0]]), ["orders"])


def test_what_customers_are_compared_with_is_made_once() -> None:
    affinity = affinities(by_hand([[1, 0], [0, 2]], recent=[[1, 0], [0, 1]]), 0)
    assert affinity.theirs.tolist() == [[1, 0], [0, 1]]
    assert affinity.theirs_new.tolist() == [[1, 0], [0, 0]]
    assert affinity.theirs_direction.tolist() == [[1, 0], [0, 1]]
    assert affinity.theirs_direction is affinity.theirs_direction
