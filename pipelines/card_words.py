"""A model card in words: sections of paragraphs, lists, tables and charts, for page and Markdown.

The sections are those of Mitchell et al. 2019, "Model cards for model reporting".
"""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from features.cohort import described
from features.loads import Tally
from pipelines.card import Card
from pipelines.card_groups import fairness
from pipelines.card_parts import DASH, Section
from pipelines.card_quality import earns, headline_measure, honest, how_good, named
from pipelines.card_why import why
from pipelines.contest import CALIBRATED, MODEL
from pipelines.dossier import ABOUT
from pipelines.plan import PARTS
from pipelines.proposal_words import Rows
from pipelines.rounding import (
    count,
    day,
    days,
    fraction,
    interval,
    percent,
    shortened,
    signed,
    with_interval,
)


def sections(card: Card) -> tuple[Section, ...]:
    """The whole card, in reading order."""
    return (
        _predicts(card),
        _not_covered(card),
        _data(card),
        _days(card),
        _model(card),
        how_good(card),
        honest(card),
        earns(card),
        *why(card),
        fairness(card),
        _limits(card),
    )


def summary(card: Card) -> str:
    """The card in one paragraph: what it predicts, from what, and how well."""
    metric = headline_measure(card)
    judged, newest = card.rolled.frame, card.plan.newest
    own = card.estimates[MODEL][metric.key]
    rule = card.best_rule
    beside = (
        f", beside {with_interval(card.estimates[rule][metric.key], metric.write)} of {named(rule)}"
    )
    cohort = described(card.business.behaviour.cohort)
    return (
        f"For each customer of {card.business.name} with {cohort}, the chance of "
        f"{_leaving(card)}. {_capital(_about(card))}, fitted to "
        f"{count(card.sizes['train'].rows)} rows of {days(newest.train)}. Tested on "
        f"{count(len(judged.churned))} rows of {days(card.rolled.days)}, of which "
        f"{percent(float(judged.churned.mean()))} are of customers who left: {metric.name} "
        f"{with_interval(own, metric.write)}{beside}."
    )


def _about(card: Card) -> str:
    kind = card.business.churn.model.kind
    return ABOUT.get(kind, kind)


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _leaving(card: Card) -> str:
    churn = card.business.churn
    if churn.kind == "labelled":
        return "leaving, as the labels table says it"
    after = f" that begin {churn.gap_days} days later" if churn.gap_days else ""
    return f"no purchase in the next {churn.horizon_days} days{after}"


def _predicts(card: Card) -> Section:
    churn = card.business.churn
    cohort, columns = described(card.business.behaviour.cohort), count(len(card.columns))
    words = [
        f"For one customer on one day, the chance (0 to 1) of {_leaving(card)}.",
        f"Whom it is for: customers with {cohort}.",
        f"What it is told: {columns} columns about the time before the day, none about the day.",
    ]
    if churn.kind == "silent":
        gap = f"{churn.gap_days} days" if churn.gap_days else "none"
        words.append(
            f"Horizon: {churn.horizon_days} days; pause between the day and the horizon: {gap}. "
            f"Returns and fees are no purchases."
        )
    words.append(
        "Meant for choosing whom to contact, with people who answer for it; not for prices, "
        "credit, or anything that a single customer would have to live with."
    )
    return Section("What it predicts", bullets=tuple(words))


def _not_covered(card: Card) -> Section:
    found, known = card.provenance.coverage, card.provenance.known
    words = list(_outside(card))
    if found.bought_once:
        words.append(
            f"{count(found.bought_once)} of those who had bought had one order only: little is "
            f"known of them. Figures by orders so far are of those who get a score."
        )
    if found.anonymous_lines:
        words.append(
            f"{percent(found.anonymous_lines / found.lines)} of the lines carry no customer; "
            f"whoever bought them is not known of."
        )
    if known.customers_without_row:
        words.append(
            f"{count(known.customers_without_row)} customers with orders have no row in the "
            f"customers table: their attributes are unknown."
        )
    return Section("Who is not covered", bullets=tuple(words) or ("Nobody that is known of.",))


def _outside(card: Card) -> Iterator[str]:
    """Customers who get no score, and why."""
    found, rule = card.provenance.coverage, card.business.behaviour.cohort
    on, none = day(card.provenance.as_of), rule.contract == "none"
    if none and found.bought > card.in_cohort:
        yield (
            f"{count(found.bought - card.in_cohort)} of {count(found.bought)} customers who had "
            f"bought by {on} get no score: they are not customers with {described(rule)}."
        )
    if none and found.never_bought:
        yield (
            f"{count(found.never_bought)} people whom the customers table described by {on} had "
            f"never bought; they get no score."
        )
    described_then = found.never_bought + found.bought
    if not none and described_then > card.in_cohort:
        yield (
            f"{count(described_then - card.in_cohort)} of {count(described_then)} customers known "
            f"of by {on} had no {described(rule).removeprefix('an ')}, or have no label."
        )


