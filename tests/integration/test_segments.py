"""Segments of real households, and of the same households with every column shuffled."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import HDBSCAN

from features.behaviour import build
from features.loads import load_sources
from features.settings import Engine
from features.star import build_star
from features.warehouse import warehouse
from models.migration import ABSENT, migration
from models.segments.agreement import adjusted_rand
from models.segments.choosing import find_segments
from models.segments.clusters import NONE
from models.segments.fitting import split
from models.segments.model import restored
from models.segments.moving import segment_drift, segment_reference
from models.segments.portraits import Asked, gallery
from models.segments.settings import SegmentsSpec
from pipelines.check import load_config
from pipelines.segments_columns import segment_columns
from pipelines.segments_learning import spec_of
from tests.builders import NOW, stage

pytestmark = pytest.mark.slow

DAYS = (date(2017, 10, 19), date(2017, 12, 14))
COLUMNS = (
    *("days_since_order", "orders_per_week", "gap_mean_days", "order_value_mean_91d"),
    *("spend_91d", "categories_count_91d", "products_count_91d", "new_products_share_91d"),
    *("discount_share_182d", "price_tier_182d", "private_label_lines_share_182d"),
    "stores_count_91d",
)


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> list[pd.DataFrame]:
    folder = tmp_path_factory.mktemp("journey")
    business = load_config("complete_journey").business
    with warehouse(Path(":memory:"), Engine(), folder, read_only=False) as con:
        load_sources(con, business.sources, stage(folder, business.time_zone), NOW)
        build_star(con, business.sources, business.time_zone)
        table = build(con, DAYS, business.sources, business.behaviour).to_pandas()
    return [table[table["as_of"] == day].set_index("customer") for day in DAYS]


def test_how_households_buy_is_a_scale_and_no_groups(days: list[pd.DataFrame]) -> None:
    found = find_segments(days[0], SegmentsSpec(columns=COLUMNS))
    assert found.model is None
    assert "with 2, it cuts through one group" in found.reason


def test_a_cut_of_the_scale_is_described_by_pure_rules_and_is_there_56_days_later(
    days: list[pd.DataFrame],
) -> None:
    then, now = days
    found = find_segments(then, SegmentsSpec(columns=COLUMNS, groups_only=False))
    assert found.model is not None
    assert "but it cuts through one group" in found.reason
    before = found.model.assign(then)
    spend = [day["spend_91d"].to_numpy(dtype=np.float64) for day in days]
    shown = gallery(then, before.segment, {"value": spend[0]}, Asked(COLUMNS, used=COLUMNS))
    assert shown.frame()["name"].is_unique
    assert all(portrait.rule.is_pure for portrait in shown.portraits)
    assert min(portrait.rule.purity.low for portrait in shown.portraits) > 0.8
    after = restored(found.model.tables()).assign(now)
    moved = segment_drift(segment_reference(before, found.model.count), after)
    assert moved.psi < 0.1
    sides = pd.Series(before.segment, then.index), pd.Series(after.segment, now.index)
    went = migration(*sides).moves
    both = went[~went[["source", "target"]].isin([NONE, ABSENT]).any(axis=1)]
    stayed = both.loc[both["source"] == both["target"], "customers"].sum()
    assert stayed / both["customers"].sum() > 0.8


def test_shuffled_columns_have_no_stable_segments(days: list[pd.DataFrame]) -> None:
    draws = np.random.default_rng(1)
    shuffled = pd.DataFrame({name: draws.permutation(days[0][name]) for name in COLUMNS})
    found = find_segments(shuffled, SegmentsSpec(columns=COLUMNS))
    assert found.model is None
    assert found.reason.startswith("no stable segments")


@pytest.mark.parametrize("apart", [7.0, 9.0])
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_customers_are_assigned_as_hdbscan_did_and_new_ones_as_often_to_none(
    apart: float, seed: int
) -> None:
    draws = np.random.default_rng(seed)
    axes = np.linalg.qr(draws.normal(size=(8, 8)))[0][:4] * apart / np.sqrt(2)
    segment = draws.choice(4, 4000, p=np.array([6, 5, 4, 3]) / 18)
    points = axes[segment] + draws.normal(size=(4000, 8))
    first, later = points[:2000], points[2000:]
    spec = SegmentsSpec(kind="hdbscan")
    labels = HDBSCAN(min_cluster_size=60, min_samples=10, copy=True).fit(first).labels_
    clusters = split(first, 0, spec, 0)
    assert (clusters.assign(first).segment == labels).mean() > 0.9
    new = clusters.assign(later).segment
    assert abs((new == NONE).mean() - (labels == NONE).mean()) < 0.08
    assert adjusted_rand(new[new != NONE], segment[2000:][new != NONE]) > 0.97


def test_by_the_columns_of_the_job_households_are_three_segments_that_rules_describe(
    days: list[pd.DataFrame],
) -> None:
    business = load_config("complete_journey").business
    columns = segment_columns(business).used
    for day in days:
        found = find_segments(day, spec_of(business.segments.split, columns))
        assert found.model is not None
        assert found.model.count == 3
        assert "cuts through one group" not in found.reason
        assigned = found.model.assign(day)
        shown = gallery(day, assigned.segment, {}, Asked(columns=columns, used=columns))
        assert all(each.rule.is_pure for each in shown.portraits)
