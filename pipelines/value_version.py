"""A registered version of value: trees as text, parameters and numbers as tables, and back."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import lightgbm as lgb
import pandas as pd
import pyarrow as pa

from models.value.catalogue import process_of
from models.value.fitted import Fitted, restored
from models.value.forecast import force_of_interest
from models.value.snapshots import OWN
from models.value.two_part import Scale, TwoPart
from pipelines.artifacts import ModelRefused
from pipelines.scripted import ColumnType, Scripted
from pipelines.value_learning import ValueModel
from pipelines.value_models import Economy, Repeat, ValueModels

SCRIPT: Final = Path(__file__).with_name("templates") / "value.py"
"""What a version of value runs when rows are passed to it."""

OUTPUTS: Final[Mapping[str, ColumnType]] = {
    "customer": "string",
    **dict.fromkeys(("probability", "purchases", "alive", "spend", "value"), "double"),
}

_SCHEMAS: Final = {
    "boosters": pa.schema({"part": pa.string(), "text": pa.string()}),
    "columns": pa.schema({"column": pa.string(), "is_own": pa.bool_(), "meaning": pa.string()}),
    "names": pa.schema({"name": pa.string(), "text": pa.string()}),
    "numbers": pa.schema({"name": pa.string(), "number": pa.float64()}),
    "processes": pa.schema({"name": pa.string(), "fitted": pa.string(), "spending": pa.string()}),
}
NAMES: Final = frozenset({*_SCHEMAS, "reference"})
"""Tables of a version; ``reference`` is that of `models.drift`."""

_DAYS_OF_A_WEEK: Final = 7

_LINE: Final = ("slope", "intercept", "added_0", "added_1", "times", "known_until")
_INPUTS: Final = ("repeats", "last_at", "age", "repeat_spend_mean", "value_times", "value_shift")


def tables_of(
    model: ValueModel, meanings: Mapping[str, str], reference: pd.DataFrame
) -> dict[str, pa.Table]:
    """The tables of a version, by `NAMES`.

    Parameters
    ----------
    model
        What was learnt.
    meanings
        By column of the behaviour table: its fingerprint.
    reference
        Of the customers that were learnt from.
    """
    models, economy, learner = model.models, model.economy, model.models.learner
    rows: dict[str, list[dict[str, Any]]] = {
        "boosters": [],
        "columns": [],
        "names": [
            {"name": "money", "text": model.money},
            {"name": "beyond", "text": models.beyond or ""},
            {"name": "scale", "text": learner.scale if learner else ""},
            {"name": "learnt_from", "text": json.dumps([str(day) for day in models.learnt_from])},
        ],
        "numbers": [{"name": n, "number": v} for n, v in _numbers(economy, learner).items()],
        "processes": [
            {
                "name": name,
                "fitted": json.dumps(each.fitted.record()),
                "spending": json.dumps(each.spending.record()),
            }
            for name, each in models.repeats.items()
        ],
    }
    if learner is not None:
        rows["boosters"] = [
            {"part": "chance", "text": learner.chance.model_to_string()},
            {"part": "amount", "text": learner.amount.model_to_string()},
        ]
        rows["columns"] = [
            {"column": name, "is_own": name in OWN, "meaning": meanings.get(name, "")}
            for name in learner.columns
        ]
    tables = {name: pa.Table.from_pylist(rows[name], _SCHEMAS[name]) for name in _SCHEMAS}
    return tables | {"reference": pa.Table.from_pandas(reference, preserve_index=False)}


def _numbers(economy: Economy, learner: TwoPart | None) -> dict[str, float]:
    found = {
        "horizon_days": float(economy.horizon_days),
        "clv_days": float(economy.clv_days),
        "discount_rate": economy.discount_rate,
        "margin_share": economy.margin_share,
        "horizon_weeks": economy.horizon_days / _DAYS_OF_A_WEEK,
        "beyond_weeks": economy.clv_days / _DAYS_OF_A_WEEK,
        "force": force_of_interest(economy.discount_rate, "weeks"),
    }
    if learner is None:
        return found
    line = (
        learner.slope,
        learner.intercept,
        *learner.added,
        learner.times,
        float(learner.known_until),
    )
    return found | dict(zip(_LINE, line, strict=True))


def model_of(tables: Mapping[str, pa.Table]) -> ValueModel:
    """The version that these tables are of, ready to tell the value of customers.

    Raises
    ------
    ModelRefused
        When a table or a column of one is missing.
    """
    _require_whole(tables)
    names = {row["name"]: row["text"] for row in tables["names"].to_pylist()}
    numbers = {row["name"]: row["number"] for row in tables["numbers"].to_pylist()}
    repeats = {row["name"]: _repeat(row) for row in tables["processes"].to_pylist()}
    learnt = tuple(date.fromisoformat(day) for day in json.loads(names["learnt_from"]))
    untold: dict[str, str] = {}
    models = ValueModels(_learner(tables, names, numbers), repeats, untold, None, learnt)
    economy = Economy(
        int(numbers["horizon_days"]),
        int(numbers["clv_days"]),
        numbers["discount_rate"],
        numbers["margin_share"],
    )
    return ValueModel(names["money"], models, economy)


def _repeat(row: Mapping[str, str]) -> Repeat:
    fitted, spending = (_restored(row[name]) for name in ("fitted", "spending"))
    return Repeat(process_of(row["name"]), fitted, spending)


def _restored(record: str) -> Fitted:
    return restored(json.loads(record))


def _learner(
    tables: Mapping[str, pa.Table], names: Mapping[str, str], numbers: Mapping[str, float]
) -> TwoPart | None:
    texts = {row["part"]: row["text"] for row in tables["boosters"].to_pylist()}
    if not texts:
        return None
    scale: Scale = "log" if names["scale"] == "log" else "root"
    return TwoPart(
        lgb.Booster(model_str=texts["chance"]),
        lgb.Booster(model_str=texts["amount"]),
        tuple(tables["columns"]["column"].to_pylist()),
        int(numbers["horizon_days"]),
        scale,
        numbers["slope"],
        numbers["intercept"],
        (numbers["added_0"], numbers["added_1"]),
        numbers["times"],
        int(numbers["known_until"]),
    )


def _require_whole(tables: Mapping[str, pa.Table]) -> None:
    """Refuse tables that do not hold all that a version of this release holds."""
    missing = sorted(NAMES - tables.keys())
    if missing:
        message = f"a version of value needs the tables {sorted(NAMES)}, but lacks {missing}"
        raise ModelRefused(message)
    for name, schema in _SCHEMAS.items():
        lacking = sorted(set(schema.names) - set(tables[name].column_names))
        if lacking:
            message = (
                f"table {name} of a version of value needs the columns {schema.names}, but lacks "
                f"{lacking}: another release wrote it; train again"
            )
            raise ModelRefused(message)


def columns_differ(tables: Mapping[str, pa.Table], today: Mapping[str, str]) -> list[str]:
    """Columns of the behaviour table that the version learnt and that are gone or others now."""
    return [
        row["column"]
        for row in tables["columns"].to_pylist()
        if not row["is_own"] and today.get(row["column"]) != row["meaning"]
    ]


def scripted(
    model: ValueModel,
    meanings: Mapping[str, str],
    reference: pd.DataFrame,
    example: pd.DataFrame,
) -> Scripted:
    """The version as MLflow stores it; ``example`` are figures of some customers."""
    tables = tables_of(model, meanings, reference)
    double: ColumnType = "double"
    figures = [*tables["columns"]["column"].to_pylist(), *_INPUTS, f"value_{model.money}"]
    return Scripted(
        script=SCRIPT,
        tables=tables,
        example=example,
        inputs={"customer": "string"},
        outputs=OUTPUTS,
        params={},
        optional=dict.fromkeys(figures, double),
        needs=("lightgbm", "numpy", "scipy"),
    )
