"""What the terminal tells of a young shop: an earlier day without a search, figures not known."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from models.metrics import Estimate
from pipelines.segments_found import FoundBefore, Kept
from pipelines.segments_results import trained as told_of
from pipelines.segments_train import SegmentsTrained
from tests.segments_shop import EARLIER, Market, name, opened, purchases

OLD = 20
"""Customers who were there on the earlier day."""


@pytest.fixture(scope="module")
def young(tmp_path_factory: pytest.TempPathFactory, registry_template: Path) -> Market:
    old = {name(who) for who in range(OLD)}
    orders = tuple(
        line for line in purchases() if line.customer in old or line.ordered_at.date() >= EARLIER
    )
    return opened(tmp_path_factory.mktemp("young"), registry_template, orders)


@pytest.fixture(scope="module")
def trained(young: Market) -> SegmentsTrained:
    return young.train()


def kept_of(trained: SegmentsTrained) -> Kept:
    assert trained.found.kept is not None
    return trained.found.kept


def test_too_few_customers_on_the_earlier_day_do_not_stop_the_search(
    young: Market, trained: SegmentsTrained
) -> None:
    why = (
        "there was nothing to search: segments need at least 50 customers, but the table has 20; "
        "widen the cohort"
    )
    assert trained.version is not None
    assert kept_of(trained).before == FoundBefore(EARLIER, 0, why)
    assert f"  The same search on {EARLIER}: {why}" in told_of(young.job(), trained)


def test_a_figure_that_nobody_of_a_segment_has_is_a_dash(
    young: Market, trained: SegmentsTrained
) -> None:
    kept = kept_of(trained)
    nothing = Estimate(float("nan"), float("nan"), float("nan"))
    first, second, *others = kept.gallery.portraits
    unknown = {name: replace(each, mean=nothing) for name, each in first.figures.items()}
    alone = replace(second.figures["value"], mean=replace(nothing, value=12_345.0))
    shown = (
        replace(first, figures=unknown),
        replace(second, figures={**second.figures, "value": alone}),
        *others,
    )
    told = replace(kept, gallery=replace(kept.gallery, portraits=shown))
    found = replace(trained.found, kept=told)
    lines = told_of(young.job(), replace(trained, found=found))
    assert not any("not defined" in line for line in lines)
    assert re.search(r"–  +–$", next(line for line in lines if line.startswith("  0 ")))
    assert "EUR 123  " in next(line for line in lines if line.startswith("  1 "))
