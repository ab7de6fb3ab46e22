"""Why an item is offered, in words: the strongest reason that the evidence holds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.numerals import decimal
from models.offers.cycles import DAYS_LEAST
from models.offers.evidence import WEEK, Evidence, EvidenceUnclear, strongest
from models.offers.policies import Kind
from models.offers.shelf import FloatArray, WholeArray

ReasonKind = Literal[
    "own_cycle",
    "own_past",
    "transition",
    "rule",
    "sequence",
    "alike",
    "popularity",
    "probability",
]

ORDER: Final[dict[Kind, tuple[ReasonKind, ...]]] = {
    "repeat": ("own_cycle", "own_past", "rule", "sequence", "alike", "popularity"),
    "cross": ("rule", "sequence", "alike", "popularity"),
    "up": ("transition", "rule", "sequence", "alike", "popularity"),
}
"""Reasons by kind of offer, the strongest first; where none is known, the probability is told."""

_WITHOUT_HISTORY: Final = "this customer has no history"
_NOTHING_CLOSER: Final = "no closer reason is known"
_FINE_BELOW: Final = 0.1  # smaller shares are said with a decimal
_LEAST_SHARE: Final = 0.0005
_FINE_DAYS: Final = 10  # shorter cycles are said with a decimal
_WEEKS_FROM: Final = 28  # days from which on whole weeks are said so
_PLAIN_LIFT: Final = 1.1  # smaller lifts are said with two decimals
_WHOLE: Final = 1e-6

_Mask = npt.NDArray[np.bool_]
_Told = Callable[[int], str]


def reasons_of(offered: pd.DataFrame, titles: pd.Series, evidence: Evidence) -> pd.DataFrame:
    """The strongest reason of each offer.

    Parameters
    ----------
    offered
        customer, item, kind, probability, days_since and cycle_days; where they are known also
        bought_days, is_own_cycle and alike_share.
    titles
        Of the items, by position.
    evidence
        Of the customers and items.

    Returns
    -------
    pandas.DataFrame
        One row per offer in their order: reason_kind (see `ReasonKind`) and reason (a sentence
        without a full stop).

    Raises
    ------
    EvidenceUnclear
        When a customer is said to have no history, and to have bought something.
    """
    _require_newcomers(offered, evidence)
    is_new = offered["customer"].isin(list(evidence.without_history)).to_numpy(dtype=bool)
    known = dict(_reasons(offered, titles.astype("str").to_list(), evidence, is_new))
    kinds = np.full(len(offered), "probability", dtype=object)
    offers = offered["kind"].to_numpy(dtype=object)
    for kind, order in ORDER.items():
        for reason in reversed(order):
            kinds[(offers == kind) & known[reason].is_known] = reason
    kinds[is_new & (kinds != "probability")] = "popularity"
    kinds[is_new & ~known["popularity"].is_known] = "probability"
    told = [known[kind].told(row) for row, kind in enumerate(kinds.tolist())]
    return pd.DataFrame(
        {"reason_kind": pd.Series(kinds, dtype="str"), "reason": pd.Series(told, dtype="str")}
    )


@dataclass(frozen=True, eq=False)
class _Reason:
    """Of which offers it is known, and how it is told."""

    is_known: _Mask
    told: _Told


def _require_newcomers(offered: pd.DataFrame, evidence: Evidence) -> None:
    new = list(evidence.without_history)
    has_bought = pd.concat(
        [offered.loc[offered["days_since"].notna(), "customer"], evidence.lately["customer"]]
    )
    wrong = has_bought[has_bought.isin(new)]
    if len(wrong):
        message = (
            f"customers without a history have bought nothing, but customer {wrong.iloc[0]:.0f} "
            "has; leave out of without_history who has bought anything"
        )
        raise EvidenceUnclear(message)


def _reasons(
    offered: pd.DataFrame, titles: list[str], evidence: Evidence, is_new: _Mask
) -> Iterator[tuple[ReasonKind, _Reason]]:
    own = _OwnPast.of(offered)
    yield "own_cycle", _Reason(~np.isnan(own.since) & ~np.isnan(own.cycle), own.cycle_told)
    yield "own_past", _Reason(~np.isnan(own.since), own.told)
    yield "transition", _transition(offered, evidence)
    rule, since = strongest(evidence.rules, evidence.lately, offered, len(titles))
    yield "rule", _Reason(rule >= 0, _rule_told(evidence, rule, since, titles))
    rule, since = strongest(evidence.sequences, evidence.lately, offered, len(titles))
    yield "sequence", _Reason(rule >= 0, _sequence_told(evidence, rule, since, titles))
    yield "alike", _alike(offered, evidence)
    yield "popularity", _popularity(offered, evidence, len(titles), is_new)
    probability = offered["probability"].tolist()
    new = is_new.tolist()

    def told(row: int) -> str:
        text = f"no reason is known but its probability of {percent(probability[row])}"
        return f"{text}; {_WITHOUT_HISTORY}" if new[row] else text

    yield "probability", _Reason(np.ones(len(offered), dtype=bool), told)


@dataclass(frozen=True, eq=False)
class _OwnPast:
    """What the customer's own purchases of the offered item say."""

    since: FloatArray
    cycle: FloatArray
    bought: FloatArray
    is_own: _Mask

    @classmethod
    def of(cls, offered: pd.DataFrame) -> "_OwnPast":
        bought = offered.get("bought_days", np.full(len(offered), np.nan))
        is_own = offered.get("is_own_cycle", np.zeros(len(offered), dtype=bool))
        return cls(
            offered["days_since"].to_numpy(dtype=np.float64),
            offered["cycle_days"].to_numpy(dtype=np.float64),
            np.asarray(bought, dtype=np.float64),
            np.asarray(is_own, dtype=bool),
        )

    def told(self, row: int) -> str:
        """``bought on 1 day, last 16 days ago``."""
        ago = _ago(self.since[row])
        if np.isnan(self.bought[row]):
            return f"last bought {ago}"
        return f"bought on {_days(self.bought[row])}, last {ago}"

    def cycle_told(self, row: int) -> str:
        """``bought on 9 days, every 14 days on average, last 16 days ago``."""
        cycle = _every(self.cycle[row])
        if np.isnan(self.bought[row]):
            return f"{self.told(row)}; its cycle is {cycle}"
        if self.is_own[row]:
            bought = _days(self.bought[row])
            return f"bought on {bought}, {cycle} on average, last {_ago(self.since[row])}"
        return (
            f"{self.told(row)}; those who bought it on {DAYS_LEAST} days or more typically do so "
            f"{cycle}"
        )


