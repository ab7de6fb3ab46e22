"""Loops over the rows of customers, which lie by customer and day; see `features.timeline`.

``ends`` are two arrays: rows of customer i are looked at from position ``ends[0][i]`` to before
``ends[1][i]``. Everything that a loop returns has one entry per customer unless it says otherwise.
"""

import numpy as np
import numpy.typing as npt

from features.compiled import compiled

Whole = npt.NDArray[np.int64]
Days = npt.NDArray[np.int32]
Doubles = npt.NDArray[np.float64]

Ends = tuple[Whole, Whole]

NEVER = 1 << 30
"""Above every day: of a purchase that there is not, and days to it."""


@compiled
def is_in_order(customer: Whole, day: Days) -> bool:
    """Whether rows lie by customer, and by day within each."""
    for row in range(1, len(customer)):
        if customer[row] < customer[row - 1]:
            return False
        if customer[row] == customer[row - 1] and day[row] < day[row - 1]:
            return False
    return True


@compiled
def runs_of(customer: Whole, day: Days, order: Whole) -> tuple[Whole, Whole, bool]:
    """Where runs of lines of one order begin, which of the runs begin a day, and if all is sorted.

    Returns
    -------
    runs
        Positions of lines that are of another customer, day or order than the line before.
    days
        Positions in ``runs`` of those that are of another customer or day than the run before.
    is_sorted
        Whether lines lie by customer, and by day within each.
    """
    runs, days = np.empty(len(customer), np.int64), np.empty(len(customer), np.int64)
    count_runs, count_days, is_sorted = 0, 0, True
    for row in range(len(customer)):
        is_day = row == 0 or customer[row] != customer[row - 1] or day[row] != day[row - 1]
        if is_day and row > 0:
            is_same = customer[row] == customer[row - 1]
            if customer[row] < customer[row - 1] or (is_same and day[row] < day[row - 1]):
                is_sorted = False
        if is_day:
            days[count_days] = count_runs
            count_days += 1
        if is_day or order[row] != order[row - 1]:
            runs[count_runs] = row
            count_runs += 1
    return runs[:count_runs].copy(), days[:count_days].copy(), is_sorted


@compiled
def is_apart(order: Whole, runs: Whole, days: Whole) -> bool:
    """Whether lines of another order lie between those of one, on a day of a customer.

    Parameters
    ----------
    order
        Of each line.
    runs, days
        Of `runs_of`.
    """
    for i in range(len(days)):
        end = days[i + 1] if i + 1 < len(days) else len(runs)
        first, last = days[i], end - 1
        if last - first > 1:  # something lies between them
            found = np.sort(order[runs[first:end]])
            for j in range(1, len(found)):
                if found[j] == found[j - 1]:
                    return True
    return False


@compiled
def sums_of_runs(values: Whole, begins: Whole) -> Whole:
    """Sum from each position to before the next, shape of ``begins``."""
    found = np.empty(len(begins), np.int64)
    for i in range(len(begins)):
        end = begins[i + 1] if i + 1 < len(begins) else len(values)
        total = np.int64(0)
        for row in range(begins[i], end):
            total += values[row]
        found[i] = total
    return found


@compiled
def gaps_of(customer: Whole, day: Days, orders: Whole, last: Whole) -> Days:
    """Days since the customer's last day with an order, on each day with one, shape of ``day``.

    -1 where there is no such day, and on days without an order.

    Parameters
    ----------
    customer, day, orders
        Rows by customer and day.
    last
        Of each row's customer, the last day with an order before the rows; or `NEVER`.
    """
    found = np.full(len(day), -1, np.int32)
    newest = np.int64(NEVER)
    for row in range(len(day)):
        if row == 0 or customer[row] != customer[row - 1]:
            newest = last[row]
        if orders[row] > 0:
            if newest != NEVER:
                found[row] = day[row] - newest
            newest = np.int64(day[row])
    return found


