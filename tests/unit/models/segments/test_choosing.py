"""Segments that are there are found; noise, and a cut through one group, are refused."""

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from models.metrics import Estimate
from models.segments.agreement import adjusted_rand
from models.segments.choosing import Segmentation, chosen, find_segments
from models.segments.judging import Candidate
from models.segments.preparing import NothingToGroup
from models.segments.settings import Criterion, Kind, SegmentsSpec
from tests.segment_shops import known, nobody_in_particular

QUICK = {"sample": 400, "resamples": 6, "references": 5, "most": 4}
SHOP = known(900, 3, seed=3, apart=7.0)
COLUMNS = tuple(f"c{place}" for place in range(8))


@cache
def found(kind: Kind = "kmeans", **settings: object) -> Segmentation:
    spec = SegmentsSpec.model_validate({"kind": kind, "columns": COLUMNS, **QUICK, **settings})
    return find_segments(SHOP.table, spec)


@pytest.mark.parametrize("kind", ["kmeans", "mini_batch", "gaussian_mixture"])
def test_known_segments_are_found(kind: Kind) -> None:
    result = found(kind)
    assert result.model is not None, result.reason
    assigned = result.model.assign(SHOP.table)
    assert result.model.count == 3
    assert adjusted_rand(assigned.segment, SHOP.segment) >= 0.9
    sizes = np.bincount(assigned.segment)
    assert (np.diff(sizes) <= 0).all()  # the largest is the first
    assert result.agreement > 0.95
    assert result.reason.startswith("3 segments: customers drawn anew show them again with an")


def test_dense_segments_are_found_and_the_rest_is_in_none() -> None:
    result = found("hdbscan", neighbours=5)
    assert result.model is not None, result.reason
    segment = result.model.assign(SHOP.table).segment
    inside = segment >= 0
    assert inside.mean() > 0.7
    assert adjusted_rand(segment[inside], SHOP.segment[inside]) >= 0.9


def test_flags_and_categories_help() -> None:
    result = found(columns=(*COLUMNS, "is_odd"), categories=("region",))
    assert result.model is not None
    assert result.model.columns == (*COLUMNS, "is_odd", "region")
    assert adjusted_rand(result.model.assign(SHOP.table).segment, SHOP.segment) >= 0.9


def test_factors_find_them_too() -> None:
    result = found(reduce="factors")
    assert result.model is not None
    assert adjusted_rand(result.model.assign(SHOP.table).segment, SHOP.segment) >= 0.9


@pytest.mark.parametrize("kind", ["kmeans", "hdbscan"])
def test_noise_has_no_stable_segments(kind: Kind) -> None:
    noise = nobody_in_particular(500, 6)
    result = find_segments(noise, SegmentsSpec.model_validate({"kind": kind, **QUICK}))
    assert result.model is None
    assert result.reason.startswith("no stable segments: ")
    assert np.isnan(result.agreement)
    assert not result.frame["is_kept"].any()


@pytest.mark.parametrize(
    ("kind", "mean", "shape", "count"),
    [("kmeans", 1.0, (2000, 3), 4), ("hdbscan", 0.2, (600, 4), 7)],
)
def test_heaps_of_equal_counts_are_one_group_however_stable_they_are(
    kind: Kind, mean: float, shape: tuple[int, int], count: int
) -> None:
    counts = np.random.default_rng(1).poisson(mean, shape).astype(float)
    table = pd.DataFrame(counts, columns=[f"c{place}" for place in range(shape[1])])
    settings = {"kind": kind, **QUICK, "sample": 1000, "fewest": count, "most": count}
    result = find_segments(table, SegmentsSpec.model_validate(settings))
    assert result.candidates[0].rand.value > 0.8
    assert result.model is None
    assert f"with {count}, it cuts through one group" in result.reason


@pytest.mark.parametrize("kind", ["kmeans", "hdbscan"])
def test_groups_of_counts_are_found(kind: Kind) -> None:
    draws = np.random.default_rng(1)
    truth = draws.integers(0, 3, 600)
    means = np.array([[1, 1, 16, 16, 1], [16, 1, 1, 1, 16], [16, 16, 16, 1, 1]])[truth]
    table = pd.DataFrame(draws.poisson(means).astype(float), columns=[*"abcde"])
    settings = {"kind": kind, **QUICK, "sample": 600}
    result = find_segments(table, SegmentsSpec.model_validate(settings))
    assert result.model is not None, result.reason
    segment = result.model.assign(table).segment
    assert adjusted_rand(segment[segment >= 0], truth[segment >= 0]) > 0.95


def test_a_cut_through_one_group_is_refused_however_stable_it_is() -> None:
    table = nobody_in_particular(800, 6, correlation=0.8)
    spec = SegmentsSpec.model_validate({**QUICK, "most": 2})
    result = find_segments(table, spec)
    (only,) = result.candidates
    assert only.rand.value > 0.8
    assert result.model is None
    expected = (
        r"no stable segments: with 2, it cuts through one group: made-up customers of one group "
        r"with the same spread split as well \(gain \d\.\d{3}, theirs \d\.\d{3} where normal and "
        r"\d\.\d{3} where uniform\)"
    )
    assert re.fullmatch(expected, result.reason)


