"""Agreement of splits by definition, and stability where there are segments and where not."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from models.segments.agreement import adjusted_rand, agreement, overlaps, stability
from models.segments.clusters import NONE
from models.segments.fitting import split
from models.segments.settings import Kind, SegmentsSpec
from tests.oracles import segments as oracle
from tests.segment_shops import blobs

FEW = SegmentsSpec(resamples=8, references=5, sample=400)


def test_the_index_of_a_known_table() -> None:
    one, other = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 2, 2])
    # 2 pairs together in both; 6 and 3 of 15 in each: expected 1.2, most 4.5
    assert adjusted_rand(one, other) == pytest.approx((2 - 1.2) / (4.5 - 1.2))
    assert adjusted_rand(one, other) == pytest.approx(oracle.adjusted_rand([*one], [*other]))


def test_the_index_is_that_of_scikit_learn() -> None:
    draws = np.random.default_rng(1)
    one, other = draws.integers(0, 4, 500), draws.integers(0, 7, 500)
    other[:200] = one[:200]
    assert adjusted_rand(one, other) == pytest.approx(adjusted_rand_score(one, other))


def test_the_index_of_splits_that_split_nothing_is_1() -> None:
    alone = np.zeros(5, dtype=np.int64)
    assert adjusted_rand(alone, alone) == 1.0
    assert adjusted_rand(np.arange(5), np.arange(5)) == 1.0


def test_the_overlap_of_a_segment_is_that_with_its_like() -> None:
    one = np.array([0, 0, 0, 0, 1, 1, NONE])
    other = np.array([5, 5, 5, 2, 2, NONE, NONE])
    assert overlaps(one, other, 3).tolist() == [3 / 4, 1 / 3, 0.0]
    assert overlaps(one, other, 3).tolist() == oracle.overlaps([*one], [*other], 3)
    nobody = np.full(7, NONE)
    assert overlaps(one, nobody, 2).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("kind", ["kmeans", "mini_batch", "gaussian_mixture", "hdbscan"])
def test_clear_segments_are_found_again(kind: Kind) -> None:
    points, _ = blobs(np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]]), 100)
    spec = FEW.model_copy(update={"kind": kind})
    found = stability(points, split(points, 3, spec, 0), spec, 1)
    assert found.rand.value > (0.8 if kind == "hdbscan" else 0.99)
    assert found.rand.low <= found.rand.value <= found.rand.high
    assert found.jaccard.min() > (0.8 if kind == "hdbscan" else 0.99)


def test_one_group_split_in_four_is_not_found_again() -> None:
    points = np.random.default_rng(3).normal(size=(400, 6))
    spec = FEW
    found = stability(points, split(points, 4, spec, 0), spec, 1)
    assert found.rand.value < 0.5


def test_equal_seeds_judge_alike() -> None:
    points = np.random.default_rng(3).normal(size=(200, 3))
    spec = FEW
    clusters = split(points, 2, spec, 0)
    one, other = (stability(points, clusters, spec, 1) for _ in range(2))
    assert one.rand == other.rand
    assert one.jaccard.tolist() == other.jaccard.tolist()


@pytest.mark.parametrize("kind", ["kmeans", "gaussian_mixture"])
def test_more_segments_than_customers_in_a_resample_are_no_error(kind: Kind) -> None:
    points = np.random.default_rng(3).normal(size=(50, 3))
    spec = FEW.model_copy(update={"kind": kind, "resamples": 3})
    assert stability(points, split(points, 45, spec, 0), spec, 1).rand.value < 0.8


def test_an_agreement_has_an_interval_over_customers_drawn_anew() -> None:
    draws = np.random.default_rng(3)
    one = draws.integers(0, 3, 600)
    other = np.where(draws.random(600) < 0.8, one, draws.integers(0, 3, 600))
    found = agreement(one, other, 300, 0)
    assert found.value == adjusted_rand(one, other)
    again = []
    for _ in range(300):
        rows = draws.integers(0, 600, 600)
        again.append(adjusted_rand(one[rows], other[rows]))
    low, high = np.quantile(again, [0.025, 0.975])
    assert found.low == pytest.approx(low, abs=0.02)
    assert found.high == pytest.approx(high, abs=0.02)
    assert agreement(one, one, 20, 0).low == 1.0
