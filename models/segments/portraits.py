"""Each segment on one page: name, size, figures, rule, what distinguishes it, and what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import t

from models.metrics import Estimate
from models.proportions import wilson
from models.segments.actions import ACTIONS, Action, action_for
from models.segments.clusters import NONE
from models.segments.conditions import Rule
from models.segments.describing import RuleSpec, describe
from models.segments.distinguishing import effects
from models.segments.naming import names_of
from models.segments.wording import Words
from models.spec import BoolArray, FiguresUnfit, FloatArray, IntArray

_TOLD: Final = 0.975


@dataclass(frozen=True)
class Told:
    """A figure of a segment.

    Attributes
    ----------
    mean
        Per customer of whom it is known, with its 95 % interval: Student's t, or
        Wilson's where every known figure of the table is 0 or 1.
    total
        Sum over these customers.
    index
        Mean in multiples of the mean of all customers; NaN where that is not above 0.
    known
        Customers of whom it is known.
    """

    mean: Estimate
    total: float
    index: float
    known: int


@dataclass(frozen=True)
class Portrait:
    """One segment.

    Attributes
    ----------
    segment
        Its number.
    name
        Made of its distinguishing columns; no two segments share one.
    customers
        Their number.
    share
        Of all customers, those of no segment among them, with its 95 % interval.
    figures
        What the caller gave of each customer, such as value, churn and offers.
    rule
        What describes it.
    action
        What to do.
    """

    segment: int
    name: str
    customers: int
    share: Estimate
    figures: Mapping[str, Told]
    rule: Rule
    action: Action


@dataclass(frozen=True, eq=False)
class Gallery:
    """All segments.

    Attributes
    ----------
    portraits
        In order of their numbers.
    effects
        See `models.segments.distinguishing.effects`.
    none
        Customers of no segment.
    """

    portraits: tuple[Portrait, ...]
    effects: pd.DataFrame
    none: int

    def frame(self, words: Words | None = None) -> pd.DataFrame:
        """One row per segment: what a page shows of its `Portrait`."""
        return pd.DataFrame([_row(each, words or Words()) for each in self.portraits])


@dataclass(frozen=True, eq=False)
class Asked:
    """What is told of segments.

    Attributes
    ----------
    columns
        Numbers and flags that segments are compared by and rules may speak of.
    categories
        Columns of text, likewise.
    used
        Columns that segments were made of.
    rules
        Lengths and bounds of rules.
    actions
        What to do; the first line that fits.
    words
        What columns are called.
    """

    columns: Sequence[str]
    categories: Sequence[str] = ()
    used: Sequence[str] = ()
    rules: RuleSpec = RuleSpec()  # noqa: RUF009 - frozen
    actions: Sequence[Action] = ACTIONS
    words: Words = Words()  # noqa: RUF009 - frozen


def gallery(
    table: pd.DataFrame,
    segment: IntArray,
    figures: Mapping[str, FloatArray],
    asked: Asked,
) -> Gallery:
    """What each segment is, brings, risks and is to be treated like.

    Parameters
    ----------
    table
        One row per customer.
    segment
        Shape (n,): as `models.segments.model.SegmentModel.assign` tells it.
    figures
        Name to a figure of each customer, shape (n,), NaN where it is not known: money, such as
        ``value``; chances and shares, such as ``churn`` and ``offers``. Actions speak of them.
    asked
        What is told.

    Raises
    ------
    FiguresUnfit
        When segments or a figure are not one number per customer, or one is infinite.
    ColumnsMissing, ColumnsNotNumbers
        When the table lacks a column or one holds what it must not.
    NothingToGroup
        When no column is asked for.
    ActionsIncomplete
        When no action fits a segment.
    """
    _require({"segment": segment, **figures}, len(table))
    compared = effects(table, segment, asked.columns, asked.categories, asked.used)
    rules = describe(table, segment, asked.columns, asked.categories, asked.rules)
    names = names_of(compared, table, asked.words)
    portraits = []
    for rule in rules:
        inside = segment == rule.segment
        told = {name: told_of(values, inside) for name, values in figures.items()}
        indices = {name: each.index for name, each in told.items()}
        count = int(np.count_nonzero(inside))
        portraits.append(
            Portrait(
                rule.segment,
                names[rule.segment],
                count,
                wilson(count, len(segment)),
                told,
                rule,
                action_for(indices, asked.actions),
            )
        )
    return Gallery(tuple(portraits), compared, int(np.count_nonzero(segment == NONE)))


def _require(figures: Mapping[str, FloatArray | IntArray], rows: int) -> None:
    for name, values in figures.items():
        if values.shape != (rows,):
            message = (
                f"segments need one figure per customer, but {name} has the shape {values.shape} "
                f"for {rows} customers; pass arrays with the customers of the table in its order"
            )
            raise FiguresUnfit(message)
        if np.isinf(values).any():
            message = (
                f"segments need finite figures or NaN where one is not known, but {name} holds "
                f"{int(np.isinf(values).sum())} infinite ones; mend them"
            )
            raise FiguresUnfit(message)


def told_of(values: FloatArray, inside: BoolArray) -> Told:
    """A figure of those inside, beside everybody's.

    Parameters
    ----------
    values
        Shape (n,): a figure of each customer, NaN where it is not known.
    inside
        Shape (n,): who is in the segment.
    """
    known = ~np.isnan(values)
    ours = values[known & inside]
    if len(ours) == 0:
        nothing = float("nan")
        return Told(Estimate(nothing, nothing, nothing), 0.0, nothing, 0)
    everybody = float(values[known].mean())
    is_yes_or_no = bool(np.isin(values[known], (0.0, 1.0)).all())
    mean = wilson(float(ours.sum()), len(ours)) if is_yes_or_no else _mean(ours)
    index = mean.value / everybody if everybody > 0 else float("nan")
    return Told(mean, float(ours.sum()), index, len(ours))


def _mean(values: FloatArray) -> Estimate:
    """The mean with its interval; ends are NaN of a single one."""
    mean, half = float(values.mean()), float("nan")
    if len(values) > 1:
        error = float(values.std(ddof=1)) / len(values) ** 0.5
        half = float(t.ppf(_TOLD, len(values) - 1)) * error
    return Estimate(mean, mean - half, mean + half)


def _row(found: Portrait, words: Words) -> dict[str, object]:
    row: dict[str, object] = {
        "segment": found.segment,
        "name": found.name,
        "customers": found.customers,
        "share": found.share.value,
        "rule": found.rule.told(words),
        "purity": found.rule.purity.value,
        "purity_low": found.rule.purity.low,
        "purity_high": found.rule.purity.high,
        "coverage": found.rule.coverage.value,
        "is_pure": found.rule.is_pure,
        "action": found.action.do,
    }
    for name, told in found.figures.items():
        row |= {
            f"{name}_mean": told.mean.value,
            f"{name}_low": told.mean.low,
            f"{name}_high": told.mean.high,
            f"{name}_total": told.total,
            f"{name}_index": told.index,
        }
    return row
