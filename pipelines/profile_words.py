"""What a comparison of groups says, as sentences and rows: for the terminal and the page."""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Final

from models.metrics import Estimate
from models.numerals import decimal
from models.profile.findings import SURE, Effect, Finding
from models.profile.sentences import told_cell
from models.profile.single import Told
from models.profile.words import chance
from pipelines.card_parts import DASH
from pipelines.profile_found import Found, pairs_table
from pipelines.proposal_words import Rows
from pipelines.rounding import count, day, fraction, percent, with_interval

MOST_GROUPS: Final = 6
"""Groups that have a column of their own in a table."""

MOST_LOGISTIC: Final = 3
"""Groups with a chart of what goes with being in them."""

NO_CAUSE: Final = (
    "Groups were not drawn by lot. What differs between them may be why, what follows, or "
    "something that goes along."
)

NO_INTERVAL: Final = "no interval is known"

WORDS: Final[Mapping[str, str]] = {
    "corrected chance": "How often such a difference would turn up among so many questions if "
    "there was none: under .05 it counts as certain. It says nothing of how large it is.",
    "effect": "How large a difference is, whatever the number of customers, with the interval "
    "that holds the true one in 95 of 100 cases where one is known.",
    "Cliff's delta": "Of one customer from each group: how much more often the second group's has "
    "the higher figure than the lower, from −1 to 1. From .15 small, from .33 medium, from .47 "
    "large.",
    "eta squared, epsilon squared": "Share of how customers differ (of ranks: in their order) "
    "that the group explains. From .01 small, from .06 medium, from .14 large.",
    "Cramér's V": "How strongly two classifications go together, from 0 to 1; corrected for what "
    "chance adds.",
    "typical": "Of numbers the median, half of the group has more; where means were compared, or "
    "all medians are alike, the mean.",
    "alike in": "What is left of a difference among customers who do not differ in that figure.",
    "no proof of a cause": NO_CAUSE,
}


def headline(found: Found) -> str:
    """The answer in one sentence."""
    told = found.strongest
    if not told:
        return f"By {found.seen.by.name}, no column differs by more than a trifle"
    names = found.profile.customers.groups.names
    who = f"{names[1]} differ from {names[0]}" if len(names) == 2 else "the groups differ"  # noqa: PLR2004
    meaning = found.seen.words.meaning(told[0].finding.subject)
    return f"{who[:1].upper()}{who[1:]} most in {meaning}"


def label(found: Found) -> str:
    """A word or two above the headline."""
    return "What differs most" if found.strongest else "Nothing differs"


def reading(found: Found) -> str:
    """Who is compared, and how much differs."""
    single = found.profile.single
    sure = sum(each.is_sure for each in single.told)
    return (
        f"{found.seen.by.about} Of {_comparisons(len(single.told))}, "
        f"{count(sure)} {'differs' if sure == 1 else 'differ'} for certain, corrected for their "
        f"number. {NO_CAUSE}"
    )


def _comparisons(number: int) -> str:
    return f"{count(number)} comparison{'' if number == 1 else 's'} of single columns"


def tiles(found: Found) -> list[tuple[str, str, str]]:
    """Groups, their customers, and what part that is."""
    groups = found.profile.customers.groups
    whole = int(groups.counts.sum())
    return [
        (name, count(each), percent(each / whole))
        for name, each in zip(groups.names, groups.counts.tolist(), strict=True)
    ]


def plain_words(found: Found) -> list[str]:
    """Sentences of the strongest columns."""
    return [each.sentence for each in found.strongest]


def methods(found: Found) -> list[tuple[str, str]]:
    """Each method on several columns with its sentence, once."""
    told: dict[str, str] = {}
    for each in found.profile.together:
        told.setdefault(each.sentence, each.finding.method)
    return [(method, text) for text, method in told.items()]


def column_rows(found: Found) -> Rows:
    """The strongest columns: what is typical of each group, effect and chance."""
    words, single = found.seen.words, found.profile.single
    names = found.profile.customers.groups.names[:MOST_GROUPS]
    cells = []
    for told in found.strongest:
        subject = told.finding.subject
        typical = dict.fromkeys(names, DASH)
        title = words.meaning(subject)
        if subject in single.numbers:
            numbers = single.numbers[subject]
            table = numbers.groups
            medians = table["median"]
            is_median = numbers.is_by_rank and medians.nunique() > 1
            values = medians if is_median else table["mean"]
            typical |= {
                str(name): words.value(subject, float(value))
                for name, value in zip(table["group"], values, strict=True)
            }
        else:
            categories = single.categories[subject]
            level = told_cell(categories)[1]
            title = f"{title}: {categories.levels[level]}"
            typical |= dict(
                zip(categories.groups, map(percent, categories.shares[:, level]), strict=True)
            )
        cells.append(
            (
                title,
                *(typical[name] for name in names),
                effect_of(told.finding),
                chance(told.adjusted),
            )
        )
    text = (
        "What is typical of each group, of columns that differ for certain and by more than a "
        "trifle; a column that says the same as one above it is left out."
    )
    text += _without_column(len(found.profile.customers.groups))
    columns = ("", *names, "effect", "corrected chance")
    return Rows("Column by column", text, columns, tuple(cells))


def _without_column(groups: int) -> str:
    if groups <= MOST_GROUPS:
        return ""
    return f" The first {MOST_GROUPS} of {count(groups)} groups have a column of their own."


