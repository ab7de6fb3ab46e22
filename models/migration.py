"""Who moved from which group to which between two days, and the revenue that moved with them."""

from dataclasses import dataclass
from numbers import Real
from typing import Final

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.metrics import Z_95
from models.proportions import wilson

ABSENT: Final = "(not there)"
"""Group of who is in one of the two tables only: came between the days, or dropped out."""


class GroupsUnclear(RegularsError):
    """A customer has several groups on one day or none, or money that is not known."""


@dataclass(frozen=True, eq=False)
class Migration:
    """Moves between the groups of an earlier and a later day.

    Attributes
    ----------
    moves
        A row per pair of groups with a customer: source; target; customers; share of those of the
        source (0..1) with low and high (95 %, Wilson); revenue_before and revenue_after (money);
        revenue_moved (after less before) with moved_low and moved_high (95 %).
    groups
        A row per group: group; customers_before, customers_after; revenue_before and revenue_after
        of who was in it on the earlier, and on the later day; entered_revenue and left_revenue:
        ``revenue_after`` of who came to it from elsewhere, and of who left it.
    """

    moves: pd.DataFrame
    groups: pd.DataFrame

    def matrix(self, column: str = "customers") -> pd.DataFrame:
        """A column of the moves by source (rows) and target (columns); 0 where nobody moved."""
        order = self.groups["group"].tolist()
        wide = self.moves.pivot_table(
            index="source", columns="target", values=column, aggfunc="sum", fill_value=0
        )
        rows = [name for name in order if name in wide.index]
        return wide.loc[rows, [name for name in order if name in wide.columns]]


def migration(
    before: pd.Series,
    after: pd.Series,
    revenue_before: pd.Series | None = None,
    revenue_after: pd.Series | None = None,
) -> Migration:
    r"""Moves of customers between two days, with what they spent in the periods before each.

    For revenue that can be compared, take equal periods that end on the two days: such as
    ``[first - length, first)`` and ``[second - length, second)`` by
    `models.spending.spend_between`. The interval of the revenue that moved holds for
    customers drawn independently:

    .. math:: \sum_i d_i \pm 1.96 \sqrt{\sum_i d_i^2 - \left(\sum_i d_i\right)^2 / n}

    over all n customers, with :math:`d_i` what a customer of the move spent more than before, and 0
    of the others.

    Parameters
    ----------
    before, after
        Group by customer on the two days, such as RFM cells, tiers, stages or segments. A
        categorical column of either keeps its order of groups; others are sorted, numbers as such.
    revenue_before, revenue_after
        Money by customer; who is not there spent nothing. None: nothing is known, and all is 0.

    Raises
    ------
    GroupsUnclear
        When a customer is twice in a table, or has no group, or money is not finite.
    """
    for when, table in (("earlier", before), ("later", after)):
        _require_one(when, table)
    nothing = pd.Series(dtype=np.float64)
    money = [nothing if each is None else each for each in (revenue_before, revenue_after)]
    for when, sums in zip(("earlier", "later"), money, strict=True):
        _require_money(when, sums)
    customers = before.index.union(after.index)
    rows = pd.DataFrame(
        {
            "source": before.astype(object).reindex(customers, fill_value=ABSENT),
            "target": after.astype(object).reindex(customers, fill_value=ABSENT),
            "before": money[0].reindex(customers, fill_value=0.0),
            "after": money[1].reindex(customers, fill_value=0.0),
        },
        index=customers,
    )
    rows["moved"] = rows["after"] - rows["before"]
    order = _order(before, after)
    return Migration(_moves(rows, order), _groups(rows, order))


def _require_one(when: str, table: pd.Series) -> None:
    twice = int(table.index.duplicated().sum())
    if twice or table.isna().any():
        message = (
            f"a migration needs one group of each customer, but on the {when} day {twice:,} rows "
            f"name a customer again and {int(table.isna().sum()):,} have no group; keep one row "
            "of each, with its group"
        )
        raise GroupsUnclear(message)


def _require_money(when: str, money: pd.Series) -> None:
    twice = int(money.index.duplicated().sum())
    unknown = int((~np.isfinite(money.to_numpy(dtype=np.float64, na_value=np.nan))).sum())
    if twice or unknown:
        message = (
            f"a migration needs money of each customer once, but before the {when} day {twice:,} "
            f"rows name a customer again and {unknown:,} hold no finite number; sum them, and "
            "leave out who is not known"
        )
        raise GroupsUnclear(message)


def _order(before: pd.Series, after: pd.Series) -> list[object]:
    """Groups in order, who is absent last."""
    known: dict[object, None] = {}
    for each in (before, after):
        if isinstance(each.dtype, pd.CategoricalDtype):
            known |= dict.fromkeys(each.dtype.categories)
    more = (set(before.astype(object)) | set(after.astype(object))) - set(known)
    numbers = [each for each in more if isinstance(each, Real)]
    return [*known, *sorted(numbers), *sorted(more - set(numbers), key=str), ABSENT]


def _moves(rows: pd.DataFrame, order: list[object]) -> pd.DataFrame:
    parts = rows.assign(squared=rows["moved"] ** 2).groupby(["source", "target"], sort=False)
    found = parts.agg(
        customers=("moved", "size"),
        revenue_before=("before", "sum"),
        revenue_after=("after", "sum"),
        revenue_moved=("moved", "sum"),
        squared=("squared", "sum"),
    ).reset_index()
    of_source = found.groupby("source")["customers"].transform("sum")
    shares = [
        wilson(part, whole) for part, whole in zip(found["customers"], of_source, strict=True)
    ]
    for name in ("value", "low", "high"):
        column = "share" if name == "value" else name
        found[column] = [getattr(each, name) for each in shares]
    variance = found["squared"] - found["revenue_moved"] ** 2 / max(len(rows), 1)
    half = Z_95 * np.sqrt(np.maximum(variance, 0.0))
    found["moved_low"], found["moved_high"] = (
        found["revenue_moved"] - half,
        found["revenue_moved"] + half,
    )
    place = {name: at for at, name in enumerate(order)}
    found = found.sort_values(["source", "target"], key=lambda names: names.map(place))
    columns = ["source", "target", "customers", "share", "low", "high", "revenue_before"]
    columns += ["revenue_after", "revenue_moved", "moved_low", "moved_high"]
    return found[columns].reset_index(drop=True)


def _groups(rows: pd.DataFrame, order: list[object]) -> pd.DataFrame:
    changed = rows[rows["source"] != rows["target"]]
    parts = {
        "customers_before": rows.groupby("source").size(),
        "customers_after": rows.groupby("target").size(),
        "revenue_before": rows.groupby("source")["before"].sum(),
        "revenue_after": rows.groupby("target")["after"].sum(),
        "entered_revenue": changed.groupby("target")["after"].sum(),
        "left_revenue": changed.groupby("source")["after"].sum(),
    }
    found = pd.DataFrame({name: part.reindex(order) for name, part in parts.items()}).fillna(0.0)
    counts = dict.fromkeys(("customers_before", "customers_after"), np.int64)
    found = found.astype(counts).rename_axis("group").reset_index()
    is_there = (found["customers_before"] > 0) | (found["customers_after"] > 0)
    return found[is_there].reset_index(drop=True)
