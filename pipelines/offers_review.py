"""Job: hold registered offers against the newest days; write what a person decides on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from features.clock import Window, days_after
from features.loads import data_fingerprint
from features.star import history
from models.metrics import Estimate
from models.next_basket.measures import gain
from pipelines.definition import changes, offers_definition
from pipelines.evidence import Evidence
from pipelines.findings import Gate
from pipelines.gates import data_fresh, unseen_days
from pipelines.jobs import Job
from pipelines.offer_days import newest_test
from pipelines.offer_settings import Offers
from pipelines.offers_evidence import Known
from pipelines.offers_gathered import Seen, behaviours, seen_on
from pipelines.offers_review_page import review_page
from pipelines.offers_tried import OURS, POPULAR, OffersTested, Used, trial_of
from pipelines.offers_version import model_of, numbered
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
from pipelines.rounding import fraction, signed, tenths, with_interval
from pipelines.versions import Version

BOUGHT: Final = "bought_share"


@dataclass(frozen=True)
class OffersReviewed:
    """A review and the folder that holds its page and evidence."""

    evidence: Evidence
    folder: Path


@dataclass(frozen=True, eq=False)
class _Newest:
    """The newest day whose horizon is over, its last order and the data behind it."""

    seen: Seen
    last_on: date
    data_fingerprint: str


def run(job: Job) -> OffersReviewed:
    """Make the challenger's offers of the newest day, check gates, write it down.

    Raises
    ------
    NothingToReview
        When there is no challenger, or it is live already.
    SettingsDiffer
        When the challenger was trained under another config.
    RegularsError
        When there is no day to judge by.
    """
    with job.alone(f"review-{job.task}"):
        registry = Registry(job.business.tracking.address, job.home.root)
        challenger, champion = contestants(job, registry)
        require_same_settings(job, challenger, _differences(job, challenger))
        with job.steps.step("newest days"):
            newest = _newest(job)
        with job.steps.step("offers of the newest day, gates"):
            found = played(
                (challenger, champion),
                lambda version: _differences(job, version),
                lambda version: _tried(job, registry, version, newest),
            )
            evidence = _evidence(job, (challenger, champion), newest, found)
            page = review_page(job.business, evidence, found[CHALLENGER], newest.seen.as_of)
        folder = keep(job, registry, challenger, evidence, page)
    fact("reviewed", business=job.business.name, task=job.task, passed=evidence.is_passed)
    return OffersReviewed(evidence, folder)


def _differences(job: Job, version: Version) -> list[str]:
    return changes(json.loads(version.said("definition")), offers_definition(job.business))


def _newest(job: Job) -> _Newest:
    business, asked = job.business, job.business.offers
    with job.opened() as con:
        known = history(con, business.sources)
        first, day = newest_test(asked, known)
        behaviour = behaviours(con, business, [day])[day]
        seen = seen_on(con, business, Window(first, day), behaviour)
        last_on = days_after(day, asked.horizon_days - 1)
        return _Newest(seen, last_on, data_fingerprint(con))


def _tried(job: Job, registry: Registry, version: Version, newest: _Newest) -> OffersTested:
    model, items = model_of(registry.load_tables(version)), newest.seen.goods.items
    known = Known(numbered(model.rules, items), numbered(model.sequences, items), 0, 0)
    used = Used(model.repeat, model.cross, known, model.up)
    return trial_of(newest.seen, used, job.business.offers)


def _evidence(
    job: Job,
    versions: tuple[Version, Version | None],
    newest: _Newest,
    found: Mapping[str, OffersTested],
) -> Evidence:
    """Figures and gates of the review."""
    challenger, champion = versions
    ours = found[CHALLENGER]
    others = {name: each for name, each in found.items() if name != CHALLENGER}
    incumbent = next(iter(others), POPULAR)
    rivals = {name: each.shares[OURS] for name, each in others.items()}
    rivals[POPULAR] = ours.shares[POPULAR]
    over = {name: gain(ours.shares[OURS], each) for name, each in rivals.items()}
    told = {name: each.came[OURS] for name, each in found.items()} | {POPULAR: ours.came[POPULAR]}
    return Evidence(
        identity(
            job,
            versions,
            newest.seen.as_of,
            newest.data_fingerprint,
            job.business.offers.model_dump_json(),
        ),
        job.now,
        newest.seen.as_of,
        challenger.number,
        challenger.run_id,
        champion.number if champion else None,
        incumbent,
        newest.data_fingerprint,
        _gates(job.business.offers, ours, over, (newest, challenger)),
        {name: {BOUGHT: each} for name, each in told.items()},
        {f"{BOUGHT} over {name}": each for name, each in over.items()},
        {},
        (),
    )


def _gates(
    bounds: Offers,
    found: OffersTested,
    over: Mapping[str, Estimate],
    behind: tuple[_Newest, Version],
) -> tuple[Gate, ...]:
    """Every gate with what it required and what was found."""
    newest, challenger = behind
    seen = date.fromisoformat(challenger.said("seen_until"))
    rivals = [
        Gate(
            f"not worse than {name}",
            "an interval of the share of offers bought, less its own, that reaches 0 or more",
            _signed(each),
            each.high >= 0,
            "What is live is changed for something that is no worse.",
        )
        for name, each in over.items()
        if name != POPULAR
    ]
    return (
        Gate(
            "better than popular items",
            "an interval of the share of offers bought, less that of popular items, above 0",
            _signed(over[POPULAR]),
            over[POPULAR].low > 0,
            "Popular items need no model.",
        ),
        *rivals,
        Gate(
            "chances come true",
            f"an expected calibration error of the offers of "
            f"{fraction(bounds.calibration_error_most)} at most",
            fraction(found.calibration_error),
            found.calibration_error <= bounds.calibration_error_most,
            "Expected margins and revenues are sums of these chances.",
        ),
        unseen_days(newest.seen.as_of, seen),
        data_fresh(
            (seen, "learnt from"),
            newest.last_on,
            bounds.age_most,
            "Assortments and habits change.",
        ),
    )


def _signed(each: Estimate) -> str:
    return with_interval(each, lambda value: signed(value, tenths))
