"""A registered version of segments: tables alone, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa

from features.contract import Column
from models.segments.model import SegmentModel, restored
from models.segments.moving import SegmentReference, segment_reference
from pipelines.artifacts import ModelRefused
from pipelines.scripted import ColumnType, Scripted
from pipelines.segments_found import Kept, SegmentsFound

SCRIPT: Final = Path(__file__).with_name("templates") / "segment.py"
"""What a version of segments runs when customers are passed to it."""

OUTPUTS: Final[Mapping[str, ColumnType]] = {
    "customer": "string",
    "segment": "long",
    "name": "string",
    "certainty": "double",
    "distance": "double",
    "action": "string",
}

_TEXT, _NUMBER, _COUNT = pa.string(), pa.float64(), pa.int64()
_SCHEMAS: Final = {
    "numbers": pa.schema(
        {
            "place": _COUNT,
            "column": _TEXT,
            **dict.fromkeys(("unit", "centre", "spread", "reach"), _NUMBER),
        }
    ),
    "flags": pa.schema(
        {"place": _COUNT, "column": _TEXT, "fill": _NUMBER, "is_missing": pa.bool_()}
    ),
    "arrays": pa.schema({"array": _TEXT, "shape": _TEXT, "place": _COUNT, "value": _NUMBER}),
    "columns": pa.schema(
        {
            "place": _COUNT,
            **dict.fromkeys(("column", "unit", "null_means", "meaning", "sql"), _TEXT),
            "window_days": _COUNT,
        }
    ),
    "segments": pa.schema(
        {
            "segment": _COUNT,
            "name": _TEXT,
            "action": _TEXT,
            "rule": _TEXT,
            "customers": _COUNT,
            "purity": _NUMBER,
            "coverage": _NUMBER,
        }
    ),
    "shares": pa.schema({"segment": _COUNT, "customers": _COUNT}),
    "distances": pa.schema(
        {
            "segment": _COUNT,
            "column": _TEXT,
            "bin": _COUNT,
            **dict.fromkeys(("upper", "share"), _NUMBER),
            "rows": _COUNT,
            "median": _NUMBER,
        }
    ),
}


@dataclass(frozen=True, eq=False)
class SegmentsVersion:
    """All that a version knows.

    Attributes
    ----------
    model
        The split.
    columns
        Of the behaviour table, that segments were made of.
    told
        Grain segment: ``segment``, ``name``, ``action``, ``rule``, ``customers``, ``purity``,
        ``coverage``.
    reference
        Where customers were when segments were made.
    """

    model: SegmentModel
    columns: tuple[Column, ...]
    told: pd.DataFrame
    reference: SegmentReference


def version_of(found: SegmentsFound, kept: Kept, columns: Sequence[Column]) -> SegmentsVersion:
    """What is registered of a search that found segments.

    Parameters
    ----------
    found, kept
        Of the search.
    columns
        That segments were made of.
    """
    model = found.search.model
    if model is None:
        message = f"a version needs segments, but there are none: {found.search.reason}"
        raise ModelRefused(message)
    told = kept.gallery.frame(found.words)[list(_SCHEMAS["segments"].names)]
    reference = segment_reference(kept.assigned, model.count)
    return SegmentsVersion(model, tuple(columns), told, reference)


def tables_of(version: SegmentsVersion) -> dict[str, pa.Table]:
    """A version as plain tables by name."""
    made = version.model.tables()
    frames = {
        "numbers": made["numbers"],
        "flags": made["flags"],
        "arrays": made["arrays"],
        "columns": pd.DataFrame(
            [{"place": place} | _plain(each) for place, each in enumerate(version.columns)]
        ),
        "segments": version.told,
        "shares": version.reference.shares,
        "distances": version.reference.distances,
    }
    return {
        name: pa.Table.from_pandas(
            frames[name][schema.names], schema, preserve_index=False
        ).replace_schema_metadata(None)
        for name, schema in _SCHEMAS.items()
    }


def _plain(column: Column) -> dict[str, object]:
    return {
        "column": column.name,
        "unit": column.unit,
        "null_means": column.null_means,
        "meaning": column.meaning,
        "sql": column.sql,
        "window_days": column.window_days,
    }


def model_of(tables: Mapping[str, pa.Table]) -> SegmentsVersion:
    """The version that these tables are of.

    Raises
    ------
    ModelRefused
        When a table or a column of one is missing.
    """
    for name, schema in _SCHEMAS.items():
        found = tables[name].column_names if name in tables else []
        lacking = sorted(set(schema.names) - set(found))
        if lacking:
            message = (
                f"a version of segments needs the table {name} with the columns {schema.names}, "
                f"but lacks {lacking}: another release wrote it; train again"
            )
            raise ModelRefused(message)
    frames = {name: tables[name].to_pandas() for name in _SCHEMAS}
    levels = pd.DataFrame({"column": [], "level": [], "is_mode": []})  # texts are not used
    plain = {name: frames[name] for name in ("numbers", "flags", "arrays")}
    return SegmentsVersion(
        restored({**plain, "levels": levels}),
        tuple(_column(row) for row in tables["columns"].sort_by("place").to_pylist()),
        frames["segments"],
        SegmentReference(frames["shares"], frames["distances"]),
    )


def _column(row: Mapping[str, str | int | None]) -> Column:
    window = row["window_days"]
    return Column(
        name=str(row["column"]),
        unit=str(row["unit"]),
        window_days=None if window is None else int(window),
        null_means=str(row["null_means"]),
        meaning=str(row["meaning"]),
        sql=str(row["sql"]),
    )


def scripted(version: SegmentsVersion, example: pd.DataFrame) -> Scripted:
    """The version as MLflow stores it.

    Parameters
    ----------
    version
        What was found.
    example
        ``customer`` and the columns of some customers.
    """
    number: ColumnType = "double"
    named: dict[str, ColumnType] = {"customer": "string"}
    return Scripted(
        script=SCRIPT,
        tables=tables_of(version),
        example=example,
        inputs=named | dict.fromkeys((column.name for column in version.columns), number),
        outputs=OUTPUTS,
        params={},
        needs=("numpy",),
    )
