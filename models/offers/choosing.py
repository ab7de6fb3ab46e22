"""Offers chosen greedily, customer by customer, in a compiled loop."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from features.compiled import compiled
from models.offers.candidates import Candidates
from models.offers.policies import KINDS, LEFT_OUT, RANKED_BY, Policies
from models.offers.shelf import FloatArray, Shelf, WholeArray

_TWICE: Final = LEFT_OUT.index("given_twice")
_CYCLE: Final = LEFT_OUT.index("cycle")
_CYCLE_UNKNOWN: Final = LEFT_OUT.index("cycle_unknown")
_PROBABILITY: Final = LEFT_OUT.index("probability")
_MARGIN_UNKNOWN: Final = LEFT_OUT.index("expected_margin_unknown")
_MARGIN: Final = LEFT_OUT.index("expected_margin")
_MOST_PER: Final = LEFT_OUT.index("most_per")
_MOST_PER_KIND: Final = LEFT_OUT.index("most_per_kind")
_MOST: Final = LEFT_OUT.index("most")

Verdicts = npt.NDArray[np.int8]
"""Positions in `LEFT_OUT`; -1: nothing stands against it."""

_Rows = tuple[WholeArray, Verdicts, FloatArray, FloatArray]
"""Item, kind, probability and value of candidates."""

_Limits = tuple[int, WholeArray, WholeArray, WholeArray, FloatArray]
"""Most offers, most of a group by column, most and least of a kind, and discounts by better ones
alike."""


@dataclass(frozen=True, eq=False)
class Chosen:
    """Which candidates are offered.

    Attributes
    ----------
    rows
        Shape (offers,): positions among the candidates, those of each customer by rank.
    counts
        Shape (customers,): offers of each.
    left_out
        Shape (reasons,): candidates left out, by `LEFT_OUT`.
    """

    rows: WholeArray
    counts: WholeArray
    left_out: WholeArray


def chosen(candidates: Candidates, shelf: Shelf, policies: Policies) -> Chosen:
    """The best candidates of each customer that policies allow, one after the other.

    Each place goes to the candidate of the most worth among those that are still allowed. Of equal
    worth it goes to the one that would be worth more without a discount for diversity, then to the
    more probable one, then to the item of the lower position. Where no more places are left than
    are kept for kinds that still lack some, and have candidates, only these kinds are looked at.

    The discount is that of alpha-nDCG (Clarke et al. 2008, "Novelty and diversity in information
    retrieval evaluation", SIGIR), (1 - diversity) to the power of how many better offers share the
    group; to choose greedily by what each adds to those before is the idea of maximal marginal
    relevance (Carbonell and Goldstein 1998, "The use of MMR, diversity-based reranking for
    reordering documents and producing summaries", SIGIR). Where that subtracts the likeness to the
    most alike one, here likeness is to be in the same group or not, and all alike ones count. Worth
    below 0 is not discounted: it would rise.
    """
    value, rests, late = _judged(
        (candidates.items, candidates.probability, candidates.units),
        (candidates.cycle_days, candidates.days_since),
        (shelf.price, shelf.unit_margin),
        (
            _or_nan(policies.cycle_share),
            _or_nan(policies.unknown_cycle_days),
            policies.probability_least,
            _or_nan(policies.expected_margin_least),
        ),
        RANKED_BY.index(policies.rank_by),
    )
    rows = (candidates.items, candidates.kinds, candidates.probability, value)
    verdict = _once(candidates.starts, rows, rests, late, shelf.verdict)
    never_full = policies.most + 1
    kinds = [policies.most_per_kind.get(kind, never_full) for kind in KINDS]
    kept = [policies.least_per_kind.get(kind, 0) for kind in KINDS]
    shares = [(1 - policies.diversity) ** count for count in range(policies.most + 1)]
    limits = (
        policies.most,
        np.array(list(policies.most_per.values()), dtype=np.int64),
        np.array(kinds, dtype=np.int64),
        np.array(kept, dtype=np.int64),
        np.array(shares, dtype=np.float64),
    )
    used = (shelf.groups, int(shelf.sizes.max(initial=0)))
    return Chosen(*_filled(candidates.starts, rows, verdict, used, limits))


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else float(value)


@compiled
def _judged(
    bought: tuple[WholeArray, FloatArray, FloatArray],
    times: tuple[FloatArray, FloatArray],
    money: tuple[FloatArray, FloatArray],
    asked: tuple[float, float, float, float],
    rank_by: int,
) -> tuple[FloatArray, Verdicts, Verdicts]:
    """What each candidate is ranked by, whether it is within its cycle, and falls below a floor."""
    items, probability, units = bought
    cycle_days, days_since = times
    price, unit_margin = money
    cycle_share, unknown_cycle, probability_least, margin_least = asked
    value = np.empty(items.size, np.float64)
    rests = np.full(items.size, -1, np.int8)
    late = np.full(items.size, -1, np.int8)
    for row in range(items.size):
        expected = probability[row] * units[row]
        margin = expected * unit_margin[items[row]]
        worth = probability[row]
        if rank_by == 1:
            worth = margin
        elif rank_by == 2:  # noqa: PLR2004  position in RANKED_BY
            worth = expected * price[items[row]]
        value[row] = -np.inf if np.isnan(worth) else worth
        if probability[row] < probability_least:
            late[row] = _PROBABILITY
        elif not np.isnan(margin_least) and np.isnan(margin):
            late[row] = _MARGIN_UNKNOWN
        elif margin < margin_least:
            late[row] = _MARGIN
        if np.isnan(cycle_share) or np.isnan(days_since[row]):
            continue
        cycle = unknown_cycle if np.isnan(cycle_days[row]) else cycle_days[row]
        if np.isnan(cycle):
            rests[row] = _CYCLE_UNKNOWN
        elif days_since[row] < cycle_share * cycle:
            rests[row] = _CYCLE
    return value, rests, late


@compiled
def _once(
    starts: WholeArray, rows: _Rows, rests: Verdicts, late: Verdicts, shelf: Verdicts
) -> Verdicts:
    """The first reason that leaves a candidate out; of an item given twice, one row is left.

    An item is within its own cycle if any of its rows says so, not only the one that is left.
    """
    verdict = late.copy()
    place = np.full(shelf.size, -1, np.int64)
    resting = np.full(shelf.size, -1, np.int8)
    for customer in range(starts.size - 1):
        for row in range(starts[customer], starts[customer + 1]):
            item = rows[0][row]
            before = place[item]
            if before < 0:
                place[item] = row
                resting[item] = rests[row]
                continue
            if rests[row] >= 0 and (resting[item] < 0 or rests[row] < resting[item]):
                resting[item] = rests[row]
            if _is_better(rows, row, before):
                verdict[before] = _TWICE
                place[item] = row
            else:
                verdict[row] = _TWICE
        for row in range(starts[customer], starts[customer + 1]):
            item = rows[0][row]
            if place[item] == row:
                place[item] = -1
                if shelf[item] >= 0:
                    verdict[row] = shelf[item]
                elif resting[item] >= 0:
                    verdict[row] = resting[item]
    return verdict


@compiled
def _is_better(rows: _Rows, one: int, other: int) -> bool:
    """Whether one row of an item is better than another of the same customer."""
    _, kinds, probability, value = rows
    if value[one] != value[other]:
        return bool(value[one] > value[other])
    if probability[one] != probability[other]:
        return bool(probability[one] > probability[other])
    return bool(kinds[one] < kinds[other])


@compiled
def _filled(
    starts: WholeArray,
    rows: _Rows,
    verdict: Verdicts,
    groups: tuple[npt.NDArray[np.int32], int],
    limits: _Limits,
) -> tuple[WholeArray, WholeArray, WholeArray]:
    """Rows offered, offers of each customer, and how many were left out by each reason."""
    most = limits[0]
    found = np.empty(min(most * (starts.size - 1), verdict.size), np.int64)
    counts = np.zeros(starts.size - 1, np.int64)
    left_out = np.zeros(_MOST + 1, np.int64)
    live = np.empty(verdict.size, np.int64)
    used = np.zeros((groups[0].shape[0], groups[1]), np.int64)
    used_kinds = np.zeros(limits[2].size, np.int64)
    first = 0
    for customer in range(starts.size - 1):
        count = 0
        for row in range(starts[customer], starts[customer + 1]):
            if verdict[row] < 0:
                live[count] = row
                count += 1
            else:
                left_out[verdict[row]] += 1
        taken = 0
        while True:
            count = _without_full(
                live, count, rows, groups[0], (used, used_kinds, limits, left_out)
            )
            if count == 0 or taken == most:
                break
            is_wanted = _wanted(live[:count], rows[1], used_kinds, limits[3], most - taken)
            best = _best(live[:count], rows, (groups[0][-1], used[-1], limits[4]), is_wanted)
            found[first + taken] = live[best]
            _count(live[best], rows, groups[0], used, used_kinds)
            live[best] = live[count - 1]
            count -= 1
            taken += 1
        left_out[_MOST] += count
        _forget(found[first : first + taken], rows, groups[0], used, used_kinds)
        counts[customer] = taken
        first += taken
    return found[:first], counts, left_out


@compiled
def _without_full(
    live: WholeArray,
    count: int,
    rows: _Rows,
    groups: npt.NDArray[np.int32],
    state: tuple[WholeArray, WholeArray, _Limits, WholeArray],
) -> int:
    """How many are still allowed, at the front; those of a full group or kind are counted out."""
    used, used_kinds, limits, left_out = state
    _, most_per, most_per_kind, _, _ = limits
    at = 0
    while at < count:
        item, kind = rows[0][live[at]], rows[1][live[at]]
        reason = _MOST_PER_KIND if used_kinds[kind] >= most_per_kind[kind] else -1
        for column in range(most_per.size):
            group = groups[column, item]
            if group >= 0 and used[column, group] >= most_per[column]:
                reason = _MOST_PER
                break
        if reason < 0:
            at += 1
        else:
            left_out[reason] += 1
            count -= 1
            live[at] = live[count]
    return count


@compiled
def _wanted(
    live: WholeArray,
    kinds: Verdicts,
    used_kinds: WholeArray,
    least: WholeArray,
    places: int,
) -> npt.NDArray[np.bool_]:
    """Kinds that the next place may go to: all, unless as many places are kept as are left."""
    there = np.zeros(least.size, np.int64)
    for at in range(live.size):
        there[kinds[live[at]]] += 1
    lacking = np.minimum(np.maximum(least - used_kinds, 0), there)
    found = np.empty(least.size, np.bool_)
    for kind in range(least.size):
        found[kind] = lacking[kind] > 0 or lacking.sum() < places
    return found


@compiled
def _best(
    live: WholeArray,
    rows: _Rows,
    alike: tuple[npt.NDArray[np.int32], WholeArray, FloatArray],
    is_wanted: npt.NDArray[np.bool_],
) -> int:
    """Place of the row of the most worth among wanted kinds."""
    items, kinds, probability, values = rows
    groups, used, shares = alike
    best, best_worth = -1, -np.inf
    for at in range(live.size):
        row = live[at]
        if not is_wanted[kinds[row]]:
            continue
        worth, group = values[row], groups[items[row]]
        if group >= 0 and worth > 0:
            worth *= shares[used[group]]
        if best < 0 or worth > best_worth:
            best, best_worth = at, worth
        elif worth == best_worth:
            other = live[best]
            if values[row] != values[other]:
                is_better = values[row] > values[other]
            elif probability[row] != probability[other]:
                is_better = probability[row] > probability[other]
            else:
                is_better = items[row] < items[other]
            if is_better:
                best = at
    return best


@compiled
def _count(
    row: int,
    rows: _Rows,
    groups: npt.NDArray[np.int32],
    used: WholeArray,
    used_kinds: WholeArray,
) -> None:
    used_kinds[rows[1][row]] += 1
    for column in range(groups.shape[0]):
        group = groups[column, rows[0][row]]
        if group >= 0:
            used[column, group] += 1


@compiled
def _forget(
    found: WholeArray,
    rows: _Rows,
    groups: npt.NDArray[np.int32],
    used: WholeArray,
    used_kinds: WholeArray,
) -> None:
    used_kinds[:] = 0
    for row in found:
        for column in range(groups.shape[0]):
            group = groups[column, rows[0][row]]
            if group >= 0:
                used[column, group] = 0