def test_a_cut_through_one_group_is_kept_on_demand_and_said_to_be_one() -> None:
    table = nobody_in_particular(800, 6, correlation=0.8)
    spec = SegmentsSpec.model_validate({**QUICK, "most": 2, "groups_only": False})
    result = find_segments(table, spec)
    assert result.model is not None
    assert result.frame["is_cut"].tolist() == [True]
    assert "; but it cuts through one group: made-up customers" in result.reason


def test_too_small_segments_are_refused() -> None:
    result = found(least_share=0.45)
    assert result.model is None
    assert "with 3, its smallest segment holds" in result.reason
    assert "of the customers, at least 45.0 % is asked" in result.reason


def test_every_number_of_segments_has_a_row_of_figures() -> None:
    frame = found().frame
    assert frame["segments"].tolist() == [2, 3, 4]
    row = frame.set_index("segments").loc[3]
    assert row["is_kept"]
    assert row["rand_low"] <= row["rand"] <= row["rand_high"]
    assert row["gain"] > row["gain_uniform"] > 0
    assert frame["segments"].iloc[int(frame["gap"].argmax())] == 3


KEPT = Candidate(2, silhouette=0.5, bic=30.0, gap=0.2, gap_error=0.01, rand=Estimate(0.9, 0, 1))


@pytest.mark.parametrize(
    ("by", "count"),
    [("silhouette", 2), ("bic", 4), ("gap", 3), ("stability", 3), ("vote", 3)],
)
def test_the_figure_asked_for_chooses_among_the_kept(by: Criterion, count: int) -> None:
    three = replace(KEPT, count=3, silhouette=0.4, bic=20.0, gap=0.4, rand=Estimate(0.95, 0, 1))
    four = replace(KEPT, count=4, silhouette=0.3, bic=10.0, gap=0.4)
    five = replace(KEPT, count=5, silhouette=0.9, bic=0.0, gap=0.9, reason="it is not stable")
    best = chosen([KEPT, three, four, five], by)
    assert best is not None
    assert best.count == count


def test_two_of_three_figures_outvote_the_third() -> None:
    three = replace(KEPT, count=3, silhouette=0.4, bic=20.0, gap=0.4)
    four = replace(KEPT, count=4, silhouette=0.3, bic=25.0, gap=0.3)
    best = chosen([KEPT, three, four], "vote")
    assert best is three
    best = chosen([KEPT, replace(three, reason="it is not stable"), four], "vote")
    assert best is four  # least criterion and first fitting gap of the kept ones


def test_without_a_gap_the_criterion_has_the_casting_vote() -> None:
    one, other = (
        Candidate(2, silhouette=0.5, bic=30.0),
        Candidate(3, silhouette=0.4, bic=20.0),
    )
    assert chosen([one, other], "vote") is other
    alone = Candidate(4, silhouette=0.4)
    assert chosen([alone], "vote") is alone


def test_where_none_is_kept_none_is_chosen() -> None:
    assert chosen([replace(KEPT, reason="too small")], "silhouette") is None
    assert chosen([], "gap") is None


def test_equal_seeds_find_the_same_to_the_last_bit() -> None:
    one, other = found(), found.__wrapped__()
    assert one.model is not None
    assert other.model is not None
    for name, table in one.model.tables().items():
        pd.testing.assert_frame_equal(table, other.model.tables()[name], check_exact=True)


def test_an_argument_is_never_changed() -> None:
    before = SHOP.table.copy(deep=True)
    found(columns=(*COLUMNS, "is_odd"), categories=("region",))
    pd.testing.assert_frame_equal(SHOP.table, before)


def test_too_few_customers_are_refused() -> None:
    expected = "segments need at least 50 customers, but the table has 49; widen the cohort"
    with pytest.raises(NothingToGroup, match=re.escape(expected)):
        find_segments(SHOP.table.head(49), SegmentsSpec(columns=COLUMNS))


def test_a_mixture_refuses_categories_and_leaves_flags_out() -> None:
    expected = (
        "a mixture of normal distributions needs numbers, but segments.categories names "
        "['region']; leave them out, or use kmeans, mini_batch or hdbscan"
    )
    with pytest.raises(NothingToGroup, match=re.escape(expected)):
        found("gaussian_mixture", categories=("region",))
    spec = SegmentsSpec(kind="gaussian_mixture", columns=("is_odd",))
    with pytest.raises(NothingToGroup, match="there are only flags"):
        find_segments(SHOP.table, spec)
    result = found("gaussian_mixture", columns=(*COLUMNS, "is_odd"), most=2)
    told = "a flag, and mixtures take numbers alone"
    assert result.space.preparation.left_out == {"is_odd": told}


def test_a_column_is_named_once() -> None:
    expected = "columns and categories need each name once, but ['shop', 'spend'] are there again"
    with pytest.raises(ValidationError, match=re.escape(expected)):
        SegmentsSpec(columns=("spend", "shop", "spend"), categories=("shop",))


def test_mixtures_have_no_gap_to_be_chosen_by() -> None:
    expected = "by: gap needs sums of squares, which gaussian_mixture has not; use bic"
    with pytest.raises(ValidationError, match=re.escape(expected)):
        SegmentsSpec(kind="gaussian_mixture", by="gap")


def test_fewest_segments_are_at_most_the_most() -> None:
    with pytest.raises(ValidationError, match=re.escape("needs fewest <= most, but found 5 > 4")):
        SegmentsSpec(fewest=5, most=4)
