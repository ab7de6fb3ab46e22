"""Analysis of covariance: a textbook's figures, own slopes, normal scores, overlap."""

import numpy as np
import pytest

from models.profile.covariance import adjusted
from models.profile.groups import ColumnsUnfit, Groups
from models.spec import FloatArray

STRENGTH = np.array([36, 41, 39, 42, 49, 40, 48, 39, 45, 44, 35, 37, 42, 34, 32], dtype=np.float64)
DIAMETER = np.array([20, 25, 24, 25, 32, 22, 28, 22, 30, 28, 21, 23, 26, 21, 15], dtype=np.float64)
"""Fibres of three machines (Montgomery, "Design and analysis of experiments", table 15.10)."""
MACHINES = Groups("machine", ("1", "2", "3"), np.repeat([0, 1, 2], 5).astype(np.int64))


def test_a_textbook_experiment_gives_its_test_and_adjusted_means() -> None:
    found = adjusted("strength", STRENGTH, ("diameter", DIAMETER), MACHINES)
    assert found.finding.method == "analysis of covariance"
    assert found.finding.tests[0].statistic == pytest.approx(2.61, abs=0.005)
    assert found.finding.tests[0].freedom == (2.0, 11.0)
    assert found.finding.p == pytest.approx(0.118, abs=5e-4)
    assert found.covariate.tests[0].statistic == pytest.approx(69.97, abs=0.005)
    assert found.slopes.tests[0].statistic == pytest.approx(0.49, abs=0.005)
    assert found.means["value"].tolist() == pytest.approx([40.38, 41.42, 38.80], abs=0.005)
    assert found.means["plain"].tolist() == pytest.approx([41.4, 43.2, 36.0])
    assert found.means["at"].tolist() == pytest.approx([24.1333] * 3, abs=1e-4)
    assert (found.means["low"] < found.means["value"]).all()


def groups_of_two(n: int) -> Groups:
    return Groups("churn", ("left", "stayed"), (np.arange(n) % 2).astype(np.int64))


def made_up(slope: float, seed: int = 1) -> tuple[FloatArray, FloatArray, Groups]:
    random = np.random.default_rng(seed)
    groups, x = groups_of_two(400), random.normal(10, 2, 400)
    values = 5 + x + (1 + slope * (x - 10)) * groups.code + random.normal(size=400)
    return values, x, groups


def test_the_known_difference_at_equal_values_is_found() -> None:
    values, x, groups = made_up(0)
    shifted = x + 3 * groups.code  # stayers have more of both
    found = adjusted("spend", values + 3 * groups.code, ("orders", shifted), groups)
    gap = found.means["value"].iloc[1] - found.means["value"].iloc[0]
    assert gap == pytest.approx(1, abs=0.4)
    assert np.diff(found.means["plain"])[0] == pytest.approx(4, abs=0.5)


def test_own_slopes_are_compared_at_a_low_a_middle_and_a_high_value() -> None:
    values, x, groups = made_up(2)
    found = adjusted("spend", values, ("orders", x), groups)
    assert "with own slopes" in found.finding.method
    assert not found.finding.checks[1].is_met
    assert len(found.means) == 6
    gaps = found.means["value"].to_numpy().reshape(3, 2) @ [-1, 1]
    at = found.means["at"].to_numpy()[::2]
    np.testing.assert_allclose(at, np.quantile(x, [0.25, 0.5, 0.75]), atol=1e-9)
    np.testing.assert_allclose(gaps, 1 + 2 * (at - 10), atol=0.4)


def test_skewed_numbers_are_told_in_their_own_unit() -> None:
    values, x, groups = made_up(0)
    found = adjusted("spend", np.exp(values), ("orders", np.exp(x)), groups)
    assert "of normal scores" in found.finding.method
    assert found.means["value"].between(np.exp(values).min(), np.exp(values).max()).all()
    assert found.means["at"].iloc[0] == pytest.approx(np.exp(np.median(x)), rel=0.05)
    assert found.means["value"].iloc[1] > found.means["value"].iloc[0]


def test_groups_that_do_not_overlap_are_said_not_to() -> None:
    values, x, groups = made_up(0)
    found = adjusted("spend", values, ("orders", x + 40 * groups.code), groups)
    check = found.finding.checks[0]
    assert (check.assumption, check.is_met) == ("groups overlap", False)
    assert check.value == 0.0


def test_two_customers_of_a_group_are_too_few() -> None:
    few = np.where(MACHINES.code == 0, STRENGTH, np.nan)
    few[5:7] = [1.0, 2.0]
    message = "strength at equal diameter needs two groups of 3 customers with both known"
    with pytest.raises(ColumnsUnfit, match=message):
        adjusted("strength", few, ("diameter", DIAMETER), MACHINES)


def test_a_covariate_that_says_the_group_is_refused() -> None:
    values, _, groups = made_up(0)
    message = "and different within each, but found 0; choose other columns"
    with pytest.raises(ColumnsUnfit, match=message):
        adjusted("spend", values, ("tier", groups.code.astype(np.float64)), groups)
