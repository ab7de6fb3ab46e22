"""Components and factors are those of scikit-learn, and noise has no factors."""

import numpy as np
import pytest
from sklearn.decomposition import PCA, FactorAnalysis

from models.segments.reducing import factor_count, reduction, varimax
from models.segments.settings import SegmentsSpec
from models.spec import FloatArray


def two_factors(rows: int = 800) -> FloatArray:
    """Eight numbers, four of each of two independent factors."""
    draws = np.random.default_rng(1)
    factors = draws.normal(size=(rows, 2))
    loadings = np.kron(np.eye(2), np.array([[0.9, 0.8, 0.8, 0.7]]))
    return factors @ loadings + draws.normal(size=(rows, 8)) * 0.6


def test_components_are_those_of_scikit_learn_but_for_their_sign() -> None:
    scaled = two_factors()
    found = reduction(scaled, SegmentsSpec(variance_share=0.8))
    peer = PCA(0.8).fit(scaled)
    assert found.weights.shape == (8, peer.n_components_)
    np.testing.assert_allclose(np.abs(found.apply(scaled)), np.abs(peer.transform(scaled)))
    assert found.kept_share == pytest.approx(peer.explained_variance_ratio_.sum())
    assert (found.weights.max(axis=0) >= -found.weights.min(axis=0)).all()


def test_distances_are_kept_where_all_components_are() -> None:
    scaled = two_factors(50)
    found = reduction(scaled, SegmentsSpec(variance_share=1.0)).apply(scaled)
    np.testing.assert_allclose(
        ((found[0] - found[1:]) ** 2).sum(axis=1), ((scaled[0] - scaled[1:]) ** 2).sum(axis=1)
    )


def test_components_are_never_more_than_asked() -> None:
    spec = SegmentsSpec(variance_share=1.0, components_most=3)
    assert reduction(two_factors(), spec).weights.shape == (8, 3)


def test_without_reduction_numbers_are_kept() -> None:
    scaled = two_factors(20)
    assert (reduction(scaled, SegmentsSpec(reduce="none")).apply(scaled) == scaled).all()


def test_two_factors_are_counted_and_noise_has_one_for_want_of_any() -> None:
    assert factor_count(two_factors(), seed=0) == 2
    assert factor_count(np.random.default_rng(5).normal(size=(1500, 8)), seed=0) == 1


def test_factor_scores_are_those_of_scikit_learn_but_for_a_turn() -> None:
    scaled = two_factors()
    found = reduction(scaled, SegmentsSpec(reduce="factors"))
    units = (scaled - scaled.mean(axis=0)) / scaled.std(axis=0)
    peer = FactorAnalysis(2, svd_method="lapack").fit(units)
    ours, theirs = found.apply(scaled), peer.transform(units)
    turn = np.linalg.lstsq(theirs, ours)[0]
    np.testing.assert_allclose(theirs @ turn, ours, atol=1e-6)
    np.testing.assert_allclose(turn @ turn.T, np.eye(2), atol=1e-6)
    assert 0.5 < found.kept_share < 0.75  # .64 of each number's variance


def test_varimax_turns_loadings_back_to_few_large_ones() -> None:
    simple = np.kron(np.eye(2), np.full((4, 1), 0.8))
    angle = 0.6
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    found = varimax(simple @ turn)
    np.testing.assert_allclose(np.sort(np.abs(found), axis=1), np.sort(simple, axis=1), atol=1e-6)
    np.testing.assert_allclose(found @ found.T, simple @ simple.T, atol=1e-9)


def test_factors_of_very_many_customers_cost_no_more_than_those_of_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows, fit = list[int](), FactorAnalysis.fit

    def counted(self: FactorAnalysis, values: FloatArray) -> FactorAnalysis:
        rows.append(len(values))
        return fit(self, values)

    monkeypatch.setattr(FactorAnalysis, "fit", counted)
    reduction(two_factors(20_000), SegmentsSpec(reduce="factors"))
    assert rows == [16]
