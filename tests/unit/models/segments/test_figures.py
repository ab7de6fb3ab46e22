"""Silhouette, BIC and gap equal their definitions, and tell how many groups there are."""

import numpy as np
import pytest
from sklearn.metrics import silhouette_score
from sklearn.mixture import GaussianMixture

from models.segments.clusters import NONE, Anchors, Centres, Mixture
from models.segments.figures import Gaps, bic, gaps, silhouette
from models.segments.fitting import anchors_of, split
from models.segments.settings import SegmentsSpec
from tests.segment_shops import blobs

MIDDLES = np.array([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0]])
POINTS, TRUTH = blobs(MIDDLES, 100)
SPEC = SegmentsSpec(references=5, most=5)


def test_the_silhouette_is_that_of_scikit_learn() -> None:
    found = silhouette(POINTS, Centres(MIDDLES), 0)
    assert found == pytest.approx(silhouette_score(POINTS, TRUTH))
    assert np.isnan(silhouette(POINTS, Centres(MIDDLES[:1]), 0))


def test_the_criterion_of_a_mixture_is_that_of_scikit_learn() -> None:
    peer = GaussianMixture(3, random_state=0).fit(POINTS)
    ours = Mixture(peer.means_, peer.weights_, peer.precisions_cholesky_)
    assert bic(POINTS, ours) == pytest.approx(peer.bic(POINTS))


def test_the_criterion_of_centres_by_hand() -> None:
    points = np.array([[0.0], [2.0], [10.0], [12.0]])
    # squares 4 over 1 x (4 - 2): variance 2; 1 + 2 + 1 free numbers
    likelihood = 4 * np.log(1 / 2) - (4 * np.log(2 * np.pi * 2) + 2) / 2
    expected = -2 * likelihood + 4 * np.log(4)
    assert bic(points, Centres(np.array([[1.0], [11.0]]))) == pytest.approx(expected)


def test_the_criterion_is_least_for_the_groups_that_there_are() -> None:
    counts = (2, 3, 4, 5)
    found = [bic(POINTS, split(POINTS, count, SPEC, 0)) for count in counts]
    assert counts[int(np.argmin(found))] == 3


def test_anchors_have_no_criterion() -> None:
    clusters = anchors_of(POINTS, TRUTH, 100, 0)
    assert np.isnan(bic(POINTS, clusters))


def test_the_gap_finds_three_groups_and_one_in_noise() -> None:
    assert gaps(POINTS, (), 5, SPEC).count == 3
    noise = np.random.default_rng(1).random((300, 2))
    assert gaps(noise, (), 4, SPEC).count == 1


def test_the_first_gap_within_an_error_of_the_next_is_taken() -> None:
    found = Gaps(np.array([0.1, 0.5, 0.52, 0.6]), np.array([0.01, 0.01, 0.03, 0.01]))
    assert found.count == 2
    rising = Gaps(np.array([0.1, 0.2, 0.3]), np.full(3, 0.01))
    assert rising.count == 3


def test_anchors_are_different_points_and_few() -> None:
    twice = np.vstack([POINTS, POINTS])
    segment = np.r_[TRUTH, TRUTH]
    segment[:50] = NONE
    found = anchors_of(twice, segment, 120, 0)
    assert isinstance(found, Anchors)
    assert len(found.anchors) == 120
    assert len(np.unique(found.anchors, axis=0)) == 120
    assert (found.reach > 0).all()
    agreed = found.assign(POINTS).segment
    assert (agreed == TRUTH)[agreed != NONE].all()
    assert (agreed == NONE).mean() < 0.1
