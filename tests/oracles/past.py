"""What a customer did before a day: the plain lists that every oracle counts.

Nothing of `features` is used here or in the other oracles: only days, lists, and the definitions
in words.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.builders import NON_PRODUCTS, Customer, Order, Shop

Features = dict[str, float | None]


@dataclass(frozen=True)
class Asked:
    """What a table is asked for: windows, ascending, values with columns of their own, for whom."""

    windows: tuple[int, ...]
    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    contact_kinds: tuple[str, ...] = ()
    peers_by: tuple[str, ...] = ()
    are_prospects: bool = False

    def nearest(self, days: int) -> int:
        """The window whose length is nearest to so many days; of two the shorter."""
        distances = {window: abs(window - days) for window in self.windows}
        return min(w for w in self.windows if distances[w] == min(distances.values()))

    def nearest_of(self, *lengths: int) -> list[int]:
        """The windows nearest to any of the lengths, each once, ascending."""
        return sorted({self.nearest(days) for days in lengths})


@dataclass(frozen=True)
class Line:
    """A line of a product, with the local day and hour in which it was written."""

    day: date
    hour: int
    row: Order


@dataclass(frozen=True)
class Past:
    """A customer on the eve of a day: only what lies before ``as_of`` is in its lists."""

    shop: Shop
    customer: str
    as_of: date
    asked: Asked = Asked(())

    @cached_property
    def lines(self) -> list[Line]:
        """Lines of products, equal lines once, fees left out."""
        return [one for one in lines_by_customer(self.shop)[self.customer] if one.day < self.as_of]

    @cached_property
    def _bought(self) -> list[Line]:
        return [line for line in self.lines if line.row.quantity >= 0]

    def bought(self, days: int | None = None) -> list[Line]:
        """Lines that were bought in ``[as_of - days, as_of)``, or ever."""
        return self._bought if days is None else self._bought_between(days, 1)

    def _bought_between(self, oldest: int, youngest: int) -> list[Line]:
        first, last = self.ago(oldest), self.ago(youngest)
        return [line for line in self._bought if first <= line.day <= last]

    def bought_before(self, days: int) -> list[Line]:
        """Lines that were bought in the window before the last of so many days."""
        return self._bought_between(2 * days, days + 1)

    def given_back(self, days: int | None = None) -> list[Line]:
        """Lines that were given back in the window, or ever."""
        returned = [line for line in self.lines if line.row.quantity < 0]
        return [line for line in returned if days is None or line.day >= self.ago(days)]

    def ago(self, days: int) -> date:
        """The day so many days before ``as_of``."""
        return self.as_of - timedelta(days=days)

    def age(self, day: date) -> int:
        """How many days ago a day was."""
        return (self.as_of - day).days

    def seen(self, instants: Iterable[datetime], days: int | None = None) -> list[int]:
        """Ages in days of the instants in ``[as_of - days, as_of)``, or ever before."""
        ages = [self.age(local_day(self.shop, instant)) for instant in instants]
        return [age for age in ages if age >= 1 and (days is None or age <= days)]

    def since(self, days: Sequence[date]) -> int | None:
        """Age of the newest of some days."""
        return self.age(max(days)) if days else None


@lru_cache(maxsize=2)
def lines_by_customer(shop: Shop) -> dict[str | None, list[Line]]:
    """Each customer's lines of products; those of nobody under None."""
    zone = ZoneInfo(shop.time_zone)
    lines: dict[str | None, list[Line]] = defaultdict(list)
    for row in set(shop.orders):
        if is_product(row):
            local = row.ordered_at.astimezone(zone)
            lines[row.customer].append(Line(local.date(), local.hour, row))
    return lines


def local_day(shop: Shop, instant: datetime) -> date:
    """Day of an instant where the shop is."""
    return instant.astimezone(ZoneInfo(shop.time_zone)).date()


def is_product(row: Order) -> bool:
    """Whether a line is of a product rather than a fee."""
    return row.product is None or re.fullmatch(NON_PRODUCTS, row.product) is None


def orders_in(lines: Sequence[Line]) -> dict[tuple[date, str], list[Line]]:
    """Lines of each order; one that goes over midnight is one on both days."""
    orders: dict[tuple[date, str], list[Line]] = defaultdict(list)
    for line in lines:
        orders[line.day, line.row.order].append(line)
    return orders


def days_of(lines: Sequence[Line]) -> list[date]:
    """Different days, ascending."""
    return sorted({line.day for line in lines})


def gaps_of(lines: Sequence[Line]) -> list[int]:
    """Days from each day to the next."""
    return [(later - earlier).days for earlier, later in pairwise(days_of(lines))]


def spend(lines: Sequence[Line]) -> int:
    """What was paid, in minor units."""
    return sum(line.row.amount for line in lines)


def ratio(part: float | None, whole: float | None) -> float | None:
    """Quotient; nothing where there is nothing to divide or to divide by."""
    return None if part is None or not whole else part / whole


def change(now: float, before: float) -> float | None:
    """From -1 (all gone) over 0 (as before) to 1 (all new); nothing where there is neither."""
    return ratio(now - before, now + before)


def slug(text: str) -> str:
    """A value as part of a column's name: small letters and digits, joined by underscores."""
    return "_".join(re.findall(r"[^\W_]+", text.lower()))


def attributes(shop: Shop, customer: str, as_of: date) -> Customer | None:
    """The newest row that held on the day before as_of; undated rows hold since ever."""
    held = [
        (row.valid_from_on or date.min, row)
        for row in shop.customers
        if row.customer == customer and (row.valid_from_on or date.min) < as_of
    ]
    return max(held, key=lambda dated: dated[0])[1] if held else None


def everyone(shop: Shop) -> list[str]:
    """Customers that any source names, in order of their names (by code point)."""
    sources = (shop.orders, shop.customers, shop.all_contacts, shop.visits)
    named = [row.customer for source in sources for row in source]
    named += [row.customer for source in (shop.campaigns, shop.responses) for row in source]
    named += [customer for customer, _, _ in shop.labels]
    return sorted({customer for customer in named if customer is not None})