def _rule_told(evidence: Evidence, rule: WholeArray, since: WholeArray, titles: list[str]) -> _Told:
    rules = evidence.rules
    confidence, lift = rules["confidence"].tolist(), rules["lift"].tolist()
    bought = _bought(evidence.lately, titles)

    def told(row: int) -> str:
        share = percent(confidence[rule[row]])
        return (
            f"{bought(since[row])}; {share} of the baskets with it hold this too "
            f"(lift {_lift(lift[rule[row]])})"
        )

    return told


def _sequence_told(
    evidence: Evidence, rule: WholeArray, since: WholeArray, titles: list[str]
) -> _Told:
    rules = evidence.sequences
    confidence, lift, days = (rules[name].tolist() for name in ("confidence", "lift", "days"))
    bought = _bought(evidence.lately, titles)

    def told(row: int) -> str:
        share, within = percent(confidence[rule[row]]), _span(days[rule[row]])
        return (
            f"{bought(since[row])}; {share} of those who buy it buy this within {within} "
            f"(lift {_lift(lift[rule[row]])})"
        )

    return told


def _bought(lately: pd.DataFrame, titles: list[str]) -> _Told:
    """``bought COFFEE 5 days ago`` of a row of what was bought lately."""
    items, days = lately["item"].tolist(), lately["days_since"].tolist()
    return lambda row: f"bought {titles[int(items[row])]} {_ago(days[row])}"


