"""Recency, frequency and monetary value: scores by cut points, and named cells.

Source: Hughes 1994, "Strategic database marketing"; Bult and Wansbeek 1995, "Optimal selection for
direct mail". Hughes cuts each figure within the bins of the one before; here each is cut alone, so
that a score means the same for every customer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from features.errors import RegularsError
from models.spec import FloatArray, IntArray
from models.spending import orders_of, seen

FIGURES: Final[Mapping[str, str]] = {
    "recency": "days_since_order",
    "frequency": "orders_count",
    "monetary": "spend",
}
"""The column that each score is made of."""

UNNAMED: Final = "unnamed"
"""Cell of who is in no row of a table of cells."""

_BOUNDS: Final = tuple(f"{name}_{end}" for name in FIGURES for end in ("from", "to"))
_ROWS: Final = (
    ("champions", 0.6, 1.0, 0.6, 1.0, 0.6, 1.0),
    ("loyal", 0.4, 1.0, 0.6, 1.0, 0.0, 1.0),
    ("big spenders", 0.4, 1.0, 0.0, 0.6, 0.6, 1.0),
    ("new", 0.8, 1.0, 0.0, 0.4, 0.0, 1.0),
    ("promising", 0.4, 0.8, 0.0, 0.4, 0.0, 1.0),
    ("may become loyal", 0.4, 1.0, 0.4, 0.6, 0.0, 1.0),
    ("not to be lost", 0.0, 0.2, 0.6, 1.0, 0.6, 1.0),
    ("at risk", 0.0, 0.4, 0.6, 1.0, 0.0, 1.0),
    ("at risk", 0.0, 0.4, 0.0, 1.0, 0.6, 1.0),
    ("need attention", 0.2, 0.4, 0.0, 1.0, 0.0, 1.0),
    ("lost", 0.0, 0.2, 0.0, 1.0, 0.0, 1.0),
)

CELLS: Final = pd.DataFrame(_ROWS, columns=["cell", *_BOUNDS])
"""Named cells; the first row that holds a customer names the cell.

Bounds ``[from, to)`` are positions of a score among its bins: ``(score - 0.5) / bins``, so that
one table serves any number of bins. Of five bins, scores 1 to 5 are at .1, .3, .5, .7 and .9. The
names are the customary ones; no two authors cut them alike.
"""


class CellsUnclear(RegularsError):
    """A table of cells lacks a column, or its bounds are not within 0..1."""


class NobodyToScore(RegularsError):
    """Nobody has an order before the day."""


class RfmSpec(BaseModel):
    """What is scored, and by how many bins or at which cut points."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recency: int | tuple[float, ...] = Field(
        default=5,
        description="Bins of about equal size, or cut points in days: who bought so many days ago "
        "or fewer is on the better side.",
    )
    frequency: int | tuple[float, ...] = Field(
        default=5,
        description="Bins, or cut points in orders: so many or more are the better side.",
    )
    monetary: int | tuple[float, ...] = Field(
        default=5,
        description="Bins, or cut points in money: so much or more is the better side.",
    )
    spend: Literal["sum", "mean"] = Field(
        default="sum", description="Money in all, or per order; returns are taken off."
    )
    window_days: int | None = Field(
        default=None, ge=1, description="Days before as_of that count; null: all of them."
    )

    @model_validator(mode="after")
    def _cuts_can_be_made(self) -> Self:
        for name in FIGURES:
            asked: int | tuple[float, ...] = getattr(self, name)
            if isinstance(asked, int):
                is_right = asked >= 2  # noqa: PLR2004 - one bin says nothing
            else:
                rises = np.diff(asked) > 0
                is_right = len(asked) > 0 and bool(rises.all() and np.isfinite(asked).all())
            if not is_right:
                message = (
                    f"{name} needs 2 bins or more, or rising cut points, but is {asked}; give a "
                    "number such as 5, or a list such as [30, 90, 180]"
                )
                raise ValueError(message)
        return self


@dataclass(frozen=True, eq=False)
class RfmCuts:
    """Cut points of the scores, which may serve other days too.

    Attributes
    ----------
    recency
        Days, falling: a score is 1 plus the cut points that the days do not exceed.
    frequency, monetary
        Orders and money, rising: a score is 1 plus the cut points that are reached. Equal cut
        points leave bins between them empty; infinite ones cannot be reached.
    """

    recency: FloatArray
    frequency: FloatArray
    monetary: FloatArray

    def bins(self, name: str) -> int:
        """Number of bins of a score."""
        cuts: FloatArray = getattr(self, name)
        return len(cuts) + 1

    def score(self, name: str, values: FloatArray) -> IntArray:
        """Score 1..bins of each value, the best is the highest; equal values score alike.

        A null, as of who never ordered, is the worst.
        """
        cuts: FloatArray = getattr(self, name)
        sign = -1.0 if name == "recency" else 1.0
        known = np.where(np.isnan(values), -np.inf, sign * values)
        return np.searchsorted(sign * cuts, known, side="right").astype(np.int64) + 1


def rfm_figures(purchases: pd.DataFrame, as_of: int, spec: RfmSpec | None = None) -> pd.DataFrame:
    """Days since the last order, orders, and money, of all who ordered before; by customer.

    An order is one that brought money; who only returned something is not there.

    Parameters
    ----------
    purchases
        See `models.spending.seen`.
    as_of
        Nothing from this day on is seen.
    spec
        Its ``spend`` and ``window_days`` are heeded.

    Raises
    ------
    PurchasesUnclear
        See `models.spending.seen`.
    """
    asked = spec or RfmSpec()
    lines = seen(purchases, as_of)
    if asked.window_days is not None:
        lines = lines[lines["day"] >= as_of - asked.window_days]
    orders = orders_of(lines).groupby("customer", sort=True, observed=True)["day"]
    money = lines.groupby("customer", sort=True, observed=True)["amount"].sum()
    counts = orders.size()
    spend = money.reindex(counts.index)
    return pd.DataFrame(
        {
            "days_since_order": as_of - orders.max(),
            "orders_count": counts,
            "spend": spend / counts if asked.spend == "mean" else spend,
        }
    )


