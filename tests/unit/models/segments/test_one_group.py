"""Made-up customers of one group have the same spread, and split as well as a continuum does."""

import numpy as np
import pytest

from models.segments.clusters import NONE, Centres, Mixture
from models.segments.fitting import split
from models.segments.humps import along_ridgeline, shared_hump
from models.segments.one_group import Gain, Numbers, compared, dispersion, gain, in_box, made_up
from models.segments.settings import SegmentsSpec
from models.segments.space import Reduction
from tests.oracles import segments as oracle
from tests.segment_shops import blobs

SPEC = SegmentsSpec(references=6)


def test_dispersion_is_half_the_mean_over_pairs_in_a_segment() -> None:
    points, segment = blobs(np.array([[0.0, 0.0], [3.0, 1.0]]), 20)
    assert dispersion(points, segment) == pytest.approx(oracle.within(points, segment))


def test_those_of_no_segment_are_counted_from_the_mean_of_all() -> None:
    points = np.array([[0.0], [2.0], [10.0]])
    segment = np.array([0, 0, NONE])
    assert dispersion(points, segment) == pytest.approx(1 + 1 + 36)


def test_the_gain_of_a_split_by_hand() -> None:
    points = np.array([[0.0], [2.0], [10.0], [12.0]])
    clusters = Centres(np.array([[1.0], [11.0]]))
    assert gain(points, clusters) == pytest.approx(np.log(104 / 4))


def test_made_up_numbers_keep_their_covariance_and_flags_their_shares() -> None:
    draws = np.random.default_rng(1)
    numbers = draws.multivariate_normal([1.0, 2.0], [[2.0, 1.2], [1.2, 1.0]], 4000)
    points = np.column_stack([numbers, (numbers[:, 0] > 1).astype(float)])
    for shape in (in_box, lambda random, turned: random.normal(size=turned.shape) * turned.std(0)):
        made = made_up(points, (1,), shape, np.random.default_rng(2))
        assert made.shape == points.shape
        assert made[:, 2].sum() == points[:, 2].sum()
        assert abs(np.corrcoef(made[:, 0], made[:, 2])[0, 1]) < 0.06
        assert np.corrcoef(made[:, 0], made[:, 1])[0, 1] == pytest.approx(0.85, abs=0.1)


@pytest.mark.parametrize("kind", ["kmeans", "gaussian_mixture"])
def test_groups_gain_more_than_one_group(kind: str) -> None:
    spec = SegmentsSpec.model_validate({"kind": kind, "references": 6})
    points, _ = blobs(np.array([[0.0, 0.0, 0.0], [6.0, 0.0, 0.0]]), 200)
    assert compared(points, (), split(points, 2, spec, 0), spec, 1).is_more


@pytest.mark.parametrize("shape", ["normal", "uniform"])
def test_a_cut_through_a_continuum_gains_no_more(shape: str) -> None:
    draws = np.random.default_rng(1)
    points = draws.normal(size=(400, 3)) if shape == "normal" else draws.random((400, 3)) * 4
    points[:, 0] *= 3  # two halves of this are found again, whoever is drawn
    assert not compared(points, (), split(points, 2, SPEC, 0), SPEC, 1).is_more


def test_made_up_numbers_share_the_values_that_customers_share() -> None:
    draws = np.random.default_rng(1)
    scaled = np.column_stack([draws.poisson(0.7, 500), draws.normal(size=500)]).astype(np.float64)
    scaled[:, 1] += scaled[:, 0]
    alone = Reduction(np.zeros(2), np.eye(2), np.eye(2), 1.0)
    made = Numbers(scaled, alone).made_up(
        lambda random, turned: random.normal(size=turned.shape) * turned.std(0),
        np.random.default_rng(2),
    )
    for count in range(3):  # each of more than five customers
        assert (made[:, 0] == count).sum() == (scaled[:, 0] == count).sum()
    assert len(np.unique(made[:, 1])) == 500
    theirs, ours = (np.asarray(np.corrcoef(each.T)) for each in (made, scaled))
    assert theirs[0, 1] == pytest.approx(ours[0, 1], abs=0.1)


def test_a_gain_must_be_three_deviations_above_both() -> None:
    assert Gain(1.0, (0.5, 0.1), (0.6, 0.1)).is_more
    assert not Gain(1.0, (0.5, 0.1), (0.75, 0.1)).is_more
    assert not Gain(1.0, (0.75, 0.1), (0.5, 0.1)).is_more


@pytest.mark.parametrize(("apart", "is_one"), [(1.9, True), (2.1, False)])
def test_two_equal_normals_are_two_humps_from_two_deviations_on(
    apart: float, *, is_one: bool
) -> None:
    two = Mixture(
        np.array([[0.0, 0.0], [apart, 0.0]]), np.array([0.5, 0.5]), np.array([np.eye(2)] * 2)
    )
    assert (shared_hump(two) == (0, 1)) is is_one
    curve = along_ridgeline(two, 0, 1)
    assert np.exp(curve[0]) == pytest.approx((1 + np.exp(-(apart**2) / 2)) / (4 * np.pi))


def test_a_broad_tail_around_a_group_is_no_group() -> None:
    roots = np.array([np.eye(2), np.eye(2) / 3])
    tail = Mixture(np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0.6, 0.4]), roots)
    assert shared_hump(tail) == (0, 1)
