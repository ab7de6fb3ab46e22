"""Two classifications at once: a textbook's figures, what failed checks change, empty cells."""

import re

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from models.profile.groups import ColumnsUnfit, Groups
from models.profile.prepared import normal_scores
from models.profile.two_way import two_way

LIFE = np.array(
    [
        *(130, 155, 74, 180, 34, 40, 80, 75, 20, 70, 82, 58),
        *(150, 188, 159, 126, 136, 122, 106, 115, 25, 70, 58, 45),
        *(138, 110, 168, 160, 174, 120, 150, 139, 96, 104, 82, 60),
    ],
    dtype=np.float64,
)
"""Life of batteries by material and temperature (Montgomery, "Design and analysis of experiments",
table 5.1)."""
MATERIAL = Groups("material", ("1", "2", "3"), np.repeat([0, 1, 2], 12).astype(np.int64))
HEAT = Groups("heat", ("15", "70", "125"), np.tile(np.repeat([0, 1, 2], 4), 3).astype(np.int64))


def test_a_textbook_experiment_gives_its_analysis_of_variance() -> None:
    found = two_way("life", LIFE, MATERIAL, HEAT)
    assert found.together is not None
    told = [each.tests[0] for each in found.findings]
    assert [each.statistic for each in told] == pytest.approx([7.91, 28.97, 3.56], abs=0.005)
    assert [each.freedom for each in told] == [(2.0, 27.0), (2.0, 27.0), (4.0, 27.0)]
    assert [each.p for each in told] == pytest.approx([0.0020, 0.0000, 0.0186], abs=5e-5)
    partial = found.first.effect.estimate
    assert partial.value == pytest.approx(10683.72 / (10683.72 + 18230.75), abs=1e-5)
    assert partial.low < partial.value < partial.high
    assert found.first.method == "two-way analysis of variance"
    assert found.together.subject == "life: material with heat"
    first = found.cells.iloc[0]
    assert (first["group"], first["level"], first["customers"]) == ("1", "125", 4)
    assert first["mean"] == 57.5


def made_up(noise: np.ndarray) -> tuple[Groups, Groups]:
    n = len(noise)
    one = Groups("churn", ("left", "stayed"), (np.arange(n) % 3 == 0).astype(np.int64))
    other = Groups("age", ("old", "young"), (np.arange(n) % 2).astype(np.int64))
    return one, other


def test_unequal_spread_has_robust_errors() -> None:
    random = np.random.default_rng(1)
    noise = random.normal(size=300)
    one, other = made_up(noise)
    values = noise * (1 + 2 * one.code) + other.code
    found = two_way("x", values, one, other)
    assert found.first.method == "two-way analysis of variance with HC3 errors"
    data = pd.DataFrame({"y": values, "a": one.code, "b": other.code})
    fitted = ols("y ~ C(a, Sum) * C(b, Sum)", data).fit()
    asked = anova_lm(fitted, typ=2, robust="hc3")
    told = [each.tests[0].statistic for each in found.findings]
    assert told == pytest.approx(asked["F"].iloc[:3].tolist())


def test_skewed_values_become_normal_scores() -> None:
    random = np.random.default_rng(1)
    values = random.lognormal(0, 2, 300)
    one, other = made_up(values)
    found = two_way("x", values, one, other)
    assert found.first.method == "two-way analysis of variance of normal scores"
    scored = two_way("x", normal_scores(values), one, other)
    assert found.first.p == pytest.approx(scored.first.p)
    assert found.cells["mean"].max() > 1  # told in the unit of the values


def test_without_customers_in_a_combination_nothing_is_said_of_both_together() -> None:
    kept = ~((MATERIAL.code == 2) & (HEAT.code == 2))
    values = np.where(kept, LIFE, np.nan)
    found = two_way("life", values, MATERIAL, HEAT)
    assert found.together is None
    assert len(found.findings) == 2
    check = found.first.checks[0]
    assert not check.is_met
    assert check.instead == "nothing is said of whether the two work together"


def test_one_group_with_known_values_is_refused() -> None:
    message = (
        "life by material and heat needs two groups, two levels and values that differ, but of 12 "
        "known values found 1 and 3; choose another column"
    )
    with pytest.raises(ColumnsUnfit, match=re.escape(message)):
        two_way("life", np.where(MATERIAL.code == 0, LIFE, np.nan), MATERIAL, HEAT)


def test_levels_that_are_the_groups_are_refused() -> None:
    random = np.random.default_rng(0)
    code = (np.arange(60) % 3).astype(np.int64)
    values = random.normal(size=60) + code
    place = Groups("place", ("a", "b", "c"), code)
    message = (
        "x by side and place needs levels of place that occur in several groups, but some groups "
        "and levels never meet others; choose another factor"
    )
    for own in (code, (code == 1).astype(np.int64)):
        side = Groups("side", ("1", "2", "3"), own)
        with pytest.raises(ColumnsUnfit, match=re.escape(message)):
            two_way("x", values, side, place)


def test_shares_of_variance_are_those_of_the_sums_of_squares_with_robust_errors_too() -> None:
    random = np.random.default_rng(1)
    noise = random.normal(size=600)
    groups, factor = made_up(noise)
    values = groups.code + noise * np.where(groups.code == 1, 4, 1)
    found = two_way("x", values, groups, factor).first
    assert found.method.endswith("with HC3 errors")
    data = pd.DataFrame({"y": values, "a": groups.code, "b": factor.code})
    table = anova_lm(ols("y ~ C(a) * C(b)", data).fit(), typ=2)["sum_sq"]
    expected = table["C(a)"] / (table["C(a)"] + table["Residual"])
    assert found.effect.estimate.value == pytest.approx(expected)
    assert np.isnan(found.effect.estimate.low)