def pair_rows(found: Found) -> Rows:
    """Which of several groups differ from which for certain, in the strongest numbers."""
    words, single = found.seen.words, found.profile.single
    cells = []
    for row in pairs_table(found).to_dict("records"):
        if row["p"] < SURE:
            name = str(row["column"])
            numbers = single.numbers[name]
            given = Estimate(*(float(row[each]) for each in ("difference", "low", "high")))
            means = dict(zip(numbers.groups["group"], numbers.groups["mean"], strict=True))
            one, other = (words.value(name, float(means[row[at]])) for at in ("one", "other"))
            told = (
                f"Cliff's delta {with_interval(given, _short)}"
                if numbers.is_by_rank
                else f"on average {one} and {other}"
            )
            pair = f"{row['one']} and {row['other']}"
            cells.append((words.meaning(name), pair, told, chance(float(row["p"]))))
    text = "Chances are corrected for the number of pairs; pairs that may be chance are left out."
    return Rows(
        "Which groups differ from which", text, ("", "groups", "difference", "chance"), tuple(cells)
    )


def effect_of(finding: Finding) -> str:
    """``Cliff's delta −.70 (−.74 to −.65), large``."""
    return f"{finding.effect.name} {estimate_of(finding.effect)}"


def estimate_of(effect: Effect) -> str:
    """``−.70 (−.74 to −.65), large``; where no interval is known, that is said."""
    found = effect.estimate
    is_known = isfinite(found.low) and isfinite(found.high)
    told = with_interval(found, _short) if is_known else f"{_short(found.value)} ({NO_INTERVAL})"
    return f"{told}, {effect.size}" if effect.size else told


def _short(value: float) -> str:
    return fraction(value, 2)


def method_rows(found: Found) -> Rows:
    """Every finding on several columns: statistic, chance, effect."""
    cells = tuple(
        (
            _subject(found, each),
            each.finding.method,
            statistic_of(each.finding),
            chance(each.adjusted),
            effect_of(each.finding),
        )
        for each in found.profile.together
    )
    text = "Chances are corrected for the number of questions of groups, and of columns alone."
    columns = ("", "method", "statistic", "corrected chance", "effect")
    return Rows("Statistics of these", text, columns, cells)


def _subject(found: Found, told: Told) -> str:
    """The subject with columns by their meaning."""
    name, colon, rest = told.finding.subject.partition(": ")
    first, same, other = name.partition(" at equal ")
    words = found.seen.words
    tail = rest.removeprefix("slopes of ")
    slopes = "slopes of " if tail != rest else ""
    return (
        words.meaning(first)
        + (f" at equal {words.meaning(other)}" if same else "")
        + (f"{colon}{slopes}{words.meaning(tail)}" if colon else "")
    )


def statistic_of(finding: Finding) -> str:
    """``F(2, 27) = 7.91``."""
    test = finding.tests[0]
    freedom = ", ".join(decimal(each, 0 if each.is_integer() else 1) for each in test.freedom)
    told = f"({freedom})" if freedom else ""
    return f"{test.name}{told} = {decimal(test.statistic, 2)}"


def assumption_rows(found: Found) -> Rows:
    """Assumptions that failed, what they were looked at by, and what was done."""
    counted: dict[tuple[str, str, str], list[str]] = {}
    for each in (*found.profile.single.told, *found.profile.together):
        for check in each.finding.checks:
            if not check.is_met:
                key = (check.assumption, check.by, check.instead)
                counted.setdefault(key, []).append(each.finding.method)
    cells = tuple(
        (assumption, by, instead, f"{count(len(where))} ({_which(where)})")
        for (assumption, by, instead), where in sorted(
            counted.items(), key=lambda item: -len(item[1])
        )
    )
    text = "No method is used where what it assumes does not hold, without saying what was done."
    columns = ("assumption", "looked at by", "what was done", "comparisons")
    return Rows("Assumptions that did not hold", text, columns, cells)


def _which(methods_: list[str]) -> str:
    """The method of most of them."""
    names = sorted(set(methods_), key=lambda name: (-methods_.count(name), name))
    return names[0] + (" and others" if len(names) > 1 else "")


def refused_rows(found: Found) -> Rows:
    """Methods that cannot say anything, and columns that are not looked at together."""
    cells = tuple(found.profile.refused.items())
    return Rows("Methods that were refused", "", ("method", "why"), cells)


def notes(found: Found) -> Iterator[str]:
    """What was looked at, and what to keep in mind."""
    seen, profile = found.seen, found.profile
    n = int(profile.customers.groups.counts.sum())
    yield (
        f"The behaviour table of {day(seen.as_of)}: {count(seen.everyone)} customers, "
        f"{count(n)} of them in a group that is compared. Nothing from that day on is in its "
        "columns."
    )
    if profile.columns is not None:
        filled = [name for name, share in profile.columns.filled.items() if share > 0]
        names = seen.words.named(profile.columns.columns)
        yield f"Looked at together, as normal scores: {names}."
        if filled:
            yield f"Where one of them is not known, the median stands: {seen.words.named(filled)}."
    refused = len(profile.single.refused)
    if refused:
        what = "column is" if refused == 1 else "columns are"
        yield f"{count(refused)} {what} not compared: known for too few, or alike for all."
    drawn = len(profile.details.logistic)
    if drawn > MOST_LOGISTIC:
        yield (
            f"What goes with being in a group is drawn for the first {MOST_LOGISTIC} of "
            f"{count(drawn)} groups; all are in the table of statistics."
        )
    yield NO_CAUSE
