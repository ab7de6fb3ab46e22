"""Charts of what customers were worth: value curve, grid of scores, moves, cohorts, stages."""

from collections.abc import Hashable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from features.clock import days_after
from models.migration import ABSENT
from models.worth.cohorts import Cohorts
from models.worth.loyalty import ATTITUDES, LEVELS
from models.worth.rfm import CELLS, UNNAMED
from pipelines.charts import Key
from pipelines.coins import Coins
from pipelines.heatmap import Heat, heat_map
from pipelines.page import Figure
from pipelines.rounding import LEAST_SHARE, NO_BREAK, count, day, percent
from pipelines.sankey import Flow, Sankey, sankey_chart
from pipelines.value_charts import Line, OverTime, pareto_chart, time_chart
from pipelines.worth_found import WorthFound, spent
from pipelines.worth_profit import TOLD
from pipelines.worth_words import days_told, group_name, money_told, period_name

MORE: Final = 3
LESS: Final = 2
SAME: Final = 0
"""Colours of who spent surely more, surely less, and of who may have spent as before."""


MOST_COHORTS: Final = 36
"""Rows and columns of a triangle that are drawn."""


def curve_figures(found: WorthFound) -> list[Figure]:
    """How few customers make how much."""
    if found.profits.curve is None:
        return []
    what = TOLD[found.profits.basis]
    title = "How few customers make how much"
    text = "The steeper it begins, the more hangs on few. Shaded: the 95 % interval."
    return [Figure(title, text, pareto_chart(title, found.profits.curve, what))]


def grid_figures(found: WorthFound) -> list[Figure]:
    """Customers and money by the scores of recency and frequency."""
    rows = found.customers.dropna(subset=["recency_score"])
    rows = rows.assign(spend=spent(rows, found.asked.rfm))
    recency, frequency = found.bins
    counted, money = (
        rows.pivot_table("spend", "frequency_score", "recency_score", aggfunc=how)
        for how in ("size", "sum")
    )
    made = []
    for title, table, text in (
        ("Customers by recency and frequency", counted, "Share of all customers."),
        ("Money by recency and frequency", money, f"Share of {money_told(found)}."),
    ):
        full = table.reindex(index=range(frequency, 0, -1), columns=range(1, recency + 1))
        values = full.fillna(0.0).to_numpy(dtype=np.float64)
        shares = values / values.sum() if values.sum() > 0 else values * np.nan
        heat = Heat(
            title,
            tuple(f"orders {score}" for score in full.index),
            tuple(f"{score}" for score in full.columns),
            tuple(tuple(row) for row in shares.tolist()),
            percent,
            "recency: the further right, the later the last order",
        )
        made.append(Figure(title, f"{text} 1 is the worst score.", heat_map(heat)))
    return made


def move_figures(found: WorthFound, coins: Coins) -> list[Figure]:
    """Who moved between the cells of two days, coloured by the money that moved along."""
    if found.moved is None:
        return []
    flows = tuple(
        Flow(
            group_name(found, row["source"]),
            group_name(found, row["target"]),
            float(row["customers"]),
            _slot(row["moved_low"], row["moved_high"]),
            _hint(found, row, coins),
        )
        for row in found.moved.moves.to_dict("records")
    )
    cells = list(dict.fromkeys([*(each.cell for each in found.asked.cells), *CELLS["cell"]]))
    order = (*map(str, cells), UNNAMED, group_name(found, ABSENT))
    earlier = days_after(found.as_of, -found.moved_days)
    keys = (Key("spent more than before", MORE), Key("less", LESS), Key("neither surely", SAME))
    title = "Who moved where"
    text = (
        "As thick as there are customers; surely more or less: by the 95 % interval of what each "
        "move spent before and after. Cells of both days by the cut points of the later one."
    )
    ends = (day(earlier), day(found.as_of))
    asked = Sankey(title, flows, order, ends, keys)
    return [Figure(title, text, sankey_chart(asked))]


def _hint(found: WorthFound, row: Mapping[Hashable, Any], coins: Coins) -> str:
    source, target = (group_name(found, row[end]) for end in ("source", "target"))
    after, before = (coins.told(row[f"revenue_{when}"]) for when in ("after", "before"))
    customers = count(row["customers"])
    return f"{source} to {target}: {customers} customers, who spent {after} after {before}"


def _slot(low: float, high: float) -> int:
    if low > 0:
        return MORE
    return LESS if high < 0 else SAME


