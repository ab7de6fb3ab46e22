"""A kept split is tables, and assigns the same customer alike wherever it was loaded."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.segments.fitting import split
from models.segments.model import ModelTablesUnfit, SegmentModel, restored
from models.segments.preparing import Preparation
from models.segments.reducing import space_of
from models.segments.settings import Kind, SegmentsSpec
from models.spec import ColumnsMissing, FloatArray
from tests.segment_shops import known

SHOP = known(600, 3, seed=3, apart=7.0)
NUMBERS = tuple(f"c{place}" for place in range(8))


def model_of(kind: Kind = "kmeans", reduce: str = "pca") -> SegmentModel:
    mixed = kind != "gaussian_mixture"
    spec = SegmentsSpec.model_validate(
        {
            "kind": kind,
            "columns": (*NUMBERS, "is_odd") if mixed else NUMBERS,
            "categories": ("region",) if mixed else (),
            "reduce": reduce,
            "missing_flag_least": 0.05 if mixed else 1.0,
        }
    )
    space = space_of(SHOP.table, spec)
    return SegmentModel(space, split(space.points(SHOP.table), 3, spec, 0))


def bytes_of(model: SegmentModel, table: pd.DataFrame) -> bytes:
    found = model.assign(table)
    return b"".join(each.tobytes() for each in (found.segment, found.distance, found.certainty))


@pytest.mark.parametrize("kind", ["kmeans", "gaussian_mixture", "hdbscan"])
def test_a_stored_model_assigns_to_the_last_bit_alike(kind: Kind, tmp_path: Path) -> None:
    model = model_of(kind)
    for name, table in model.tables().items():
        table.to_parquet(tmp_path / f"{name}.parquet")
    again = restored({path.stem: pd.read_parquet(path) for path in tmp_path.iterdir()})
    assert bytes_of(again, SHOP.table) == bytes_of(model, SHOP.table)
    assert again.columns == model.columns
    assert again.count == model.count


def test_a_model_of_categories_alone_is_stored_too() -> None:
    spec = SegmentsSpec(columns=("is_odd",), categories=("region",))
    space = space_of(SHOP.table, spec)
    model = SegmentModel(space, split(space.points(SHOP.table), 2, spec, 0))
    assert bytes_of(restored(model.tables()), SHOP.table) == bytes_of(model, SHOP.table)


def test_tables_may_come_back_in_any_order() -> None:
    spec = SegmentsSpec(columns=(*NUMBERS, "is_odd"), categories=("region",))
    space = space_of(SHOP.table, spec)
    model = SegmentModel(space, split(space.points(SHOP.table), 2, spec, 0))
    turned = {name: table.iloc[::-1] for name, table in model.tables().items()}
    assert turned["numbers"]["column"].tolist() == list(reversed(NUMBERS))
    again = restored(turned)
    assert bytes_of(again, SHOP.table) == bytes_of(model, SHOP.table)
    assert again.columns == model.columns


@pytest.mark.parametrize("reduce", ["none", "pca", "factors"])
def test_a_customer_is_assigned_alike_whoever_is_beside_and_however_columns_stand(
    reduce: str,
) -> None:
    model = model_of(reduce=reduce)
    whole = model.assign(SHOP.table)
    shuffled = SHOP.table.iloc[200:300][list(reversed(SHOP.table.columns))]
    some = model.assign(shuffled)
    assert some.segment.tolist() == whole.segment[200:300].tolist()
    assert some.distance.tobytes() == whole.distance[200:300].tobytes()


def test_a_large_table_becomes_points_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    model, rows, scaled = model_of(), list[int](), Preparation.scaled
    whole = model.space.points(SHOP.table)

    def counted(self: Preparation, table: pd.DataFrame) -> FloatArray:
        rows.append(len(table))
        return scaled(self, table)

    monkeypatch.setattr(Preparation, "scaled", counted)
    many = pd.concat([SHOP.table] * 60, ignore_index=True)
    assert model.space.points(many).tobytes() == np.tile(whole, (60, 1)).tobytes()
    assert rows == [16_384, 16_384, 36_000 - 2 * 16_384]
    assert bytes_of(model, many) == b"".join(
        np.tile(each, 60).tobytes() for each in vars(model.assign(SHOP.table)).values()
    )
    assert max(rows) == 16_384
    assert model.assign(many.iloc[:0]).segment.tolist() == []


def test_a_table_without_a_column_is_refused() -> None:
    with pytest.raises(ColumnsMissing, match=re.escape("the table lacks ['c3']")):
        model_of().assign(SHOP.table.drop(columns="c3"))


def test_tables_that_are_missing_are_named() -> None:
    tables = model_of().tables()
    del tables["flags"]
    expected = (
        "a model of segments needs the tables ['numbers', 'flags', 'levels', 'arrays'], but "
        "['flags'] are missing; load all tables that were stored with it"
    )
    with pytest.raises(ModelTablesUnfit, match=re.escape(expected)):
        restored(tables)


@pytest.mark.slow
def test_assigning_needs_no_library_that_fits(tmp_path: Path) -> None:
    model = model_of()
    for name, table in model.tables().items():
        table.to_parquet(tmp_path / f"{name}.parquet")
    SHOP.table.to_parquet(tmp_path / "customers.parquet")
    script = (
        "import sys, pandas as pd\n"
        "sys.modules['sklearn'] = None\n"
        "from models.segments.model import restored\n"
        f"folder = {str(tmp_path)!r}\n"
        "read = lambda name: pd.read_parquet(f'{folder}/{name}.parquet')\n"
        "names = ('numbers', 'flags', 'levels', 'arrays')\n"
        "model = restored({name: read(name) for name in names})\n"
        "model.assign(read('customers')).segment.tofile(f'{folder}/found')\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[4])
    told = np.fromfile(tmp_path / "found", dtype=np.int64)
    assert told.tolist() == model.assign(SHOP.table).segment.tolist()
