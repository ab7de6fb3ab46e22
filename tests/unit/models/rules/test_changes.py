"""Rules in later baskets and between two periods, worked out by hand."""

import math
import re
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import fisher_exact

from models.rules.association import Rules, RulesWanted, rules_of
from models.rules.changes import CHANGES, changed, confirmed, counts_in, wilson
from models.thresholds import ThresholdUnusable
from tests.oracles import rules as oracle

ITEMS = ["a", "b", "c", "d"]


def baskets_with(both: int, lead: int, follow: int, neither: int) -> list[frozenset[str]]:
    """So many baskets with a and b, a and d, b and d, c and d: all of one size."""
    kinds = ("ab", "ad", "bd", "cd")
    numbers = (both, lead, follow, neither)
    return [frozenset(kind) for kind, n in zip(kinds, numbers, strict=True) for _ in range(n)]


def a_to_b(shop: Sequence[frozenset[str]], confidence: float = 0.3) -> Rules:
    wanted = RulesWanted(confidence, antecedents=["a"], consequents=["b"])
    rules = rules_of(oracle.mined(shop, 1), wanted)
    assert len(rules) == 1
    return rules


def test_a_rule_is_counted_in_later_baskets() -> None:
    later = oracle.coded(baskets_with(3, 1, 2, 4), ITEMS)
    counts = counts_in(a_to_b(baskets_with(5, 5, 5, 5)), later)
    assert (counts.both.tolist(), counts.antecedent.tolist()) == ([3], [4])
    assert (counts.consequent.tolist(), counts.baskets) == ([5], 10)


def test_a_rule_that_the_later_baskets_show_again_held() -> None:
    rules = a_to_b(baskets_with(6, 4, 5, 25))
    found = confirmed(rules, oracle.coded(baskets_with(18, 12, 12, 58), ITEMS))
    assert found.held.tolist() == [True]
    assert found.rate == 1
    (row,) = found.frame().to_dict("records")
    assert row["antecedent"] == ("a",)
    assert (row["count"], row["later_count"]) == (6, 18)
    assert (row["confidence"], row["later_confidence"]) == pytest.approx((0.6, 0.6))
    assert (row["support"], row["later_support"]) == pytest.approx((0.15, 0.18))
    assert (row["lift"], row["later_lift"]) == pytest.approx((0.6 * 40 / 11, 0.6 * 100 / 30))
    table = [[18, 12], [12, 58]]
    assert row["later_p"] == pytest.approx(fisher_exact(table, "greater").pvalue, rel=1e-9)
    assert row["later_adjusted"] == row["later_p"]
    assert row["later_confidence_low"] < 0.6 < row["later_confidence_high"]


def test_a_rule_whose_association_is_gone_did_not_hold() -> None:
    """Three in ten with a as without it."""
    rules = a_to_b(baskets_with(6, 4, 5, 25))
    found = confirmed(rules, oracle.coded(baskets_with(9, 21, 21, 49), ITEMS))
    assert found.held.tolist() == [False]
    assert found.adjusted[0] > 0.5
    assert found.high[0] > 0.3


def test_a_rule_whose_confidence_fell_did_not_hold() -> None:
    """Still associated, but surely less than the six in ten that were asked for."""
    rules = a_to_b(baskets_with(6, 4, 5, 25), confidence=0.6)
    found = confirmed(rules, oracle.coded(baskets_with(30, 70, 5, 295), ITEMS))
    assert found.adjusted[0] < 1e-6
    assert found.high[0] < 0.6
    assert found.held.tolist() == [False]


def test_a_rule_whose_items_are_gone_did_not_hold() -> None:
    later = oracle.coded([frozenset("cd")] * 5, ["c", "d"])
    found = confirmed(a_to_b(baskets_with(6, 4, 5, 25)), later)
    assert found.held.tolist() == [False]
    assert math.isnan(found.low[0])
    assert found.p[0] == 1


def test_no_rule_has_no_rate() -> None:
    rules = rules_of(oracle.mined([frozenset("a")], 1))
    later = oracle.coded([frozenset("a")], ["a"])
    assert math.isnan(confirmed(rules, later).rate)
    assert changed(rules, later, later).empty


def test_wilsons_interval_is_that_of_the_paper() -> None:
    """Roots of (p − x)² = z² p (1 − p)/n; for none of ten 0 to z²/(10 + z²)."""
    z = 1.959963984540054
    low, high = wilson(np.array([0.0, 7.0, 10.0, 0.0]), np.array([10.0, 20.0, 10.0, 0.0]), 0.05)
    assert (low[0], high[0]) == pytest.approx((0, z**2 / (10 + z**2)))
    for bound in (low[1], high[1]):
        assert (0.35 - bound) ** 2 == pytest.approx(z**2 * bound * (1 - bound) / 20)
    assert (low[2], high[2]) == pytest.approx((10 / (10 + z**2), 1))
    assert math.isnan(low[3])
    assert math.isnan(high[3])


Shop = tuple[int, int, int, int]


@pytest.mark.parametrize(
    ("earlier", "later", "change"),
    [
        ((60, 40, 30, 70), (60, 40, 30, 70), "steady"),
        ((20, 80, 30, 170), (60, 40, 30, 170), "appeared"),
        ((60, 40, 30, 170), (20, 80, 30, 170), "faded"),
        ((40, 60, 10, 190), (80, 20, 10, 190), "strengthened"),
        ((80, 20, 10, 190), (40, 60, 10, 190), "weakened"),
        ((70, 30, 50, 150), (40, 60, 150, 50), "turned"),
        ((6, 4, 3, 7), (3, 7, 3, 7), "steady"),  # too few to tell
    ],
)
def test_what_became_of_a_rule_is_named(earlier: Shop, later: Shop, change: str) -> None:
    before, after = baskets_with(*earlier), baskets_with(*later)
    rules = a_to_b(before + after)
    table = changed(rules, oracle.coded(before, ITEMS), oracle.coded(after, ITEMS))
    assert table["change"].tolist() == [change]
    assert change in CHANGES
    (row,) = table.to_dict("records")
    expected = fisher_exact([[earlier[0], earlier[1]], [later[0], later[1]]])
    assert row["confidence_p"] <= 1
    assert (row["confidence_p"] < 0.05) == (expected.pvalue < 0.05)