def _transition(offered: pd.DataFrame, evidence: Evidence) -> _Reason:
    moves = evidence.moves
    order = np.argsort(-moves["moved_share"].to_numpy(dtype=np.float64), kind="stable")
    pairs = ["customer", "item"]
    ordered = moves[pairs].iloc[order]
    is_first = ~ordered.duplicated().to_numpy(dtype=bool)
    known = pd.MultiIndex.from_frame(ordered[is_first])
    place = known.get_indexer(pd.MultiIndex.from_frame(offered[pairs]))
    found = np.append(order[is_first], -1)[place]  # no place is -1, the last one
    columns = ("need", "from_tier", "to_tier", "moved_share", "days")
    need, lower, upper, moved, days = (moves[name].tolist() for name in columns)

    def told(row: int) -> str:
        at = found[row]
        return (
            f"buys {need[at]} ({lower[at]}); {percent(moved[at])} of those who do move up to "
            f"{upper[at]} within {_span(days[at])}"
        )

    return _Reason(found >= 0, told)


def _alike(offered: pd.DataFrame, evidence: Evidence) -> _Reason:
    shares = np.full(len(offered), np.nan)
    if "alike_share" in offered:
        shares = offered["alike_share"].to_numpy(dtype=np.float64)

    def told(row: int) -> str:
        of_all = shares[row] * (evidence.alike or 0)
        if evidence.alike is None or abs(of_all - round(of_all)) > _WHOLE:
            return f"{percent(shares[row])} of the customers most alike buy it"
        return (
            f"{decimal(of_all, 0)} of the {decimal(evidence.alike, 0)} customers most alike buy it"
        )

    return _Reason((shares >= evidence.alike_least) & (shares > 0), told)


def _popularity(offered: pd.DataFrame, evidence: Evidence, items: int, is_new: _Mask) -> _Reason:
    every = np.full(items, np.nan) if evidence.popularity is None else evidence.popularity
    rising = np.sort(every[~np.isnan(every)])
    shares = every[offered["item"].to_numpy(dtype=np.int64)]
    rank = len(rising) - np.searchsorted(rising, shares, side="right") + 1
    span = _span(evidence.popularity_days)

    def told(row: int) -> str:
        why = _WITHOUT_HISTORY if is_new[row] else _NOTHING_CLOSER
        return (
            f"by popularity number {decimal(rank[row], 0)} of {decimal(len(rising), 0)} items: in "
            f"{percent(shares[row])} of all baskets of the last {span}; {why}"
        )

    return _Reason(shares > 0, told)


def percent(share: float) -> str:
    """``34 %``, ``0.8 %``: never 0 or 100 of what is not quite so."""
    if 0 < share < _LEAST_SHARE:
        return "less than 0.1 %"
    text = decimal(share * 100, 1 if share < _FINE_BELOW else 0).removesuffix(".0")
    return "more than 99 %" if share < 1 and text == "100" else f"{text} %"


def _lift(lift: float) -> str:
    return decimal(lift, 1 if lift >= _PLAIN_LIFT else 2)


def _days(days: float) -> str:
    text = decimal(days, 0)
    return "1 day" if text == "1" else f"{text} days"


def _ago(days: float) -> str:
    return f"{_days(days)} ago" if round(days) > 0 else "less than a day ago"


def _every(days: float) -> str:
    text = decimal(days, 1 if days < _FINE_DAYS else 0).removesuffix(".0")
    return "every day" if text == "1" else f"every {text} days"


def _span(days: float) -> str:
    """``21 days``, ``8 weeks``."""
    if days >= _WEEKS_FROM and days % WEEK == 0:
        return f"{decimal(days / WEEK, 0)} weeks"
    return _days(days)
