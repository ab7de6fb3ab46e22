"""Rules and their measures against all subsets counted and exact fractions."""

import math
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.rules.association import RulesWanted, rules_of
from models.rules.measures import MEASURES, Counts
from tests.oracles import rules as oracle

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
