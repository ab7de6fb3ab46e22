"""What a training of offers says, as sentences and rows of text: for the terminal and the page."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

from features.clock import days_after
from features.settings import Currency
from models.next_basket.chosen import LEARNER
from models.offers.policies import LEFT_OUT
from pipelines.offers_gathered import Material
from pipelines.offers_learning import Learning
from pipelines.offers_tried import OURS, POPULAR, OffersTested
from pipelines.offers_up_words import step_used
from pipelines.proposal_words import Rows
from pipelines.rounding import (
    NO_BREAK,
    amount,
    count,
    day,
    fraction,
    percent,
    signed,
    tenths,
    with_interval,
)

KINDS: Final[Mapping[str, str]] = {
    "repeat": "bought before",
    "cross": "never bought before",
    "up": "the next tier of what is bought",
}

RECOMMENDERS: Final[Mapping[str, str]] = {
    "popular": "what everybody buys",
    "combined": "own items by count (GP-TopFreq)",
    "decayed": "own items, the newest most",
    "tifu_knn": "TIFU-KNN",
    "learner": "learner",
}

POLICIES: Final[Mapping[str, str]] = {
    "given_twice": "the same item for another reason",
    "excluded": "excluded",
    "out_of_stock": "not in stock",
    "unit_margin_unknown": "margin of a unit not known",
    "unit_margin": "margin of a unit too small",
    "cycle": "bought within its own cycle",
    "cycle_unknown": "bought, and its cycle not known",
    "probability": "too improbable",
    "expected_margin_unknown": "expected margin not known",
    "expected_margin": "expected margin too small",
    "most_per": "enough offers of its group",
    "most_per_kind": "enough offers of its kind",
    "most": "better offers fill all places",
}

FIRST_MEASURES: Final = ("average_precision", "recall@5", "roc_auc", "expected_calibration_error")

WORDS: Final[Mapping[str, str]] = {
    "offer": "An item that a customer gets shown, with the probability that the customer buys it "
    "within the horizon anyway or because of it. It is no proof that showing it changes anything: "
    "only a trial with customers who are shown nothing tells that.",
    "recall": "Share of the next basket that is among the first ten items of a recommender.",
    "bought": "Share of the offers whose item the customer bought within the horizon, on days "
    "that nothing was learnt from.",
    "step up": "A product of the next tier above the one that a customer usually buys of a need, "
    "where the customer bought nothing above it lately. Tiers go by price, by size or by a level.",
    "own cycle": "Mean number of days between the days on which the customer buys the item; where "
    "it was bought less than three times, that of the typical customer.",
    "interval": "So far the figure could be from the true one by chance: in 95 of 100 such cases "
    "the true one lies inside.",
}


def headline(test: OffersTested, horizon: int) -> str:
    """The answer in one sentence."""
    ours = test.came[OURS].value
    return f"{percent(ours)} of the offers are bought within {horizon} days"


def is_better(test: OffersTested) -> bool:
    """Whether the offers beat the popular items by their interval."""
    return test.gain.low > 0


def reading(test: OffersTested) -> str:
    """The share with its interval, and what as many popular items would have reached."""
    ours, popular = (with_interval(test.came[name], tenths) for name in (OURS, POPULAR))
    told = with_interval(test.gain, lambda value: signed(value, tenths))
    verdict = "" if is_better(test) else " The offers do not beat the popular items."
    return (
        f"On days that nothing was learnt from: {ours}, and {popular} of popular items under the "
        f"same policies; difference {told}.{verdict}"
    )


def tiles(material: Material, found: Learning) -> list[tuple[str, str, str]]:
    """What is counted, how many, and what part that is."""
    return [
        ("items on offer", count(len(material.test.goods.items)), ""),
        ("customers of the test", count(found.test.customers), ""),
        ("offers bought", percent(found.test.came[OURS].value), ""),
        ("popular items bought", percent(found.test.came[POPULAR].value), ""),
    ]


def used(found: Learning) -> Iterator[str]:
    """Which models are used, and why."""
    yield f"Next basket, chosen on the days of calibration: {found.repeat.verdict.reason}."
    yield _used_for_first(found)
    yield step_used(found.up)


def _used_for_first(found: Learning) -> str:
    trial = found.cross.trial
    if trial is None:
        return f"First purchases: {found.cross.note}."
    kept = with_interval(trial.value("bought_to_promised", found.cross.chosen))
    chosen = found.cross.chosen_on
    why = trial.reason if chosen is None else chosen.reason
    return f"First purchases, chosen likewise: {why}. Bought over promised in the test: {kept}."


def recommender_rows(found: Learning) -> Rows:
    """Recommenders side by side on the next baskets of the test."""
    columns = ("", "recall of 10", "NDCG of 10", "a hit among 10")
    cells = tuple(
        (
            RECOMMENDERS[name],
            *(with_interval(each[key]) for key in ("recall@10", "ndcg@10", "hit_ratio@10")),
        )
        for name, each in found.repeat.measures.items()
    )
    used_one = RECOMMENDERS[found.repeat.chosen.name]
    text = (
        f"Next baskets of {count(found.repeat.customers)} customers who came back in the test, "
        f"without policies. Used: {used_one}."
    )
    return Rows("What customers buy next", text, columns, cells)


def kind_rows(test: OffersTested) -> Rows:
    """Offers by kind: said and bought."""
    cells = tuple(
        (
            KINDS[kind],
            count(each.offers),
            percent(each.said),
            with_interval(each.came, tenths),
        )
        for kind, each in sorted(test.kinds.items())
    )
    return Rows(
        "Offers by kind",
        "Mean probability that was said, and share that was bought: mean over customers with at "
        "least one such offer.",
        ("", "offers", "said", "bought"),
        cells,
    )


def first_rows(found: Learning) -> Rows | None:
    """The learner of first purchases beside popularity."""
    if found.cross.trial is None:
        return None
    figures = found.cross.trial.figures
    names = list(dict.fromkeys(figures["model"]))
    cells = tuple(
        (name, *(_figure(figures, name, measure) for measure in FIRST_MEASURES)) for name in names
    )
    trial = found.cross.trial
    text = (
        f"{count(trial.taken_up)} first purchases of a category by {count(trial.customers)} "
        f"customers, among {count(trial.pairs)} that could be. Used: {found.cross.chosen}."
    )
    columns = ("", "average precision", "recall of 5", "AUC", "calibration error")
    return Rows("What customers buy for the first time", text, columns, cells)


def _figure(figures: pd.DataFrame, model: str, measure: str) -> str:
    rows = figures[(figures["model"] == model) & (figures["measure"] == measure)]
    if not len(rows) or rows["value"].isna().any():
        return "–"
    row = rows.iloc[0]
    return f"{fraction(row['value'])} ({fraction(row['low'])} to {fraction(row['high'])})"


def policy_rows(test: OffersTested) -> Rows:
    """Candidates that are no offer, by the reason."""
    cells = tuple(
        (POLICIES[name], count(test.left_out[name])) for name in LEFT_OUT if test.left_out[name]
    )
    return Rows(
        "What was not offered",
        "Candidates of the test, by the first policy that stood against them.",
        ("", "candidates"),
        cells,
    )


def offer_rows(offers: pd.DataFrame, currency: Currency) -> Rows:
    """Offers of some customers, as they are told."""
    cells = tuple(_offer(row, currency) for row in offers.to_dict("records"))
    return Rows(
        "Offers of some customers of the test",
        "As they would have been told on the day of the test, and whether the item was bought.",
        ("customer", "offer", "probability", "brings", "why", "bought"),
        cells,
    )


def exactly(minor_units: float, currency: Currency) -> str:
    """``USD 2.31``: expected sums are small, so that their cents are told."""
    return f"{currency.code}{NO_BREAK}{amount(minor_units / 10**currency.digits, currency.digits)}"


def _offer(row: Mapping[Any, Any], currency: Currency) -> tuple[str, ...]:
    brings = row["expected_revenue"]
    return (
        str(row["customer"]),
        f"{row['rank']}. {row['item']}",
        percent(row["probability"]),
        "–" if pd.isna(brings) else exactly(brings, currency),
        str(row["reason"]),
        "yes" if row["is_bought"] else "no",
    )


def notes(material: Material, found: Learning) -> Iterator[str]:
    """What was looked at, and what to keep in mind."""
    days = material.days
    yield (
        f"Learnt from the next baskets after {count(len(days.learnt))} days until "
        f"{day(days_after(days.calibrated, -1))}, calibrated on the {days.horizon_days} days from "
        f"{day(days.calibrated)}, tested on those from {day(days.tested)}."
    )
    yield (
        f"Expected calibration error of all candidates of the test: "
        f"{fraction(found.repeat.calibration_error)}; bought over said "
        f"{with_interval(found.repeat.reliability.ratio)}."
    )
    yield (
        f"Reasons: {count(len(found.known.rules))} of {count(found.known.found_rules)} rules and "
        f"{count(len(found.known.sequences))} of {count(found.known.found_sequences)} sequences "
        f"held in later days before the test; the others are not told."
    )
    if found.repeat.chosen.name != LEARNER:
        yield "The learner did not beat the baselines, so the better baseline makes the offers."
    yield from (f"{each}." for each in material.remarks)
    yield (
        f"Expected calibration error of the offers of the test: "
        f"{fraction(found.test.calibration_error)}. Their chances are calibrated once more on what "
        f"the policies leave, for they leave out what was just bought and is bought soonest again."
    )
    kept = material.test.allowed.policies.least_per_kind
    if kept:
        told = ", ".join(f"{each} for what is {KINDS[kind]}" for kind, each in kept.items())
        yield (
            f"Places kept: {told}. They go to less probable offers; popular items keep none, so "
            f"that they are as good as they can be."
        )
    yield (
        "An item that a customer buys soon anyway is the likeliest to be bought; the policy that "
        "leaves out items within their own cycle gives such sales away on purpose."
    )
