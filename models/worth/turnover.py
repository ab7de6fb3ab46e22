"""How many customers each period won, kept, lost and won back, and at which rates."""

from collections.abc import Sequence
from math import nan

import numpy as np
import pandas as pd

from models.proportions import wilson
from models.spec import BoolArray, IntArray
from models.spending import PeriodsUnclear, orders_of, period_of, require_edges


def customer_rates(
    purchases: pd.DataFrame,
    edges: Sequence[int] | IntArray,
    targeted: Sequence[int] | None = None,
) -> pd.DataFrame:
    r"""Customers won, kept, lost and won back in each period, and the rates, with 95 % intervals.

    A customer is active in a period who orders in it. Of period k:

    - new: the first order known is in it; retained: active in k - 1 and k; lost: active in k - 1
      and not in k; won_back: active in k, known before k - 1 begins, and not active in k - 1;
    - ``acquisition_rate``: new among the active of k; with ``targeted``, also
      ``targeted_rate``: new among the prospects who were targeted (Kumar and Reinartz 2018,
      "Customer relationship management"; both are in use);
    - ``retention_rate``: retained among the active of k - 1; ``attrition_rate``: lost among them,
      1 less the former;
    - ``win_back_rate``: won back among who was known before k - 1 began and not active in it.

    In the first period everybody looks new and nobody can be retained: its rates are NaN. Later
    ones count as new who last ordered before the purchases begin.

    Parameters
    ----------
    purchases
        See `models.spending.seen`.
    edges
        Days at which periods begin, and the end of the last.
    targeted
        Prospects targeted in each period; None: not known.

    Returns
    -------
    pandas.DataFrame
        A row per period: period (first day); active, new, retained, lost, won_back (customers);
        each rate with ``_low`` and ``_high`` (Wilson).

    Raises
    ------
    PurchasesUnclear, PeriodsUnclear
        See `models.spending`; the latter also when prospects are not told of every period.
    """
    bounds = np.asarray(edges, dtype=np.int64)
    require_edges(bounds)
    _require_targeted(targeted, len(bounds) - 1)
    is_active, first = _activity(orders_of(purchases, int(bounds[-1])), bounds)
    asked = [nan] * (len(bounds) - 1) if targeted is None else list(targeted)
    rows = []
    for place, (begins, prospects) in enumerate(zip(bounds[:-1].tolist(), asked, strict=True)):
        counts, wholes = _counts(place, is_active, first)
        row: dict[str, float] = {"period": begins, "active": int(is_active[:, place].sum())}
        row |= counts
        told = {
            "acquisition": (counts["new"], row["active"]),
            "retention": (counts["retained"], wholes["retained"]),
            "attrition": (counts["lost"], wholes["lost"]),
            "win_back": (counts["won_back"], wholes["won_back"]),
        }
        if targeted is not None:
            told["targeted"] = (counts["new"], prospects)
        for name, (part, whole) in told.items():
            share = wilson(part, 0 if np.isnan(part) else whole)
            row[f"{name}_rate"] = share.value
            row |= {f"{name}_rate_low": share.low, f"{name}_rate_high": share.high}
        rows.append(row)
    return pd.DataFrame(rows)


def _require_targeted(targeted: Sequence[int] | None, periods: int) -> None:
    if targeted is not None and len(targeted) != periods:
        message = (
            f"rates need the prospects targeted in each of the {periods} periods, but "
            f"{len(targeted)} numbers are given; give one per period"
        )
        raise PeriodsUnclear(message)


def _counts(
    place: int, is_active: BoolArray, first: IntArray
) -> tuple[dict[str, float], dict[str, float]]:
    """Customers of a period by what became of them, and of how many; NaN where none can be told."""
    now, new = is_active[:, place], int((first == place).sum())
    if place == 0:
        known = bool((first < 0).any())
        unknown = dict.fromkeys(("retained", "lost", "won_back"), nan)
        return {"new": new if known else nan, **unknown}, unknown
    before = is_active[:, place - 1]
    silent = (first < place - 1) & ~before
    counts = {
        "new": new,
        "retained": int((before & now).sum()),
        "lost": int((before & ~now).sum()),
        "won_back": int((silent & now).sum()),
    }
    known_before = int(before.sum())
    wholes = {"retained": known_before, "lost": known_before, "won_back": int(silent.sum())}
    return dict(counts), dict(wholes)


def _activity(orders: pd.DataFrame, bounds: IntArray) -> tuple[BoolArray, IntArray]:
    """Who orders in which period, shape (n, periods), and the period of the first order.

    That is -2 of who first ordered before all periods: known from the start.
    """
    place = period_of(orders["day"].to_numpy(dtype=np.int64), bounds)
    place = np.where(orders["day"].to_numpy() < bounds[0], -2, place)
    codes, _ = pd.factorize(orders["customer"], sort=True)
    people = int(codes.max()) + 1 if len(codes) else 0
    found = np.zeros((people, len(bounds) - 1), dtype=bool)
    inside = place >= 0
    found[codes[inside], place[inside]] = True
    first = np.full(people, len(bounds), dtype=np.int64)
    np.minimum.at(first, codes, place)
    return found, first
