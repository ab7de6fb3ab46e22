"""What the results of jobs about rules look like on the terminal, line by line."""

from collections.abc import Iterator

import pandas as pd

from features.clock import Window, days_after
from models.rules.changes import CHANGES
from pipelines.jobs import Job
from pipelines.results import table, verdict
from pipelines.rounding import money, percent, with_interval
from pipelines.rules_changes_words import HEADINGS, KINDS
from pipelines.rules_found import GroupFound, RulesFound
from pipelines.rules_review import RulesReviewed
from pipelines.rules_train import RulesTrained

TOLD = 10
"""Rules and bundles that a training names."""

GROUPS = 10
"""Groups that it gives figures and notes of."""


def trained(job: Job, result: RulesTrained) -> list[str]:
    """Figures of the groups, the strongest rules, and the version or why there is none."""
    found = result.found
    lines = [
        "",
        _first(job, result),
        f"  mined from {_days(found.mined)}, confirmed in {_days(found.confirmed)}",
        *_groups(found),
        *_changes(found),
        *_notes(found),
        *_rules(found.rules),
        *_bundles(job, found.bundles),
    ]
    lines.append(f"  page  {result.page}")
    if result.version is None:
        return lines
    return [*lines, f"Next: {job.command('review', job.task)}"]


def reviewed(job: Job, result: RulesReviewed) -> list[str]:
    """The verdict, each gate, and where the page lies."""
    rows = [
        (name, with_interval(figures["hold_rate"]))
        for name, figures in result.evidence.estimates.items()
    ]
    told = table([("", "share that holds (95 % interval)"), *rows])
    return verdict(job, result.evidence, result.folder, told)


def _first(job: Job, result: RulesTrained) -> str:
    if result.version is not None:
        return f"{job.model_name} version {result.version.number} waits for its review"
    return (
        f"No rule is significant at a false discovery rate of {percent(job.business.rules.fdr)}: "
        f"nothing is registered"
    )


def _days(window: Window) -> str:
    return f"{window.start} to {days_after(window.end, -1)}"


def _groups(found: RulesFound) -> list[str]:
    heading = (
        *("", "baskets", "later", "itemsets", "candidates", "confident", "lift > 1", "kept"),
        "held",
    )
    rows = [_figures(group) for group in found.groups[:GROUPS]]
    more = len(found.groups) - GROUPS
    return [*table([heading, *rows]), *([f"  and {more:,} more groups"] if more > 0 else [])]


def _figures(group: GroupFound) -> tuple[str, ...]:
    counts = (
        *(group.baskets, group.later_baskets, group.itemsets, group.candidates),
        *(group.confident, group.lifting, group.kept, group.held),
    )
    return (group.name, *(f"{count:,}" for count in counts))


def _changes(found: RulesFound) -> Iterator[str]:
    """How many rules changed in which way, of each group and comparison."""
    for group in found.groups[:GROUPS]:
        of = "" if len(found.groups) == 1 else f" ({group.name})"
        for comparison, numbers in group.changes.items():
            called = KINDS[comparison]
            told = ", ".join(f"{called[kind]} {numbers[kind]:,}" for kind in CHANGES)
            yield f"  {HEADINGS[comparison]}{of}: {told}"


def _notes(found: RulesFound) -> Iterator[str]:
    for group in found.groups[:GROUPS]:
        of = "" if len(found.groups) == 1 else f" ({group.name})"
        yield from (f"  Note{of}: {note}" for note in group.notes)


def _rules(rules: pd.DataFrame) -> list[str]:
    """Of the rules that held, those of the highest lift."""
    best = rules[rules["held"]].sort_values("lift", ascending=False, kind="stable").head(TOLD)
    rows = [
        (
            f"{', '.join(row['antecedents'])} → {', '.join(row['consequents'])}",
            row["group"],
            f"{row['count']:,}",
            percent(row["confidence"]),
            f"{row['lift']:.1f}",
            percent(row["later_confidence"]),
            f"{row['later_lift']:.1f}",
        )
        for row in best.to_dict("records")
    ]
    if not rows:
        return []
    heading = ("rule", "group", "baskets", "confidence", "lift", "later confidence", "later lift")
    return ["", "Of those that held, of the highest lift", *table([heading, *rows])]


def _bundles(job: Job, bundles: pd.DataFrame) -> list[str]:
    """Bundles that bring most."""
    if not len(bundles):
        return []
    code, digits = job.business.currency.code, job.business.currency.digits
    best = bundles.sort_values("margin", ascending=False, kind="stable").head(TOLD)
    rows = [
        (
            ", ".join(row["items"]),
            row["group"],
            f"{row['count']:,}",
            money(row["margin"], code, digits),
            money(row["margin_per_basket"], code, digits),
        )
        for row in best.to_dict("records")
    ]
    heading = ("bundle", "group", "baskets", "margin", "per basket")
    return ["", "Bundles that bring most margin", *table([heading, *rows])]