@compiled
def begins_of(customer: Whole) -> Whole:
    """Position of each customer's first row, of rows by customer."""
    found = np.empty(len(customer), np.int64)
    count = 0
    for row in range(len(customer)):
        if row == 0 or customer[row] != customer[row - 1]:
            found[count] = row
            count += 1
    return found[:count].copy()


@compiled
def places(begins: Whole, days: Days, group: Whole, day: Days) -> Whole:
    """Position of each pair of group and day in a table that is sorted by both; -1 without one.

    Parameters
    ----------
    begins
        Position of each group's first row, and the number of rows; shape (groups + 1,).
    days
        Of each row, each once in a group.
    group, day
        Pairs that are looked for, of one shape; a group below 0 is nowhere.
    """
    found = np.full(len(group), -1, np.int64)
    for i in range(len(group)):
        if group[i] < 0 or begins[group[i]] == begins[group[i] + 1]:
            continue
        low, high = begins[group[i]], begins[group[i] + 1] - 1
        low, high = (  # days differ by one at least, which narrows it down
            max(low, high - (days[high] - day[i])),
            min(high, low + (day[i] - days[low])),
        )
        while low < high:
            middle = (low + high) // 2
            if days[middle] < day[i]:
                low = middle + 1
            else:
                high = middle
        if low == high and days[low] == day[i]:
            found[i] = low
    return found


@compiled
def positions(days: Days, ends: Ends, wanted: Whole) -> Whole:
    """Position of the first row on each wanted day or later, shape (len(wanted), c).

    The end where there is none. The days that are wanted descend.
    """
    first, last = ends
    found = np.empty((len(wanted), len(first)), np.int64)
    for i in range(len(first)):
        low, high = first[i], last[i]
        while low < high:
            middle = (low + high) // 2
            if days[middle] < wanted[0]:
                low = middle + 1
            else:
                high = middle
        for j in range(len(wanted)):
            while low > first[i] and days[low - 1] >= wanted[j]:
                low -= 1
            found[j, i] = low
    return found


@compiled
def grown(running: Whole, ends: Whole, which: Whole, first: Whole, last: Whole) -> Doubles:
    """How much some of the running sums have grown between two ends, shape (a, c).

    Parameters
    ----------
    running
        Shape (sums, n + 1).
    ends
        Positions, shape (e, c).
    which, first, last
        Row of ``running``, and rows of ``ends`` between which it grows, shape (a,).
    """
    found = np.empty((len(which), ends.shape[1]))
    for j in range(len(which)):
        total, ends_first, ends_last = running[which[j]], ends[first[j]], ends[last[j]]
        for i in range(ends.shape[1]):
            # A position without a sign is not tested for counting from the end.
            found[j, i] = total[np.uint64(ends_last[i])] - total[np.uint64(ends_first[i])]
    return found


@compiled
def moments(days: Days, measure: Whole, ends: Ends, as_of: int) -> Doubles:
    """Sum of measure times age."""
    first, last = ends
    found = np.empty(len(first))
    for i in range(len(first)):
        total = np.int64(0)
        for row in range(first[i], last[i]):
            total += measure[row] * (as_of - days[row])
        found[i] = total
    return found


@compiled
def newest_ages(days: Days, measure: Whole, ends: Ends, as_of: int, rank: int) -> Doubles:
    """Age of the newest row whose measure is above 0, or of the next newest; NaN without one."""
    first, last = ends
    found = np.full(len(first), np.nan)
    for i in range(len(first)):
        row, left = last[i], rank
        while row > first[i] and left > 0:
            row -= 1
            if measure[row] > 0:
                left -= 1
        if left == 0:
            found[i] = as_of - days[row]
    return found


@compiled
def oldest_ages(days: Days, measure: Whole, ends: Ends, as_of: int) -> Doubles:
    """Age of the oldest row whose measure is above 0; NaN without one."""
    first, last = ends
    found = np.full(len(first), np.nan)
    for i in range(len(first)):
        for row in range(first[i], last[i]):
            if measure[row] > 0:
                found[i] = as_of - days[row]
                break
    return found


