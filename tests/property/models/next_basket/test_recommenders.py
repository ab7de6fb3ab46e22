"""Every recommender is what plain loops say."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.next_basket import neighbours as alike
from models.next_basket.catalogue import RECOMMENDERS
from models.next_basket.frequency import DECAY
from models.next_basket.histories import Doubles
from models.next_basket.offers import best, offers
from models.next_basket.timing import EDGES, PRIOR, timed
from tests.oracles import next_basket as oracle
from tests.past_baskets import ITEMS, PASTS, histories


def scores(name: str, past: oracle.Past) -> Doubles:
    """Of every customer."""
    known = histories(past)
    return RECOMMENDERS[name](known).scores(known)


def filled(wanted: float, item: int, past: oracle.Past) -> float:
    """The score, or where there is none the item's share of the greatest popularity, less 1."""
    common = oracle.popularity(past)
    return wanted if wanted > 0 else common[item] / (max(common.values(), default=0) + 1) - 1


@given(PASTS)
def test_gp_top_freq_ranks_own_items_by_count_and_then_the_popular(past: oracle.Past) -> None:
    known = histories(past)
    found = offers(RECOMMENDERS["combined"](known), known, ITEMS)
    assert found.tolist() == [oracle.gp_top_freq(past, who, ITEMS) for who in past]


@given(PASTS)
def test_p_top_freq_offers_the_same_own_items_and_no_others(past: oracle.Past) -> None:
    known = histories(past)
    for who, found in zip(past, offers(RECOMMENDERS["personal"](known), known, ITEMS), strict=True):
        own = {item for _, basket in past[who] for item in basket}
        wanted = oracle.gp_top_freq(past, who, ITEMS)[: len(own)]
        assert found.tolist() == wanted + [-1] * (ITEMS - len(own))


@given(PASTS)
def test_decayed_frequency_sums_powers_of_baskets_ago(past: oracle.Past) -> None:
    for row, who in zip(scores("decayed", past), past, strict=True):
        for item in range(ITEMS):
            wanted = oracle.decayed(past[who], item, DECAY)
            assert (row[item] == pytest.approx(wanted + 1)) if wanted else row[item] < 1


@given(PASTS)
def test_timed_sums_the_rates_of_an_item_at_the_age_of_each_purchase(past: oracle.Past) -> None:
    known = histories(past)
    assert timed(known).rates == pytest.approx(
        np.array([oracle.rates(past, item, EDGES, PRIOR) for item in range(ITEMS)])
    )
    wanted = [oracle.rates(past, item, EDGES, PRIOR) for item in range(ITEMS)]
    for row, who in zip(scores("timed", past), past, strict=True):
        total = [0.0] * ITEMS
        for later, (_, basket) in enumerate(reversed(past[who]), 1):
            place = sum(later >= edge for edge in EDGES[1:])
            for item in basket:
                total[item] += wanted[item][place]
        assert row == pytest.approx([filled(score, i, past) for i, score in enumerate(total)])


@given(PASTS)
def test_tifu_knn_adds_the_mean_of_the_nearest_to_the_own_vector(past: oracle.Past) -> None:
    decays = (alike.WITHIN, alike.BETWEEN)
    vectors = {
        who: oracle.tifu_vector(history, ITEMS, alike.GROUPS, decays)
        for who, history in past.items()
    }
    for row, who in zip(scores("tifu_knn", past), past, strict=True):
        wanted = oracle.tifu(past, who, vectors, (alike.OWN, alike.NEIGHBOURS))
        assert row == pytest.approx(wanted)


@given(PASTS)
def test_up_cf_hears_everybody_by_likeness(past: oracle.Past) -> None:
    settings = (alike.RECENT, alike.ASYMMETRY, alike.LOCALITY)
    for row, who in zip(scores("up_cf", past), past, strict=True):
        wanted = oracle.up_cf(past, who, ITEMS, settings)
        assert row == pytest.approx([filled(score, i, past) for i, score in enumerate(wanted)])


@given(PASTS)
def test_user_knn_hears_the_nearest_by_the_rarity_of_shared_items(past: oracle.Past) -> None:
    for row, who in zip(scores("user_knn", past), past, strict=True):
        wanted = oracle.user_knn(past, who, ITEMS, alike.ALIKE)
        assert row == pytest.approx([filled(score, i, past) for i, score in enumerate(wanted)])


@given(PASTS)
def test_item_knn_adds_up_likenesses_of_own_items(past: oracle.Past) -> None:
    def counts(item: int) -> list[float]:
        return [log(1 + sum(item in basket for _, basket in past[who])) for who in past]

    columns = [counts(item) for item in range(ITEMS)]
    for row, who in zip(scores("item_knn", past), past, strict=True):
        own = [oracle.decayed(past[who], item, 0.95) for item in range(ITEMS)]
        wanted = oracle.item_knn(columns, own)
        assert row == pytest.approx([filled(score, i, past) for i, score in enumerate(wanted)])


@given(PASTS)
def test_basket_knn_takes_likeness_from_baskets(past: oracle.Past) -> None:
    every = [basket for history in past.values() for _, basket in history]
    columns = [[float(item in basket) for basket in every] for item in range(ITEMS)]
    for row, who in zip(scores("basket_knn", past), past, strict=True):
        own = [oracle.decayed(past[who], item, 0.7) for item in range(ITEMS)]
        wanted = oracle.item_knn(columns, own)
        assert row == pytest.approx([filled(score, i, past) for i, score in enumerate(wanted)])


@given(
    st.lists(st.lists(st.sampled_from([0.0, 1.0, 2.0, -np.inf]), min_size=5, max_size=5)),
    st.integers(1, 7),
)
def test_the_best_are_those_that_a_stable_sort_puts_first(
    rows: list[list[float]], most: int
) -> None:
    found = best(np.array(rows).reshape(len(rows), 5), most)
    for row, each in zip(rows, found.tolist(), strict=True):
        order = [place for place in range(5) if row[place] > -np.inf]
        order = sorted(order, key=lambda place: -row[place])[:most]
        assert each == order + [-1] * (most - len(order))


@given(PASTS)
def test_a_customer_without_a_history_gets_the_popularity_offer(past: oracle.Past) -> None:
    known = histories({**past, 9: []})
    for name in RECOMMENDERS.keys() - {"personal", "tifu_knn"}:
        found = offers(RECOMMENDERS[name](known), known, ITEMS)
        common = oracle.popularity(past)
        assert found[-1].tolist() == sorted(range(ITEMS), key=lambda item: -common[item])
