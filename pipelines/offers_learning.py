"""Learning what to offer, and the test of the offers that would have been made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.calibration import Platt, fit_platt, log_odds
from models.metrics import Estimate, expected_calibration_error
from models.next_basket.chosen import Chosen, Days, Learnt, active, learn
from models.next_basket.histories import Doubles, WholeArray
from models.next_basket.measures import gain, mean
from models.offers.offered import Offered
from pipelines.jobs import Job
from pipelines.offer_days import OfferDays
from pipelines.offer_settings import Offers
from pipelines.offers_cross import (
    Cross,
    CrossLearnt,
    CrossShelf,
    cross_shelf,
    learn_cross,
    snapshot_days,
    snapshot_on,
)
from pipelines.offers_evidence import Known, Spans, known_of, nothing_known
from pipelines.offers_facts import beside_of
from pipelines.offers_gathered import Material, Seen
from pipelines.offers_goods import Goods, NothingOnOffer, number_of
from pipelines.offers_made import Sellers, Shop, offers_on, popular_on, shop_on

Flags = npt.NDArray[np.bool_]

JUDGED_MOST: Final = 4_000
"""Customers whom the test makes offers to, at most: a sample of more."""

EXAMPLES: Final = 3
"""Customers whose offers are shown."""

OURS: Final = "offers"
POPULAR: Final = "popular"


@dataclass(frozen=True, eq=False)
class KindTested:
    """Offers of one kind of the test, and how many of them were bought within the horizon.

    Attributes
    ----------
    offers
        How many were made.
    said
        Mean probability of them, 0..1.
    came
        Share of them that was bought, with 95 % interval over customers.
    """

    offers: int
    said: float
    came: Estimate


@dataclass(frozen=True, eq=False)
class OffersTested:
    """What would have become of the offers, had they been made on the day of the test.

    Attributes
    ----------
    customers
        Who would have got them.
    kinds
        By kind of offer.
    came
        Share of the offers that was bought: mean over customers, ours and the popular items under
        the same policies.
    gain
        Of ours over the popular ones, paired.
    shares
        The same of each customer, in the order of the positions; NaN without an offer.
    calibration_error
        Expected calibration error of our offers, 0..1.
    offers
        kind, probability and is_bought of each of ours.
    example
        Offers of the first customers, as they would have been told.
    left_out
        Candidates by the policy that left them out.
    """

    customers: int
    kinds: Mapping[str, KindTested]
    came: Mapping[str, Estimate]
    gain: Estimate
    shares: Mapping[str, Doubles]
    calibration_error: float
    offers: pd.DataFrame
    example: pd.DataFrame
    left_out: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Learning:
    """All that one training found.

    Attributes
    ----------
    repeat, cross, known
        What was learnt, with the tests of each.
    used
        What makes the offers: of it the chances are calibrated under the policies, too.
    test
        What became of its offers.
    """

    repeat: Learnt
    cross: CrossLearnt
    known: Known
    used: "Used"
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
    with job.steps.step("offers of the calibration"):
        before = Used(repeat.chosen, cross.cross, nothing_known())
        chosen = repeat.chosen.corrected(line_of(trial_of(material.calibration, before, asked)))
    with job.steps.step("what is a reason"):
        end = number_of(days.tested)
        spans = Spans(end - 2 * days.horizon_days, end)
        labels = pd.Index(goods.items["label"])
        known = known_of(goods.histories, labels, spans, asked.reasons, days.horizon_days)
    with job.steps.step("offers of the test"):
        used = Used(chosen, cross.cross, known)
        test = trial_of(material.test, used, asked)
    return Learning(repeat, cross, known, used, test)


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


@dataclass(frozen=True, eq=False)
class Used:
    """What offers are made with, however it came about."""

    chosen: Chosen
    cross: Cross
    known: Known


def trial_of(seen: Seen, model: Used, asked: Offers) -> OffersTested:
    """Offers of a day whose horizon is over, and what became of them.

    Parameters
    ----------
    seen
        The day, what was known of it, and what came.
    model
        What makes the offers.
    asked
        Who gets some, and what the learner is told beside the baskets.
    """
    day, within = number_of(seen.as_of), asked.active_within_days
    shop = shop_on(seen.goods, day, asked)
    rows = active(shop.goods.histories, day, within)
    if len(rows) > JUDGED_MOST:
        rows = np.sort(np.random.default_rng(0).choice(rows, JUDGED_MOST, replace=False))
    if not len(rows):
        raise NothingOnOffer(nobody_asked(seen.as_of, within))
    sellers = Sellers(model.chosen, shelf_on(shop, seen, model.cross), model.known, seen.allowed)
    return judged(shop, seen.goods, sellers, rows, seen.horizon_days)


def shelf_on(shop: Shop, seen: Seen, cross: Cross) -> CrossShelf | None:
    """First purchases of the day; None where nothing is known of them."""
    if not cross.is_there:
        return None
    horizon = seen.horizon_days
    snapshot = snapshot_on(shop.goods, seen.categories, seen.behaviour, seen.as_of, horizon)
    return cross_shelf(shop.goods, seen.categories, snapshot, cross, shop.day)


def nobody_asked(as_of: date, within: int | None) -> str:
    """Message that no customer gets offers."""
    return (
        f"offers of {as_of} need a customer who bought an item on offer within "
        f"offers.active_within_days={within} days before, but nobody did; look further back, or "
        "lower offers.seen_least"
    )


def judged(
    shop: Shop, goods: Goods, sellers: Sellers, rows: WholeArray, horizon: int
) -> OffersTested:
    """What became of the offers of a day whose horizon is over.

    Parameters
    ----------
    shop
        What was known on the day.
    goods
        The same items, and purchases up to the end of the horizon.
    sellers
        What makes the offers.
    rows
        Positions of the customers, ascending.
    horizon
        Days from the day of the shop on.
    """
    ours = offers_on(shop, sellers, rows)
    if not len(ours.table):
        raise NothingOnOffer(_none_left(ours, len(rows)))
    popular = popular_on(shop, sellers.allowed, rows)
    bought = bought_in(goods, shop.day, horizon)
    hits = {OURS: _hits(ours, goods, bought), POPULAR: _hits(popular, goods, bought)}
    shares = {
        OURS: _shares(ours, hits[OURS], rows),
        POPULAR: _shares(popular, hits[POPULAR], rows),
    }
    some = ours.table[ours.table["customer"].isin(rows[:EXAMPLES])]
    return OffersTested(
        len(rows),
        dict(_kinds(ours, hits[OURS], rows)),
        {name: mean(each) for name, each in shares.items()},
        gain(shares[OURS], shares[POPULAR]),
        shares,
        expected_calibration_error(hits[OURS], ours.table["probability"].to_numpy()),
        ours.table[["kind", "probability"]].assign(is_bought=hits[OURS]),
        some.assign(
            customer=goods.histories.customers.to_numpy()[some["customer"]],
            item=goods.items["title"].to_numpy()[some["item"]],
            is_bought=hits[OURS][some.index],
        ),
        ours.left_out,
    )


def _none_left(offered: Offered, customers: int) -> str:
    stood = ", ".join(f"{name}: {each:,}" for name, each in offered.left_out.items() if each)
    return (
        f"offers need a candidate that policies allow, but they leave none to any of "
        f"{customers:,} customers ({stood or 'no candidates'}); loosen offers.policies"
    )


def _kinds(offered: Offered, hits: Flags, rows: WholeArray) -> Iterator[tuple[str, KindTested]]:
    """Figures of each kind of offer."""
    for kind in offered.table["kind"].unique().tolist():
        is_kind = (offered.table["kind"] == kind).to_numpy()
        yield (
            str(kind),
            KindTested(
                int(is_kind.sum()),
                float(offered.table.loc[is_kind, "probability"].mean()),
                mean(_shares(offered, hits, rows, is_kind)),
            ),
        )


def _hits(offered: Offered, goods: Goods, bought: WholeArray) -> Flags:
    """Whether each offer was bought, shape (offers,)."""
    owner, item = (offered.table[name].to_numpy() for name in ("customer", "item"))
    found: Flags = np.isin(owner * len(goods.items) + item, bought)
    return found


def bought_in(goods: Goods, day: int, horizon: int) -> WholeArray:
    """Customers and items bought in ``[day, day + horizon)``, as cells of one row after another."""
    later = goods.histories.between(day, day + horizon)
    owner = later.customer_of_basket[later.basket_of_entry]
    return np.unique(owner * len(goods.items) + later.codes)


def _shares(
    offered: Offered, hits: Flags, rows: WholeArray, is_kind: Flags | None = None
) -> Doubles:
    """Share of the offers of each customer that was bought; NaN without an offer."""
    kept = np.ones(len(hits), dtype=bool) if is_kind is None else is_kind
    place = np.searchsorted(rows, offered.table["customer"].to_numpy()[kept])
    made = np.bincount(place, minlength=len(rows)).astype(np.float64)
    came = np.bincount(place, hits[kept].astype(np.float64), minlength=len(rows))
    found: Doubles = np.divide(came, made, out=np.full(len(rows), np.nan), where=made > 0)
    return found
