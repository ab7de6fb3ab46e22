"""Names of segments, made of what tells them from others."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from models.segments.preparing import texts
from models.segments.wording import Words
from models.spec import FloatArray, numbers

_COMPARED: Final = 2000
_TRIED: Final = 30


def names_of(
    effects: pd.DataFrame,
    table: pd.DataFrame,
    words: Words | None = None,
    *,
    parts: int = 2,
    alike: float = 0.7,
) -> dict[int, str]:
    """A name for each segment, different and readable: ``high spend, low days since order``.

    The distinguishing columns of greatest effect, of which no two are alike; where two segments
    would have one name, further columns are added, and at last a number. A segment without any
    distinguishing column is called average.

    Parameters
    ----------
    effects
        See `models.segments.distinguishing.effects`.
    table
        One row per customer: which columns are alike is found on it.
    words
        What columns are called.
    parts
        Columns in a name, unless more are needed.
    alike
        Rank correlation (0..1) from which on two columns are alike.
    """
    words = words or Words()
    segments = sorted(int(each) for each in effects["segment"].unique())
    phrases = {number: _phrases(effects, number, table, words, alike) for number in segments}
    return _distinct(phrases, parts)


def _distinct(phrases: dict[int, list[str]], parts: int) -> dict[int, str]:
    longest = max((len(each) for each in phrases.values()), default=0)
    names = {number: _joined(each[:parts]) for number, each in phrases.items()}
    for count in range(parts + 1, longest + 1):
        twice = [number for number, name in names.items() if _times(names, name) > 1]
        names |= {number: _joined(phrases[number][:count]) for number in twice}
    seen: dict[str, int] = {}
    for number, name in names.items():
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            names[number] = f"{name} ({seen[name]})"
    return names


def _times(names: dict[int, str], name: str) -> int:
    return list(names.values()).count(name)


def _joined(phrases: Sequence[str]) -> str:
    return ", ".join(phrases) or "average"


def _phrases(
    effects: pd.DataFrame, number: int, table: pd.DataFrame, words: Words, alike: float
) -> list[str]:
    rows = effects[(effects["segment"] == number) & effects["is_distinguishing"].astype(bool)]
    ranked = rows.sort_values(["effect", "column"], ascending=[False, True]).head(_TRIED)
    kept: list[FloatArray] = []
    found: list[str] = []
    for row in ranked.to_dict("records"):
        ranks = _ranks(table, str(row["column"]), row["level"])
        if all(abs(_correlation(ranks, other)) < alike for other in kept):
            kept.append(ranks)
            found.append(_phrase(row, table, words))
    return found


def _phrase(row: Mapping[Hashable, object], table: pd.DataFrame, words: Words) -> str:
    name, level = str(row["column"]), row["level"]
    meaning = words.name(name)
    if isinstance(level, str):
        return f"{meaning} {level}"
    more = float(str(row["delta"])) > 0
    values = numbers(table, [name])[:, 0]
    if np.isin(values[~np.isnan(values)], (0.0, 1.0)).all():
        return meaning if more else f"not {meaning}"
    return words.compared(name, is_more=more)


def _ranks(table: pd.DataFrame, name: str, level: object) -> FloatArray:
    """Ranks of a column on rows spread evenly; a missing number is in the middle."""
    rows = np.unique(np.linspace(0, len(table) - 1, min(len(table), _COMPARED)).astype(np.int64))
    some = table.iloc[rows]
    if isinstance(level, str):
        values = np.array([text == level for text in texts(some, name)], dtype=np.float64)
    else:
        values = numbers(some, [name])[:, 0]
        known = values[~np.isnan(values)]
        values = np.where(np.isnan(values), np.median(known) if len(known) else 0.0, values)
    ranks: FloatArray = rankdata(values).astype(np.float64)
    centred: FloatArray = ranks - ranks.mean()
    return centred


def _correlation(one: FloatArray, other: FloatArray) -> float:
    spread = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / spread if spread > 0 else 0.0
