"""Rules and sequences that are reasons for an offer: found early, and held before its day."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.next_basket.histories import Histories
from models.offers.evidence import of_single_items
from models.rules.association import RulesWanted, rules_of
from models.rules.baskets import Baskets
from models.rules.changes import confirmed
from models.rules.mining import Wanted, frequent
from models.rules.significance import SignificanceWanted, significance_of
from models.sequences import rules as sequential
from models.sequences.sequences import sequences_of
from pipelines.offer_settings import Reasons

SIDES = ["antecedent", "consequent"]


@dataclass(frozen=True, eq=False)
class Known:
    """One item leads to another.

    Attributes
    ----------
    rules
        Baskets with the antecedent hold the consequent too: antecedent, consequent (positions of
        items), confidence, lift and support, as they were found; all of them held later.
    sequences
        Who buys the antecedent buys the consequent within so many days: the same, and days.
    found_rules, found_sequences
        How many were found; those that did not hold are not told.
    """

    rules: pd.DataFrame
    sequences: pd.DataFrame
    found_rules: int
    found_sequences: int


@dataclass(frozen=True)
class Spans:
    """Days since 1970-01-01: found before ``confirmed``, held from then to ``end``."""

    confirmed: int
    end: int


def nothing_known() -> Known:
    """No rule and no sequence."""
    return Known(_none("support"), _none("support", "days"), 0, 0)


def known_of(
    histories: Histories, labels: pd.Index, spans: Spans, asked: Reasons, days: int
) -> Known:
    """Rules and sequences of single items that were found and held.

    Parameters
    ----------
    histories
        Of everybody; baskets from ``spans.end`` on are not looked at.
    labels
        Of the items, ascending.
    spans
        Where the days to find them in end, and those to confirm them.
    asked
        Thresholds.
    days
        Within which a consequent follows.
    """
    early = histories.before(spans.confirmed)
    later = histories.between(spans.confirmed, spans.end)
    rules, found_rules = _rules(early, later, labels, asked)
    sequences, found_sequences = _sequences(histories, labels, spans, asked, days)
    return Known(rules, sequences, found_rules, found_sequences)


def _rules(
    early: Histories, later: Histories, labels: pd.Index, asked: Reasons
) -> tuple[pd.DataFrame, int]:
    baskets, after = (Baskets(each.starts, each.codes, labels) for each in (early, later))
    itemsets = frequent(baskets, Wanted(support=asked.support, max_length=2))
    rules = rules_of(itemsets, RulesWanted(asked.confidence))
    tested = significance_of(rules, baskets, SignificanceWanted(share=asked.fdr))
    kept = rules.where(tested.found(asked.fdr) & (rules.measure("lift") > 1))
    if not len(kept):
        return _none("support"), 0
    held = confirmed(kept, after, share=asked.fdr).held
    told = kept.where(held).frame(("confidence", "lift", "support"))
    return of_single_items(told, pd.Series(labels)), len(kept)


def _sequences(
    histories: Histories, labels: pd.Index, spans: Spans, asked: Reasons, days: int
) -> tuple[pd.DataFrame, int]:
    if asked.sequence_support is None:
        return _none("support", "days"), 0
    rows = pd.DataFrame(
        {
            "customer": histories.customer_of_basket[histories.basket_of_entry],
            "day": histories.days[histories.basket_of_entry],
            "item": labels.to_numpy()[histories.codes],
        }
    )
    sequences = sequences_of(rows, "customer", "day", "item")
    wanted = sequential.RulesWanted(
        within=days, support=asked.sequence_support, confidence=asked.confidence
    )
    found = sequential.sequential_rules(sequences, spans.confirmed, wanted)
    kept = found.where((found.adjusted <= asked.fdr) & (found.lift > 1))
    if not len(kept):
        return _none("support", "days"), 0
    held = sequential.confirmed(kept, sequences, spans.confirmed, spans.end, share=asked.fdr).held
    told = kept.where(held).frame()[[*SIDES, "confidence", "lift", "support"]]
    return of_single_items(told.assign(days=days), pd.Series(labels)), len(kept)


def _none(*more: str) -> pd.DataFrame:
    numbers = {name: np.empty(0) for name in ("confidence", "lift", *more)}
    return pd.DataFrame({name: np.empty(0, np.int64) for name in SIDES} | numbers)
