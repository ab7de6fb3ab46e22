"""Findings on several columns side by side, corrected for their number, with their sentences."""

from collections.abc import Callable, Iterator, Mapping
from math import nan

import numpy as np

from models.false_discoveries import false_discovery_rate
from models.profile import sentences
from models.profile import sentences_of_many as of_many
from models.profile.details import Details, Questions
from models.profile.findings import Finding
from models.profile.numbers import Numbers
from models.profile.single import Told
from models.profile.words import Words, is_sure

Said = Callable[[Mapping[str, float]], str]
"""The sentence of a finding, by the corrected chances of all, by method and subject."""


def together(found: Details, questions: Questions, words: Words) -> tuple[Told, ...]:
    """Findings of methods on several columns, in the order of what they ask.

    Chances are corrected among what is asked of groups, and among what is asked of columns whatever
    the group: that columns go together is nearly always certain, and would make the correction of
    the others too mild.

    Parameters
    ----------
    found
        What each method found.
    questions
        What was asked.
    words
        Names of columns.
    """
    parts = [
        *_of_outcome(found, questions, words),
        *_of_groups(found, words),
        *_of_columns(found, questions, words),
    ]
    chances = np.array([each.p for each, _ in parts], dtype=np.float64)
    is_of_columns = np.array([_key(each) in _whatever_the_group(found) for each, _ in parts])
    rates = np.empty_like(chances)
    for family in (is_of_columns.astype(np.bool_), ~is_of_columns.astype(np.bool_)):
        asked = int(family.sum())
        rates[family] = false_discovery_rate(chances[family], asked, questions.adjustment)
    known = {_key(each): float(rate) for (each, _), rate in zip(parts, rates, strict=True)}
    return tuple(Told(each, known[_key(each)], said(known)) for each, said in parts)


def _whatever_the_group(found: Details) -> set[str]:
    """Findings that say nothing of groups."""
    methods = (found.components, found.factors, found.canonical, found.linear)
    return {_key(each.finding) for each in methods if each is not None}


def _key(finding: Finding) -> str:
    return f"{finding.method}: {finding.subject}"


def _of_outcome(found: Details, asked: Questions, words: Words) -> Iterator[tuple[Finding, Said]]:
    outcome, factor, covariate = asked.outcome or "", asked.factor or "", asked.covariate or ""
    if (two := found.two_way) is not None:

        def of_two(p: Mapping[str, float]) -> str:
            both = nan if two.together is None else p[_key(two.together)]
            return sentences.of_two_way(two, (p[_key(two.first)], both), words, (outcome, factor))

        yield from ((each, of_two) for each in two.findings)
    if (at_equal := found.adjusted) is not None:

        def of_equal(p: Mapping[str, float]) -> str:
            chances = (p[_key(at_equal.finding)], p[_key(at_equal.slopes)])
            return sentences.of_adjusted(at_equal, chances, words, (outcome, covariate))

        yield from ((each, of_equal) for each in (at_equal.finding, at_equal.slopes))


def _of_groups(found: Details, words: Words) -> Iterator[tuple[Finding, Said]]:
    if (whole := found.many) is not None:
        yield whole.finding, lambda p: of_many.of_many(whole.finding, p[_key(whole.finding)])
    if (marks := found.discriminant) is not None:
        yield (
            marks.finding,
            lambda p: of_many.of_discriminant(marks, p[_key(marks.finding)], words),
        )
    for each in found.logistic.values():
        text = of_many.of_logistic(each, words)
        yield each.finding, _same(text)
    if (mapped := found.mapped) is not None:
        yield (
            mapped.apart,
            lambda p: of_many.of_map(mapped.apart, p[_key(mapped.apart)], mapped.between),
        )


def _same(text: str) -> Said:
    return lambda _: text


def _of_columns(found: Details, asked: Questions, words: Words) -> Iterator[tuple[Finding, Said]]:
    if (directions := found.components) is not None:

        def of_components(p: Mapping[str, float]) -> str:
            sure = _differing(found.by_component, p)
            return of_many.of_components(directions, words, sure)

        yield directions.finding, of_components
        yield from ((each.finding, of_components) for each in found.by_component.values())
    if (behind := found.factors) is not None:
        text = of_many.of_factors(behind, words)
        yield behind.finding, _same(text)
        yield from ((each.finding, _same(text)) for each in found.by_factor.values())
    if (sets := found.canonical) is not None and asked.sets is not None:
        names = (asked.sets[0][0], asked.sets[1][0])
        yield (
            sets.finding,
            lambda p: of_many.of_canonical(sets, p[_key(sets.finding)], words, names),
        )
    if found.linear is not None:
        yield found.linear.finding, _same(of_many.of_linear(found.linear, words))


def _differing(found: Mapping[str, Numbers], p: Mapping[str, float]) -> list[str]:
    """Components in which groups differ for certain, the most first."""
    sure = [name for name, each in found.items() if is_sure(p[_key(each.finding)])]
    return sorted(sure, key=lambda name: -abs(found[name].finding.effect.estimate.value))
