"""A registered version of offers: library objects as text, numbers as tables, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import lightgbm as lgb
import numpy as np
import pandas as pd
import pyarrow as pa

from models.cross_sell.learner import CrossSell
from models.next_basket.chances import Chances
from models.next_basket.chosen import LEARNER, Chosen
from models.next_basket.learner import Ranker
from pipelines.artifacts import ModelRefused
from pipelines.offers_cross import Cross
from pipelines.scripted import ColumnType, Scripted

SCRIPT: Final = Path(__file__).with_name("templates") / "offer.py"
"""What a version of offers runs when rows are passed to it."""

OUTPUTS: Final[Mapping[str, ColumnType]] = {
    "customer": "string",
    "item": "string",
    "rank": "long",
    "probability": "double",
}
REPEAT: Final = "repeat"
CROSS: Final = "cross"
TREES: Final = "trees"
"""Method of what is learnt; any other is the name of a baseline."""

NAMES: Final = frozenset(
    {"boosters", "columns", "methods", "numbers", "rates", "rules", "sequences"}
)
"""Tables of a version."""

_INTERCEPT: Final = "intercept"


@dataclass(frozen=True, eq=False)
class OffersModel:
    """All that a version knows.

    Attributes
    ----------
    repeat
        What ranks all items for customers with a history, and says how likely each is.
    cross
        What says how likely a first purchase of a category is.
    rules, sequences
        Reasons, see `pipelines.offers_evidence.Known`, with the labels of the items.
    """

    repeat: Chosen
    cross: Cross
    rules: pd.DataFrame
    sequences: pd.DataFrame


def tables_of(model: OffersModel) -> dict[str, pa.Table]:
    """The tables of a version: boosters, columns, methods, numbers, rules and sequences."""
    boosters: list[tuple[object, ...]] = []
    columns: list[tuple[object, ...]] = []
    numbers: list[tuple[object, ...]] = []
    repeat, line = model.repeat, model.repeat.chances
    methods = [(REPEAT, TREES if repeat.name == LEARNER else repeat.name, 0)]
    if repeat.ranker is not None:
        boosters += [(REPEAT, "chance", 1.0, repeat.ranker.chance.model_to_string())]
        if repeat.ranker.ranking is not None:
            text = repeat.ranker.ranking.model_to_string()
            boosters += [(REPEAT, "ranking", repeat.ranker.ranking_weight, text)]
    columns += [(REPEAT, name, False) for name in repeat.columns]
    parts = zip(line.names, line.centre, line.spread, line.weights, strict=True)
    numbers += [(REPEAT, name, *map(float, each)) for name, *each in parts]
    numbers += [(REPEAT, _INTERCEPT, 0.0, 1.0, line.intercept)]
    if model.cross.model is not None:
        cross = model.cross.model
        methods += [(CROSS, TREES, cross.seed)]
        boosters += [(CROSS, "chance", 1.0, cross.booster.model_to_string())]
        columns += [(CROSS, name, name in cross.behaviour) for name in cross.columns]
        numbers += [(CROSS, "score", 0.0, 1.0, cross.slope)]
        numbers += [(CROSS, _INTERCEPT, 0.0, 1.0, cross.intercept)]
    return {
        "boosters": _table(boosters, kind="str", name="str", weight="float64", text="str"),
        "columns": _table(columns, kind="str", column="str", is_behaviour="bool"),
        "methods": _table(methods, kind="str", method="str", seed="int64"),
        "numbers": _table(
            numbers, kind="str", driver="str", centre="float64", spread="float64", weight="float64"
        ),
        "rates": _table(list(model.cross.rates.items()), category="str", rate="float64"),
        "rules": pa.Table.from_pandas(model.rules, preserve_index=False),
        "sequences": pa.Table.from_pandas(model.sequences, preserve_index=False),
    }


def model_of(tables: Mapping[str, pa.Table]) -> OffersModel:
    """The version that these tables are of, ready to make offers.

    Raises
    ------
    ModelRefused
        When a table is missing.
    """
    missing = sorted(NAMES - tables.keys())
    if missing:
        raise ModelRefused(
            f"a version of offers needs the tables {sorted(NAMES)}, but lacks {missing}"
        )
    frames = {name: table.to_pandas() for name, table in tables.items()}
    methods = frames["methods"].set_index("kind")
    parts = {kind: _part(frames, str(kind)) for kind in methods.index}
    repeat = parts[REPEAT]
    method = str(methods.loc[REPEAT, "method"])
    lines = repeat.numbers.drop(index=_INTERCEPT)
    chances = Chances(
        tuple(lines.index),
        *(lines[name].to_numpy(dtype=np.float64) for name in ("centre", "spread", "weight")),
        float(repeat.numbers.loc[_INTERCEPT, "weight"]),
    )
    name = LEARNER if method == TREES else method
    chosen = Chosen(name, _ranker(repeat) if method == TREES else None, chances, repeat.columns)
    model = None if CROSS not in parts else _cross(parts[CROSS], int(methods.loc[CROSS, "seed"]))
    cross = Cross(model, frames["rates"].set_index("category")["rate"])
    return OffersModel(chosen, cross, frames["rules"], frames["sequences"])


@dataclass(frozen=True, eq=False)
class _Part:
    """Rows of one kind."""

    boosters: Mapping[str, tuple[float, lgb.Booster]]
    columns: tuple[str, ...]
    behaviour: tuple[str, ...]
    numbers: pd.DataFrame


def _part(frames: Mapping[str, pd.DataFrame], kind: str) -> _Part:
    rows = {name: each[each["kind"] == kind] for name, each in frames.items() if "kind" in each}
    columns = rows["columns"]
    return _Part(
        {
            str(row["name"]): (float(row["weight"]), lgb.Booster(model_str=str(row["text"])))
            for row in rows["boosters"].to_dict("records")
        },
        tuple(columns["column"]),
        tuple(columns.loc[columns["is_behaviour"], "column"]),
        rows["numbers"].set_index("driver"),
    )


def _ranker(part: _Part) -> Ranker:
    weight, ranking = part.boosters.get("ranking", (0.0, None))
    return Ranker(part.columns, part.boosters["chance"][1], ranking, weight)


def _cross(part: _Part, seed: int) -> CrossSell:
    slope, intercept = (float(part.numbers.loc[name, "weight"]) for name in ("score", _INTERCEPT))
    booster = part.boosters["chance"][1]
    return CrossSell(booster, part.columns, part.behaviour, slope, intercept, seed)


def scripted(model: OffersModel, example: pd.DataFrame) -> Scripted:
    """The version as MLflow stores it.

    Parameters
    ----------
    model
        What was learnt.
    example
        customer, item and the figures of some pairs of kind repeat.
    """
    tables = tables_of(model)
    figures = dict.fromkeys(tables["columns"]["column"].to_pylist(), "double")
    return Scripted(
        script=SCRIPT,
        tables=tables,
        example=example,
        inputs={"customer": "string", "item": "string"},
        outputs=OUTPUTS,
        params={"kind": REPEAT},
        optional=figures,
        needs=("lightgbm", "numpy"),
    )


def _table(rows: list[tuple[object, ...]], **types: str) -> pa.Table:
    frame = pd.DataFrame(rows, columns=list(types)).astype(types)
    return pa.Table.from_pandas(frame, preserve_index=False)


_SIDES: Final = ("antecedent", "consequent")


def labelled(rules: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Rules or sequences with labels of items in the place of their positions."""
    labels = items["label"].to_numpy(dtype=object)
    return rules.assign(**{name: pd.Series(labels[rules[name]], dtype="str") for name in _SIDES})


def numbered(rules: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """The same with positions again; those of an item that is not on offer are gone."""
    place = pd.Index(items["label"])
    found = rules.assign(**{name: place.get_indexer(pd.Index(rules[name])) for name in _SIDES})
    is_there = (found[list(_SIDES)] >= 0).all(axis=1)
    return found[is_there].reset_index(drop=True)
