"""What methods assume: each check against the library's or a hand-made figure."""

import numpy as np
import pytest
from scipy.stats import levene, normaltest
from sklearn.datasets import load_iris
from statsmodels.stats.outliers_influence import variance_inflation_factor

from models.profile.assumptions import (
    adequacy,
    bell_shaped,
    equal_covariances,
    equal_spread,
    inflation,
    jointly_bell_shaped,
    mardia,
    sphericity,
    told_apart,
)
from models.profile.groups import Groups
from models.spec import FloatArray
from tests.oracles import profile as slow


def iris() -> tuple[FloatArray, Groups]:
    found = load_iris()
    return found.data, Groups("species", ("setosa", "versicolor", "virginica"), found.target)


def test_small_groups_are_tested_for_their_shape() -> None:
    random = np.random.default_rng(1)
    parts = [random.normal(size=20), random.normal(3, 1, 25)]
    found = bell_shaped(parts, "ranks")
    pooled = np.concatenate([(part - part.mean()) / part.std(ddof=1) for part in parts])
    assert found.p == pytest.approx(normaltest(pooled).pvalue)
    assert (found.is_met, found.instead) == (True, "")
    skewed = bell_shaped([random.exponential(size=40), random.exponential(size=40)], "ranks")
    assert (skewed.is_met, skewed.instead) == (False, "ranks")


def test_large_groups_must_keep_bounds_and_not_a_test() -> None:
    random = np.random.default_rng(1)
    mild = bell_shaped([random.gamma(4, size=3000), random.gamma(4, size=3000)], "ranks")
    assert mild.is_met
    assert np.isnan(mild.p)
    assert not bell_shaped([random.lognormal(0, 1.5, 500), random.normal(size=500)], "ranks").is_met
    assert not bell_shaped([np.zeros(60), random.normal(size=60)], "ranks").is_met


def test_so_few_that_no_test_can_tell_count_as_not_bell_shaped() -> None:
    found = bell_shaped([np.array([1.0, 2]), np.array([3.0, 4, 5])], "ranks")
    assert (found.is_met, found.by) == (False, "D'Agostino and Pearson's test: too few")


def test_spread_is_tested_about_medians() -> None:
    rows, groups = iris()
    parts = groups.split(rows[:, 0])
    found = equal_spread(parts, "Welch")
    asked = levene(*parts, center="median")
    assert (found.value, found.p) == pytest.approx((asked.statistic, asked.pvalue))
    assert found.p == pytest.approx(0.00226, abs=5e-6)
    assert not found.is_met
    assert equal_spread([np.ones(3), np.ones(4)], "Welch").is_met


def test_boxs_m_of_iris_is_what_every_package_prints() -> None:
    rows, groups = iris()
    found = equal_covariances(rows, groups, "Pillai")
    assert found.value == pytest.approx(140.94, abs=0.005)
    assert not found.is_met
    few = equal_covariances(
        rows[[0, 1, 2, 50, 51, 52]],
        groups.where(np.isin(np.arange(150), [0, 1, 2, 50, 51, 52])),
        "Pillai",
    )
    assert (few.by, few.is_met) == ("Box's M: a group is too small", False)


def test_mardias_figures_are_those_of_all_pairs() -> None:
    rows = np.random.default_rng(1).gamma(2, size=(40, 3))
    centred = rows - rows.mean(axis=0)
    assert mardia(centred) == pytest.approx(slow.mardia(centred))


def test_iris_is_jointly_normal_within_species_and_made_up_rows_are_not() -> None:
    random = np.random.default_rng(1)
    groups = Groups("g", ("a", "b"), np.arange(300) % 2)
    assert jointly_bell_shaped(random.normal(size=(300, 3)), groups, "count").is_met
    found = jointly_bell_shaped(random.exponential(size=(300, 3)), groups, "count")
    assert (found.is_met, found.instead) == (False, "count")


def test_sphericity_and_adequacy_of_a_known_matrix() -> None:
    correlations = np.array([[1, 0.6, 0.5], [0.6, 1, 0.4], [0.5, 0.4, 1]])
    found = sphericity(correlations, 50, "no")
    determinant = np.linalg.det(correlations)
    assert found.value == pytest.approx(-(49 - 11 / 6) * np.log(determinant))
    assert found.is_met
    shared = 2 * (0.36 + 0.25 + 0.16)
    partial = [
        (a - b * c) / np.sqrt((1 - b**2) * (1 - c**2))
        for a, b, c in ((0.6, 0.5, 0.4), (0.5, 0.6, 0.4), (0.4, 0.6, 0.5))
    ]
    alone = 2 * sum(each**2 for each in partial)
    assert adequacy(correlations, "no").value == pytest.approx(shared / (shared + alone))


def test_inflation_is_the_librarys() -> None:
    random = np.random.default_rng(1)
    rows = random.normal(size=(80, 3))
    rows[:, 2] = rows[:, 0] + 0.2 * random.normal(size=80)
    design = np.column_stack([np.ones(80), rows])
    asked = [variance_inflation_factor(design, place) for place in (1, 2, 3)]
    correlations = np.atleast_2d(np.corrcoef(rows, rowvar=False))
    assert inflation(correlations).tolist() == pytest.approx(asked)
    assert not told_apart(correlations, "shared").is_met
