"""What a customer's own past says of an item: how often, how long ago, and whether it is due."""

from typing import Final

import numpy as np

from features.compiled import compiled
from models.next_basket.histories import Codes, Doubles, Histories, WholeArray

BASKET_DECAYS: Final = (0.7, 0.8, 0.9, 0.95, 0.98)
HALF_LIVES: Final = (14.0, 45.0, 120.0)
NEWEST: Final = (1, 2, 3, 5, 10, 20)
"""Rates of decay per basket, half-lives in days, and numbers of newest baskets that are counted."""

OWN_COLUMNS: Final = (
    "own_count",
    "own_share",
    "own_share_since_first",
    "own_baskets_since_last",
    "own_days_since_last",
    "own_baskets_since_first",
    "own_days_since_first",
    "own_gap_days",
    "own_gap_days_sd",
    "own_gap_days_last",
    "own_gap_baskets",
    "own_gap_baskets_sd",
    "own_overdue_days",
    "own_overdue_baskets",
    "own_size_mean",
    "own_inverse_size_decayed",
    "own_inverse_size_share",
    "own_size_last",
    *(f"own_decayed_{rate:g}" for rate in BASKET_DECAYS),
    *(f"own_faded_{days:g}d" for days in HALF_LIVES),
    *(f"own_count_newest_{count}" for count in NEWEST),
)
"""Columns of `own_past`, by position."""


def own_past(histories: Histories, as_of: WholeArray, starts: WholeArray, items: Codes) -> Doubles:
    """Figures of customers and items, shape (pairs, len(OWN_COLUMNS)).

    Times are up to the customer's newest basket. The day of the next one is not known: it is
    expected the customer's mean gap later, or on ``as_of`` if that has passed. An item is overdue
    by the time from when it was last bought until then, over its own mean gap (1 is on time).
    Counts of what was never bought are 0, times NaN; so are gaps of what was bought once.

    Parameters
    ----------
    histories
        Of the customers.
    as_of
        Shape (customers,): day that the next basket is predicted on.
    starts
        Shape (customers + 1,): where the items of each customer begin.
    items
        Shape (pairs,): which items are asked of, each once per customer.
    """
    return _own_past(
        (histories.firsts, histories.days, histories.starts, histories.codes),
        (starts, items, as_of),
        len(histories.items),
        (np.asarray(BASKET_DECAYS), np.asarray(HALF_LIVES), np.asarray(NEWEST)),
        len(OWN_COLUMNS),
    )


@compiled
def _own_past(
    histories: tuple[WholeArray, WholeArray, WholeArray, Codes],
    pairs: tuple[WholeArray, Codes, WholeArray],
    items: int,
    settings: tuple[Doubles, Doubles, WholeArray],
    columns: int,
) -> Doubles:
    firsts, days, starts, codes = histories
    asked, wanted, as_of = pairs
    found = np.zeros((wanted.size, columns))
    place = np.full(items, -1, np.int64)
    for customer in range(firsts.size - 1):
        for pair in range(asked[customer], asked[customer + 1]):
            place[wanted[pair]] = pair
        begin, end = firsts[customer], firsts[customer + 1]
        sums = np.zeros((asked[customer + 1] - asked[customer], 7))
        for basket in range(begin, end):
            for entry in range(starts[basket], starts[basket + 1]):
                pair = place[codes[entry]]
                if pair >= 0:
                    size = starts[basket + 1] - starts[basket]
                    about = (basket, end - 1 - basket, days[end - 1] - days[basket], size)
                    _add(found[pair], sums[pair - asked[customer]], days, about, settings)
        for pair in range(asked[customer], asked[customer + 1]):
            bounds = (begin, end, as_of[customer])
            _finish(found[pair], sums[pair - asked[customer]], days, bounds)
            place[wanted[pair]] = -1
    return found


@compiled
def _add(
    row: Doubles,
    sums: Doubles,
    days: WholeArray,
    about: tuple[int, int, int, int],
    settings: tuple[Doubles, Doubles, WholeArray],
) -> None:
    """One purchase more; sums hold first and last basket, and gaps with their squares."""
    basket, ago, days_ago, size = about
    decays, half_lives, newest = settings
    if row[0] == 0:
        sums[0] = basket
    else:
        gap, gap_days = basket - sums[1], days[basket] - days[np.int64(sums[1])]
        sums[2] += gap
        sums[3] += gap * gap
        sums[4] += gap_days
        sums[5] += gap_days * gap_days
        row[9] = gap_days
    sums[1] = basket
    row[0] += 1
    row[14] += size
    row[15] += 0.95**ago / size
    row[16] += 1 / size
    row[17] = size
    at = 18
    for rate in decays:
        row[at] += rate**ago
        at += 1
    for half in half_lives:
        row[at] += 0.5 ** (days_ago / half)
        at += 1
    for count in newest:
        if ago < count:
            row[at] += 1
        at += 1


@compiled
def _finish(row: Doubles, sums: Doubles, days: WholeArray, about: tuple[int, int, int]) -> None:
    """From sums to means, and NaN where nothing was bought."""
    begin, end, as_of = about
    count = row[0]
    if count == 0:
        for column in range(3, 15):
            row[column] = np.nan
        row[17] = np.nan
        return
    first, last = np.int64(sums[0]), np.int64(sums[1])
    row[1] = count / (end - begin)
    row[2] = count / (end - first)
    row[3], row[4] = end - 1 - last, days[end - 1] - days[last]
    row[5], row[6] = end - 1 - first, days[end - 1] - days[first]
    row[14] /= count
    row[16] /= end - begin
    if count == 1:
        for column in range(7, 14):
            row[column] = np.nan
        return
    gaps = count - 1
    row[7], row[10] = sums[4] / gaps, sums[2] / gaps
    row[8] = np.sqrt(max(0.0, sums[5] / gaps - row[7] ** 2))
    row[11] = np.sqrt(max(0.0, sums[3] / gaps - row[10] ** 2))
    gap = (days[end - 1] - days[begin]) / (end - 1 - begin)
    until_next = max(gap, as_of - days[end - 1])
    row[12] = (row[4] + until_next) / row[7]
    row[13] = (row[3] + 1) / row[10]
