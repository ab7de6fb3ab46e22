"""Rules and their measures against all subsets counted and exact fractions."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.compiled import interpreted
from models.false_discoveries import false_discovery_rate
from models.rules.association import RulesWanted, rules_of
from models.rules.generalisations import is_redundant
from models.rules.measures import MEASURES, Counts
from models.rules.significance import SignificanceWanted, significance_of
from models.rules.tails import chances, floors
from tests.oracles import rules as oracle
from tests.oracles import significance

shops = st.lists(st.frozensets(st.sampled_from("abcdef")), min_size=1, max_size=12)
confidences = st.sampled_from([0.1, 0.25, 0.3, 1 / 3, 0.5, 0.6, 2 / 3, 0.75, 1.0])
lengths = st.tuples(st.integers(1, 3), st.none() | st.integers(3, 4))
labels = st.none() | st.frozensets(st.sampled_from("abcdef"), min_size=1)


@given(shop=shops, least=st.integers(1, 3), confidence=confidences, seed=st.integers(0, 3))
def test_rules_are_those_of_all_subsets(
    shop: list[frozenset[str]], least: int, confidence: float, seed: int
) -> None:
    rules = rules_of(oracle.mined(shop, least, seed), RulesWanted(confidence))
    found = [tuple(map(frozenset, row)) for row in rules.frame([]).itertuples(index=False)]
    expected = oracle.rules(oracle.frequent(shop, least), Fraction(repr(confidence)))
    assert len(found) == len(set(found))
    assert set(found) == expected


@given(
    shop=shops,
    confidence=confidences,
    sides=st.tuples(lengths, lengths, labels, labels),
    seed=st.integers(0, 3),
)
def test_limits_choose_among_all_rules(
    shop: list[frozenset[str]],
    confidence: float,
    sides: tuple[
        tuple[int, int | None],
        tuple[int, int | None],
        frozenset[str] | None,
        frozenset[str] | None,
    ],
    seed: int,
) -> None:
    (least_a, most_a), (least_c, most_c), leads, follows = sides
    known = {item for basket in shop for item in basket}
    wanted = RulesWanted(
        confidence,
        least_antecedent=least_a,
        most_antecedent=most_a,
        least_consequent=least_c,
        most_consequent=most_c,
        antecedents=None if leads is None else sorted(leads & known),
        consequents=None if follows is None else sorted(follows & known),
    )
    rules = rules_of(oracle.mined(shop, 1, seed), wanted)
    found = {tuple(map(frozenset, row)) for row in rules.frame([]).itertuples(index=False)}
    assert len(found) == len(rules)
    assert found == {
        (lead, follow)
        for lead, follow in oracle.rules(oracle.frequent(shop, 1), Fraction(repr(confidence)))
        if least_a <= len(lead) <= (most_a or 9)
        and least_c <= len(follow) <= (most_c or 9)
        and (leads is None or lead <= leads)
        and (follows is None or follow <= follows)
    }


@given(
    numbers=st.tuples(*[st.integers(0, 50)] * 4).filter(
        lambda cells: cells[0] + cells[1] > 0 and cells[0] + cells[2] > 0
    )
)
def test_measures_are_those_of_exact_fractions(numbers: tuple[int, int, int, int]) -> None:
    both, lead_alone, follow_alone, _ = numbers
    asked = (both, both + lead_alone, both + follow_alone)
    baskets = sum(numbers)
    z, a, c = (np.array([float(x)]) for x in asked)
    counts = Counts(z, a, c, float(baskets))
    expected = oracle.measures(*asked, baskets)
    assert set(expected) == set(MEASURES)
    for name, measure in MEASURES.items():
        (found,) = measure(counts)
        assert math.isclose(found, expected[name], rel_tol=1e-12, abs_tol=1e-15) or (
            math.isnan(found) and math.isnan(expected[name])
        ), name


@given(
    tables=st.lists(
        st.integers(1, 9).flatmap(
            lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(0, n))
        ),
        min_size=1,
        max_size=4,
    ),
    both=st.integers(0, 20),
)
def test_chances_are_those_of_all_ways_to_share(
    tables: list[tuple[int, int, int]], both: int
) -> None:
    counts = np.array(tables, dtype=np.int32).T
    asked = (counts, np.array([[0, 1, 2]], np.int32), np.array([both]))
    expected = significance.tail(tables, both)
    (found,), (floor,) = interpreted(chances)(*asked), interpreted(floors)(*asked)
    assert math.isclose(found, expected, rel_tol=1e-12)
    assert floor <= expected * (1 + 1e-12)


@pytest.mark.slow
@given(
    shop=shops,
    wanted=st.builds(
        SignificanceWanted,
        null=st.sampled_from(["by_size", "fisher"]),
        is_productive=st.booleans(),
    ),
    seed=st.integers(0, 3),
)
def test_a_rule_is_as_likely_as_all_ways_to_share_say(
    shop: list[frozenset[str]], wanted: SignificanceWanted, seed: int
) -> None:
    rules = rules_of(oracle.mined(shop, 1, seed), RulesWanted(0.5, most_antecedent=3))
    rules = rules.where(np.arange(len(rules)) % 7 == 0)
    items = sorted({item for basket in shop for item in basket})
    found = significance_of(rules, oracle.coded(shop, items), wanted)
    for p, lead, follow in zip(found.p, *rules.frame([]).to_dict("list").values(), strict=True):
        expected = significance.chance(
            (frozenset(lead), frozenset(follow)),
            shop,
            is_by_size=wanted.null == "by_size",
            is_productive=wanted.is_productive,
        )
        assert math.isclose(p, expected, rel_tol=1e-12)


@given(
    shop=shops,
    times=st.integers(1, 20),
    share=st.sampled_from([0.001, 0.05, 0.3, 0.9]),
    wanted=st.builds(
        SignificanceWanted,
        null=st.sampled_from(["by_size", "fisher"]),
        adjustment=st.sampled_from(["benjamini_hochberg", "benjamini_yekutieli"]),
        is_productive=st.booleans(),
        threads=st.integers(1, 2),
    ),
)
def test_what_is_kept_at_a_share_is_the_same_where_nothing_else_is_tested_to_the_end(
    shop: list[frozenset[str]], times: int, share: float, wanted: SignificanceWanted
) -> None:
    items = sorted({item for basket in shop for item in basket})
    baskets = oracle.coded(shop * times, items)
    rules = rules_of(oracle.mined(shop * times, times), RulesWanted(0.2, most_antecedent=3))
    every = significance_of(rules, baskets, wanted)
    some = significance_of(rules, baskets, replace(wanted, share=share))
    is_kept = every.found(share)
    assert some.found(share).tolist() == is_kept.tolist()
    for name in ("p", "adjusted"):  # but for the last digit of loops that are compiled or not
        found, expected = getattr(some, name), getattr(every, name)
        assert np.allclose(found[is_kept], expected[is_kept], rtol=1e-12, atol=0)
        assert (found >= expected * (1 - 1e-12)).all()
    assert some.layers == every.layers


@given(
    shop=shops,
    confidence=confidences,
    sides=st.tuples(lengths, lengths),
    follows=labels,
)
def test_redundant_rules_are_those_beside_which_one_says_more(
    shop: list[frozenset[str]],
    confidence: float,
    sides: tuple[tuple[int, int | None], tuple[int, int | None]],
    follows: frozenset[str] | None,
) -> None:
    (least_a, most_a), (least_c, most_c) = sides
    known = {item for basket in shop for item in basket}
    chosen = None if follows is None else sorted(follows & known)
    rules = rules_of(
        oracle.mined(shop, 1),
        RulesWanted(
            confidence,
            least_antecedent=least_a,
            most_antecedent=most_a,
            least_consequent=least_c,
            most_consequent=most_c,
            consequents=chosen,
        ),
    )
    pairs = [tuple(map(frozenset, row)) for row in rules.frame([]).itertuples(index=False)]
    every, found = {(lead, follow) for lead, follow in pairs}, oracle.frequent(shop, 1)
    assert is_redundant(rules).tolist() == [
        significance.is_redundant((lead, follow), every, found) for lead, follow in pairs
    ]


@given(
    p=st.lists(st.fractions(0, 1), max_size=8),
    more=st.integers(0, 5),
)
def test_adjusted_chances_are_the_least_over_all_ranks(p: list[Fraction], more: int) -> None:
    found = false_discovery_rate(np.array(p, dtype=float), len(p) + more, "benjamini_hochberg")
    expected = significance.adjusted(p, len(p) + more)
    assert np.allclose(found, np.array(expected, dtype=float), rtol=1e-12)