def cohort_figures(found: WorthFound) -> list[Figure]:
    """Retention of every cohort, and the rates of every period."""
    made = [] if found.triangle is None else [_triangle(found, found.triangle)]
    if found.rates is not None and len(found.rates) > 1:
        title = "Kept, new and won back"
        lines = tuple(
            _line(found.rates, name, f"{name}_rate", slot)
            for name, slot in (("retention", 1), ("acquisition", 3), ("win_back", 2))
        )
        asked = OverTime(title, "share of customers", lines, percent)
        made.append(Figure(title, "By period of time; shaded: 95 % intervals.", time_chart(asked)))
    return made


def _triangle(found: WorthFound, triangle: Cohorts) -> Figure:
    """Retention of the newest cohorts; 100 % in the period of the first order says nothing."""
    ages = triangle.active.columns[1 : MOST_COHORTS + 1]
    shown = triangle.active[ages].notna().any(axis=1) & (triangle.customers > 0)
    table = triangle.retention.loc[shown, ages].iloc[-MOST_COHORTS:].dropna(axis=1, how="all")
    sizes = triangle.customers.loc[table.index].tolist()
    title = "Who comes back"
    names = tuple(
        f"{period_name(found.asked.cohorts, begins)} ({count(size)})"
        for begins, size in zip(table.index.tolist(), sizes, strict=True)
    )
    values = tuple(tuple(row) for row in table.to_numpy(dtype=np.float64).tolist())
    unit = "months" if found.asked.cohorts == "months" else "periods"
    across = f"{unit} since the first order"
    heat = Heat(title, names, tuple(map(str, table.columns)), values, percent, across)
    text = (
        "Of the customers whose first order fell into the period of a row (how many they are), the "
        "share who ordered again that much later."
    )
    if shown.sum() > MOST_COHORTS:
        text += f" The newest {MOST_COHORTS} of {count(int(shown.sum()))}."
    elif not triangle.is_first_whole:
        text += " The first row holds customers of before, too."
    return Figure(title, text, heat_map(heat))


def _line(rates: pd.DataFrame, name: str, column: str, slot: int) -> Line:
    columns = ["period", column, f"{column}_low", f"{column}_high"]
    rows = rates[columns].dropna().to_numpy(dtype=np.float64).tolist()
    points = tuple((at, value) for at, value, _, _ in rows)
    names = {"retention": "kept", "acquisition": "new", "win_back": "won back"}
    return Line(names[name], slot, points, tuple((at, low, high) for at, _, low, high in rows))


def loyalty_figures(found: WorthFound) -> list[Figure]:
    """Worth beside the chance to stay; frequency beside attitude, where that was told."""
    shares = found.quadrants.table.set_index("quadrant")["profit_share"]
    title = "Who is worth it, and who stays"
    names = (("butterflies", "friends"), ("strangers", "barnacles"))
    values = tuple(tuple(float(shares[name]) for name in row) for row in names)
    sides = ("worth high", "worth low"), ("likely gone", "likely to stay")
    what = TOLD[found.profits.basis]
    heat = Heat(title, *sides, values, percent)
    made = [Figure(title, f"Share of all {what} of {days_told(found)}.", heat_map(heat))]
    if found.loyalty.is_told:
        title = "Frequency and attitude"
        wide = found.loyalty.matrix.pivot_table("customers_share", "frequency", "attitude")
        wide = wide.reindex(index=LEVELS[::-1], columns=ATTITUDES)
        parts = tuple(tuple(row) for row in wide.to_numpy(dtype=np.float64).tolist())
        heat = Heat(title, tuple(wide.index), tuple(wide.columns), parts, percent, "attitude")
        text = "Share of all customers; who never told a satisfaction is in none of them."
        made.append(Figure(title, text, heat_map(heat)))
    return made


def stage_figures(found: WorthFound) -> list[Figure]:
    """Where customers of a stage are one step later."""
    if found.stages is None:
        return []
    chances = found.stages.matrix().dropna(how="all")
    title, across = "From stage to stage", f"{found.stages.period_days} days later"
    values = tuple(tuple(row) for row in chances.to_numpy(dtype=np.float64).tolist())
    rows, columns = (tuple(map(str, names)) for names in (chances.index, chances.columns))
    text = "Of the customers in the stage of a row, the share in that of the column later."
    heat = Heat(title, rows, columns, values, _share, across, top=1.0)
    return [Figure(title, text, heat_map(heat))]


def _share(value: float) -> str:
    """As `percent`, short enough for a cell."""
    return f"<0.1{NO_BREAK}%" if 0 < value < LEAST_SHARE else percent(value)
