"""Measures of rules, worked out by hand."""

import math

import numpy as np
import pytest

from models.rules.measures import MEASURES, Counts


def measured(both: int, antecedent: int, consequent: int, baskets: int) -> dict[str, float]:
    z, a, c = (np.array([float(x)]) for x in (both, antecedent, consequent))
    counts = Counts(z, a, c, float(baskets))
    return {name: float(measure(counts)[0]) for name, measure in MEASURES.items()}


def test_every_measure_of_one_rule() -> None:
    """Of 100 baskets 20 hold tea, 40 milk, 16 both.

    By chance 8 would; 4 hold tea alone, 24 milk alone, 56 neither.
    """
    assert measured(16, 20, 40, 100) == pytest.approx(
        {
            "antecedent_support": 0.2,
            "consequent_support": 0.4,
            "support": 0.16,
            "confidence": 0.8,
            "lift": 2.0,
            "representativity": 1.0,
            "leverage": 0.08,
            "conviction": 3.0,  # .6 / .2
            "zhangs_metric": 0.625,  # .08 / max(.16 × .8, .2 × .24)
            "jaccard": 16 / 44,
            "certainty": 2 / 3,  # .4 / .6
            "kulczynski": 0.6,  # of .8 and .4
            "cosine": math.sqrt(0.32),
            "imbalance_ratio": 20 / 44,
            "odds_ratio": 16 * 56 / (4 * 24),
            "phi": 0.08 / math.sqrt(0.16 * 0.24),
            "added_value": 0.4,
            "chi_squared": 100 * 0.0064 / (0.16 * 0.24),
        }
    )


def test_chi_squared_is_pearsons() -> None:
    """Cells 16, 4, 24, 56 where 8, 12, 32, 48 are expected."""
    by_cells = 64 / 8 + 64 / 12 + 64 / 32 + 64 / 48
    assert measured(16, 20, 40, 100)["chi_squared"] == pytest.approx(by_cells)


def test_a_rule_that_is_never_wrong() -> None:
    found = measured(20, 20, 40, 100)
    assert (found["conviction"], found["odds_ratio"]) == (math.inf, math.inf)
    assert found["certainty"] == 1
    assert found["zhangs_metric"] == 0.75  # (.2 − .08) / max(.2 × .8, .2 × .2)


def test_a_rule_against_what_is_expected() -> None:
    """4 of 20, where 8 would be by chance."""
    found = measured(4, 20, 40, 100)
    assert found["zhangs_metric"] == pytest.approx(-0.04 / (0.2 * 0.36))
    assert found["certainty"] == pytest.approx(-0.2 / 0.6)
    assert found["lift"] == 0.5
    assert found["phi"] < 0


def test_a_consequent_in_every_basket() -> None:
    """It says nothing; what is then 0/0 is not a number, but for what mlxtend has and defines."""
    found = measured(20, 20, 100, 100)
    assert found["conviction"] == math.inf
    assert found["zhangs_metric"] == found["certainty"] == found["leverage"] == 0
    assert found["lift"] == 1
    assert all(math.isnan(found[name]) for name in ("odds_ratio", "phi", "chi_squared"))


def test_both_in_every_basket() -> None:
    found = measured(7, 7, 7, 7)
    assert found["conviction"] == math.inf
    assert found["zhangs_metric"] == found["certainty"] == 0
    assert found["jaccard"] == found["cosine"] == found["kulczynski"] == 1
    assert found["imbalance_ratio"] == 0


def test_an_antecedent_in_no_basket_has_no_measure() -> None:
    """As of a rule that is looked up in baskets that it was not mined from."""
    found = measured(0, 0, 40, 100)
    for name in ("confidence", "lift", "conviction", "certainty", "added_value", "phi"):
        assert math.isnan(found[name]), name
    assert found["support"] == found["jaccard"] == 0


def test_large_counts_lose_nothing_to_rounding() -> None:
    """1e8 baskets; leverage is that of 1 basket above chance."""
    found = measured(1_000_001, 10_000_000, 10_000_000, 100_000_000)
    assert found["leverage"] == 1e-8
