"""Evidence for offers: rules, what was bought lately, customers alike, popularity, moves up."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from features.compiled import compiled
from features.errors import RegularsError
from models.offers.shelf import FloatArray, WholeArray

WEEK: Final = 7
"""Days."""

_RULES: Final = ("antecedent", "consequent", "confidence", "lift")
_SEQUENCES: Final = (*_RULES, "days")
_LATELY: Final = ("customer", "item", "days_since")
_MOVES: Final = ("customer", "item", "need", "from_tier", "to_tier", "moved_share", "days")


class EvidenceUnclear(RegularsError):
    """Evidence that lacks a column, or names an item or a customer there is not."""


def _none(columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({name: np.empty(0) for name in columns})


@dataclass(frozen=True, eq=False)
class Evidence:
    """What may be a reason for an offer. Nothing of it is needed; what is missing is not claimed.

    Items and customers are positions. Give what was known before the day of the offers, and only
    rules that held out of time: they are told as facts.

    Attributes
    ----------
    rules
        Baskets with the antecedent hold the consequent: antecedent, consequent (one item each),
        confidence (0..1) and lift.
    sequences
        Who buys the antecedent buys the consequent within some days: the same, and days.
    lately
        What customers bought lately: customer, item and days_since. A rule is a reason only where
        its antecedent is here; a sequence only where it was bought ``days`` ago or less.
    moves
        Of a tier to the next: customer, item (that is offered), need (such as COFFEE), from_tier
        (the customer buys it) and to_tier (that of the item), moved_share (0..1 of the customers of
        from_tier who bought to_tier within the days) and days.
    popularity
        Shape (items,): share of all baskets (0..1) that hold an item, NaN: unknown; or None.
    popularity_days
        How many days these baskets are from.
    alike
        Of how many customers most alike the candidates' column ``alike_share`` (0..1; NaN: unknown)
        is a share, each counting as one; None where their number is not known.
    alike_least
        Least share of them that is a reason.
    without_history
        Customers who have bought nothing before: popularity is their only reason.
    """

    rules: pd.DataFrame = field(default_factory=lambda: _none(_RULES))
    sequences: pd.DataFrame = field(default_factory=lambda: _none(_SEQUENCES))
    lately: pd.DataFrame = field(default_factory=lambda: _none(_LATELY))
    moves: pd.DataFrame = field(default_factory=lambda: _none(_MOVES))
    popularity: FloatArray | None = None
    popularity_days: int = 8 * WEEK
    alike: int | None = 100
    alike_least: float = 0.1
    without_history: Collection[int] = frozenset()

    def __post_init__(self) -> None:
        """Require the columns of each table."""
        tables = {
            "rules": _RULES,
            "sequences": _SEQUENCES,
            "lately": _LATELY,
            "moves": _MOVES,
        }
        for name, columns in tables.items():
            table: pd.DataFrame = getattr(self, name)
            for column in columns:
                if column not in table:
                    found = ", ".join(map(str, table.columns)) or "none"
                    message = (
                        f"evidence of {name} needs a column {column!r}, but the table has: {found}"
                    )
                    raise EvidenceUnclear(message)


def of_single_items(rules: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    """Rules from one item to another one, by positions; all others are left out.

    Parameters
    ----------
    rules
        ``antecedent`` and ``consequent`` as tuples of labels, as the tables of association and
        sequential rules have them, and any other columns.
    labels
        Of the items, by position.
    """
    position = {label: place for place, label in enumerate(labels)}
    sides = {
        name: [position.get(side[0], -1) if len(side) == 1 else -1 for side in rules[name]]
        for name in ("antecedent", "consequent")
    }
    found = rules.assign(**sides)
    is_kept = (found["antecedent"] >= 0) & (found["consequent"] >= 0)
    is_kept &= found["antecedent"] != found["consequent"]
    return found[is_kept].astype(dict.fromkeys(sides, "int64")).reset_index(drop=True)


def strongest(
    rules: pd.DataFrame, lately: pd.DataFrame, offered: pd.DataFrame, items: int
) -> tuple[WholeArray, WholeArray]:
    """The rule that says most for each offer, and the row of ``lately`` that it starts from.

    That is the one of the highest confidence, then of the highest lift, whose antecedent the
    customer bought lately: no longer ago than its days, where it has any. Rules of a lift of 1 or
    less, and from an item to itself, say nothing for an offer.

    Parameters
    ----------
    rules, lately
        See `Evidence`.
    offered
        customer and item.
    items
        Number of all items.

    Returns
    -------
    tuple of numpy.ndarray
        Shape (offers,) each: positions in ``rules`` and in ``lately``; -1 where there is none.

    Raises
    ------
    EvidenceUnclear
        When a table names an item or a customer by something that is no position of one.
    """
    for side in ("antecedent", "consequent"):
        _require_positions("rules", rules[side], items)
    for name, table in (("lately", lately), ("offers", offered)):
        _require_positions(name, table["customer"], None)
        _require_positions(name, table["item"], items)
    is_for = (rules["lift"] > 1) & (rules["antecedent"] != rules["consequent"])
    use = np.flatnonzero(is_for.to_numpy(dtype=bool))
    column = {name: rules[name].to_numpy()[use] for name in _RULES}
    order = np.lexsort(
        [column["antecedent"], -column["lift"], -column["confidence"], column["consequent"]]
    )
    use = use[order]
    within = rules["days"].to_numpy(dtype=np.float64)[use] if "days" in rules else None
    consequent = column["consequent"][order].astype(np.int64)
    by_customer = np.lexsort([lately["days_since"], lately["item"], lately["customer"]])
    who = _whole(lately["customer"])[by_customer]
    asked = _whole(offered["customer"])
    at, since = _strongest(
        (asked, _whole(offered["item"])),
        (
            np.searchsorted(who, asked).astype(np.int64),
            np.searchsorted(who, asked, side="right").astype(np.int64),
            _whole(lately["item"])[by_customer],
            lately["days_since"].to_numpy(dtype=np.float64)[by_customer],
        ),
        np.searchsorted(consequent, np.arange(items + 1)).astype(np.int64),
        column["antecedent"][order].astype(np.int64),
        np.full(len(use), np.inf) if within is None else within,
    )
    return _taken(use, at), _taken(by_customer, since)


def _require_positions(name: str, values: pd.Series, count: int | None) -> None:
    """Nothing, when all are positions: a compiled loop would read beside its arrays."""
    found = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    is_right = (found >= 0) & (found < (np.inf if count is None else count))
    is_right &= found == np.floor(found)
    if not is_right.all():
        bounds = "0 or more" if count is None else f"0 to {count - 1:,}"
        message = (
            f"positions in column {values.name!r} of {name} are {bounds}, but one is "
            f"{values.iloc[int(np.argmin(is_right))]}; leave out rows of what is not in the table"
        )
        raise EvidenceUnclear(message)


def _whole(values: pd.Series) -> WholeArray:
    return np.ascontiguousarray(values, dtype=np.int64)


def _taken(values: WholeArray, places: WholeArray) -> WholeArray:
    """The values at places; -1 where the place is."""
    found = np.full(len(places), -1, dtype=np.int64)
    found[places >= 0] = values[places[places >= 0]]
    return found


@compiled
def _strongest(
    offered: tuple[WholeArray, WholeArray],
    lately: tuple[WholeArray, WholeArray, WholeArray, FloatArray],
    starts: WholeArray,
    antecedents: WholeArray,
    within: FloatArray,
) -> tuple[WholeArray, WholeArray]:
    """Positions among sorted rules and sorted purchases; see `strongest`."""
    customers, items = offered
    begins, ends, bought, days = lately
    rule = np.full(items.size, -1, np.int64)
    since = np.full(items.size, -1, np.int64)
    place = np.full(starts.size - 1, -1, np.int64)  # purchase of an item by the current customer
    for row in range(items.size):
        if row == 0 or customers[row] != customers[row - 1]:
            if row > 0:
                for at in range(begins[row - 1], ends[row - 1]):
                    place[bought[at]] = -1
            for at in range(begins[row], ends[row]):
                if place[bought[at]] < 0:  # the newest comes first
                    place[bought[at]] = at
        for one in range(starts[items[row]], starts[items[row] + 1]):
            at = place[antecedents[one]]
            if at >= 0 and days[at] <= within[one]:
                rule[row], since[row] = one, at
                break
    return rule, since