@compiled
def largest(measure: Whole, ends: Ends) -> Doubles:
    """Largest value, not below 0."""
    first, last = ends
    found = np.zeros(len(first))
    for i in range(len(first)):
        for row in range(first[i], last[i]):
            found[i] = max(found[i], measure[row])
    return found


@compiled
def rows_above(measure: Whole, bar: Doubles, ends: Ends) -> Doubles:
    """Rows whose measure is above the customer's bar; none where that is NaN."""
    first, last = ends
    found = np.zeros(len(first))
    for i in range(len(first)):
        for row in range(first[i], last[i]):
            if measure[row] > bar[i]:
                found[i] += 1
    return found


@compiled
def faded(days: Days, measure: Whole, ends: Ends, kept: Doubles) -> Doubles:
    """Sum on each row's day of the customer's measure so far, shape of ``days``.

    ``kept[d]`` is what is left of 1 after d days.
    """
    first, last = ends
    found = np.zeros(len(days))
    for i in range(len(first)):
        total = 0.0
        for row in range(first[i], last[i]):
            if row > first[i]:
                total *= kept[days[row] - days[row - 1]]
            total += measure[row]
            found[row] = total
    return found


@compiled
def revisits(thing: Whole, days: Days, ends: Ends, size: int) -> tuple[Days, Days]:
    """Days from each row to the same thing's row before, and to the one after; or `NEVER`.

    Two arrays of the shape of ``days``. Things are numbers below ``size``; customers ascend.
    """
    first, last = ends
    before, after = np.full(len(days), NEVER, np.int32), np.full(len(days), NEVER, np.int32)
    newest = np.full(size, -1, np.int64)
    for i in range(len(first)):
        for row in range(first[i], last[i]):
            known = newest[thing[row]]
            if known >= first[i]:
                before[row] = after[known] = days[row] - days[known]
            newest[thing[row]] = row
    return before, after


@compiled
def visits(
    days: Days,
    gaps: tuple[Days, Days],
    ends: Ends,
    as_of: int,
    windows: Whole,
) -> Doubles:
    """Different things in each window, and those seen for the first time, shape (2, windows, c).

    Parameters
    ----------
    days
        Of each row.
    gaps
        Of `revisits`.
    ends
        Of the longest window, which ends before as_of.
    as_of
        Day number.
    windows
        Days of each window, ascending.
    """
    first, last = ends
    before, after = gaps
    found = np.zeros((2, len(windows), len(first)))
    for i in range(len(first)):
        shortest = len(windows) - 1  # window in which the row lies; rows come nearer
        for row in range(first[i], last[i]):
            age = as_of - days[row]
            while shortest > 0 and age <= windows[shortest - 1]:
                shortest -= 1
            if after[row] >= age:
                found[0, shortest, i] += 1
            if before[row] == NEVER:
                found[1, shortest, i] += 1
        for j in range(1, len(windows)):
            found[0, j, i] += found[0, j - 1, i]
            found[1, j, i] += found[1, j - 1, i]
    return found


@compiled
def tallies(thing: Whole, measure: Whole, ends: Ends, size: int) -> Doubles:
    """What the sums n of a measure by thing come to, shape (4, c).

    The sum of n squared; of n ln n where n is above 1; the largest n, not below 0; and the thing
    with the largest n above 0, of equal ones the lowest, or NaN. Things are numbers below ``size``.
    """
    first, last = ends
    found = np.zeros((4, len(first)))
    sums = np.zeros(size, np.int64)
    for i in range(len(first)):
        for row in range(first[i], last[i]):
            sums[thing[row]] += measure[row]
        top, leader = np.int64(0), np.int64(-1)
        for row in range(first[i], last[i]):
            which = np.int64(thing[row])
            n = sums[which]
            if n == 0:  # counted already
                continue
            sums[which] = 0
            found[0, i] += np.float64(n) * np.float64(n)
            if n > 1:
                found[1, i] += n * np.log(np.float64(n))
            if n > top or (n == top and which < leader):
                top, leader = n, which
        found[2, i] = top
        found[3, i] = leader if leader >= 0 else np.nan
    return found
