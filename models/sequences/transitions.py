"""Where people go from where: transitions, entries and exits, and the paths they take."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from features.errors import RegularsError
from models.coding import Codes, WholeArray
from models.sequences.sequences import Sequences


class StepsUnclear(RegularsError):
    """Steps that no one could take one after the other."""


@dataclass(frozen=True, eq=False)
class Transitions:
    """Steps of sequences whose every element is one item, such as a page that is looked at.

    Attributes
    ----------
    steps
        A row per item, the most viewed first: ``item``; ``views`` (elements); ``sequences`` (that
        view it); ``entries`` and ``exits`` (sequences that begin, and end, with it);
        ``entry_share`` of all sequences that have a step; ``drop_off_share``, of its views that are
        the last.
    moves
        A row per pair of items that follow each other directly, by ``source`` and then the most
        frequent first: ``source``; ``target``; ``count`` (times); ``sequences``; ``probability``,
        of the views of the source that are not the last; ``wait_p50``, the median time between, in
        the unit of the instants.
    sequences
        Number of all sequences, the empty ones included.
    """

    steps: pd.DataFrame
    moves: pd.DataFrame
    sequences: int

    def matrix(self) -> pd.DataFrame:
        """Probabilities of every target (columns) by source (rows); 0 where none was seen.

        A source from which nobody went on is no row.
        """
        found: pd.DataFrame = self.moves.pivot_table(
            index="source", columns="target", values="probability", aggfunc="sum", fill_value=0.0
        )
        return found


def transitions_of(sequences: Sequences) -> Transitions:
    """What follows what directly, and where sequences begin and end.

    The maximum likelihood estimate of a Markov chain of first order (Anderson and Goodman 1957,
    "Statistical inference about Markov chains").

    Parameters
    ----------
    sequences
        Of one item at each instant.

    Raises
    ------
    StepsUnclear
        When an element has several items, which tell no order.
    """
    _require_single(sequences)
    codes, owners = sequences.codes, sequences.owners
    is_last = np.ones(len(codes), dtype=bool)
    is_last[:-1] = owners[1:] != owners[:-1]
    is_first = np.roll(is_last, 1)
    items = len(sequences.labels)
    views, entries, exits = (
        np.bincount(some, minlength=items) for some in (codes, codes[is_first], codes[is_last])
    )
    steps = pd.DataFrame(
        {
            "item": sequences.labels,
            "views": views,
            "sequences": sequences.frequencies(),
            "entries": entries,
            "exits": exits,
            "entry_share": entries / max(int(entries.sum()), 1),
            "drop_off_share": exits / np.maximum(views, 1),
        }
    )
    steps = steps[steps["views"] > 0].sort_values("views", ascending=False, kind="stable")
    return Transitions(steps.reset_index(drop=True), _moves(sequences, is_last), sequences.count)


def _moves(sequences: Sequences, is_last: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Table of pairs; see `Transitions`."""
    here = np.flatnonzero(~is_last)
    told = pd.DataFrame(
        {
            "source": sequences.codes[here],
            "target": sequences.codes[here + 1],
            "owner": sequences.owners[here],
            "wait": sequences.instants[here + 1] - sequences.instants[here],
        }
    )
    pairs = told.groupby(["source", "target"], sort=True)
    found = pd.DataFrame(
        {
            "count": pairs.size(),
            "sequences": pairs["owner"].nunique(),
            "wait_p50": pairs["wait"].median().astype(np.float64),
        }
    ).reset_index()
    left = np.bincount(told["source"], minlength=len(sequences.labels))
    found.insert(4, "probability", found["count"] / left[found["source"]])
    found = found.sort_values(["source", "count"], ascending=[True, False], kind="stable")
    for side in ("source", "target"):
        found[side] = sequences.labels[found[side]]
    return found.reset_index(drop=True)


def paths_of(sequences: Sequences, most: int = 5) -> pd.DataFrame:
    """How sequences begin: their first steps, and how many took just these.

    Parameters
    ----------
    sequences
        Of one item at each instant.
    most
        Steps that are looked at; what comes behind them is cut off.

    Returns
    -------
    pandas.DataFrame
        A row per path, the most frequent first, equals by the items: ``path`` (Arrow list of
        items), ``steps`` (their number), ``count`` (sequences), ``share`` (of all that have a step)
        and ``ended`` (those of them that ended there, rather than being cut off).

    Raises
    ------
    StepsUnclear
        When an element has several items, or no step is to be looked at.
    """
    if most < 1:
        message = f"paths need at least 1 step, not {most}"
        raise StepsUnclear(message)
    _require_single(sequences)
    sizes = np.diff(sequences.elements)
    some = np.flatnonzero(sizes > 0)
    table = np.full((len(some), most), -1, dtype=np.int32)
    for step in range(most):
        goes_on = sizes[some] > step
        table[goes_on, step] = sequences.codes[sequences.elements[some[goes_on]] + step]
    found, which, count = np.unique(table, axis=0, return_inverse=True, return_counts=True)
    ended = np.bincount(which.ravel(), sizes[some] <= most, minlength=len(found)).astype(np.int64)
    order = np.argsort(-count, kind="stable")
    steps = (found >= 0).sum(axis=1)[order]
    return pd.DataFrame(
        {
            "path": _lists(found[order], steps, sequences.labels),
            "steps": steps,
            "count": count[order],
            "share": count[order] / max(len(some), 1),
            "ended": ended[order],
        }
    )


def _lists(table: Codes, steps: WholeArray, labels: pd.Index) -> pd.Series:
    """Rows of codes as lists of names, without the -1 behind each."""
    starts = np.concatenate([[0], np.cumsum(steps)]).astype(np.int32)
    values = pa.DictionaryArray.from_arrays(table[table >= 0], pa.array(labels))
    lists = pa.ListArray.from_arrays(starts, values)
    return pd.Series(lists, dtype=pd.ArrowDtype(lists.type))


def _require_single(sequences: Sequences) -> None:
    several = int((np.diff(sequences.starts) > 1).sum())
    if several:
        message = (
            f"steps need one item at each instant, but {several:,} of "
            f"{len(sequences.instants):,} instants have several, whose order is not told; give "
            "finer instants, or number the rows of each sequence"
        )
        raise StepsUnclear(message)