def rfm_cuts(figures: pd.DataFrame, spec: RfmSpec | None = None) -> RfmCuts:
    """Cut points as asked for, those of bins from these customers.

    Of ties: customers with equal values get one score, that of the middle of their ranks. Where
    half of all ordered once, bins are as unequal as that, and some may be empty.

    Raises
    ------
    NobodyToScore
        When there are no customers.
    """
    if figures[list(FIGURES.values())].isna().all(axis=0).any():
        message = (
            "scores need customers who ordered before as_of, but there are none; use a later "
            "as_of or a longer window_days"
        )
        raise NobodyToScore(message)
    asked = spec or RfmSpec()
    found = {}
    for name, column in FIGURES.items():
        wanted: int | tuple[float, ...] = getattr(asked, name)
        sign = -1.0 if name == "recency" else 1.0
        values = sign * figures[column].to_numpy(dtype=np.float64)
        cuts = (
            quantile_cuts(values[~np.isnan(values)], wanted)
            if isinstance(wanted, int)
            else np.sort(sign * np.array(wanted, dtype=np.float64))
        )
        found[name] = sign * cuts
    return RfmCuts(**found)


def quantile_cuts(values: FloatArray, bins: int) -> FloatArray:
    """The least value of every bin but the first, of about equal size, shape (bins - 1,), rising.

    Equal values stay in one bin, the one of the middle of their ranks. A bin that nothing falls
    into begins with the next one; infinity, where nothing follows.
    """
    distinct, counts = np.unique(values, return_counts=True)
    twice_middle = 2 * np.cumsum(counts) - counts
    place = np.minimum(bins * twice_middle // (2 * len(values)), bins - 1)
    first = np.searchsorted(place, np.arange(1, bins))
    return np.append(distinct, np.inf)[first]


def rfm_scores(
    figures: pd.DataFrame, cuts: RfmCuts, cells: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Scores and named cell of each customer; by customer, with the figures.

    Parameters
    ----------
    figures
        See `rfm_figures`; a behaviour table with these columns serves as well.
    cuts
        Of this day, or of an earlier one where scores are to be compared.
    cells
        See `CELLS`; None: those.

    Returns
    -------
    pandas.DataFrame
        The columns of `FIGURES`; recency_score, frequency_score, monetary_score (1 is the worst);
        cell.

    Raises
    ------
    CellsUnclear
        When the table of cells lacks a column, or bounds are not within 0..1.
    """
    named = require_cells(CELLS if cells is None else cells)
    found = figures[list(FIGURES.values())].copy()
    place = {}
    for name, column in FIGURES.items():
        score = cuts.score(name, figures[column].to_numpy(dtype=np.float64))
        found[f"{name}_score"] = score
        place[name] = (score - 0.5) / cuts.bins(name)
    cell = np.full(len(found), UNNAMED, dtype=object)
    for row in named.iloc[::-1].to_dict("records"):  # the first one is written last
        holds = np.ones(len(found), dtype=bool)
        for name, at in place.items():
            holds &= (at >= row[f"{name}_from"]) & (at < row[f"{name}_to"])
        cell[holds] = row["cell"]
    return found.assign(cell=cell)


def require_cells(cells: pd.DataFrame) -> pd.DataFrame:
    """The table, once every cell has bounds within 0..1.

    Raises
    ------
    CellsUnclear
        When it lacks a column, or bounds are not within 0..1.
    """
    missing = [name for name in ("cell", *_BOUNDS) if name not in cells.columns]
    if missing:
        message = (
            f"a table of cells needs the columns cell, {', '.join(_BOUNDS)}, but lacks "
            f"{', '.join(missing)}; see models.worth.rfm.CELLS"
        )
        raise CellsUnclear(message)
    numbers = cells[list(_BOUNDS)].apply(pd.to_numeric, errors="coerce")
    bounds = numbers.to_numpy(dtype=np.float64)
    wrong = ~((bounds >= 0) & (bounds <= 1)).all(axis=1)
    wrong |= (bounds[:, ::2] >= bounds[:, 1::2]).any(axis=1)
    if wrong.any():
        names = sorted(set(cells["cell"].astype(str).to_numpy()[wrong]))
        message = (
            f"cells need bounds from < to within 0..1, but not so are those of {', '.join(names)}; "
            "a bound is a position (score - 0.5) / bins"
        )
        raise CellsUnclear(message)
    return cells


def cells_of(scores: pd.DataFrame) -> pd.DataFrame:
    """Customers and money of each cell, by falling money.

    Returns
    -------
    pandas.DataFrame
        A row per cell: cell; customers, customers_share; spend, spend_share (NaN where the total is
        not above 0); medians days_since_order, orders_count and spend_median.
    """
    parts = scores.groupby("cell", sort=True)
    found = pd.DataFrame(
        {
            "customers": parts.size(),
            "customers_share": parts.size() / max(len(scores), 1),
            "spend": parts["spend"].sum(),
            "days_since_order": parts["days_since_order"].median(),
            "orders_count": parts["orders_count"].median(),
            "spend_median": parts["spend"].median(),
        }
    )
    total = float(found["spend"].sum())
    found.insert(3, "spend_share", found["spend"] / (total if total > 0 else np.nan))
    return found.reset_index().sort_values(
        "spend", ascending=False, kind="stable", ignore_index=True
    )
