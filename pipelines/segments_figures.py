"""What is told of each customer of a day: money that came, whether they left, what they took."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from features.clock import HorizonNotObserved, Window, day_number, days_after
from features.labels import LabelsMissing, build_labels
from features.responders import ResponsesNotOver, ResponsesUnclear, responders
from features.spending import NoSpending, build_spending
from features.star import History
from features.warehouse import Connection
from models.spec import FloatArray
from models.spending import spend_of
from pipelines.jobs import Job
from pipelines.segments_found import FigureMeant
from pipelines.tables import read_manifest

NO_ORDERS: Final = "there are no orders"


@dataclass(frozen=True, eq=False)
class Figures:
    """Figures of the customers of a day.

    Attributes
    ----------
    meant
        What each is.
    by_name
        Name to shape (n,): NaN where it is not known of a customer.
    not_told
        Figure that was asked for to why it is not told.
    """

    meant: tuple[FigureMeant, ...]
    by_name: Mapping[str, FloatArray]
    not_told: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Asking:
    """Of whom and of which day figures are asked.

    Attributes
    ----------
    con, job
        The warehouse, and whose it is.
    as_of
        The day.
    customers
        Their names, in the order of the behaviour table.
    known
        What the warehouse holds.
    spending
        See `spending_of`; None where there are no orders.
    """

    con: Connection
    job: Job
    as_of: date
    customers: pd.Index
    known: History
    spending: pd.DataFrame | None


_Found = tuple[FigureMeant, FloatArray]


def figures_of(asking: Asking) -> Figures:
    """The figures that the config asks for, as far as they are known."""
    ways: Mapping[str, Callable[[Asking], _Found | str]] = {
        "value": _value,
        "churn": _churn,
        "offers": _offers,
    }
    asked = asking.job.business.segments.figures
    found = {name: ways[name](asking) for name in dict.fromkeys(asked)}
    told = {name: each for name, each in found.items() if not isinstance(each, str)}
    return Figures(
        tuple(meant for meant, _ in told.values()),
        {name: values for name, (_, values) in told.items()},
        {name: each for name, each in found.items() if isinstance(each, str)},
    )


def spending_of(con: Connection, job: Job, window: Window) -> pd.DataFrame | None:
    """A row per customer and day: customer, day (number), amount less returns, minor units.

    None where there are no orders.
    """
    sources = job.business.sources
    if sources.orders is None:
        return None
    try:
        table = build_spending(con, window, sources).to_pandas()
    except NoSpending:
        return pd.DataFrame({"customer": [], "day": [], "amount": []})
    days = table["day"].to_numpy(dtype="datetime64[D]").astype(np.int64)
    amount = table["amount"] - table["returned"]
    return pd.DataFrame({"customer": table["customer"], "day": days, "amount": amount})


def spent(
    spending: pd.DataFrame | None, customers: pd.Index, start: date, end: date
) -> pd.Series | None:
    """Money of each customer in ``[start, end)``, minor units; None where there are no orders."""
    if spending is None:
        return None
    return spend_of(customers, spending, day_number(start), day_number(end))


def _value(asking: Asking) -> _Found | str:
    days = asking.job.business.churn.label_days
    end = days_after(asking.as_of, days)
    if asking.spending is None:
        return NO_ORDERS
    late = _not_over(asking, end)
    if late:
        return late
    money = spent(asking.spending, asking.customers, asking.as_of, end)
    meaning = f"spend in the {days} days from {asking.as_of} on"
    values = np.array([] if money is None else money, dtype=np.float64)
    return FigureMeant("value", meaning, "money"), values


def _not_over(asking: Asking, end: date) -> str:
    """Why what comes before ``end`` is not known; empty where it is."""
    last_on = asking.known.last_on
    if last_on is not None and end <= days_after(last_on, 1):
        return ""
    return f"it is known when {days_after(end, -1)} is over, but the data end on {last_on}"


def _churn(asking: Asking) -> _Found | str:
    churn, last_on = asking.job.business.churn, asking.known.last_on
    try:
        labels = build_labels(asking.con, [asking.as_of], churn, last_on or asking.as_of)
    except (HorizonNotObserved, LabelsMissing) as error:
        return str(error)
    told = labels.to_pandas().set_index("customer")["churned"]
    values = told.reindex(asking.customers).astype(np.float64).to_numpy()
    days = f"{churn.horizon_days} days from {days_after(asking.as_of, churn.gap_days)} on"
    meaning = "left" if churn.kind == "labelled" else f"bought nothing in the {days}"
    return FigureMeant("churn", f"share who {meaning}", "share"), values


def _offers(asking: Asking) -> _Found | str:
    """Chances of a night of offers; without one, responses to campaigns."""
    found = _chances(asking)
    return _responses(asking) if found is None else found


def _chances(asking: Asking) -> _Found | None:
    job = asking.job
    path = job.home.scores(job.business.name, "offers", asking.as_of) / "offers.parquet"
    if not path.exists():
        return None
    rows = pq.read_table(path, columns=["customer", "probability"]).to_pandas()
    best = rows.groupby("customer")["probability"].max()
    seen_until = str(read_manifest(path).facts.get("outcomes_seen_until", asking.as_of))
    seen = f", by a model that has seen outcomes until {seen_until}"
    is_late = seen_until > str(asking.as_of)
    meaning = f"chance that the likeliest offer of {asking.as_of} is taken{seen if is_late else ''}"
    values = best.reindex(asking.customers).to_numpy(dtype=np.float64)
    return FigureMeant("offers", meaning, "share"), values


def _responses(asking: Asking) -> _Found | str:
    """Whether a campaign of the first half of the horizon was responded to within the other."""
    half = max(asking.job.business.churn.label_days // 2, 1)
    sources = asking.job.business.sources
    if sources.campaigns is None or sources.responses is None:
        return f"there are no offers of {asking.as_of}, and no campaigns with responses"
    try:
        table = responders(asking.con, sources, asking.as_of, None, (half, half)).to_pandas()
    except (ResponsesNotOver, ResponsesUnclear) as error:
        return str(error)
    told = table.set_index("customer")["responded"].reindex(asking.customers)
    meaning = (
        f"of those sent a campaign in the {half} days from {asking.as_of} on, the share who "
        f"responded within {half} days"
    )
    return FigureMeant("offers", meaning, "share"), told.astype(np.float64).to_numpy()
