"""Job: rules of what is bought together, tested, confirmed in later baskets, and registered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from features.baskets import build_baskets
from features.items import Items
from features.loads import data_fingerprint
from features.star import history
from pipelines.definition import rules_definition
from pipelines.jobs import Job
from pipelines.progress import fact
from pipelines.rule_days import RuleDays, rule_days
from pipelines.rule_engines import itemset_engine, require_engine
from pipelines.rule_periods import Periods, periods_of
from pipelines.rules_compared import Asked, baskets_to_mine, with_compared
from pipelines.rules_found import GroupFound, RulesFound
from pipelines.rules_groups import Grouped, grouped
from pipelines.rules_mining import GroupMined, mined
from pipelines.rules_page import rules_page
from pipelines.rules_tables import as_arrow, items_table
from pipelines.rules_told import categories_of
from pipelines.runs import Run
from pipelines.scripted import ColumnType, Scripted
from pipelines.tables import replace_text
from pipelines.tracked import as_parquet, config_file, training, training_run
from pipelines.versions import Logged, Version
from pipelines.writeup import git_commit

SCRIPT: Final = Path(__file__).with_name("templates") / "recommend.py"
"""What a version of rules runs when baskets are passed to it."""

INPUTS: Final[Mapping[str, ColumnType]] = {"basket": "string", "item": "string"}
OUTPUTS: Final[Mapping[str, ColumnType]] = {
    "basket": "string",
    "rank": "long",
    "item": "string",
    "confidence": "double",
    "lift": "double",
    "rule": "string",
}
EXAMPLES: Final = 5
"""Rules whose antecedents are the baskets that a stored version is tried on."""


@dataclass(frozen=True)
class RulesTrained:
    """What was found, and the version that holds it.

    Attributes
    ----------
    found
        Groups, rules and bundles.
    version
        None where no rule was kept: there is nothing to recommend by, and nothing is registered.
    page
        File that shows what was found.
    """

    found: RulesFound
    version: Version | None
    page: Path


@dataclass(frozen=True)
class _Material:
    """All that one mining looks at."""

    days: RuleDays
    periods: Periods | None
    grouped: Grouped
    items: Items
    data_fingerprint: str


def run(job: Job) -> RulesTrained:
    """Mine, test and confirm rules; register them with the alias ``challenger``.

    Raises
    ------
    OrdersMissing, ItemsUnclear
        When the sources do not tell what was bought together.
    OutsideHistory, HorizonNotObserved, NoBaskets
        When the orders do not cover the days to mine and to confirm in.
    GroupsTooSmall
        When no group has enough baskets.
    PeriodsTooLong
        When the periods to compare do not lie within the days to mine.
    SparkMissing, SparkFailed
        When ``rules.engine`` is spark, and Spark is not there or fails.
    """
    business = job.business
    require_engine(business.rules, business.engine)
    with training(job) as registry:
        material = _gather(job)
        tags = _tags(job, material)
        with training_run(job, registry, tags) as tracked:
            found = _found(job, material)
            with job.steps.step("tracking: metrics, tables"):
                text = rules_page(found, business.currency, categories_of(material.items))
                _log(tracked, job, found, text)
                logged = _model(tracked, found, material.items) if len(found.rules) else None
        version = registry.register(job.model_name, logged, tags) if logged else None
        page = job.home.reports(business.name) / "rules.html"
        replace_text(page, text)
    number = version.number if version else None
    held = sum(group.held for group in found.groups)
    fact("mined", business=business.name, rules=len(found.rules), held=held, version=number)
    return RulesTrained(found, version, page)


def _gather(job: Job) -> _Material:
    business, asked = job.business, job.business.rules
    with job.opened() as con, job.steps.step("baskets"):
        known = history(con, business.sources)
        days = rule_days(asked, known, has_orders=business.sources.orders is not None)
        periods = periods_of(asked.changes, days.mined)
        wanted = Asked(asked, business.sources, days.mined, periods)
        material = baskets_to_mine(con, wanted)
        later = build_baskets(con, asked, days.confirmed, business.sources)
        found = grouped(material.bought, later, asked, business.sources)
        found = with_compared(con, material, found, wanted)
        return _Material(days, periods, found, material.bought.items, data_fingerprint(con))


def _found(job: Job, material: _Material) -> RulesFound:
    """Rules of every group; the notes on what is in none of them stand with the first."""
    business, results = job.business, []
    asked, engine = business.rules, business.engine
    with itemset_engine(asked, engine, job.spill) as mine:
        for group in material.grouped.groups:
            with job.steps.step(f"rules of {group.name}"):
                results.append(mined(group, material.items, asked, mine, engine.threads))
    return RulesFound(
        business=business.name,
        as_of=material.days.confirmed.start,
        mined=material.days.mined,
        confirmed=material.days.confirmed,
        groups=_noted(results, material.grouped.notes),
        rules=pd.concat([each.rules for each in results], ignore_index=True),
        bundles=pd.concat([each.bundles for each in results], ignore_index=True),
        changes=pd.concat([each.changes for each in results], ignore_index=True),
        periods=material.periods,
    )


def _noted(results: list[GroupMined], notes: tuple[str, ...]) -> tuple[GroupFound, ...]:
    first, *others = (each.found for each in results)
    return (GroupFound(**{**vars(first), "notes": (*notes, *first.notes)}), *others)


def _tags(job: Job, material: _Material) -> dict[str, str]:
    """What a run and its version say of themselves."""
    days = material.days
    return {
        "business": job.business.name,
        "kind": "association_rules",
        "data_fingerprint": material.data_fingerprint,
        "code": git_commit(),
        "definition": json.dumps(rules_definition(job.business)),
        "mined_from": str(days.mined.start),
        "mined_until": str(days.mined.end),
        "confirmed_until": str(days.confirmed.end),
        "confidence": str(job.business.rules.confidence),
    }


def _log(tracked: Run, job: Job, found: RulesFound, page: str) -> None:
    """Parameters, figures of every group, tables and page of the run."""
    business = job.business
    settings = business.rules.model_dump(mode="json")
    figures = ("baskets", "later_baskets", "itemsets", "candidates", "confident", "lifting")
    tracked.log(
        params={f"rules.{name}": value for name, value in settings.items()},
        metrics={
            f"{_metric(group.name)}.{name}": float(getattr(group, name))
            for group in found.groups
            for name in (*figures, "kept", "held")
        }
        | {
            f"{_metric(group.name)}.{comparison}.{change}": float(number)
            for group in found.groups
            for comparison, numbers in group.changes.items()
            for change, number in numbers.items()
        },
        files={
            **config_file(business),
            "rules.parquet": as_parquet(as_arrow(found.rules)),
            "bundles.parquet": as_parquet(as_arrow(found.bundles)),
            "changes.parquet": as_parquet(as_arrow(found.changes)),
            "rules.html": page,
            "groups.json": json.dumps([vars(each) for each in found.groups], indent=2),
        },
    )


def _metric(group: str) -> str:
    """The group's name in letters that MLflow takes."""
    return "".join(each if each.isalnum() or each in "-_ ./" else "_" for each in group)


def _model(tracked: Run, found: RulesFound, items: Items) -> Logged:
    """The registered tables, with the script that recommends by them."""
    some = found.rules.head(EXAMPLES)["antecedents"].explode().rename("item")
    example = some.rename_axis("basket").reset_index().astype({"basket": str})
    tables = {"rules": as_arrow(found.rules), "items": as_arrow(items_table(items))}
    params: dict[str, str | int] = {"group": found.groups[0].name, "most": 10}
    return tracked.log_script(Scripted(SCRIPT, tables, example, INPUTS, OUTPUTS, params))