def test_both_periods_figures_and_tests_stand_in_the_table() -> None:
    before, after = baskets_with(20, 80, 30, 170), baskets_with(60, 40, 30, 170)
    table = changed(a_to_b(before + after), oracle.coded(before, ITEMS), oracle.coded(after, ITEMS))
    (row,) = table.to_dict("records")
    assert (row["earlier_count"], row["later_count"]) == (20, 60)
    assert (row["earlier_antecedent_count"], row["later_antecedent_count"]) == (100, 100)
    assert (row["earlier_confidence"], row["later_confidence"]) == (0.2, 0.6)
    assert (row["earlier_lift"], row["later_lift"]) == pytest.approx((0.2 * 6, 0.6 * 300 / 90))
    tails = [fisher_exact([[20, 80], [60, 40]], side).pvalue for side in ("less", "greater")]
    assert row["confidence_p"] == pytest.approx(2 * min(tails), rel=1e-9)
    odds = [20.5 * 170.5 / 80.5 / 30.5, 60.5 * 170.5 / 40.5 / 30.5]
    assert (row["earlier_odds_ratio"], row["later_odds_ratio"]) == pytest.approx(odds)
    error = math.sqrt(sum(1 / (n + 0.5) for n in (20, 80, 30, 170, 60, 40, 30, 170)))
    z = math.log(odds[1] / odds[0]) / error
    assert row["odds_ratio_p"] == pytest.approx(math.erfc(z / math.sqrt(2)))


def test_a_season_of_the_consequent_moves_the_confidence_alone() -> None:
    """Odds of b are three times as high, with and without a."""
    before, after = baskets_with(100, 200, 200, 1_200), baskets_with(180, 120, 450, 900)
    table = changed(a_to_b(before + after), oracle.coded(before, ITEMS), oracle.coded(after, ITEMS))
    (row,) = table.to_dict("records")
    assert row["confidence_adjusted"] < 1e-6
    assert row["odds_ratio_adjusted"] > 0.9


def test_rules_are_adjusted_for_all_that_are_compared() -> None:
    before, after = baskets_with(20, 80, 30, 170), baskets_with(60, 40, 30, 170)
    rules = rules_of(oracle.mined(before + after, 1), RulesWanted(0.01))
    table = changed(rules, oracle.coded(before, ITEMS), oracle.coded(after, ITEMS))
    assert len(table) == 8
    assert table["confidence_adjusted"].min() <= 8 * table["confidence_p"].min()
    assert (table["confidence_adjusted"] >= table["confidence_p"]).all()
    assert (table["confidence_adjusted"] > table["confidence_p"]).any()


@pytest.mark.parametrize("share", [0, 1.5])
def test_a_rate_that_is_no_share_is_refused(share: float) -> None:
    shop = baskets_with(5, 5, 5, 5)
    rules, baskets = a_to_b(shop), oracle.coded(shop, ITEMS)
    message = f"the false discovery rate is a share above 0 and at most 1, but it is {share}"
    with pytest.raises(ThresholdUnusable, match=re.escape(message)):
        confirmed(rules, baskets, share=share)
    with pytest.raises(ThresholdUnusable, match=re.escape(message)):
        changed(rules, baskets, baskets, share=share)


def test_rules_of_no_change_rarely_seem_to_change() -> None:
    """Halves of twenty shops whose items have no relation; two tests of one in twenty each."""
    random = np.random.default_rng(2)
    weights = np.array([0.5, 0.3, 0.4, 0.2])
    told = 0
    for _ in range(20):
        shop = [frozenset(np.array(ITEMS)[random.random(4) < weights].tolist()) for _ in range(400)]
        rules = rules_of(oracle.mined(shop, 8), RulesWanted(0.3))
        table = changed(rules, oracle.coded(shop[:200], ITEMS), oracle.coded(shop[200:], ITEMS))
        told += bool((table["change"] != "steady").any())
    assert told <= 2


def test_a_rule_below_the_least_confidence_in_both_periods_is_not_looked_at() -> None:
    before, after = baskets_with(20, 80, 30, 170), baskets_with(60, 40, 30, 170)
    coded = oracle.coded(before, ITEMS), oracle.coded(after, ITEMS)
    (row,) = changed(a_to_b(before + after), *coded, least=0.61).to_dict("records")
    assert (row["confidence_p"], row["odds_ratio_p"], row["change"]) == (1, 1, "steady")
    (row,) = changed(a_to_b(before + after), *coded, least=0.6).to_dict("records")
    assert row["change"] == "appeared"


def test_what_is_mined_for_half_the_confidence_appears_where_it_reaches_all_of_it() -> None:
    """Thirteen in a hundred of both periods together, six of the first and twenty of the second."""
    before, after = baskets_with(12, 188, 3, 297), baskets_with(40, 160, 3, 297)
    rules = a_to_b(before + after, confidence=0.1)
    table = changed(rules, oracle.coded(before, ITEMS), oracle.coded(after, ITEMS), least=0.2)
    assert table["change"].tolist() == ["appeared"]
