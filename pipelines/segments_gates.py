"""What a challenger of segments must show before it may go live."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

import numpy as np
from scipy.stats import chi2

from models.metrics import Estimate
from models.proportions import wilson
from models.segments.actions import Action, action_for
from models.segments.agreement import agreement
from models.segments.moving import SegmentDrift
from models.segments.portraits import told_of
from pipelines.findings import Gate
from pipelines.gates import data_fresh
from pipelines.reviewing import CHALLENGER
from pipelines.rounding import fraction, percent, with_interval
from pipelines.segment_settings import Segments
from pipelines.segments_held import SIZES, Held, Newest

RESAMPLES: Final = 500
_SEED: Final = 0


def gates(
    bounds: Segments, newest: Newest, found: Mapping[str, Held], trained_on: date
) -> tuple[Gate, ...]:
    """Every gate with what it required and what was found."""
    ours = found[CHALLENGER]
    return (
        _found_again(bounds, ours),
        _each_found_again(bounds, ours),
        _large_enough(bounds, ours),
        _steady(bounds, ours),
        _fitting(bounds, newest, ours),
        *(_as_stable(name, ours, each) for name, each in found.items() if name != CHALLENGER),
        _unseen(newest, trained_on),
        data_fresh(
            (trained_on, "that segments were made of"),
            newest.last_on,
            bounds.age_most,
            "Customers change.",
        ),
    )


def _unseen(newest: Newest, trained_on: date) -> Gate:
    return Gate(
        "unseen days",
        f"an as_of on or after {trained_on}",
        str(newest.as_of),
        newest.as_of >= trained_on,
        "Nothing from this day on has made a segment.",
    )


def _found_again(bounds: Segments, ours: Held) -> Gate:
    least = bounds.split.rand_least
    return Gate(
        "found again",
        f"an adjusted Rand index of {fraction(least)} at least, on average, with splits of today's "
        f"customers drawn anew",
        with_interval(ours.stability.rand),
        ours.stability.rand.value >= least,
        "A split that other customers would not show is due to chance.",
    )


def _each_found_again(bounds: Segments, ours: Held) -> Gate:
    least, overlap = bounds.split.jaccard_least, ours.stability.jaccard
    worst = int(np.argmin(overlap))
    return Gate(
        "each segment found again",
        f"an overlap of {fraction(least)} at least of each segment with its like",
        f"{fraction(float(overlap[worst]))} ({_name(ours, worst)})",
        float(overlap[worst]) >= least,
        "A segment may come and go while the others last.",
    )


def _large_enough(bounds: Segments, ours: Held) -> Gate:
    rows = ours.drift.rows
    shares = rows.loc[rows["segment"] >= 0, "share_now"]
    worst, least = int(shares.argmin()), bounds.split.least_share
    return Gate(
        "large enough",
        f"{percent(least)} of today's customers at least in each segment",
        f"{percent(float(shares.iloc[worst]))} ({_name(ours, worst)})",
        float(shares.iloc[worst]) >= least,
        "What is done for a segment is done for somebody.",
    )


def _steady(bounds: Segments, ours: Held) -> Gate:
    rows = ours.drift.rows
    told = {SIZES: (ours.drift.psi, sizes_by_chance(ours.drift))} | {
        f"distances in {_name(ours, int(row['segment']))}": (
            float(row["distance_psi"]),
            by_chance(_bins(ours, row["segment"]), row["customers_then"], row["customers_now"]),
        )
        for row in rows.to_dict("records")
        if row["segment"] >= 0 and not np.isnan(row["distance_psi"])
    }
    worst = max(told, key=lambda name: told[name][0] - max(bounds.drift_most, told[name][1]))
    found, chance = told[worst]
    most = max(bounds.drift_most, chance)
    return Gate(
        "no drift",
        f"a population stability index of {fraction(bounds.drift_most)} at most, of sizes and of "
        f"distances to the middles, or what chance makes of so few customers",
        f"{fraction(found)} ({worst}; chance reaches {fraction(chance)})",
        found <= most,
        "Names, rules and actions speak of the customers that segments were made of.",
    )


def by_chance(bins: int, then: int, now: int) -> float:
    r"""Index that 95 % of indices without any drift do not exceed.

    .. math:: (1/n + 1/m) \; \chi^2_{b - 1}

    Source: Yurdakul 2018, "Statistical properties of population stability index".

    Parameters
    ----------
    bins
        That customers are counted in.
    then, now
        Customers of both days.
    """
    if not then or not now:
        return 0.0
    return float((1 / then + 1 / now) * chi2.ppf(0.95, max(bins - 1, 1)))


def sizes_by_chance(found: SegmentDrift) -> float:
    """`by_chance` of the index of sizes, over the segments that held anybody on either day."""
    then, now = found.rows["customers_then"], found.rows["customers_now"]
    held = int(((then > 0) | (now > 0)).sum())
    return by_chance(held, int(then.sum()), int(now.sum()))


def _bins(ours: Held, number: int) -> int:
    """Bins of the distances in a segment, without that of missing ones, which none is."""
    bins = ours.version.reference.distances
    return int(((bins["segment"] == number) & (bins["bin"] >= 0)).sum())


def _fitting(bounds: Segments, newest: Newest, ours: Held) -> Gate:
    """Actions, by figures of the newest day whose figures are known, are those that are told."""
    told = ours.version.told.set_index("segment")["action"]
    differing = [
        _name(ours, int(number))
        for number in told.index
        if _action(bounds.actions, newest, ours, int(number)).do != told[number]
    ]
    return Gate(
        "actions still fit",
        f"the action of each segment is the one that its figures of {newest.observed} ask for",
        f"another is asked for {', '.join(differing)}" if differing else "each is",
        not differing,
        "Figures of a segment change, and with them what is to be done.",
    )


def _action(actions: tuple[Action, ...], newest: Newest, ours: Held, number: int) -> Action:
    inside = ours.observed.segment == number
    values = newest.figures.by_name
    return action_for({name: told_of(each, inside).index for name, each in values.items()}, actions)


def _as_stable(name: str, ours: Held, other: Held) -> Gate:
    mean = other.stability.rand.value
    return Gate(
        f"as stable as {name}",
        f"an adjusted Rand index whose 95 % over resamples reach {fraction(mean)}, that of {name}",
        with_interval(ours.stability.rand),
        ours.stability.rand.high >= mean,
        "What is live is changed for something that is no worse.",
    )


def agreements(ours: Held, name: str, other: Held) -> Iterator[tuple[str, Estimate]]:
    """How far the challenger agrees with another version on today's customers.

    Yields the adjusted Rand index of both splits, and the shares of customers who are told another
    segment by name, and another action.
    """
    one, two = ours.assigned.segment, other.assigned.segment
    yield f"adjusted_rand with {name}", agreement(one, two, RESAMPLES, _SEED)
    for column in ("name", "action"):
        told = [_told(held, column) for held in (ours, other)]
        differs = int(np.count_nonzero(told[0] != told[1]))
        yield f"share told another {column} than by {name}", wilson(differs, len(one))


def _told(held: Held, column: str) -> "np.ndarray[tuple[int, ...], np.dtype[np.object_]]":
    known = {int(row["segment"]): row[column] for row in held.version.told.to_dict("records")}
    return np.array([known.get(each, "") for each in held.assigned.segment.tolist()], dtype=object)


def _name(held: Held, number: int) -> str:
    return str(held.version.told.set_index("segment")["name"][number])
