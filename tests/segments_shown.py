"""What a search for segments found among made-up customers, for tests of its page."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from models.metrics import Estimate
from models.migration import migration
from models.proportions import wilson
from models.segments.choosing import Segmentation, find_segments
from models.segments.clusters import NONE
from models.segments.distinguishing import effects
from models.segments.model import SegmentModel
from models.segments.moving import segment_drift, segment_reference
from models.segments.portraits import Asked, gallery
from models.segments.settings import SegmentsSpec
from models.segments.wording import Words
from models.spec import FloatArray, IntArray
from pipelines.segments_found import (
    FigureMeant,
    FoundBefore,
    Kept,
    Moves,
    SegmentMap,
    SegmentsFound,
)
from tests.segment_shops import Known, known

EARLIER, DAY, LATER = date(2024, 1, 1), date(2024, 3, 1), date(2024, 5, 1)
COLUMNS = tuple(f"c{place}" for place in range(8))
SPEC = SegmentsSpec(columns=COLUMNS, most=4, resamples=5, references=5, sample=400)


def with_segments() -> SegmentsFound:
    """Three segments of 400 customers."""
    made = known(400, 3, apart=7.0)
    search = find_segments(made.table, SPEC)
    assert search.model is not None
    assigned = search.model.assign(made.table)
    found = _found(search, assigned.segment, made)
    value = np.arange(400.0) + np.where(assigned.segment == 0, 12_345.0, 2_000.0)
    shown = gallery(
        made.table,
        assigned.segment,
        {"value": value, "churn": (np.arange(400) % 5 == 0).astype(np.float64)},
        Asked(columns=COLUMNS, used=COLUMNS),
    )
    others = effects(made.table, assigned.segment, ("is_odd",), ("region",))
    told = {"segments": 0.9, "bands": 0.4, "gain": 0.5}
    ends = {f"{name}_{end}": each for name, each in told.items() for end in ("low", "high")}
    explained = pd.DataFrame([{"figure": "value", **told, **ends}])
    then = _moves(search.model, made.table, EARLIER, DAY)
    later = _moves(search.model, made.table, DAY, LATER)
    same = Estimate(0.7, 0.6, 0.8)
    before = FoundBefore(EARLIER, 2, "2 segments", same, same, 0.5)
    return replace(found, kept=Kept(assigned, shown, others, explained, then, (later,), before))


def without_segments() -> SegmentsFound:
    """Customers of one group."""
    values = np.random.default_rng(1).normal(size=(400, 8))
    table = pd.DataFrame(values, columns=list(COLUMNS))
    search = find_segments(table, SPEC)
    assert search.model is None
    nobody = np.full(400, NONE, dtype=np.int64)
    return _found(search, nobody, Known(table, nobody))


def _found(search: Segmentation, segment: IntArray, made: Known) -> SegmentsFound:
    return SegmentsFound(
        business="shop",
        as_of=DAY,
        known_until=LATER,
        customers=400,
        columns=COLUMNS,
        left_out={"c9": "it is the same for all customers"},
        search=search,
        map=_map(search.space.points(made.table)[:, :2], segment),
        words=Words(),
        figures=(
            FigureMeant("value", "spend in the 28 days", "money"),
            FigureMeant("churn", "share who left", "share"),
        ),
        not_told={"offers": "there are no offers"},
    )


def _map(places: FloatArray, segment: IntArray) -> SegmentMap:
    points = pd.DataFrame({"x": places[:, 0], "y": places[:, 1], "segment": segment})
    inside = points[points["segment"] != NONE]
    centres = inside.groupby("segment", as_index=False).agg(
        x=("x", "mean"), y=("y", "mean"), customers=("x", "size")
    )
    axes = pd.DataFrame(
        {
            "axis": ["x", "x", "y"],
            "column": ["c1", "c2", "c3"],
            "correlation": [0.9, -0.6, 0.1],
        }
    )
    return SegmentMap(points, centres, axes, (0.5, 0.25))


def _moves(model: SegmentModel, table: pd.DataFrame, before: date, after: date) -> Moves:
    """Every fifth customer has the columns of the next one later; two came, three left."""
    turned = table.copy()
    rows = np.arange(0, 395, 5)
    turned.iloc[rows] = table.iloc[rows + 1].to_numpy()
    sides = [model.assign(each) for each in (table, turned)]
    then = pd.Series(sides[0].segment, index=np.arange(400)).drop([7, 8])
    now = pd.Series(sides[1].segment, index=np.arange(400)).drop([1, 2, 3])
    money = pd.Series(10_000.0, index=np.arange(400))
    both = pd.concat([then, now], axis=1, join="inner", keys=["then", "now"])
    rows_told = []
    for number in range(model.count):
        of = both[both["then"] == number]
        told = wilson(int((of["now"] == number).sum()), len(of))
        rows_told.append(
            {
                "segment": number,
                "customers": len(of),
                "stayed": told.value,
                "low": told.low,
                "high": told.high,
            }
        )
    return Moves(
        before,
        after,
        60,
        migration(then, now, money, 2 * money),
        segment_drift(segment_reference(sides[0], model.count), sides[1]),
        wilson(int((both["then"] == both["now"]).sum()), len(both)),
        0.4,
        pd.DataFrame(rows_told),
    )
