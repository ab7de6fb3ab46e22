"""Sequential rules: if one thing happens, another follows within a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from typing import Annotated, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from features.compiled import interpreted
from features.errors import RegularsError
from models.coding import WholeArray
from models.false_discoveries import Adjustment, false_discovery_rate
from models.limits import Cut
from models.proportions import wilson
from models.sequences.following import (
    NEVER,
    FloatArray,
    at_least,
    log_factorials,
    trials_of,
)
from models.sequences.mining import Limits, Wanted, frequent_sequences
from models.sequences.patterns import Pattern, Patterns
from models.sequences.sequences import Sequences
from models.thresholds import exactly, least_count

QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Of the time to the consequent."""

_SMALL: Final = 2_000
"""Elements up to which Python is quicker than loading what is compiled."""

Side = tuple[object, ...]
"""Names of the items of an element."""


class RulesUnclear(RegularsError):
    """Periods in which no rule can be seen."""


class RulesWanted(BaseModel):
    """Which rules are looked for; times are in the unit of the instants of the sequences."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    within: int = Field(ge=1, description="Time in which the consequent follows.")
    support: float = Field(
        description="Share of all sequences in which it does, above 0 and at most 1, at least."
    )
    confidence: float = Field(
        0.1, description="Share of the trials in which it does, above 0 and at most 1, at least."
    )
    most_antecedent: int = Field(1, ge=1, description="Items of an antecedent, at most.")
    most_consequent: int = Field(1, ge=1, description="Items of a consequent, at most.")
    adjustment: Annotated[Adjustment, Field(description="For the number of hypotheses.")] = (
        "benjamini_hochberg"
    )
    limits: Limits = Limits()
    threads: int = Field(1, ge=1, description="First items that are grown at a time.")


@dataclass(frozen=True, eq=False)
class SequentialRules:
    """Rules between two elements, and what was seen of them before a day.

    Attributes
    ----------
    antecedent, consequent
        Names of the items of each rule's sides.
    trials
        Shape (rules,): sequences whose first antecedent was observed for all of the time.
    count
        Shape (rules,): those of them in which the consequent followed within it.
    expected
        Shape (rules,): how many would, in shuffled order; see `models.sequences.following`.
    p
        Shape (rules,): chance of so many or more, in shuffled order.
    adjusted
        Shape (rules,): share of false ones, at most, among the rules up to this one.
    waits
        Shape (rules, quantiles): `QUANTILES` of the time to the consequent where it followed.
    sequences, hypotheses
        Number of all sequences, and of pairs of frequent sides.
    wanted
        What was asked.
    cut
        What a limit on patterns took away; None where nothing was.
    """

    antecedent: tuple[Side, ...]
    consequent: tuple[Side, ...]
    trials: WholeArray
    count: WholeArray
    expected: FloatArray
    p: FloatArray
    adjusted: FloatArray
    waits: FloatArray
    sequences: int
    hypotheses: int
    wanted: RulesWanted
    cut: Cut | None = None

    def __len__(self) -> int:
        """Number of rules."""
        return len(self.count)

    @property
    def confidence(self) -> FloatArray:
        """Share of the trials in which the consequent followed, shape (rules,); NaN without one."""
        return _over(self.count, self.trials)

    @property
    def lift(self) -> FloatArray:
        """Successes for each that a shuffled order would have, shape (rules,)."""
        return _over(self.count, self.expected)

    def where(self, chosen: npt.NDArray[np.bool_]) -> "SequentialRules":
        """The rules of a mask."""
        places = np.flatnonzero(chosen).tolist()
        return replace(
            self,
            antecedent=tuple(self.antecedent[place] for place in places),
            consequent=tuple(self.consequent[place] for place in places),
            **{
                name: getattr(self, name)[chosen]
                for name in ("trials", "count", "expected", "p", "adjusted", "waits")
            },
        )

    def frame(self) -> pd.DataFrame:
        """A table with a row per rule.

        Returns
        -------
        pandas.DataFrame
            ``antecedent`` and ``consequent`` as tuples of names, the numbers above, ``support`` of
            all sequences, ``confidence``, ``lift``, and a column of each quantile of the time, such
            as ``wait_p50``.
        """
        sides = {
            name: np.fromiter(getattr(self, name), dtype=object, count=len(self))
            for name in ("antecedent", "consequent")
        }
        numbers = {
            "trials": self.trials,
            "count": self.count,
            "support": self.count / max(self.sequences, 1),
            "confidence": self.confidence,
            "lift": self.lift,
            "expected": self.expected,
            "p": self.p,
            "adjusted": self.adjusted,
        }
        waits = {f"wait_p{100 * q:.0f}": self.waits[:, i] for i, q in enumerate(QUANTILES)}
        return pd.DataFrame(sides | numbers | waits)


@dataclass(frozen=True, eq=False)
class Confirmed:
    """Rules as they were found, and as they are in a later period.

    Attributes
    ----------
    rules
        As they were found.
    later
        The same rules in the later period.
    low, high
        Shape (rules,): Wilson's 95 % interval of the later confidence; NaN without a trial.
    held
        Shape (rules,): see `confirmed`.
    """

    rules: SequentialRules
    later: SequentialRules
    low: FloatArray
    high: FloatArray
    held: npt.NDArray[np.bool_]

    def frame(self) -> pd.DataFrame:
        """Both tables side by side, columns of the later period called ``later_``."""
        later = self.later.frame().drop(columns=["antecedent", "consequent"]).add_prefix("later_")
        found = pd.concat([self.rules.frame(), later], axis=1)
        return found.assign(
            later_confidence_low=self.low, later_confidence_high=self.high, held=self.held
        )


def sequential_rules(sequences: Sequences, as_of: int, wanted: RulesWanted) -> SequentialRules:
    """Rules between two elements of a sequence, as they were known before an instant.

    A rule says: where the antecedent happens for the first time, the consequent happens within so
    much time behind it. Support is the share of all sequences, confidence that of the trials.
    Each pair of sides that are frequent before ``as_of`` is a hypothesis; one that is not mined,
    since it is in too few sequences, counts with a chance of 1. A shuffled order knows no season:
    what is bought in one of them alone follows what begins in it. Look at a shorter period
    (`Sequences.between`), and at what is `confirmed` in another one.

    Parameters
    ----------
    sequences
        Of any period; what is not before ``as_of`` is not looked at.
    as_of
        First instant that is not known.
    wanted
        Which rules.

    Raises
    ------
    ThresholdUnusable
        When support or confidence is no share above 0 and at most 1.
    """
    confidence = exactly(wanted.confidence, "confidence")
    seen = sequences.between(None, as_of)
    least = least_count(wanted.support, seen.count)
    patterns = frequent_sequences(
        seen,
        Wanted(
            support=wanted.support,
            max_elements=2,
            max_length=wanted.most_antecedent + wanted.most_consequent,
            max_gap=wanted.within,
            limits=wanted.limits,
            threads=wanted.threads,
        ),
    )
    pairs, hypotheses = _candidates(patterns, wanted)
    rules = _tested(pairs, seen, as_of, wanted, (least, confidence))
    adjusted = false_discovery_rate(rules.p, hypotheses, wanted.adjustment)
    return replace(rules, adjusted=adjusted, hypotheses=hypotheses, cut=patterns.cut)


def confirmed(
    rules: SequentialRules, sequences: Sequences, as_of: int, until: int, *, share: float = 0.05
) -> Confirmed:
    """Whether rules hold in a period that they were not found in.

    A rule held if both are true: the later period shows it once more, by the same test at a false
    discovery rate over the rules here; and it does not show that its confidence is below the least
    that was asked for, which is within or below Wilson's interval. The first antecedent of the
    period begins the trial, whatever was before.

    Parameters
    ----------
    rules
        Found before ``as_of``.
    sequences
        Of any period; what is not in [as_of, until) is not looked at.
    as_of, until
        The period.
    share
        False discovery rate.

    Raises
    ------
    ThresholdUnusable
        When the share is none.
    RulesUnclear
        When the period is not longer than the time in which the consequents follow.
    """
    exactly(share, "the false discovery rate")
    if until - as_of <= rules.wanted.within:
        message = (
            f"rules that take up to {rules.wanted.within:,} need a longer period to hold in, but "
            f"from {as_of:,} to {until:,} there are {until - as_of:,}"
        )
        raise RulesUnclear(message)
    pairs = list(zip(rules.antecedent, rules.consequent, strict=True))
    later = _tested(pairs, sequences.between(as_of, until), until, rules.wanted)
    adjusted = false_discovery_rate(later.p, len(rules), rules.wanted.adjustment)
    later = replace(later, adjusted=adjusted, hypotheses=len(rules))
    both = zip(later.count.tolist(), later.trials.tolist(), strict=True)
    intervals = [wilson(count, trials) for count, trials in both]
    low, high = (np.array([getattr(each, end) for each in intervals]) for end in ("low", "high"))
    held = (adjusted <= share) & (high >= rules.wanted.confidence)
    return Confirmed(rules, later, low, high, held)


def _candidates(patterns: Patterns, wanted: RulesWanted) -> tuple[list[tuple[Side, Side]], int]:
    """Pairs of sides that follow each other often enough, and how many pairs there might be."""
    pairs, leads, follows = [], 0, 0
    for each, _ in patterns.each():
        pattern: Pattern = each
        if len(pattern) == 1:
            leads += len(pattern[0]) <= wanted.most_antecedent
            follows += len(pattern[0]) <= wanted.most_consequent
        elif (
            len(pattern[0]) <= wanted.most_antecedent and len(pattern[1]) <= wanted.most_consequent
        ):
            pairs.append((pattern[0], pattern[1]))
    return pairs, leads * follows


def _tested(
    pairs: Sequence[tuple[Side, Side]],
    seen: Sequences,
    until: int,
    wanted: RulesWanted,
    enough: tuple[int, Fraction] = (0, Fraction(0)),
) -> SequentialRules:
    """Trials, successes, chances and times, not adjusted, of the pairs that have enough of both."""
    holders = _Holders(seen)
    given = (seen.elements, seen.instants, holders.owners)
    is_small = len(seen.instants) <= _SMALL
    tried = interpreted(trials_of) if is_small else trials_of
    chance = interpreted(at_least) if is_small else at_least
    table = interpreted(log_factorials) if is_small else log_factorials
    logs = table(int(np.diff(seen.elements).max(initial=0)))
    kept, counts, numbers, waits = [], [], [], []
    for lead, follow in pairs:
        elements = (holders.of(lead), holders.of(follow))
        times, chances = tried(elements, given, wanted.within, until, logs)
        succeeded = times[times != NEVER]
        count = len(succeeded)
        if count < enough[0] or count < enough[1] * len(times):
            continue
        kept.append((lead, follow))
        counts.append((len(times), count))
        numbers.append((float(chances.sum()), chance(chances, count)))
        nothing = np.full(len(QUANTILES), np.nan)
        waits.append(np.quantile(succeeded, QUANTILES, method="inverted_cdf") if count else nothing)
    whole = np.array(counts, dtype=np.int64).reshape(-1, 2)
    shares = np.array(numbers, dtype=np.float64).reshape(-1, 2)
    return SequentialRules(
        antecedent=tuple(lead for lead, _ in kept),
        consequent=tuple(follow for _, follow in kept),
        trials=whole[:, 0],
        count=whole[:, 1],
        expected=shares[:, 0],
        p=shares[:, 1],
        adjusted=np.ones(len(kept)),
        waits=np.array(waits, dtype=np.float64).reshape(-1, len(QUANTILES)),
        sequences=seen.count,
        hypotheses=len(kept),
        wanted=wanted,
    )


class _Holders:
    """Which elements hold all items of a side."""

    def __init__(self, sequences: Sequences) -> None:
        self.labels = sequences.labels
        self.owners = np.repeat(
            np.arange(sequences.count, dtype=np.int64), np.diff(sequences.elements)
        )
        order = np.argsort(sequences.codes, kind="stable")
        self.elements = sequences.places[order].astype(np.int64)
        sizes = np.bincount(sequences.codes, minlength=len(sequences.labels))
        self.ends = np.concatenate([[0], np.cumsum(sizes)])

    def of(self, side: Side) -> WholeArray:
        """Elements, ascending; none where an item is not known."""
        places = self.labels.get_indexer(pd.Index(list(side))).tolist()
        if min(places) < 0:
            return np.empty(0, dtype=np.int64)
        each = [self.elements[self.ends[place] : self.ends[place + 1]] for place in places]
        return reduce(lambda one, other: np.intersect1d(one, other, assume_unique=True), each)


def _over(numbers: npt.NDArray[np.generic], wholes: npt.NDArray[np.generic]) -> FloatArray:
    """Ratios; NaN over 0."""
    over, below = numbers.astype(np.float64), wholes.astype(np.float64)
    found: FloatArray = np.divide(over, below, out=np.full(len(over), np.nan), where=below > 0)
    return found