def _data(card: Card) -> Section:
    known, recipe = card.provenance.known, card.recipe
    ends = sorted({each for each in (known.first_on, known.last_on) if each})
    reach = f"{' to '.join(map(day, ends))}: {count(known.customers)} customers"
    lines = f", {count(known.sales_lines)} lines of orders" if known.sales_lines else ""
    told = [f"{reach}{lines}."]
    broken = [f"{rule} ({count(rows)})" for rule, rows in card.provenance.broken.items()]
    told.append(
        f"Rows set aside because they break a rule: {', '.join(broken)}."
        if broken
        else "No row was set aside for breaking a rule."
    )
    told.append(
        f"Fingerprints: data {shortened(recipe.data_fingerprint)}, columns "
        f"{shortened(recipe.behaviour_fingerprint)}, recipe {shortened(recipe.digest)}, code "
        f"{shortened(recipe.code, 24)}."
    )
    rows = Rows(
        "Rows by source",
        "Read is kept, set aside, duplicated and left out by the config's where together.",
        ("source", "files", "read", "kept", "set aside", "duplicated", "left out", "from", "to"),
        tuple(_tally(each, ZoneInfo(card.business.time_zone)) for each in card.provenance.tallies),
    )
    return Section("Data", bullets=tuple(told), tables=(rows,))


def _tally(each: Tally, zone: ZoneInfo) -> tuple[str, ...]:
    rows = each.rows
    counts = (each.files, rows.read, rows.kept, rows.quarantined, rows.duplicated, rows.left_out)
    return (each.source, *map(count, counts), _on(rows.first_at, zone), _on(rows.last_at, zone))


def _on(micros: int | None, zone: ZoneInfo) -> str:
    return DASH if micros is None else str(datetime.fromtimestamp(micros / 1e6, zone).date())


def _days(card: Card) -> Section:
    plan = card.plan
    newest = plan.newest
    parts = {"train": newest.train, "calibration": newest.calibration, "test": newest.test}
    cells = tuple(
        (
            part,
            days(parts[part]),
            count(card.sizes[part].rows),
            percent(card.sizes[part].leavers / card.sizes[part].rows),
        )
        for part in PARTS
    )
    how = (
        "The labels speak of too few days to be split by time: customers were split at random, "
        "so that the test says nothing of other days."
        if plan.by_customer
        else "No outcome that one part learnt from lies on a day of the next: each test is on a "
        "day after all that its model has seen."
    )
    reading = f"Of the registered model. Tested on {days(plan.test)}, each with a model of its own."
    table = Rows("Days of each part", reading, ("part", "days", "rows", "left"), cells)
    return Section("Days", (how,), tables=(table,))


def _model(card: Card) -> Section:
    search, line = card.business.churn.search, card.rolled.newest.line
    params = tuple((name, f"{value:.4g}") for name, value in sorted(card.found.params.items()))
    calibrated = (
        f"not calibrated ({line.fallback.replace('_', ' ')})"
        if line.fallback
        else f"log-odds times {line.slope:.3f} plus {line.intercept:.3f} (Platt 1999)"
    )
    told = (
        f"{_capital(_about(card))} ({card.business.churn.model.kind}). Hyperparameters: the best "
        f"of {len(card.found.trials)} trials by mean log loss ({fraction(card.found.value, 4)}) "
        f"over at most {search.folds} folds, seed {search.seed}; no resampling, no class weights. "
        f"Calibrated on rows that it was not fitted to: {calibrated}."
    )
    table = Rows("Hyperparameters", "", ("name", "value"), params)
    return Section("The model", (told,), tables=(table,))


def _limits(card: Card) -> Section:
    told = [
        "A reason goes with leaving; to change it need not keep the customer.",
        "Who leaves for what is not in the data (a move, a new rival's shop) leaves unseen.",
        "What was true on these days may change: a review judges the version on newer ones.",
        "Intervals are over customers; they do not cover another season or another year.",
    ]
    if card.plan.by_customer:
        told.append("Tested on customers of the same day as the training: time was not tested.")
    if len(card.plan.test) == 1 and not card.plan.by_customer:
        told.append("Tested on one day; another day may be easier or harder.")
    if card.rolled.contest.calibrated(MODEL) != CALIBRATED:
        told.append("Use the order of the list, not the size of the chances.")
    told += _not_better(card)
    return Section("Limits", bullets=tuple(told))


def _not_better(card: Card) -> Iterator[str]:
    """By what the model has to be measured, where it is not clearly better than that."""
    metric, other = headline_measure(card), card.best_rule
    found = card.rolled.contest.differences(MODEL, other)[metric.key]
    gain = found.low if metric.is_higher_better else -found.high
    if not gain > 0:
        told = f"{signed(found.value, metric.write)} ({interval(found, metric.write)})"
        yield (
            f"By {metric.name} the model is not clearly better than {named(other)}: the paired "
            f"difference is {told}."
        )
