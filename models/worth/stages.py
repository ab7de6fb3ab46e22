"""Stage of the relationship with each customer, by rules that anybody can read and change.

Stages: Dwyer, Schurr and Oh 1987, "Developing buyer-seller relationships", Journal of Marketing 51:
awareness, exploration, expansion, commitment, dissolution. They name no thresholds; the rules here
are ours.
"""

from collections.abc import Sequence
from typing import Final, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from features.errors import RegularsError
from models.spec import ColumnsMissing
from models.spending import orders_of, spend_of

STAGES: Final = ("awareness", "exploration", "expansion", "commitment", "dissolution")


class StagesUnclear(RegularsError):
    """No rule holds for some customers, or a history has no days, or one of them twice."""


class Condition(BaseModel):
    """A column within bounds; a null is within none."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    column: str = Field(description="Of `stage_figures`, or of a table of the user's.")
    at_least: float | None = Field(default=None, description="Lowest value; null: any.")
    below: float | None = Field(default=None, description="Values stay under this; null: any.")

    @model_validator(mode="after")
    def _something_is_within(self) -> Self:
        low, high = self.at_least, self.below
        is_empty = low is not None and high is not None and low >= high
        if is_empty or (low is None and high is None):
            message = (
                f"a condition on {self.column} needs at_least, below, or both with at_least under "
                f"below, but has {low} and {high}; give a bound"
            )
            raise ValueError(message)
        return self


class StageRule(BaseModel):
    """A stage and what must hold for it, all together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: str = Field(description="Name of the stage; several rules may lead to one.")
    when: tuple[Condition, ...] = Field(
        default=(), description="What must hold; nothing: it holds for everybody who is left."
    )

    @property
    def told(self) -> str:
        """In words."""
        parts = []
        for each in self.when:
            low = [] if each.at_least is None else [f"{each.column} ≥ {each.at_least:g}"]
            high = [] if each.below is None else [f"{each.column} < {each.below:g}"]
            parts += low + high
        return f"{self.stage}: {' and '.join(parts) or 'everybody else'}"


def default_rules(
    quiet_days: float, *, repeats: int = 3, committed: int = 6
) -> tuple[StageRule, ...]:
    """Rules by orders, tenure and silence; the first that holds names the stage.

    Parameters
    ----------
    quiet_days
        Days without an order after which a relationship counts as over: such as the horizon of the
        churn definition. A customer with a rhythm counts so after half of them already, when the
        silence is four times the median gap between orders.
    repeats
        Orders from which on somebody has made it a habit: expansion.
    committed
        Orders from which on, and twice the quiet days after the first one: commitment.
    """
    silent = Condition(column="days_since_order", at_least=quiet_days)
    off_beat = (
        Condition(column="days_since_order", at_least=quiet_days / 2),
        Condition(column="silence_ratio", at_least=4),
    )
    long = (
        Condition(column="orders_count", at_least=committed),
        Condition(column="tenure_days", at_least=2 * quiet_days),
    )
    return (
        StageRule(stage="awareness", when=(Condition(column="orders_count", below=1),)),
        StageRule(stage="dissolution", when=(silent,)),
        StageRule(stage="dissolution", when=off_beat),
        StageRule(stage="commitment", when=long),
        StageRule(stage="expansion", when=(Condition(column="orders_count", at_least=repeats),)),
        StageRule(stage="exploration"),
    )


