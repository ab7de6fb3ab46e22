"""Job: hold registered rules against the newest baskets; write what a person decides on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from features.baskets import build_baskets
from features.clock import Window, days_after
from features.loads import data_fingerprint
from features.star import history
from models.metrics import Estimate
from models.proportions import wilson
from models.rules.baskets import Baskets, Capped
from models.rules.changes import confirmed
from pipelines.definition import changes, rules_definition
from pipelines.evidence import Evidence
from pipelines.findings import Gate
from pipelines.gates import data_fresh, unseen_days
from pipelines.jobs import Job
from pipelines.progress import fact
from pipelines.registry import Registry
from pipelines.reviewing import (
    CHALLENGER,
    contestants,
    identity,
    keep,
    played,
    require_same_settings,
)
from pipelines.rounding import percent
from pipelines.rule_days import rule_days
from pipelines.rule_settings import Rules
from pipelines.rules_groups import later_baskets, none_of
from pipelines.rules_review_page import review_page
from pipelines.rules_tables import Named, rules_again
from pipelines.versions import Version

NOBODY: Final = "nothing"
"""Name of the incumbent where none is live."""


@dataclass(frozen=True)
class RulesReviewed:
    """A review and the folder that holds its page and evidence."""

    evidence: Evidence
    folder: Path


@dataclass(frozen=True)
class _Newest:
    """The newest baskets, by group, and the data behind them."""

    days: Window
    groups: Mapping[str, tuple[Baskets, Capped]]
    data_fingerprint: str

    @property
    def last_on(self) -> date:
        """Day of the newest order."""
        return days_after(self.days.end, -1)


@dataclass(frozen=True)
class _Held:
    """Rules of a version, and how many of them held in the newest baskets.

    ``recommending`` of the rules held when they were mined: the version recommends by these.
    """

    rules: int
    held: int
    recommending: int

    @property
    def rate(self) -> Estimate:
        """Share that held with Wilson's interval, which takes rules for independent."""
        return wilson(self.held, self.rules)


def run(job: Job) -> RulesReviewed:
    """Look for the challenger's rules in the newest baskets, check gates, write it down.

    Raises
    ------
    NothingToReview
        When there is no challenger, or it is live already.
    SettingsDiffer
        When the challenger was mined under another config.
    RegularsError
        When there are no baskets to judge by.
    """
    with job.alone(f"review-{job.task}"):
        registry = Registry(job.business.tracking.address, job.home.root)
        challenger, champion = contestants(job, registry)
        require_same_settings(job, challenger, _differences(job, challenger))
        with job.steps.step("newest baskets"):
            newest = _newest(job)
        with job.steps.step("rules in them, gates"):
            held = played(
                (challenger, champion),
                lambda version: _differences(job, version),
                lambda version: _held(job, registry, version, newest),
            )
            evidence = _evidence(job, (challenger, champion), newest, held)
            page = review_page(job.business, evidence, newest.days)
        folder = keep(job, registry, challenger, evidence, page)
    fact("reviewed", business=job.business.name, task=job.task, passed=evidence.is_passed)
    return RulesReviewed(evidence, folder)


def _differences(job: Job, version: Version) -> list[str]:
    return changes(json.loads(version.said("definition")), rules_definition(job.business))


def _newest(job: Job) -> _Newest:
    business = job.business
    asked = business.rules.model_copy(update={"test_as_of": None})
    with job.opened() as con:
        known = history(con, business.sources)
        days = rule_days(asked, known, has_orders=business.sources.orders is not None).confirmed
        later = build_baskets(con, asked, days, business.sources)
        groups = later_baskets(later, asked, business.sources)
        return _Newest(days, groups, data_fingerprint(con))


def _held(job: Job, registry: Registry, version: Version, newest: _Newest) -> _Held:
    """How many rules of a version hold once more, each group in its own baskets."""
    tables = registry.load_tables(version)
    table, items = tables["rules"].to_pandas(), tables["items"].to_pandas()
    label = dict(zip(items["item"], items["label"], strict=True))
    least = float(version.said("confidence"))
    held = 0
    for name, rows in table.groupby("group", sort=False):
        leading, following = (
            [[label[item] for item in side] for side in rows[column]]
            for column in ("antecedents", "consequents")
        )
        named = Named(leading, following, least)
        rules = rules_again(named)
        baskets, _ = newest.groups.get(str(name)) or none_of(rules.itemsets.labels)
        held += int(confirmed(rules, baskets, share=job.business.rules.fdr).held.sum())
    return _Held(len(table), held, int(table["held"].sum()))


def _evidence(
    job: Job,
    versions: tuple[Version, Version | None],
    newest: _Newest,
    held: Mapping[str, _Held],
) -> Evidence:
    """Figures and gates of the review."""
    challenger, champion = versions
    seen = date.fromisoformat(challenger.said("mined_until"))
    others = [name for name in held if name != CHALLENGER]
    return Evidence(
        identity(
            job,
            versions,
            newest.days,
            newest.data_fingerprint,
            job.business.rules.model_dump_json(),
        ),
        job.now,
        newest.days.start,
        challenger.number,
        challenger.run_id,
        champion.number if champion else None,
        others[0] if others else NOBODY,
        newest.data_fingerprint,
        _gates(job.business.rules, held[CHALLENGER], newest, seen),
        {name: {"hold_rate": each.rate} for name, each in held.items()},
        {},
        {},
        (),
    )


def _gates(bounds: Rules, found: _Held, newest: _Newest, seen: date) -> tuple[Gate, ...]:
    """Every gate with what it required and what was found."""
    rate = found.rate
    return (
        Gate(
            "rules hold",
            f"the lower end of the interval of the share that holds at {percent(bounds.hold_least)}"
            f" or more",
            f"{found.held:,} of {found.rules:,}: {percent(rate.value)} ({percent(rate.low)} to "
            f"{percent(rate.high)})",
            rate.low >= bounds.hold_least,
            "Rules are told because they are to be true tomorrow; those that were luck fade.",
        ),
        Gate(
            "something to recommend by",
            "one rule or more that held when it was mined",
            f"{found.recommending:,}",
            found.recommending > 0,
            "A version recommends by such rules alone.",
        ),
        unseen_days(newest.days.start, seen),
        data_fresh(
            (seen, "mined"),
            newest.last_on,
            bounds.age_most,
            "Assortments and seasons change, and rules with them.",
        ),
    )
