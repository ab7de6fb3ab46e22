"""Sequential rules: if one thing happens, another follows within a time."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from features.errors import RegularsError
from models.coding import WholeArray
from models.false_discoveries import Adjustment, false_discovery_rate
from models.limits import Cut
from models.proportions import wilson
from models.sequences.mining import Limits, Wanted, frequent_sequences
from models.sequences.patterns import Pattern, Patterns
from models.sequences.sequences import Sequences
from models.sequences.tails import FloatArray
from models.sequences.trials import QUANTILES, Rule, Side, Tried, tried
from models.thresholds import exactly, least_count

_SIDES = ("before", "antecedent", "consequent")


class RulesUnclear(RegularsError):
    """Periods in which no rule can be seen, or was not seen before."""


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
    most_antecedent: int = Field(
        1, ge=1, description="Items of an element of an antecedent, at most."
    )
    most_steps: int = Field(
        1,
        ge=1,
        description="Elements of an antecedent, at most; each follows the one before within that "
        "time, too.",
    )
    most_consequent: int = Field(1, ge=1, description="Items of a consequent, at most.")
    adjustment: Annotated[Adjustment, Field(description="For the number of hypotheses.")] = (
        "benjamini_hochberg"
    )
    limits: Limits = Limits()
    threads: int = Field(1, ge=1, description="First items that are grown at a time.")


@dataclass(frozen=True, eq=False)
class SequentialRules:
    """Rules between elements, and what was seen of them before an instant.

    Attributes
    ----------
    before
        Elements that each rule's antecedent comes behind, in their order: none of most.
    antecedent, consequent
        Names of the items of each rule's sides.
    trials
        Shape (rules,): sequences whose first antecedent, behind what it comes behind, was observed
        for all of the time.
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
    as_of
        First instant that was not known.
    cut
        What a limit on patterns took away; None where nothing was.
    """

    before: tuple[Pattern, ...]
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
    as_of: int
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
        sides: dict[str, Any] = {
            name: tuple(getattr(self, name)[place] for place in places) for name in _SIDES
        }
        columns = ("trials", "count", "expected", "p", "adjusted", "waits")
        return replace(self, **sides, **{name: getattr(self, name)[chosen] for name in columns})

    def frame(self) -> pd.DataFrame:
        """A table with a row per rule.

        Returns
        -------
        pandas.DataFrame
            ``antecedent`` and ``consequent`` as tuples of names, ``before`` as a tuple of such, the
            numbers above, ``support`` of all sequences, ``confidence``, ``lift``, and a column of
            each quantile of the time, such as ``wait_p50``.
        """
        sides = {
            name: np.fromiter(getattr(self, name), dtype=object, count=len(self)) for name in _SIDES
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
        later = self.later.frame().drop(columns=list(_SIDES)).add_prefix("later_")
        found = pd.concat([self.rules.frame(), later], axis=1)
        return found.assign(
            later_confidence_low=self.low, later_confidence_high=self.high, held=self.held
        )


def sequential_rules(sequences: Sequences, as_of: int, wanted: RulesWanted) -> SequentialRules:
    """Rules between elements of a sequence, as they were known before an instant.

    A rule says: where the antecedent happens for the first time, the consequent happens within so
    much time behind it. An antecedent of several elements (``most_steps``) has happened with the
    last of them, each within so much time behind the one before it. Support is the share of all
    sequences, confidence that of the trials. Each pair of sides that are frequent before ``as_of``
    is a hypothesis; one that is not mined, since it is in too few sequences, counts with a chance
    of 1. A shuffled order knows no season: what is bought in one of them alone follows what begins
    in it. Look at a shorter period (`Sequences.between`), and at what is `confirmed` in another.

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
    enough = least_count(wanted.support, seen.count), confidence
    patterns = frequent_sequences(
        seen,
        Wanted(
            support=wanted.support,
            max_elements=wanted.most_steps + 1,
            max_length=wanted.most_antecedent * wanted.most_steps + wanted.most_consequent,
            max_gap=wanted.within,
            limits=wanted.limits,
            threads=wanted.threads,
        ),
    )
    candidates, hypotheses = _candidates(patterns, wanted)
    found = tried(candidates, seen, wanted.within, as_of, enough)
    rules = _adjusted(found, seen, wanted, hypotheses, as_of)
    return replace(rules, cut=patterns.cut)


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
        The period: from where the rules were found, or later.
    share
        False discovery rate.

    Raises
    ------
    ThresholdUnusable
        When the share is none.
    RulesUnclear
        When the period begins before where the rules were found ends, or is not longer than the
        time in which the consequents follow.
    """
    exactly(share, "the false discovery rate")
    if as_of < rules.as_of:
        message = (
            f"rules are confirmed by what they were not found in, which begins at {rules.as_of:,}, "
            f"but the period begins at {as_of:,}; let it begin there or later, or find the rules "
            "before it"
        )
        raise RulesUnclear(message)
    if until - as_of <= rules.wanted.within:
        message = (
            f"rules that take up to {rules.wanted.within:,} need a longer period to hold in, but "
            f"from {as_of:,} to {until:,} there are {until - as_of:,}"
        )
        raise RulesUnclear(message)
    sides = zip(rules.before, rules.antecedent, rules.consequent, strict=True)
    each = [Rule((*before, lead), follow) for before, lead, follow in sides]
    seen = sequences.between(as_of, until)
    found = tried(each, seen, rules.wanted.within, until)
    later = _adjusted(found, seen, rules.wanted, len(rules), until)
    both = zip(later.count.tolist(), later.trials.tolist(), strict=True)
    intervals = [wilson(count, trials) for count, trials in both]
    low, high = (np.array([getattr(each, end) for each in intervals]) for end in ("low", "high"))
    held = (later.adjusted <= share) & (high >= rules.wanted.confidence)
    return Confirmed(rules, later, low, high, held)


def _candidates(patterns: Patterns, wanted: RulesWanted) -> tuple[list[Rule], int]:
    """Sides that follow each other often enough, and how many pairs of sides there might be."""
    rules, leads, follows = [], 0, 0
    for each, _ in patterns.each():
        pattern: Pattern = each
        is_lead = [len(element) <= wanted.most_antecedent for element in pattern]
        is_follow = len(pattern[-1]) <= wanted.most_consequent
        leads += len(pattern) <= wanted.most_steps and all(is_lead)
        follows += len(pattern) == 1 and is_follow
        if len(pattern) > 1 and all(is_lead[:-1]) and is_follow:
            rules.append(Rule(pattern[:-1], pattern[-1]))
    return rules, leads * follows


def _adjusted(
    found: Tried, seen: Sequences, wanted: RulesWanted, hypotheses: int, as_of: int
) -> SequentialRules:
    """The rules with the false discovery rate over so many hypotheses."""
    return SequentialRules(
        before=tuple(rule.antecedent[:-1] for rule in found.rules),
        antecedent=tuple(rule.antecedent[-1] for rule in found.rules),
        consequent=tuple(rule.consequent for rule in found.rules),
        trials=found.trials,
        count=found.count,
        expected=found.expected,
        p=found.p,
        adjusted=false_discovery_rate(found.p, hypotheses, wanted.adjustment),
        waits=found.waits,
        sequences=seen.count,
        hypotheses=hypotheses,
        wanted=wanted,
        as_of=as_of,
    )


def _over(numbers: npt.NDArray[np.generic], wholes: npt.NDArray[np.generic]) -> FloatArray:
    """Ratios; NaN over 0."""
    over, below = numbers.astype(np.float64), wholes.astype(np.float64)
    found: FloatArray = np.divide(over, below, out=np.full(len(over), np.nan), where=below > 0)
    return found
