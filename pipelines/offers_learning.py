"""Learning what to offer, and the test of the offers that would have been made."""

from dataclasses import dataclass

import pandas as pd

from models.calibration import Platt, fit_platt, log_odds
from models.next_basket.chosen import Days, Learnt, learn
from pipelines.jobs import Job
from pipelines.offer_days import OfferDays
from pipelines.offers_cross import CrossLearnt, learn_cross, snapshot_days
from pipelines.offers_evidence import Known, Spans, known_of, nothing_known
from pipelines.offers_facts import beside_of
from pipelines.offers_gathered import Material
from pipelines.offers_goods import number_of
from pipelines.offers_tried import OffersTested, Used, trial_of
from pipelines.offers_up import UpLearnt, learn_up


@dataclass(frozen=True, eq=False)
class Learning:
    """All that one training found.

    Attributes
    ----------
    repeat, cross, up, known
        What was learnt, with the tests of each.
    used
        What makes the offers: of it the chances are calibrated under the policies, too.
    test
        What became of its offers.
    """

    repeat: Learnt
    cross: CrossLearnt
    up: UpLearnt
    known: Known
    used: Used
    test: OffersTested


def learnt(job: Job, material: Material) -> Learning:
    """Train, calibrate and test; the order of the steps is that of time.

    Raises
    ------
    NothingToPredict, NothingToLearn, OneOutcome
        When too few customers came back.
    PolicyUnfit
        When a policy names what the items do not have.
    """
    asked, days, goods = job.business.offers, material.days, material.test.goods
    threads, within = {"threads": job.business.engine.threads}, asked.active_within_days
    with job.steps.step("what customers buy again"):
        spec = asked.learner.model_copy(update=threads)
        beside = beside_of(goods, asked)
        repeat = learn(goods.histories, days_of(days, within), spec, asked.trials, beside)
    with job.steps.step("what they buy for the first time"):
        known_on = (*snapshot_days(days), days.tested)
        tables = {day: material.behaviours[day] for day in known_on}
        first = asked.first_purchases.model_copy(update=threads)
        cross = learn_cross(goods, material.test.categories, tables, days, first)
    with job.steps.step("who steps up to the next tier"):
        up = learn_up(material.test.up, days, job.business.engine.threads)
    with job.steps.step("offers of the calibration"):
        before = Used(repeat.chosen, cross.cross, nothing_known(), up.up)
        calibration = trial_of(material.calibration(job.business), before, asked)
        chosen = repeat.chosen.corrected(line_of(calibration))
    with job.steps.step("what is a reason"):
        end = number_of(days.tested)
        spans = Spans(end - 2 * days.horizon_days, end)
        labels = pd.Index(goods.items["label"])
        known = known_of(goods.histories, labels, spans, asked.reasons, days.horizon_days)
    with job.steps.step("offers of the test"):
        used = Used(chosen, cross.cross, known, up.up)
        test = trial_of(material.test, used, asked)
    return Learning(repeat, cross, up, known, used, test)


def line_of(found: OffersTested) -> Platt:
    """Line on the log-odds of offers of what was bought before, after what became of them.

    Chances are calibrated on all candidates; which of them are offered is the policies' choice, and
    what they leave out as just bought is what is bought soonest again.
    """
    offers = found.offers[found.offers["kind"] == "repeat"]
    odds = log_odds(offers["probability"].to_numpy())
    return fit_platt(offers["is_bought"].to_numpy(), odds)


def days_of(days: OfferDays, within: int | None) -> Days:
    """The same days as numbers."""
    return Days(
        tuple(number_of(day) for day in days.learnt),
        number_of(days.calibrated),
        number_of(days.tested),
        days.horizon_days,
        within,
    )
