"""Which columns tell a segment from all other customers, and what is typical of both."""

import re
from collections.abc import Hashable, Mapping
from math import isfinite
from typing import Final

import pandas as pd

from pipelines.rounding import percent
from pipelines.segments_charts import Difference
from pipelines.segments_found import SegmentsFound

MOST: Final = 6
"""Columns that are told of a segment."""

KNOWN: Final = 0.5
"""Share of the segment of whom a column must be known: what few have does not tell of all."""


def differences(found: SegmentsFound, segment: int) -> tuple[Difference, ...]:
    """The strongest distinguishing columns that most of a segment have, each over one window."""
    if found.kept is None:
        return ()
    effects = pd.concat([found.kept.gallery.effects, found.kept.others], ignore_index=True)
    is_told = effects["is_distinguishing"].astype(bool) & (effects["known_inside"] >= KNOWN)
    rows = effects[(effects["segment"] == segment) & is_told]
    ranked = rows.sort_values(["effect", "column"], ascending=[False, True], kind="stable")
    told: dict[str, Difference] = {}
    for row in ranked.to_dict("records"):
        kind = re.sub(r"_\d+d?$", "", str(row["column"]))
        if kind not in told and len(told) < MOST:
            told[kind] = _difference(found, row)
    return tuple(told.values())


def _difference(found: SegmentsFound, row: Mapping[Hashable, object]) -> Difference:
    column, level = str(row["column"]), row["level"]
    name = found.words.name(column)
    inside, outside = float(str(row["inside"])), float(str(row["outside"]))
    if isinstance(level, str):
        told = f"{percent(inside)}, others {percent(outside)}"
        return Difference(f"{name}: {level}", told, float(str(row["effect"])))
    known = found.words.columns.get(column)
    is_flag = known is not None and known.unit == "flag"
    values = [
        percent(each) if is_flag and isfinite(each) else found.words.value(column, each)
        for each in (inside, outside)
    ]
    effect = float(str(row["delta"]))
    told = f"{values[0]}, others {values[1]}"
    if values[0] == values[1]:
        told = f"mostly {values[0]} in both, {'higher' if effect > 0 else 'lower'} on the whole"
    ends = (float(str(row["delta_low"])), float(str(row["delta_high"])))
    return Difference(name, told, effect, ends if all(map(isfinite, ends)) else None)
