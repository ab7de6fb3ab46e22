"""What is known of each customer, and the basket that came next: how a recommender is tried."""

from dataclasses import dataclass

import numpy as np

from features.errors import RegularsError
from models.next_basket.histories import Codes, Histories, WholeArray, ends, ranges


class NothingToPredict(RegularsError):
    """No customer has both a history and a basket after it, or none is asked for."""


@dataclass(frozen=True, eq=False)
class Targets:
    """Customers with a history each, and the basket that each bought after it.

    Attributes
    ----------
    known
        The histories; nothing in them is of the target or later.
    as_of
        Shape (customers,): the day, since 1970-01-01, that the target is predicted on: no basket
        of the customer is known from then on.
    starts
        Shape (customers + 1,): where the items of each target begin.
    codes
        Shape (entries,): items of the targets, ascending within one.
    days
        Shape (customers,): the day of the target itself, ``as_of`` or later. It is not known when
        the target is predicted; it tells what came before what.
    everybody
        What is known of every customer on the same days, of those without a target too:
        popularity, rates and neighbours are learnt from them. Nobody has more baskets here than
        in ``known``.
    """

    known: Histories
    as_of: WholeArray
    starts: WholeArray
    codes: Codes
    days: WholeArray
    everybody: Histories

    @property
    def sizes(self) -> WholeArray:
        """Items of each target, shape (customers,)."""
        return np.diff(self.starts)

    def taken(self, rows: WholeArray) -> "Targets":
        """Some of the targets, in the order asked for; as much is known of everybody."""
        sizes = self.sizes[rows]
        return Targets(
            self.known.taken(rows),
            self.as_of[rows],
            ends(sizes),
            self.codes[ranges(self.starts[:-1][rows], sizes)],
            self.days[rows],
            self.everybody,
        )


def last_baskets(histories: Histories, back: int = 0, least: int = 2) -> Targets:
    """The last basket of each customer, or an earlier one, and what was before it.

    Histories of different customers end on different days, so that what is known of one customer
    may be younger than another's target. Papers split so; to judge a model, use `first_baskets`.

    Parameters
    ----------
    histories
        All that is known.
    back
        How many of each customer's last baskets are left out of sight beforehand.
    least
        Baskets that must be known of a customer.

    Raises
    ------
    NothingToPredict
        When no customer has so many, `least` is below 1 or `back` below 0.
    """
    if least < 1 or back < 0:
        message = (
            "a last basket is predicted from 1 basket or more before it, with 0 or more left out "
            f"of sight, but least is {least} and back is {back}; ask for a least of 1 or more and "
            "a back of 0 or more"
        )
        raise NothingToPredict(message)
    lengths = histories.lengths - 1 - back
    rows = np.flatnonzero(lengths >= least)
    if not len(rows):
        message = (
            f"a target needs a customer with {least + 1 + back} baskets or more, but the most of "
            f"any is {int(histories.lengths.max(initial=0))}; ask for less, or for more history"
        )
        raise NothingToPredict(message)
    newest = histories.days[histories.firsts[:-1][rows] + lengths[rows] - 1]
    everybody = histories.until(np.maximum(lengths, 0))
    return _targets(histories, rows, newest + 1, everybody)


def first_baskets(histories: Histories, day: int, least: int = 2) -> Targets:
    """The first basket of each customer from that day on, and what was before that day.

    Parameters
    ----------
    histories
        All that is known.
    day
        Days since 1970-01-01.
    least
        Baskets that must be known of a customer.

    Raises
    ------
    NothingToPredict
        When no customer has so many, and one from that day on.
    """
    is_before = histories.days < day
    before = np.bincount(
        histories.customer_of_basket[is_before], minlength=len(histories.customers)
    )
    rows = np.flatnonzero((before >= least) & (histories.lengths > before))
    if not len(rows):
        message = (
            f"a target needs a customer with {least} baskets or more before day {day} "
            f"({np.datetime64(day, 'D')}) and one from then on, but none has; move the day"
        )
        raise NothingToPredict(message)
    return _targets(histories, rows, np.full(len(rows), day), histories.until(before))


def _targets(
    histories: Histories, rows: WholeArray, as_of: WholeArray, everybody: Histories
) -> Targets:
    """The basket of each of these customers that comes after what is known of everybody."""
    taken = histories.taken(rows)
    target = taken.firsts[:-1] + everybody.lengths[rows]
    sizes = taken.sizes[target]
    codes = taken.codes[ranges(taken.starts[:-1][target], sizes)]
    known = everybody.taken(rows)
    return Targets(known, as_of, ends(sizes), codes, taken.days[target], everybody)
