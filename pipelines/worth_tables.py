"""What customers were worth, as tables that a job writes beside its page."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from models.worth.cohorts import Cohorts
from pipelines.worth_found import WorthFound


def worth_tables(found: WorthFound) -> Mapping[str, pd.DataFrame]:
    """Tables by name; money in minor units, days as dates. What is not told has no table.

    ``customers`` (by customer), ``cells``, ``moves`` and ``groups`` (between the cells of two
    days), ``periods``, ``unknown_costs``, ``value_curve``, ``tiers``, ``tiers_ahead`` (by lifetime
    value), ``cohorts``, ``rates``, ``loyalty``, ``quadrants``, ``stage_moves``, ``stage_times``,
    ``left_out`` (what is not told, and why).
    """
    return dict(_tables(found))


def _tables(found: WorthFound) -> Iterator[tuple[str, pd.DataFrame]]:
    profits = found.profits
    yield "customers", found.customers.reset_index()
    yield "cells", found.cells
    if found.moved is not None:
        yield "moves", found.moved.moves
        yield "groups", found.moved.groups
    yield "periods", _dated(profits.periods, "period")
    yield "unknown_costs", profits.unknown
    if profits.curve is not None:
        curve = profits.curve
        shares = {"share": curve.share, "worth_share": curve.profit_share}
        yield "value_curve", pd.DataFrame({**shares, "low": curve.low, "high": curve.high})
    yield "tiers", profits.tiers
    if found.equity is not None:
        yield "tiers_ahead", found.equity.tiers
    if found.triangle is not None:
        yield "cohorts", cohort_table(found.triangle)
    if found.rates is not None:
        yield "rates", _dated(found.rates, "period")
    yield "loyalty", found.loyalty.matrix
    yield "quadrants", found.quadrants.table
    if found.stages is not None:
        yield "stage_moves", found.stages.moves
        yield "stage_times", found.stages.times
    what, why = list(found.left_out), list(found.left_out.values())
    yield "left_out", pd.DataFrame({"what": what, "why": why}, dtype=object)


def cohort_table(triangle: Cohorts) -> pd.DataFrame:
    """A row per cohort and age that was seen.

    cohort (first day of the period of the first order); age (periods since); customers, active
    (how many of them ordered), retention, revenue.
    """
    both = {"active": triangle.active, "revenue": triangle.revenue}
    told = [
        table.reset_index().melt("cohort", var_name="age", value_name=name).dropna(subset=name)
        for name, table in both.items()
    ]
    rows = told[0].merge(told[1], on=["cohort", "age"])
    rows = rows.astype({"age": "int64"}).sort_values(["cohort", "age"], ignore_index=True)
    rows.insert(2, "customers", triangle.customers.reindex(rows["cohort"]).to_numpy())
    rows.insert(4, "retention", rows["active"] / rows["customers"].where(rows["customers"] > 0))
    return _dated(rows, "cohort")


def _dated(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    days = rows[column].to_numpy(dtype=np.int64).astype("datetime64[D]")
    return rows.assign(**{column: days.astype(object)})
