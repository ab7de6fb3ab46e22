"""All ways give the same table, and are told apart from each other honestly."""

import json
import math
import sys
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.behaviour.__main__ import (
    EVERY,
    FEW,
    ONE,
    SQL_EVERY,
    SQL_ONE,
    Outcome,
    goals_of,
    plan,
    told_for,
)
from benchmarks.behaviour.equal import differences
from benchmarks.behaviour.ours import LAST_AS_OF, SETTINGS, SOURCES, as_ofs
from benchmarks.behaviour.shop import Shop, require_shop
from benchmarks.behaviour.sql_columns import expressions
from benchmarks.behaviour.ways import Cost, measure, run
from benchmarks.goals import at_least, at_most, line
from features.behaviour import features_for, shape_of


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Some four hundred customers."""
    return require_shop(tmp_path_factory.mktemp("shop"), 20_000)


def made(way: str, shop: Shop, out: Path, count: int = 1) -> Path:
    """Folder with the files of a way."""
    (out / way).mkdir()
    assert run(way, shop, as_ofs(count), out / way).missing == ""
    return out / way


def test_sql_by_hand_gives_our_values_at_every_as_of(shop: Shop, tmp_path: Path) -> None:
    ours, theirs = made("ours", shop, tmp_path, 3), made("sql", shop, tmp_path, 3)
    for day in as_ofs(3):
        assert differences(ours / f"{day}.parquet", theirs / f"{day}.parquet") == {}
        assert pq.read_metadata(ours / f"{day}.parquet").num_rows > 100


def test_sql_by_hand_has_columns_of_ours_only() -> None:
    known = {each.column.name for each in features_for(shape_of(SOURCES, SETTINGS))}
    assert set(expressions(LAST_AS_OF)) <= known


@pytest.mark.parametrize("peer", ["polars", "pandas"])
def test_a_peer_gives_our_values(peer: str, shop: Shop, tmp_path: Path) -> None:
    pytest.importorskip(peer)
    ours, theirs = made("few", shop, tmp_path), made(peer, shop, tmp_path)
    file = f"{LAST_AS_OF}.parquet"
    assert pq.read_metadata(ours / file).num_columns == 27 + 2
    assert differences(ours / file, theirs / file) == {}


def test_a_way_is_measured_in_a_process_of_its_own(shop: Shop, tmp_path: Path) -> None:
    cost = measure("sql", shop, as_ofs(1), tmp_path / "out")
    assert cost.missing == ""
    assert cost.seconds > 0
    assert cost.cpu_seconds > 0
    assert 0.01 < cost.peak_gb < 4
    assert (tmp_path / "out" / f"{LAST_AS_OF}.parquet").exists()


def test_a_peer_that_is_not_installed_is_left_out(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    monkeypatch.delitem(sys.modules, "benchmarks.behaviour.polars_way", raising=False)
    assert run("polars", shop, as_ofs(1), tmp_path).missing == "polars is not installed"


def written(path: Path, **columns: list[float | None]) -> Path:
    """A table of three customers."""
    known = {"customer": ["a", "b", "c"], "as_of": [LAST_AS_OF] * 3}
    pq.write_table(pa.table(known | columns), path)
    return path


@pytest.mark.parametrize(
    ("theirs", "count"),
    [
        ([1.0, 2.0, None], 0),
        ([1.0, 2.0 + 1e-12, None], 1),
        ([1.0, None, None], 1),
        ([2.0, 1.0, 0.0], 3),
    ],
)
def test_whole_numbers_must_be_equal(
    theirs: list[float | None], count: int, tmp_path: Path
) -> None:
    ours = written(tmp_path / "a.parquet", x=[1.0, 2.0, None])
    found = differences(ours, written(tmp_path / "b.parquet", x=theirs))
    assert found == ({"x": count} if count else {})


@pytest.mark.parametrize(
    ("theirs", "count"),
    [
        ([0.5 + 1e-10, 1e6 + 1e-4, -1e-13], 0),
        ([0.5 + 1e-8, 1e6 + 1e-4, 0.0], 1),
        ([0.5, 1e6, None], 1),
        ([math.nan, 1e6, 0.0], 1),
    ],
)
def test_other_numbers_must_be_close(
    theirs: list[float | None], count: int, tmp_path: Path
) -> None:
    ours = written(tmp_path / "a.parquet", x=[0.5, 1e6, 0.0])
    found = differences(ours, written(tmp_path / "b.parquet", x=theirs))
    assert found == ({"x": count} if count else {})


def test_a_missing_column_and_a_missing_customer_are_differences(tmp_path: Path) -> None:
    ours = written(tmp_path / "a.parquet", x=[1.0, 2.0, 3.0])
    assert differences(ours, written(tmp_path / "b.parquet", y=[1.0, 2.0, 3.0])) == {
        "x": -1,
        "y": -1,
    }
    pq.write_table(pq.read_table(ours).slice(0, 2), tmp_path / "c.parquet")
    assert differences(ours, tmp_path / "c.parquet") == {"customer": 1}


def test_large_shops_are_told_in_proportion_of_three_as_ofs() -> None:
    by_name = {each.name: each for each in plan(20_000_000, 12)}
    every = by_name[SQL_EVERY]
    assert every.days == (as_ofs(12)[0], as_ofs(12)[6], as_ofs(12)[11])
    assert told_for(every, Cost(3.0, 6.0, 1.0)) == Cost(12.0, 24.0, 1.0)
    assert len(by_name[EVERY].days) == 12
    assert [each.days for each in plan(2_000_000, 12) if each.name == SQL_EVERY] == [as_ofs(12)]
    assert all(each.way != "pandas" for each in plan(100_000_000, 12))


def test_goals_are_the_right_way_round() -> None:
    costs = {
        ONE: Cost(2.0, 2.0, 1.0),
        SQL_ONE: Cost(1.0, 1.0, 1.0),
        FEW: Cost(1.0, 1.0, 1.0),
        "polars, few columns": Cost(4.0, 4.0, 1.0),
        "pandas, few columns": Cost(0.0, 0.0, 0.0, "pandas is not installed"),
        EVERY: Cost(6.0, 6.0, 5.0),
        SQL_EVERY: Cost(12.0, 12.0, 1.0),
    }
    found = goals_of(Outcome(costs, []), 12)
    assert {name: each["met"] for name, each in found.items()} == {
        "differing_columns": True,
        "one_as_of_over_sql": False,
        "peak_gb": True,
        "over_polars": True,
        "twelve_over_one": True,
        "twelve_sql_over_twelve": False,
    }


def test_the_last_line_is_json() -> None:
    text = line("x", {"a": at_most(1.0, 2.0), "b": at_least(1.0, 2.0)})
    assert json.loads(text) == {
        "benchmark": "x",
        "goals": {
            "a": {"value": 1.0, "bound": 2.0, "met": True},
            "b": {"value": 1.0, "bound": 2.0, "met": False},
        },
    }


def test_a_cost_goes_through_json() -> None:
    cost = Cost(1.0, 2.0, 3.0)
    assert Cost(**json.loads(json.dumps(asdict(cost)))) == cost
