"""Bundles worked out by hand, limits, and wishes that say nothing."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from features import compiled
from models.rules import utility_search
from models.rules.baskets import Baskets, baskets_of
from models.rules.utility import best_bundles, high_utility
from models.rules.utility_ledger import UtilityUnclear
from models.rules.utility_results import Raised
from models.rules.utility_search import Limit
from models.rules.weighted import weighted
from models.thresholds import ThresholdUnusable

LINES = [
    ("Monday", "bread", 20),
    ("Monday", "butter", 90),
    ("Monday", "bag", -5),
    ("Tuesday", "bread", 20),
    ("Tuesday", "bread", 20),
    ("Tuesday", "butter", 90),
    ("Wednesday", "bread", 20),
    ("Wednesday", "bag", -5),
    ("Thursday", "jam", 0),
    ("Friday", None, 7),
]


def shop() -> Baskets:
    table = pd.DataFrame(LINES, columns=["day", "item", "margin"])
    return baskets_of(table, "day", "item", "margin")


def dense(baskets: int, items: int) -> Baskets:
    """Every item in every basket; item i brings 2 ** i in each, so no two bundles are equal."""
    rows = [(basket, item, 2**item) for basket in range(baskets) for item in range(items)]
    table = pd.DataFrame(rows, columns=["basket", "item", "margin"])
    return baskets_of(table, "basket", "item", "margin")


def test_a_bundle_brings_what_its_items_bring_in_the_baskets_that_hold_them_all() -> None:
    frame = high_utility(shop(), 80).frame()
    assert list(frame.columns) == ["itemsets", "count", "support", "utility"]
    assert frame.to_dict("records") == [
        {
            "itemsets": frozenset({"bread", "butter"}),
            "count": 2,
            "support": 0.4,
            "utility": 20 + 90 + 40 + 90,
        },
        {"itemsets": frozenset({"butter"}), "count": 2, "support": 0.4, "utility": 180},
        {
            "itemsets": frozenset({"bag", "bread", "butter"}),
            "count": 1,
            "support": 0.2,
            "utility": 20 + 90 - 5,
        },
        {"itemsets": frozenset({"bag", "butter"}), "count": 1, "support": 0.2, "utility": 85},
        {"itemsets": frozenset({"bread"}), "count": 3, "support": 0.6, "utility": 80},
    ]


def test_the_best_two_are_three_where_the_third_brings_as_much() -> None:
    table = pd.DataFrame({"basket": [1, 2, 3], "item": ["a", "b", "c"], "margin": [9, 5, 5]})
    found = best_bundles(baskets_of(table, "basket", "item", "margin"), 2).frame()
    assert found["itemsets"].tolist() == [frozenset("a"), frozenset("b"), frozenset("c")]


def test_a_loss_is_never_among_the_best() -> None:
    found = best_bundles(shop(), 100).frame()
    assert found["utility"].min() > 0
    assert frozenset({"bag"}) not in set(found["itemsets"])


def test_weighted_support_is_a_share_of_the_margin_of_all_baskets() -> None:
    found = weighted(shop(), 0.3).frame().set_index("itemsets")
    assert found["weight"].to_dict() == {
        frozenset({"bread"}): 105 + 130 + 15,
        frozenset({"butter"}): 105 + 130,
        frozenset({"bread", "butter"}): 105 + 130,
        frozenset({"bag"}): 105 + 15,
        frozenset({"bag", "bread"}): 105 + 15,
        frozenset({"bag", "butter"}): 105,
        frozenset({"bag", "bread", "butter"}): 105,
    }
    butter = found.to_dict("index")[frozenset({"butter"})]
    assert (butter["weighted_support"], butter["support"]) == (235 / 250, 2 / 5)


def test_a_weighted_support_that_is_exactly_reached_is_reached() -> None:
    table = pd.DataFrame({"basket": range(10), "item": ["a", *"b" * 9], "margin": [1] * 10})
    found = weighted(baskets_of(table, "basket", "item", "margin"), 0.1).frame()
    assert found["itemsets"].tolist() == [frozenset("b"), frozenset("a")]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_limit_of_itemsets_leaves_those_that_bring_most(threads: int) -> None:
    baskets, limit = dense(300, 20), Limit(itemsets=500)
    found = high_utility(baskets, 1, limit=limit, threads=threads)
    least = 300 * (2**20 - 500)
    assert sorted(found.frame()["utility"]) == [300 * each for each in range(2**20 - 500, 2**20)]
    assert found.raised == Raised(asked=1, least=least - 299, limit="500 itemsets")
    assert best_bundles(baskets, 500, threads=threads).least == least


@pytest.mark.parametrize("threads", [1, 2])
def test_ties_beyond_the_limit_leave_nothing_and_say_so(threads: int) -> None:
    rows = [(basket, basket, 7) for basket in range(6_000)]
    baskets = baskets_of(pd.DataFrame(rows, columns=["b", "i", "w"]), "b", "i", "w")
    found = best_bundles(baskets, 10, limit=Limit(itemsets=5_000), threads=threads)
    assert (len(found), found.raised) == (0, Raised(7, 8, "5,000 itemsets"))
    assert len(best_bundles(baskets, 10, threads=threads)) == 6_000


def test_a_limit_of_bytes_is_kept_at_any_number_of_threads() -> None:
    baskets, limit = dense(300, 20), Limit(bytes=10_000)
    one, two = (high_utility(baskets, 1, limit=limit, threads=threads) for threads in (1, 2))
    assert len(one.itemsets.parent) <= 10_000 // 21
    assert one.raised == two.raised
    assert one.raised is not None
    assert one.raised.limit == "10,000 bytes"
    pd.testing.assert_frame_equal(one.frame(), two.frame())


def test_a_few_baskets_compile_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise AssertionError

    baskets = shop()
    monkeypatch.setattr(compiled, "_compiled", refuse)
    monkeypatch.setattr(utility_search, "bundles", refuse)
    monkeypatch.setattr(utility_search, "first_level", refuse)
    assert len(high_utility(baskets, 80)) == 5
    assert len(best_bundles(baskets, 3)) == 3
    assert len(weighted(baskets, 0.9)) == 3


def test_plain_python_hands_over_what_takes_it_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    few = high_utility(shop(), 80).frame()
    monkeypatch.setattr(utility_search, "PATIENCE", 2)
    pd.testing.assert_frame_equal(high_utility(shop(), 80).frame(), few)


def test_no_basket_at_all_brings_nothing() -> None:
    table = pd.DataFrame({"b": np.array([], int), "i": np.array([], int), "w": np.array([], int)})
    baskets = baskets_of(table, "b", "i", "w")
    assert len(high_utility(baskets, 1).frame()) == 0
    assert len(best_bundles(baskets, 5).frame()) == 0
    assert len(weighted(baskets, 0.5).frame()) == 0


def with_weights(*weights: float) -> Baskets:
    rows = pd.DataFrame({"b": 0, "i": range(len(weights)), "w": weights})
    return baskets_of(rows, "b", "i", "w")


NONE = (
    "utility and weighted support need weights, such as quantities or margins, but these baskets "
    "have none; name a column of weights where the baskets are made"
)
HALF = (
    "weights need whole numbers up to 9,007,199,254,740,992, but 1 of 2 are none, such as 0.5; "
    "give money in minor units"
)
HUGE = "weights need a sum below 4,611,686,018,427,387,904, signs aside, but it is "
LONG = "max_length needs to be 2 or more because of the items that each must hold, but it is 1"
BELOW = (
    "weighted support needs baskets that weigh 0 or more, but 1 of 1 weigh less; leave returns "
    "out, or ask for high utility, which knows losses"
)


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda: high_utility(Baskets(shop().starts, shop().codes, shop().labels), 1), NONE),
        (lambda: high_utility(with_weights(1, 0.5), 1), HALF),
        (lambda: high_utility(with_weights(*[2.0**53] * 600), 1), HUGE),
        (lambda: weighted(with_weights(1, -2), 0.5), BELOW),
        (
            lambda: high_utility(shop(), 0),
            "least_utility needs a whole number of 1 or more, but it is 0",
        ),
        (lambda: best_bundles(shop(), 0), "k needs a whole number of 1 or more, but it is 0"),
        (
            lambda: best_bundles(shop(), 11, limit=Limit(10)),
            "the 11 best itemsets do not fit a limit of 10; ask for fewer or raise the limit",
        ),
        (
            lambda: high_utility(shop(), 1, threads=0),
            "threads needs a whole number of 1 or more, but it is 0",
        ),
        (
            lambda: high_utility(shop(), 1, min_length=3, max_length=2),
            "max_length needs to be 3 or more because of min_length, but it is 2",
        ),
        (
            lambda: high_utility(shop(), 1, must=["bag", "jam"], max_length=1),
            LONG,
        ),
        (
            lambda: high_utility(shop(), 1, must=["bred", "jam"]),
            "must names items that are in no basket: 'bred'",
        ),
        (
            lambda: high_utility(shop(), 1, must=["jam"], without=["jam"]),
            "an itemset cannot hold and not hold 'jam'",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_to_do(
    ask: Callable[[], object], told: str
) -> None:
    with pytest.raises(UtilityUnclear, match=f"^{re.escape(told)}"):
        ask()


def test_a_weighted_support_above_one_is_refused() -> None:
    told = "weighted support is a share above 0 and at most 1, but it is 2"
    with pytest.raises(ThresholdUnusable, match=f"^{re.escape(told)}$"):
        weighted(shop(), 2)
