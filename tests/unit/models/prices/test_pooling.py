"""Pooling is the best linear unbiased prediction of a hierarchy, and a noisy figure yields."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.prices.pooling import pooled, restricted_likelihood
from models.spec import FloatArray, IntArray

TWO_LEVELS = st.lists(
    st.tuples(
        st.floats(-3, 3),
        st.sampled_from([0.1, 0.5, 2.0, None]),
        st.sampled_from([(0, 0), (0, 1), (1, 2), (1, 3), (2, 4)]),
    ),
    min_size=2,
    max_size=12,
)


def predicted(
    value: FloatArray, error: FloatArray, groups: list[IntArray], between: list[float]
) -> tuple[FloatArray, FloatArray]:
    """Best linear unbiased prediction with dense matrices, and its variance (Robinson 1991)."""
    size = len(value)
    true = between[-1] ** 2 * np.eye(size)
    for group, deviation in zip(groups, between, strict=False):
        true += deviation**2 * (group[:, None] == group)
    seen = np.isfinite(value)
    inverse = np.linalg.inv(true[np.ix_(seen, seen)] + np.diag(error[seen] ** 2))
    sure = inverse.sum()
    mean = float((inverse @ value[seen]).sum() / sure)
    gain = true[:, seen] @ inverse
    variance = np.diag(true - gain @ true[seen]) + (1 - gain.sum(axis=1)) ** 2 / sure
    return mean + gain @ (value[seen] - mean), variance


def of(rows: list[tuple[float, float | None, tuple[int, int]]]) -> tuple[FloatArray, ...]:
    value = np.array([np.nan if error is None else value for value, error, _ in rows])
    error = np.array([np.nan if error is None else error for _, error, _ in rows])
    return value, error


def numbers(rows: list[tuple[float, float | None, tuple[int, int]]]) -> list[IntArray]:
    """Groups of both levels, numbered from 0 without gaps."""
    return [
        np.unique([group[level] for _, _, group in rows], return_inverse=True)[1].astype(np.int64)
        for level in (0, 1)
    ]


@given(TWO_LEVELS)
def test_figures_and_errors_equal_the_dense_prediction(
    rows: list[tuple[float, float | None, tuple[int, int]]],
) -> None:
    value, error = of(rows)
    groups = numbers(rows)
    found = pooled(value, error, groups)
    if not found.levels:
        assert not np.isfinite(value).any()
        assert np.isnan(found.value).all()
        return
    between = [level.between for level in found.levels]
    mean, variance = predicted(value, error, groups, between)
    np.testing.assert_allclose(found.value, mean, atol=1e-8)
    np.testing.assert_allclose(found.error**2, variance, atol=1e-8)
    assert (found.weight[~np.isfinite(value)] == 0).all()


def dense_likelihood(
    value: FloatArray, error: FloatArray, groups: list[IntArray], between: list[float]
) -> float:
    """Restricted likelihood with dense matrices (Patterson and Thompson 1971)."""
    covariance = np.diag(error**2 + between[-1] ** 2)
    for group, deviation in zip(groups, between, strict=False):
        covariance += deviation**2 * (group[:, None] == group)
    inverse = np.linalg.inv(covariance)
    mean = (inverse @ value).sum() / inverse.sum()
    squares = (value - mean) @ inverse @ (value - mean)
    return float(-(np.linalg.slogdet(covariance)[1] + np.log(inverse.sum()) + squares) / 2)


def market() -> tuple[FloatArray, FloatArray, list[IntArray]]:
    chance = np.random.default_rng(2)
    category = np.repeat(np.arange(24), 8)
    error = chance.uniform(0.1, 0.6, 192)
    true = chance.normal(-1, 0.5, 6)[category // 4] + chance.normal(0, 0.4, 24)[category]
    value = true + chance.normal(0, 0.3, 192) + chance.normal(0, error)
    return value, error, [category // 4, category]


def test_the_restricted_likelihood_is_that_of_dense_matrices() -> None:
    value, error, groups = market()
    some, others = [0.5, 0.4, 0.3], [0.1, 0.0, 0.7]
    told = [restricted_likelihood(value, error, groups, each) for each in (some, others)]
    dense = [dense_likelihood(value, error, groups, each) for each in (some, others)]
    assert told[0] - told[1] == pytest.approx(dense[0] - dense[1])


def test_deviations_are_those_of_the_greatest_restricted_likelihood() -> None:
    value, error, groups = market()
    found = [level.between for level in pooled(value, error, groups).levels]
    assert found == pytest.approx([0.5, 0.4, 0.3], abs=0.2)
    best = dense_likelihood(value, error, groups, found)
    for at in range(3):
        for step in (-0.02, 0.02):
            other = [each + step * (place == at) for place, each in enumerate(found)]
            assert dense_likelihood(value, error, groups, other) < best


def test_a_level_whose_groups_have_one_member_each_does_not_spread() -> None:
    value, error, _ = market()
    alone = np.arange(len(value))
    found = pooled(value, error, [alone])
    assert found.levels[1].between == 0
    plain = pooled(value, error, [])
    assert found.levels[0].between == pytest.approx(plain.levels[0].between, rel=1e-3)
    np.testing.assert_allclose(found.value, plain.value, atol=1e-3)


def test_figures_that_differ_by_noise_alone_become_one() -> None:
    value, error = np.array([-1.0, -1.1, -0.9, -1.0]), np.full(4, 0.5)
    found = pooled(value, error, [])
    assert found.value.tolist() == pytest.approx([-1.0] * 4)
    assert found.weight.tolist() == [0.0] * 4
    assert found.error.tolist() == pytest.approx([0.25] * 4)


def test_a_noisy_figure_is_drawn_to_its_group_and_a_sure_one_stays() -> None:
    value = np.array([-3.0, -3.2, -2.8, 1.0, -0.5, -0.7, -0.3, -2.5])
    error = np.array([0.1, 0.1, 0.1, 2.0, 0.1, 0.1, 0.1, 0.1])
    found = pooled(value, error, [np.array([0, 0, 0, 0, 1, 1, 1, 1])])
    assert found.weight[3] < 0.3
    assert found.value[3] < -1.5
    assert found.weight[7] > 0.95
    assert found.value[7] == pytest.approx(-2.5, abs=0.1)


def test_an_item_without_a_figure_gets_that_of_its_group_and_the_spread_of_items() -> None:
    value = np.array([-3.0, -3.4, -2.6, np.nan, 1.0, 1.4, 0.6, np.nan])
    error = np.where(np.isfinite(value), 0.1, np.nan)
    groups = np.array([0, 0, 0, 0, 1, 1, 1, 2])
    found = pooled(value, error, [groups])
    top, of_items = found.levels
    assert found.value[3] == pytest.approx(of_items.mean[0])
    assert found.error[3] == pytest.approx(np.hypot(of_items.error[0], of_items.between))
    assert found.value[7] == pytest.approx(top.mean[0])
    assert found.error[7] > found.error[3]
    assert of_items.members.tolist() == [3, 3, 0]
    assert top.members.tolist() == [6]


def test_nothing_is_expected_where_no_item_has_a_figure() -> None:
    found = pooled(np.full(3, np.nan), np.full(3, np.nan), [np.array([0, 0, 1])])
    assert np.isnan(found.value).all()
    assert found.levels == ()
