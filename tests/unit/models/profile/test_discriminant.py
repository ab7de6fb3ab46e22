"""Discriminant analysis: iris as every package prints it, who is put where, and refusals."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from models.profile.discriminant import discriminant
from models.profile.groups import ColumnsUnfit, Groups
from models.spec import FloatArray

NAMES = ("sepal length", "sepal width", "petal length", "petal width")


def iris() -> tuple[FloatArray, Groups]:
    found = load_iris()
    return found.data, Groups("species", ("setosa", "versicolor", "virginica"), found.target)


def test_iris_gives_the_functions_that_every_package_prints() -> None:
    rows, groups = iris()
    found = discriminant(NAMES, rows, groups, 1)
    told = found.functions
    assert told["eigenvalue"].tolist() == pytest.approx([32.1919, 0.2854], abs=5e-5)
    assert told["share"].tolist() == pytest.approx([0.9912, 0.0088], abs=5e-5)
    assert told["correlation"].tolist() == pytest.approx([0.98482, 0.47120], abs=5e-6)
    assert told["wilks"].tolist() == pytest.approx([0.023439, 0.777973], abs=1e-6)
    assert told["statistic"].tolist() == pytest.approx([546.115, 36.530], abs=5e-4)
    assert told["freedom"].tolist() == [8.0, 3.0]
    weights = np.abs(found.weights["function 1"].to_numpy())
    np.testing.assert_allclose(weights, [0.42695, 0.52124, 0.94726, 0.57516], atol=5e-6)
    structure = np.abs(found.structure["function 1"].to_numpy())
    np.testing.assert_allclose(structure, [0.22260, 0.11901, 0.70607, 0.63318], atol=5e-6)


def test_functions_point_where_the_library_points() -> None:
    rows, groups = iris()
    found = discriminant(NAMES, rows, groups, 1)
    library = LinearDiscriminantAnalysis(solver="svd").fit(rows, groups.code)
    theirs = library.transform(rows)
    raw = found.weights.to_numpy() / rows_within(rows, groups)[:, None]
    ours = (rows - rows.mean(axis=0)) @ raw
    for place in range(2):
        assert abs(np.corrcoef(theirs[:, place], ours[:, place])[0, 1]) == pytest.approx(1)
    np.testing.assert_allclose(
        found.centroids.to_numpy(), [ours[groups.code == g].mean(axis=0) for g in range(3)]
    )


def rows_within(rows: FloatArray, groups: Groups) -> FloatArray:
    left = np.concatenate([part - part.mean(axis=0) for part in groups.split(rows)])
    found: FloatArray = np.sqrt((left**2).sum(axis=0) / (len(rows) - 3))
    return found


def test_customers_are_put_into_groups_that_they_did_not_help_to_fit() -> None:
    rows, groups = iris()
    found = discriminant(NAMES, rows, groups, 1)
    assert found.finding.method == "quadratic discriminant analysis"
    assert found.hits.sum(axis=1).tolist() == [50, 50, 50]
    hit = found.finding.effects[0].estimate
    assert hit.value == pytest.approx(np.trace(found.hits) / 150)
    assert 0.91 < hit.low < hit.value < hit.high <= 1
    assert found.by_chance == pytest.approx(1 / 3)


def test_groups_of_very_different_sizes_count_alike() -> None:
    random = np.random.default_rng(4)
    code = (np.arange(500) % 10 == 0).astype(np.int64)
    rows = random.normal(size=(500, 2))
    found = discriminant(("a", "b"), rows, Groups("churn", ("stayed", "left"), code), 1)
    hit = found.finding.effects[0].estimate
    assert hit.low < 0.5 < hit.high  # and not nine tenths, which nothing but the sizes would give
    assert found.finding.method == "linear discriminant analysis"


def test_a_small_group_is_refused() -> None:
    rows, groups = iris()
    few = np.r_[0:50, 50:53]
    two = Groups("species", ("setosa", "versicolor"), groups.code[few])
    with pytest.raises(ColumnsUnfit, match="but the smallest group has 3"):
        discriminant(NAMES, rows[few], two, 1)


def test_a_column_that_hardly_differs_in_a_group_leaves_pooled_covariances() -> None:
    random = np.random.default_rng(0)
    code = (np.arange(600) % 6 == 0).astype(np.int64)
    rows = random.normal(size=(600, 3))
    rows[code == 1, 2] = -1.0
    rows[18, 2] = 2.0
    found = discriminant(("a", "b", "c"), rows, Groups("g", ("x", "y"), code), 1).finding
    assert found.method == "linear discriminant analysis"
    assert found.checks[0].instead == (
        "pooled covariances all the same, since those of a group cannot be inverted"
    )
