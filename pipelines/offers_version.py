"""A registered version of offers: library objects as text, numbers as tables, and back."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import lightgbm as lgb
import numpy as np
import pandas as pd
import pyarrow as pa

from models.calibration import Platt
from models.cross_sell.learner import CrossSell
from models.next_basket.chances import Chances
from models.next_basket.chosen import LEARNER, Chosen
from models.next_basket.learner import Ranker
from models.up_sell.propensity import OURS, UpSell
from pipelines.artifacts import ModelRefused
from pipelines.offers_cross import Cross
from pipelines.offers_up import Up
from pipelines.offers_up_rates import KNOWN_UNTIL, RATES, line_of, numbers_of, rates_from, up_rates
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
UP: Final = "up"
TREES: Final = "trees"
"""Method of what is learnt; any other is the name of a baseline."""

_SCHEMAS: Final = {
    "boosters": pa.schema(
        {
            "kind": pa.string(),
            "ranker": pa.int32(),
            "name": pa.string(),
            "weight": pa.float64(),
            "text": pa.string(),
        }
    ),
    "columns": pa.schema({"kind": pa.string(), "column": pa.string(), "is_behaviour": pa.bool_()}),
    "methods": pa.schema({"kind": pa.string(), "method": pa.string(), "seed": pa.int64()}),
    "numbers": pa.schema(
        {
            "kind": pa.string(),
            "driver": pa.string(),
            **dict.fromkeys(("centre", "spread", "weight"), pa.float64()),
        }
    ),
}
NAMES: Final = frozenset({*_SCHEMAS, "rates", "rules", "sequences", "up_rates"})
"""Tables of a version."""

_INTERCEPT: Final = "intercept"

_Rows = dict[str, list[dict[str, Any]]]
"""Rows of each table; their values are of several types."""


@dataclass(frozen=True, eq=False)
class OffersModel:
    """All that a version knows.

    Attributes
    ----------
    repeat
        What ranks all items for customers with a history, and says how likely each is.
    cross
        What says how likely a first purchase of a category is.
    up
        What says how likely a step up to the next tier is; None: none is offered.
    rules, sequences
        Reasons, see `pipelines.offers_evidence.Known`, with the labels of the items.
    """

    repeat: Chosen
    cross: Cross
    up: Up | None
    rules: pd.DataFrame
    sequences: pd.DataFrame


@dataclass(frozen=True, eq=False)
class _Tree:
    """A booster of a ranker, and what its scores are multiplied by."""

    ranker: int
    name: str
    weight: float
    booster: lgb.Booster


def tables_of(model: OffersModel) -> dict[str, pa.Table]:
    """The tables of a version, by `NAMES`."""
    parts = [_repeat_rows(model.repeat)]
    parts += [] if model.cross.model is None else [_cross_rows(model.cross.model)]
    parts += [] if model.up is None else [_up_rows(model.up)]
    tables = {
        name: pa.Table.from_pylist([row for part in parts for row in part[name]], _SCHEMAS[name])
        for name in _SCHEMAS
    }
    rates = model.cross.rates
    return tables | {
        "rates": pa.table({"category": list(map(str, rates.index)), "rate": rates.to_numpy()}),
        "rules": pa.Table.from_pandas(model.rules, preserve_index=False),
        "sequences": pa.Table.from_pandas(model.sequences, preserve_index=False),
        "up_rates": up_rates(model.up),
    }


def _repeat_rows(repeat: Chosen) -> _Rows:
    ranker, line = repeat.ranker, repeat.chances
    trees = [
        trees_of_one
        for at, each in enumerate(() if ranker is None else (ranker, *ranker.others))
        for trees_of_one in _trees(at, each)
    ]
    numbers = {
        name: (float(line.centre[at]), float(line.spread[at]), float(line.weights[at]))
        for at, name in enumerate(line.names)
    }
    method = TREES if repeat.name == LEARNER else repeat.name
    rows = _rows(REPEAT, trees, repeat.columns, numbers | {_INTERCEPT: (0.0, 1.0, line.intercept)})
    return rows | {"methods": [{"kind": REPEAT, "method": method, "seed": 0}]}


def _trees(at: int, ranker: Ranker) -> Iterator[_Tree]:
    yield _Tree(at, "chance", 1.0, ranker.chance)
    if ranker.ranking is not None:
        yield _Tree(at, "ranking", ranker.ranking_weight, ranker.ranking)


def _cross_rows(cross: CrossSell) -> _Rows:
    numbers = {"score": (0.0, 1.0, cross.slope), _INTERCEPT: (0.0, 1.0, cross.intercept)}
    trees = [_Tree(0, "chance", 1.0, cross.booster)]
    rows = _rows(CROSS, trees, cross.columns, numbers, cross.behaviour)
    return rows | {"methods": [{"kind": CROSS, "method": TREES, "seed": cross.seed}]}


def _up_rows(up: Up) -> _Rows:
    numbers = {name: (0.0, 1.0, value) for name, value in line_of(up).items()}
    trees = [] if up.model is None else [_Tree(0, "chance", 1.0, up.model.booster)]
    rows = _rows(UP, trees, () if up.model is None else up.model.columns, numbers)
    rows["numbers"] += [
        {"kind": RATES, "driver": name, "centre": 0.0, "spread": 1.0, "weight": value}
        for name, value in numbers_of(up).items()
    ]
    method = up.name if up.model is None else TREES
    return rows | {"methods": [{"kind": UP, "method": method, "seed": 0}]}


def _rows(
    kind: str,
    trees: Sequence[_Tree],
    columns: Sequence[str],
    numbers: Mapping[str, tuple[float, float, float]],
    behaviour: Collection[str] = (),
) -> _Rows:
    return {
        "boosters": [
            {
                "kind": kind,
                "ranker": each.ranker,
                "name": each.name,
                "weight": each.weight,
                "text": each.booster.model_to_string(),
            }
            for each in trees
        ],
        "columns": [
            {"kind": kind, "column": name, "is_behaviour": name in behaviour} for name in columns
        ],
        "numbers": [
            {"kind": kind, "driver": name, "centre": centre, "spread": spread, "weight": weight}
            for name, (centre, spread, weight) in numbers.items()
        ],
    }


def model_of(tables: Mapping[str, pa.Table]) -> OffersModel:
    """The version that these tables are of, ready to make offers.

    Raises
    ------
    ModelRefused
        When a table or a column of one is missing.
    """
    _require_whole(tables)
    rows = {name: tables[name].to_pylist() for name in _SCHEMAS}
    kinds = {row["kind"]: row for row in rows["methods"]}
    rates = tables["rates"].to_pandas().set_index("category")["rate"]
    return OffersModel(
        _chosen(_part(rows, REPEAT), kinds[REPEAT]["method"]),
        Cross(_cross(_part(rows, CROSS), kinds[CROSS]["seed"]) if CROSS in kinds else None, rates),
        _up(rows, tables["up_rates"], kinds[UP]["method"]) if UP in kinds else None,
        tables["rules"].to_pandas(),
        tables["sequences"].to_pandas(),
    )


def _require_whole(tables: Mapping[str, pa.Table]) -> None:
    """Refuse tables that do not hold all that a version of this release holds."""
    missing = sorted(NAMES - tables.keys())
    if missing:
        message = f"a version of offers needs the tables {sorted(NAMES)}, but lacks {missing}"
        raise ModelRefused(message)
    for name, schema in _SCHEMAS.items():
        lacking = sorted(set(schema.names) - set(tables[name].column_names))
        if lacking:
            message = (
                f"table {name} of a version of offers needs the columns {schema.names}, but lacks "
                f"{lacking}: another release wrote it; train again"
            )
            raise ModelRefused(message)


@dataclass(frozen=True, eq=False)
class _Part:
    """Rows of one kind."""

    trees: tuple[_Tree, ...]
    columns: tuple[str, ...]
    behaviour: tuple[str, ...]
    numbers: Mapping[str, tuple[float, float, float]]

    @property
    def weights(self) -> dict[str, float]:
        """The last of the numbers of each driver."""
        return {name: weight for name, (*_, weight) in self.numbers.items()}


def _part(rows: _Rows, kind: str) -> _Part:
    of = {name: [row for row in each if row["kind"] == kind] for name, each in rows.items()}
    return _Part(
        tuple(
            _Tree(row["ranker"], row["name"], row["weight"], lgb.Booster(model_str=row["text"]))
            for row in of["boosters"]
        ),
        tuple(row["column"] for row in of["columns"]),
        tuple(row["column"] for row in of["columns"] if row["is_behaviour"]),
        {row["driver"]: (row["centre"], row["spread"], row["weight"]) for row in of["numbers"]},
    )


def _chosen(part: _Part, method: str) -> Chosen:
    drivers = tuple(name for name in part.numbers if name != _INTERCEPT)
    centre, spread, weights = np.array([part.numbers[name] for name in drivers]).T
    chances = Chances(drivers, centre, spread, weights, part.numbers[_INTERCEPT][-1])
    if method != TREES:
        return Chosen(method, None, chances, part.columns)
    first, *others = (_ranker(part, at) for at in sorted({each.ranker for each in part.trees}))
    return Chosen(LEARNER, replace(first, others=tuple(others)), chances, part.columns)


def _ranker(part: _Part, at: int) -> Ranker:
    trees = {each.name: each for each in part.trees if each.ranker == at}
    ranking = trees.get("ranking")
    return Ranker(
        part.columns,
        trees["chance"].booster,
        None if ranking is None else ranking.booster,
        0.0 if ranking is None else ranking.weight,
    )


def _cross(part: _Part, seed: int) -> CrossSell:
    slope, intercept = (part.numbers[name][-1] for name in ("score", _INTERCEPT))
    (tree,) = part.trees
    return CrossSell(tree.booster, part.columns, part.behaviour, slope, intercept, seed)


def _up(rows: _Rows, table: pa.Table, method: str) -> Up:
    numbers = _part(rows, RATES).weights
    rates = rates_from(table, numbers)
    if method != TREES:
        return Up(method, None, rates)
    part = _part(rows, UP)
    (tree,) = part.trees
    line = Platt(part.weights["score"], part.weights[_INTERCEPT])
    until = int(numbers[KNOWN_UNTIL])
    return Up(OURS, UpSell(tree.booster, part.columns, line, rates, until), rates)


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
    double: ColumnType = "double"
    figures = dict.fromkeys(tables["columns"]["column"].to_pylist(), double)
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
