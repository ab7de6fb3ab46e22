"""A review of lifetimes as one HTML page that needs nothing but itself."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from models.metrics import Estimate
from models.spec import FloatArray
from pipelines.charts import (
    LEFT,
    RIGHT,
    Axis,
    Key,
    axes,
    drawing,
    legend,
    path,
    slot_class,
)
from pipelines.config import Business
from pipelines.contest import MODEL
from pipelines.curves import PLOT
from pipelines.evidence import Evidence
from pipelines.gates_page import gates_page
from pipelines.lifetime_contest import EVERYBODY
from pipelines.page import Figure
from pipelines.proposal_words import Rows
from pipelines.rounding import count, day, percent, with_interval

FIGURES: Final[Mapping[str, str]] = {
    "concordance": "concordance (Harrell)",
    "uno_concordance": "concordance (Uno)",
    "timed_concordance": "concordance (Antolini)",
    "integrated_brier": "integrated Brier score",
}
"""Figures of a contestant that do not belong to a horizon, and what they are called."""

FIFTHS: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Customers whose own curves are drawn: the middle of each fifth by risk."""

NAMES: Final[Mapping[str, str]] = {MODEL: "challenger", EVERYBODY: "one curve for all"}


def lifetime_page(
    business: Business,
    evidence: Evidence,
    curves: Mapping[str, FloatArray],
    found: pd.DataFrame,
) -> str:
    """The whole page as HTML; the same text for the same findings.

    Parameters
    ----------
    business
        Whose customers.
    evidence
        What the review found.
    curves
        Survival curves of the customers by contestant, shape (n, weeks).
    found
        Kaplan and Meier's curve of what came true: week and outlasting.
    """
    horizons = business.lifetime.horizons_weeks
    reading = (
        f"Judged by what became of {count(len(curves[MODEL]))} customers of "
        f"{day(evidence.as_of)} within {business.lifetime.weeks} weeks. A customer has left when "
        f"nothing is bought for {business.churn.horizon_days} days."
    )
    return gates_page(
        business,
        evidence,
        "lifetimes",
        reading,
        figures=_charts(curves, found),
        tables=[_figures(evidence.estimates), _at_horizons(evidence.estimates, horizons)],
    )


def survival_chart(title: str, lines: Sequence[tuple[str, FloatArray]]) -> str:
    """Share or chance to be there still (y) after so many weeks (x), everybody at week 0."""
    weeks = max(len(line) for _, line in lines)
    slots = {name: slot for slot, (name, _) in enumerate(lines, start=1)}
    names, below = legend([Key(name, slot) for name, slot in slots.items()])
    y = Axis("still there", 0, 1, below + 26 + PLOT, below + 26, percent)
    x = Axis("weeks from as_of on", 0, weeks, LEFT, RIGHT, count)
    body = names + axes(x, y)
    for name, line in reversed(lines):
        pixels = [(x.at(week), y.at(share)) for week, share in enumerate([1.0, *line])]
        body += path(pixels, f"curve {slot_class(slots[name])}")
    ends = "; ".join(f"{name}: {percent(line[-1])} after week {len(line)}" for name, line in lines)
    return drawing(title, f"{ends}.", y.start + 38, body)


def _charts(curves: Mapping[str, FloatArray], found: pd.DataFrame) -> tuple[Figure, Figure]:
    """All customers together, and single ones from the safest to the most endangered."""
    together = "How many are still there"
    lines = [(NAMES.get(name, name), each.mean(axis=0)) for name, each in curves.items()]
    came = ("what came true", found["outlasting"].to_numpy(dtype=np.float64))
    single = "Curves of single customers"
    order = np.argsort(-curves[MODEL].sum(axis=1), kind="stable")
    picked = [order[int(share * len(order))] for share in FIFTHS]
    own = [
        (f"safer than {percent(1 - share)}", curves[MODEL][row])
        for share, row in zip(FIFTHS, picked, strict=True)
    ]
    return (
        Figure(
            together,
            "The mean of all curves beside what came true, by Kaplan and Meier.",
            survival_chart(together, [came, *lines]),
        ),
        Figure(
            single,
            "The challenger's curves of the middle customer of each fifth.",
            survival_chart(single, own),
        ),
    )


def _figures(estimates: Mapping[str, Mapping[str, Estimate]]) -> Rows:
    return Rows(
        "Figures",
        "With 95 % intervals by resampling customers. Concordance: of two customers, how often the "
        "one who left first was said to be at more risk; 0.5 is by chance. The integrated Brier "
        "score is a squared error; 0 is perfect.",
        ("", *(NAMES.get(name, name) for name in estimates)),
        tuple(
            (title, *(with_interval(each[key]) for each in estimates.values()))
            for key, title in FIGURES.items()
        ),
    )


def _at_horizons(estimates: Mapping[str, Mapping[str, Estimate]], horizons: Sequence[int]) -> Rows:
    told = {"calibration error": "calibration_error", "gone, of those said to be": "gone_ratio"}
    return Rows(
        "At each horizon",
        "Whether chances to be gone by then come true: the error of calibration, and how many were "
        "gone in multiples of what was said; 1 is perfect.",
        ("", *(NAMES.get(name, name) for name in estimates)),
        tuple(
            (
                f"{title}, {week} weeks",
                *(with_interval(each[f"{key}_{week}w"]) for each in estimates.values()),
            )
            for week in horizons
            for title, key in told.items()
        ),
    )
