"""Customers are assigned by arithmetic alone, and a stored split assigns alike."""

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture

from models.segments.clusters import (
    NONE,
    Anchors,
    Centres,
    Mixture,
    arrays_of,
    clusters_of,
    table_of,
)
from models.segments.exact import product, squared_distances
from tests.oracles import segments as oracle
from tests.segment_shops import blobs

MIDDLES = np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 6.0]])
POINTS, TRUTH = blobs(MIDDLES, 60)


def fitted() -> tuple[GaussianMixture, Mixture]:
    peer = GaussianMixture(3, random_state=0).fit(POINTS)
    return peer, Mixture(peer.means_, peer.weights_, peer.precisions_cholesky_)


def test_a_point_belongs_to_the_nearest_centre() -> None:
    found = Centres(MIDDLES).assign(np.array([[1.0, 0.0], [6.0, -8.0], [3.0, 0.0]]))
    assert found.segment.tolist() == [0, 1, 0]  # the last is equally near: the first wins
    assert found.distance.tolist() == [1.0, 8.0, 3.0]
    assert found.certainty[0] == pytest.approx(1 - 1 / 5)
    assert found.certainty[2] == 0.0


def test_nearest_centres_are_those_of_the_oracle() -> None:
    assert Centres(MIDDLES).assign(POINTS).segment.tolist() == oracle.nearest(POINTS, MIDDLES)


def test_chances_of_a_mixture_are_those_of_scikit_learn() -> None:
    peer, ours = fitted()
    found = ours.assign(POINTS)
    assert found.segment.tolist() == peer.predict(POINTS).tolist()
    np.testing.assert_allclose(found.certainty, peer.predict_proba(POINTS).max(axis=1))
    joint = ours.log_joint(POINTS)
    np.testing.assert_allclose(np.logaddexp.reduce(joint, axis=1), peer.score_samples(POINTS))


def test_a_point_beyond_the_reach_of_its_nearest_anchor_is_in_no_segment() -> None:
    clusters = Anchors(
        np.array([[0.5, 0.0], [10.0, 0.0]]),
        np.array([[0.0, 0.0], [1.0, 0.0], [10.0, 0.0]]),
        np.array([0, 0, 1]),
        np.array([1.0, 2.0]),
    )
    found = clusters.assign(np.array([[0.0, 0.5], [0.0, 1.5], [8.5, 0.0], [5.0, 0.0]]))
    assert found.segment.tolist() == [0, NONE, 1, NONE]
    assert found.certainty.tolist() == [0.5, 0.0, 0.25, 0.0]
    assert found.distance.tolist() == pytest.approx([0.5**0.5, 2.5**0.5, 1.5, 4.5])


def test_without_anchors_everybody_is_in_no_segment() -> None:
    nothing = Anchors(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0, np.int64), np.zeros(0))
    assert nothing.assign(POINTS).segment.tolist() == [NONE] * 180
    assert nothing.count == 0


@pytest.mark.parametrize(
    "clusters",
    [
        Centres(MIDDLES),
        fitted()[1],
        Anchors(MIDDLES, POINTS[::3], TRUTH[::3], np.array([1.0, 1.5, 2.0])),
    ],
)
def test_a_stored_split_assigns_to_the_last_bit_alike(
    clusters: Centres | Mixture | Anchors,
) -> None:
    rows = table_of(clusters.arrays()).sample(frac=1, random_state=1)
    again = clusters_of(arrays_of(rows))
    one, other = clusters.assign(POINTS), again.assign(POINTS)
    for name in ("segment", "distance", "certainty"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()


@pytest.mark.parametrize(
    "clusters", [Centres(MIDDLES), fitted()[1], Anchors(MIDDLES, POINTS, TRUTH, np.ones(3))]
)
def test_segments_in_another_order_are_the_same_segments(
    clusters: Centres | Mixture | Anchors,
) -> None:
    order = np.array([2, 0, 1])
    before, after = clusters.assign(POINTS), clusters.ordered(order).assign(POINTS)
    inside = after.segment != NONE
    assert (order[after.segment[inside]] == before.segment[inside]).all()
    assert (clusters.ordered(order).centres == clusters.centres[order]).all()


def test_products_and_distances_of_a_row_do_not_depend_on_the_rows_beside_it() -> None:
    draws = np.random.default_rng(1)
    points, weights = draws.normal(size=(40_000, 7)), draws.normal(size=(7, 5))
    np.testing.assert_allclose(product(points, weights), points @ weights)
    some = points[16_380:16_390]
    assert product(points, weights)[16_380:16_390].tobytes() == product(some, weights).tobytes()
    whole = squared_distances(points, weights.T)
    assert whole[16_380:16_390].tobytes() == squared_distances(some, weights.T).tobytes()
    np.testing.assert_allclose(whole[:9, 0], ((points[:9] - weights[:, 0]) ** 2).sum(axis=1))
