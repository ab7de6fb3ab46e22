"""The offers table: one row per customer and offered item, ranked under policies, with a reason."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from models.offers.candidates import candidates_of
from models.offers.choosing import Chosen, chosen
from models.offers.evidence import Evidence
from models.offers.policies import LEFT_OUT, Policies
from models.offers.reasons import reasons_of
from models.offers.shelf import WholeArray, shelf_of

OFFERED: Final = (
    "customer",
    "rank",
    "item",
    "kind",
    "probability",
    "units",
    "expected_revenue",
    "expected_margin",
    "reason_kind",
    "reason",
    "days_since",
    "cycle_days",
)
"""First columns of the offers table; evidence of the candidates follows."""


@dataclass(frozen=True, eq=False)
class Offered:
    """Offers, and what became of the candidates that are none.

    Attributes
    ----------
    table
        One row per customer and offered item, by customer and rank: `OFFERED`, and every other
        column of the candidates. expected_revenue is probability times units times price,
        expected_margin the same with the margin of a unit: what the purchase is expected to bring,
        not what the offer adds to it; NaN: unknown.
    left_out
        Candidates by the reason that left them out, see `LEFT_OUT`. ``most_per`` and
        ``most_per_kind`` count those that a limit stood against, ``most`` those that were allowed,
        but not good enough.
    filled
        Shape (most + 1,): customers with a candidate, by how many offers they get.
    """

    table: pd.DataFrame
    left_out: Mapping[str, int]
    filled: WholeArray


def offers_of(
    candidates: pd.DataFrame,
    items: pd.DataFrame,
    policies: Policies,
    stock: Collection[str] | None = None,
    evidence: Evidence | None = None,
) -> Offered:
    """The best offers of each customer under policies, with their reasons.

    Customers are independent of each other, so that many of them can be given in blocks, see
    `together`: of thousands, since items and rules are looked at anew for each. The order of rows
    changes nothing, but where an item is given twice to a customer with the same kind, probability
    and worth: then the first one counts.

    Parameters
    ----------
    candidates
        One row per customer, item and kind, see `models.offers.candidates.candidates_of`; of an
        item given twice to a customer the row that ``rank_by`` prefers counts, then the more
        probable one, then the first kind of repeat, cross and up. Optional columns are evidence:
        bought_days, is_own_cycle, alike_share; all others are passed through.
    items
        By position, see `models.offers.shelf.shelf_of`.
    policies
        Of the config.
    stock
        Labels of the items that can be sold; None: all can.
    evidence
        For reasons.

    Raises
    ------
    CandidatesUnclear, ItemsUnclear, PolicyUnfit, EvidenceUnclear
        When one of these does not say what is needed.
    """
    shelf = shelf_of(items, policies, stock)
    coded = candidates_of(candidates, len(items))
    found = chosen(coded, shelf, policies)
    rows = found.rows if coded.order is None else coded.order[found.rows]
    table = candidates.iloc[rows].reset_index(drop=True)
    begins = np.cumsum(found.counts) - found.counts
    expected = coded.probability[found.rows] * coded.units[found.rows]
    offered = coded.items[found.rows]
    table = table.assign(
        kind=table["kind"].astype("str"),
        rank=np.arange(len(rows)) - np.repeat(begins, found.counts) + 1,
        expected_revenue=expected * shelf.price[offered],
        expected_margin=expected * shelf.unit_margin[offered],
    )
    why = reasons_of(table, items["title"], Evidence() if evidence is None else evidence)
    table = table.assign(reason_kind=why["reason_kind"], reason=why["reason"])
    more = [name for name in candidates.columns if name not in OFFERED]
    return Offered(table[[*OFFERED, *more]], _by_reason(found), _filled(found, policies.most))


def popular_offers(
    customers: WholeArray,
    popular: pd.DataFrame,
    items: pd.DataFrame,
    policies: Policies,
    stock: Collection[str] | None = None,
    *,
    evidence: Evidence | None = None,
) -> Offered:
    """The same offers for each of these customers without a history: what everybody buys.

    They are of the kind cross, under the same policies; their reason says that nothing is known of
    the customer.

    Parameters
    ----------
    customers
        Shape (customers,): positions.
    popular
        item, probability (that such a customer buys it) and units, one row per item.
    items, policies, stock
        As of `offers_of`.
    evidence
        ``popularity`` and ``popularity_days``; nothing else of it is told of these customers.

    Raises
    ------
    CandidatesUnclear, ItemsUnclear, PolicyUnfit
        See `offers_of`.
    """
    known = Evidence() if evidence is None else evidence
    one = popular.assign(customer=0, kind="cross", cycle_days=np.nan, days_since=np.nan)
    said = Evidence(
        popularity=known.popularity,
        popularity_days=known.popularity_days,
        without_history=frozenset({0}),
    )
    alone = offers_of(one, items, policies, stock, said)
    who = np.sort(np.asarray(customers, dtype=np.int64))
    each = len(alone.table)
    table = alone.table.iloc[np.tile(np.arange(each), len(who))].reset_index(drop=True)
    return Offered(
        table.assign(customer=np.repeat(who, each)),
        {name: count * len(who) for name, count in alone.left_out.items()},
        alone.filled * len(who),
    )


def together(parts: Sequence[Offered]) -> Offered:
    """Offers of several blocks of customers, one behind the other; made under the same policies.

    Parameters
    ----------
    parts
        At least one.
    """
    return Offered(
        pd.concat([part.table for part in parts], ignore_index=True),
        {name: sum(part.left_out[name] for part in parts) for name in LEFT_OUT},
        np.sum([part.filled for part in parts], axis=0),
    )


def _by_reason(found: Chosen) -> dict[str, int]:
    return dict(zip(LEFT_OUT, found.left_out.tolist(), strict=True))


def _filled(found: Chosen, most: int) -> WholeArray:
    return np.bincount(found.counts, minlength=most + 1).astype(np.int64)
