"""Maps from distances, and whether groups lie apart: known figures, and the library's own."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform
from scipy.stats import f_oneway
from sklearn.decomposition import PCA

from models.profile.groups import ColumnsUnfit, Groups
from models.profile.scaling import apart, between_groups, scaled, stress_of
from models.spec import FloatArray


def euclidean(rows: FloatArray) -> FloatArray:
    found: FloatArray = squareform(pdist(rows))
    return found


def test_a_map_of_places_in_a_plane_has_their_distances() -> None:
    rows = np.random.default_rng(1).normal(size=(12, 2))
    found = scaled(euclidean(rows), 1)
    np.testing.assert_allclose(euclidean(found.places), euclidean(rows), atol=1e-8)
    assert found.stress == pytest.approx(0, abs=1e-7)
    assert found.method == "classical scaling"
    assert all(check.is_met for check in found.checks)


def test_classical_scaling_of_straight_distances_is_principal_components() -> None:
    rows = np.random.default_rng(1).normal(size=(40, 5)) * [5, 3, 0.3, 0.2, 0.1]
    found = scaled(euclidean(rows), 1).places
    scores = PCA(2).fit_transform(rows)
    np.testing.assert_allclose(np.abs(found), np.abs(scores), atol=1e-8)


def test_distances_of_no_space_are_drawn_by_their_order() -> None:
    rows = np.random.default_rng(3).normal(size=(15, 2))
    found = scaled(euclidean(rows) ** 4, 1)
    assert found.method == "nonmetric scaling"
    assert not found.checks[0].is_met
    assert found.stress < 0.1
    assert stress_of(euclidean(rows) ** 4, rows, ordered=True) == pytest.approx(0, abs=1e-9)


def test_two_places_make_no_map() -> None:
    with pytest.raises(ColumnsUnfit, match="a map needs three things that lie apart, but found 2"):
        scaled(euclidean(np.array([[0.0], [1.0]])), 1)


def test_a_known_table_of_distances_gives_its_pseudo_f() -> None:
    distances = np.array([[0, 1, 1, 4], [1, 0, 3, 2], [1, 3, 0, 3], [4, 2, 3, 0]], dtype=np.float64)
    groups = Groups("site", ("1", "2"), np.array([0, 0, 1, 1]))
    found = apart("sites", distances, groups, 1)
    assert found.tests[0].statistic == pytest.approx(2.0)  # as scikit-bio's documentation has it
    assert found.p == pytest.approx(2 / 3, abs=0.05)


def test_of_one_column_it_is_the_analysis_of_variance() -> None:
    random = np.random.default_rng(2)
    groups = Groups("g", ("a", "b", "c"), np.arange(90) % 3)
    values = random.normal(size=90) + 0.4 * groups.code
    found = apart("x", euclidean(values[:, None]), groups, 1)
    plain = f_oneway(*groups.split(values))
    assert found.tests[0].statistic == pytest.approx(plain.statistic)
    assert found.p == pytest.approx(plain.pvalue, abs=0.03)
    between = plain.statistic * 2
    assert found.effect.estimate.value == pytest.approx(between / (between + 87))
    assert found.checks[0].is_met


def test_groups_that_only_spread_otherwise_are_said_to() -> None:
    random = np.random.default_rng(2)
    groups = Groups("g", ("a", "b"), np.arange(200) % 2)
    rows = random.normal(size=(200, 3)) * (1 + 3 * groups.code[:, None])
    found = apart("x", euclidean(rows), groups, 1)
    assert not found.checks[0].is_met


def test_groups_lie_as_far_apart_as_their_means_in_standard_deviations() -> None:
    random = np.random.default_rng(2)
    groups = Groups("g", ("a", "b"), np.arange(4000) % 2)
    rows = random.normal(size=(4000, 2)) * [1, 10] + groups.code[:, None] * [3, 40]
    assert between_groups(rows, groups)[0, 1] == pytest.approx(5, abs=0.15)
