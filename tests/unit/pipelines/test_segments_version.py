"""The script of a version of segments says what the model of this project says, of every kind."""

import importlib.util
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from features.contract import Column
from models.segments.choosing import find_segments
from models.segments.clusters import NONE, Anchors
from models.segments.model import SegmentModel
from models.segments.moving import segment_reference
from models.segments.preparing import Preparation
from models.segments.settings import Kind, SegmentsSpec
from models.segments.space import Reduction, Space
from pipelines.segments_version import SCRIPT, SegmentsVersion, model_of, tables_of
from tests.segment_shops import known

COLUMNS = (*(f"c{place}" for place in range(8)), "is_odd")
CUSTOMERS = known(600, 3, apart=9.0).table


@cache
def _model(kind: Kind) -> SegmentModel:
    spec = SegmentsSpec(
        kind=kind,
        columns=COLUMNS,
        most=4,
        resamples=2,
        references=5,
        groups_only=False,
        jaccard_least=0.1,
        rand_least=0.1,
        anchors_most=200,
    )
    found = find_segments(CUSTOMERS, spec)
    assert found.model is not None, found.reason
    return found.model


def _version(model: SegmentModel, rows: pd.DataFrame = CUSTOMERS) -> SegmentsVersion:
    told = pd.DataFrame(
        {
            "segment": range(model.count),
            "name": [f"name {number}" for number in range(model.count)],
            "action": [f"action {number}" for number in range(model.count)],
            "rule": "all",
            "customers": 1,
            "purity": 1.0,
            "coverage": 1.0,
        }
    )
    columns = tuple(Column(each, "number", 7, "never", each, each) for each in model.columns)
    return SegmentsVersion(model, columns, told, segment_reference(model.assign(rows), model.count))


def _loaded(version: SegmentsVersion, folder: Path) -> Any:  # of the script
    """The script's model, with the tables where MLflow would put them."""
    paths = {}
    for name, table in tables_of(version).items():
        paths[name] = str(folder / f"{name}.parquet")
        order = np.random.default_rng(1).permutation(len(table))  # no table counts on its order
        pq.write_table(table.take(order), paths[name])
    described = importlib.util.spec_from_file_location("segment_script", SCRIPT)
    assert described is not None
    assert described.loader is not None
    script = importlib.util.module_from_spec(described)
    described.loader.exec_module(script)
    found = script.Segments()
    found.load_context(SimpleNamespace(artifacts=paths))
    return found


@pytest.mark.parametrize("kind", ["kmeans", "gaussian_mixture", "hdbscan"])
def test_the_script_assigns_as_the_model_does_to_the_last_bit(kind: Kind, tmp_path: Path) -> None:
    model = _model(kind)
    expected = model.assign(CUSTOMERS)
    rows = CUSTOMERS[list(model.columns)].assign(customer=[f"n{row}" for row in range(600)])
    found = _loaded(_version(model), tmp_path).predict(None, rows)
    assert found["segment"].tolist() == expected.segment.tolist()
    assert found["distance"].tolist() == expected.distance.tolist()
    assert found["certainty"].tolist() == expected.certainty.tolist()
    inside = found["segment"] != NONE
    assert (found["name"][inside] == "name " + found["segment"][inside].astype(str)).all()
    assert found["name"][~inside].isna().all()
    assert kind != "hdbscan" or not inside.all()


@pytest.mark.parametrize("width", [2, 3, 6])
def test_of_equally_near_customers_the_script_takes_the_one_that_the_model_takes(
    width: int, tmp_path: Path
) -> None:
    """Counts lie on a grid, where many are equally near."""
    draws = np.random.default_rng(width)
    names = [f"c{place}" for place in range(width)]
    numbers = pd.DataFrame({"column": names, "unit": 0.0, "centre": 0.0, "spread": 1.0})
    flags, levels = pd.DataFrame(columns=["column", "fill"]), pd.DataFrame(columns=["column"])
    flags["is_missing"] = False
    as_they_are = Preparation(numbers.assign(reach=100.0), flags, levels, 1.0, {})
    anchors = draws.integers(0, 12, (400, width)).astype(np.float64)
    owner = (anchors[:, 0] > 5).astype(np.int64)
    middles = np.stack([anchors[owner == number].mean(axis=0) for number in (0, 1)])
    model = SegmentModel(
        Space(as_they_are, Reduction(np.zeros(width), np.eye(width), np.eye(width), 1.0)),
        Anchors(middles, anchors, owner, np.array([5.0, 5.0])),
    )
    rows = pd.DataFrame(draws.integers(0, 24, (2000, width)) / 2, columns=names)
    expected = model.assign(rows)
    found = _loaded(_version(model, rows), tmp_path).predict(None, rows.assign(customer="one"))
    assert found["segment"].tolist() == expected.segment.tolist()
    assert found["distance"].tolist() == expected.distance.tolist()
    assert found["certainty"].tolist() == expected.certainty.tolist()


def test_tables_in_another_order_are_the_same_version() -> None:
    version = _version(_model("kmeans"))
    tables = tables_of(version)
    turned = {name: table.take(np.arange(len(table))[::-1]) for name, table in tables.items()}
    again = model_of(turned)
    assert [each.name for each in again.columns] == list(version.model.columns)
    expected, found = version.model.assign(CUSTOMERS), again.model.assign(CUSTOMERS)
    assert found.segment.tolist() == expected.segment.tolist()
    assert found.distance.tolist() == expected.distance.tolist()


def test_a_column_over_all_history_has_no_window() -> None:
    version = _version(_model("kmeans"))
    first, *others = version.columns
    ever = replace(version, columns=(replace(first, window_days=None), *others))
    assert model_of(tables_of(ever)).columns[0].window_days is None