def stage_figures(
    purchases: pd.DataFrame, as_of: int, window_days: int, known: pd.Series | None = None
) -> pd.DataFrame:
    """What rules may look at, of all who ordered or were known before a day; by customer.

    Parameters
    ----------
    purchases
        See `models.spending.seen`.
    as_of
        Nothing from this day on is seen.
    window_days
        Length of the two windows of spending.
    known
        By customer: the day from which on somebody is known, such as of a first contact. None:
        only who ordered is known, and nobody is in awareness.

    Returns
    -------
    pandas.DataFrame
        orders_count; days_since_order, tenure_days (since the first order); gap_p50_days (median
        days between days with an order; NaN of fewer than two); silence_ratio (days since the last
        order over that gap); spend_window and spend_window_before (money within the last
        window_days and within as many before them), spend_ratio (of the two; NaN when there was
        none before). Null where there is no order.

    Raises
    ------
    PurchasesUnclear
        See `models.spending.seen`.
    """
    orders = orders_of(purchases, as_of)
    parts = orders.groupby("customer", sort=True, observed=True)["day"]
    customers = parts.size().index
    if known is not None:
        customers = customers.union(known.index[known < as_of].unique())
    days = orders.drop_duplicates(["customer", "day"])
    gaps = days.groupby("customer", observed=True)["day"].diff()
    gap = gaps.groupby(days["customer"], observed=True).median()
    found = pd.DataFrame(index=customers.rename("customer"))
    found["orders_count"] = parts.size().reindex(customers, fill_value=0).astype(np.int64)
    found["days_since_order"] = as_of - parts.max().reindex(customers).astype(np.float64)
    found["tenure_days"] = as_of - parts.min().reindex(customers).astype(np.float64)
    found["gap_p50_days"] = gap.reindex(customers).astype(np.float64)
    found["silence_ratio"] = found["days_since_order"] / found["gap_p50_days"]
    middle = as_of - window_days
    found["spend_window"] = spend_of(customers, purchases, middle, as_of)
    found["spend_window_before"] = spend_of(customers, purchases, middle - window_days, middle)
    before = found["spend_window_before"]
    found["spend_ratio"] = found["spend_window"] / before.where(before > 0)
    return found


def stages_of(figures: pd.DataFrame, rules: Sequence[StageRule]) -> pd.Series:
    """Stage of each customer: that of the first rule that holds; by customer.

    Parameters
    ----------
    figures
        By customer: see `stage_figures`; further columns may be there.
    rules
        In their order, such as `default_rules`.

    Raises
    ------
    ColumnsMissing
        When a rule looks at a column that is not there.
    StagesUnclear
        When no rule holds for somebody.
    """
    named = {each.column for rule in rules for each in rule.when}
    missing = sorted(named - set(figures.columns))
    if missing:
        message = (
            f"the rules of stages look at {', '.join(missing)}, but the table has no such column; "
            "correct the name, or add the column"
        )
        raise ColumnsMissing(message)
    stage = np.full(len(figures), None, dtype=object)
    for rule in reversed(rules):  # the first one is written last
        holds = np.ones(len(figures), dtype=bool)
        for each in rule.when:
            values = figures[each.column].to_numpy(dtype=np.float64, na_value=np.nan)
            holds &= ~np.isnan(values)
            holds &= values >= (-np.inf if each.at_least is None else each.at_least)
            holds &= values < (np.inf if each.below is None else each.below)
        stage[holds] = rule.stage
    found = pd.Series(stage, index=figures.index, name="stage", dtype=object)
    nobody = int(found.isna().sum())
    if nobody:
        message = (
            f"the rules of stages need one that holds for everybody, but none does for {nobody:,} "
            f"of {len(found):,} customers; end with a rule without conditions"
        )
        raise StagesUnclear(message)
    return found


def stage_history(
    purchases: pd.DataFrame,
    as_ofs: Sequence[int],
    rules: Sequence[StageRule],
    window_days: int,
    known: pd.Series | None = None,
) -> pd.DataFrame:
    """Stage of each customer on several days: customer, as_of, stage.

    Each day sees nothing from itself on, so that a history may be continued by a later day.

    Raises
    ------
    PurchasesUnclear, ColumnsMissing, StagesUnclear
        See `stage_figures` and `stages_of`; the last also when there is no day, or one twice.
    """
    if not len(as_ofs) or len(set(as_ofs)) < len(as_ofs):
        message = (
            f"a history of stages needs days, each once, but was given {list(map(int, as_ofs))}; "
            "pass them in order"
        )
        raise StagesUnclear(message)
    parts = []
    for as_of in as_ofs:
        stage = stages_of(stage_figures(purchases, as_of, window_days, known), rules)
        parts.append(stage.reset_index().assign(as_of=as_of))
    return pd.concat(parts, ignore_index=True)[["customer", "as_of", "stage"]]
