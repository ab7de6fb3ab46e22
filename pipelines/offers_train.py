"""Job: what to offer next to whom, learnt, calibrated, tested out of time, and registered."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from models.metrics import Estimate
from models.next_basket.chosen import asked_on
from pipelines.definition import offers_definition
from pipelines.jobs import Job
from pipelines.offer_settings import Offers
from pipelines.offers_facts import beside_of
from pipelines.offers_gathered import Material, gathered
from pipelines.offers_goods import number_of
from pipelines.offers_learning import Learning, learnt
from pipelines.offers_page import offers_page
from pipelines.offers_up import UpLearnt
from pipelines.offers_version import OffersModel, labelled, scripted
from pipelines.progress import fact
from pipelines.runs import Run
from pipelines.tables import replace_text
from pipelines.tracked import as_parquet, config_file, training, training_run
from pipelines.versions import Logged, Version
from pipelines.writeup import git_commit

EXAMPLE_CUSTOMERS: Final = 5
"""Whose candidates a stored version is tried on."""


@dataclass(frozen=True)
class OffersTrained:
    """A registered version, what it reached, and the page that shows it."""

    version: Version
    material: Material
    learning: Learning
    page: Path


def run(job: Job) -> OffersTrained:
    """Learn what to offer, test it out of time, and register it with the alias ``challenger``.

    Raises
    ------
    JourneysUnclear, NothingOnOffer
        When the sources do not tell who bought what, or nothing was bought often enough.
    OutsideHistory, HorizonNotObserved
        When the orders do not cover the days to learn from and to test on.
    NothingToPredict, NothingToLearn, OneOutcome
        When too few customers came back.
    PolicyUnfit, StockUnclear
        When a policy or the stock list names what there is not.
    """
    business = job.business
    with training(job) as registry:
        material = gathered(job)
        tags = _tags(job, material)
        with training_run(job, registry, tags) as tracked:
            found = learnt(job, material)
            with job.steps.step("tracking: metrics, model, page"):
                text = offers_page(business, material, found)
                logged = _log(tracked, job, material, found, text)
        version = registry.register(job.model_name, logged, tags)
        page = job.home.reports(business.name) / "offers.html"
        replace_text(page, text)
    chosen = found.repeat.chosen.name
    fact("trained", business=business.name, task=job.task, version=version.number, chosen=chosen)
    return OffersTrained(version, material, found, page)


def _tags(job: Job, material: Material) -> dict[str, str]:
    """What a run and its version say of themselves."""
    days = material.days
    return {
        "business": job.business.name,
        "kind": "offers",
        "data_fingerprint": material.data_fingerprint,
        "code": git_commit(),
        "definition": json.dumps(offers_definition(job.business)),
        "trained_on": json.dumps([str(day) for day in days.learnt]),
        "calibrated_on": str(days.calibrated),
        "tested_on": str(days.tested),
        "seen_until": str(days.tested),
    }


def _log(tracked: Run, job: Job, material: Material, found: Learning, page: str) -> Logged:
    """Parameters, metrics, tables and page of the run, and its model."""
    asked = job.business.offers.model_dump(
        mode="json", exclude={"learner", "first_purchases", "up_sell"}
    )
    tracked.log(
        params={
            **{f"offers.{name}": value for name, value in asked.items()},
            **{f"learner.{name}": value for name, value in found.repeat.spec},
            "chosen": found.repeat.chosen.name,
            "chosen_for_first_purchases": found.cross.chosen,
            "chosen_for_steps_up": found.up.chosen,
        },
        metrics=dict(_figures(found)),
        files={
            **config_file(job.business),
            "offers.html": page,
            "offers_of_the_test.parquet": as_parquet(found.test.example),
            "rules.parquet": as_parquet(labelled(found.known.rules, material.test.goods.items)),
            "sequences.parquet": as_parquet(
                labelled(found.known.sequences, material.test.goods.items)
            ),
        },
    )
    items = material.test.goods.items
    used = found.used
    rules, sequences = (labelled(each, items) for each in (used.known.rules, used.known.sequences))
    model = OffersModel(used.chosen, used.cross, used.up, rules, sequences)
    return tracked.log_script(scripted(model, _example(material, found, job.business.offers)))


def _figures(found: Learning) -> Iterator[tuple[str, float]]:
    """Every figure of the test, those with an interval with both its ends."""
    for name, measures in found.repeat.measures.items():
        for measure, each in measures.items():
            yield from _ends(f"test.{name}.{measure.replace('@', '_at_')}", each)
    for name, each in found.repeat.verdict.gains.items():
        yield from _ends(f"calibration.learner.recall_at_10_over_{name}", each)
    yield "test.offers.calibration_error", found.test.calibration_error
    yield "test.before_policies.calibration_error", found.repeat.calibration_error
    yield from _ends("test.before_policies.ratio", found.repeat.reliability.ratio)
    yield from _ends("test.before_policies.slope", found.repeat.reliability.slope)
    for name, each in found.test.came.items():
        yield from _ends(f"test.{name}.bought_share", each)
    yield from _ends("test.offers.bought_share_over_popular", found.test.gain)
    for kind, told in found.test.kinds.items():
        yield f"test.{kind}.offers", float(told.offers)
        yield f"test.{kind}.said", told.said
        yield from _ends(f"test.{kind}.bought_share", told.came)
    trial = found.cross.trial
    if trial is not None:
        for row in trial.figures.to_dict("records"):
            if not np.isnan(row["value"]):
                name = f"test.first.{row['model']}.{str(row['measure']).replace('@', '_at_')}"
                yield name, float(row["value"])
    yield from _steps_up(found.up)


def _steps_up(found: UpLearnt) -> Iterator[tuple[str, float]]:
    """How the learner of steps up and its baselines fare, and its gain over each."""
    if found.tiers is not None:
        yield "test.up.needs", float(len(found.tiers.needs))
        yield "test.up.needs_refused", float(len(found.tiers.refused))
    for row in () if found.trial is None else found.trial.table.to_dict("records"):
        name = f"test.up.{row['population']}.{row['name']}.{row['measure']}"
        yield from _ends(name, Estimate(row["value"], row["low"], row["high"]))
        gain = Estimate(row["gain"], row["gain_low"], row["gain_high"])
        yield from _ends(f"{name}.gain", gain)


def _ends(name: str, each: Estimate) -> Iterator[tuple[str, float]]:
    """The figure and both ends of its interval; MLflow stores no NaN."""
    for suffix, value in (("", each.value), (".low", each.low), (".high", each.high)):
        if not np.isnan(value):
            yield f"{name}{suffix}", value


def _example(material: Material, found: Learning, asked: Offers) -> pd.DataFrame:
    """Candidates of some customers on the day of the test, with all their figures."""
    goods, day = material.test.goods, number_of(material.days.tested)
    known = goods.histories.before(day)
    rows = np.flatnonzero(known.lengths > 0)[:EXAMPLE_CUSTOMERS]
    (some,) = asked_on(known, beside_of(goods, asked).past(known), day, rows)
    figures = pd.DataFrame(
        some.pairs.figures.astype(np.float64), columns=list(found.used.chosen.columns)
    )
    names = {
        "customer": known.customers.to_numpy()[some.owner].astype(str),
        "item": goods.items["label"].to_numpy()[some.pairs.items].astype(str),
    }
    return pd.concat([pd.DataFrame(names), figures], axis=1)
