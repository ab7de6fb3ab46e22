"""What a study and a proposal say, as sentences and rows of text: for the terminal and the page."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from features.cohort import described
from features.segments import BY_ORDERS
from models.metrics import Estimate
from pipelines.proposal import Chosen, Horizon, Proposal, Spread
from pipelines.proposal_record import Silent
from pipelines.rounding import NO_BREAK, count, day, fraction, interval, percent, tenths
from pipelines.study import QUANTILES, Contracts, Rate, Study, Waiting

NOT_SEEN = "–"
CONTRACT_HEADLINE = "The labels define churn: there is nothing to propose"


@dataclass(frozen=True)
class Rows:
    """A table of text: its heading, what the columns are called, and a row of cells each."""

    heading: str
    reading: str
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]


def headline(proposal: Proposal) -> str:
    """The answer in one sentence."""
    chosen = proposal.chosen
    if chosen is None:
        return "The orders do not reach far enough to define churn"
    if proposal.fits:
        return f"Call a customer lost after {chosen.days} days without a purchase"
    return f"No horizon keeps every rule; {chosen.days} days comes nearest"


def seen(found: Study) -> str:
    """What was looked at."""
    return (
        f"Orders before {day(found.as_of)}: {count(found.days)} days, "
        f"{count(found.everyone.still_open)} customers, {count(found.everyone.gaps)} gaps between "
        f"days with a purchase, of which the newest of each customer is still open."
    )


def waiting_rows(found: Study) -> Rows:
    """How long it takes until the next purchase, by segment."""
    columns = (
        *("", "gaps"),
        *(percent(share) for share in QUANTILES),
        "still open",
    )
    cells = tuple(_waiting(each) for each in _everybody(found))
    reading = (
        f"Days until so many have bought again; {NOT_SEEN}: so many were never seen to. Customers "
        f"by {found.segments.meaning} on the day of a purchase. Open gaps count for as long as "
        f"they were watched (Kaplan and Meier); still open: never seen to return."
    )
    return Rows("Days until the next purchase", reading, columns, cells)


def return_rows(found: Study) -> Rows:
    """The share who are back by each candidate horizon, by segment."""
    horizons = found.candidates.horizons_days
    cells = tuple(
        (each.name, *(_known(each.survival.ending(days).value) for days in horizons))
        for each in _everybody(found)
    )
    columns = ("", *(f"{days} days" for days in horizons))
    reading = f"Share who have bought again within so many days; {NOT_SEEN}: not watched so long."
    return Rows("Who is back", reading, columns, cells)


def silence_rows(found: Study) -> Rows:
    """The share of those silent for so long who are back within so many more days."""
    horizons = found.candidates.horizons_days
    survival = found.everyone.survival
    cells = tuple(
        (
            f"silent for {silent} days",
            *(_known(survival.ending(more, silent).value) for more in horizons),
        )
        for silent in horizons
    )
    columns = ("", *(f"{days} more" for days in horizons))
    reading = (
        f"Share of all gaps of that length that end so soon after; {NOT_SEEN}: not watched so long."
    )
    return Rows("Who comes back after silence", reading, columns, cells)


def horizon_rows(proposal: Proposal, back_days: int) -> Rows:
    """Every candidate with what the rules look at."""
    columns = (
        *("horizon", f"back in {back_days} days", "label rate (range)", "spread", "days"),
        *("2+ orders", "rules"),
    )
    cells = tuple(_horizon(each, proposal) for each in proposal.horizons)
    cohort = proposal.proposed.cohort if proposal.proposed else proposal.current.cohort
    reading = (
        f"Back: of those silent for the horizon, who come back in {back_days} more days. Label "
        f"rate: of customers with {described(cohort)}, those without a purchase in the horizon: "
        f"mean, lowest and highest of the days {_apart(proposal)}; spread: standard deviation in "
        f"parts of the mean; 2+ orders: the rate without one-time buyers. * is "
        f"{'proposed' if proposal.fits else 'nearest'}."
    )
    return Rows("Candidates", reading, columns, cells)


def setting_rows(proposal: Proposal) -> Rows:
    """The config's choice beside the proposal."""
    proposed = proposal.proposed
    columns = ("", "config", "proposed")
    now = _settings(proposal.current, proposal.current_spread)
    chosen = proposal.chosen
    then = _settings(proposed, chosen.spread) if proposed and chosen else {}
    cells = tuple((name, value, then.get(name, NOT_SEEN)) for name, value in now.items())
    changed = "; ".join(proposal.changes) or "nothing"
    return Rows("Config and proposal", f"What would change: {changed}.", columns, cells)


def one_time_words(found: Silent) -> str:
    """How many bought once, how they return, and how the label rate looks without them."""
    study, chosen = found.study, found.proposal.chosen
    once, everybody = study.one_time.still_open, study.everyone.still_open
    curve = study.one_time.survival
    text = (
        f"{count(once)} of {count(everybody)} customers ({percent(once / everybody)}) have ordered "
        f"once so far. "
    )
    half = curve.quantile(0.5)
    text += (
        f"After a first order half are back by day {half}"
        if half is not None
        else "After a first order fewer than half were ever seen again"
    )
    if chosen is None:
        return f"{text}."
    back = curve.ending(chosen.days)
    if math.isfinite(back.value):
        text += f", and {tenths(back.value)} ({interval(back, tenths)}) within {chosen.days} days"
    if not chosen.without_one_time.rates:
        return f"{text}."
    return (
        f"{text}. The label rate of {chosen.days} days is {tenths(chosen.spread.mean)}, and "
        f"{tenths(chosen.without_one_time.mean)} without one-time buyers."
    )


def contract_words(found: Contracts) -> str:
    """Why there is nothing to propose."""
    days = len(found.by_day)
    return (
        f"churn.kind is labelled: the labels table says who left, so that horizon, gap and window "
        f"are its own. It speaks of {days} {'days' if days > 1 else 'day'}."
    )


def contract_rows(found: Contracts) -> tuple[Rows, ...]:
    """Label rates by day, and of the newest day by segment where an attribute tells them apart."""
    columns = ("customers", "left", "label rate")
    by_day = tuple((day(rate.as_of), *_rate(rate)) for rate in found.by_day)
    days = Rows("Label rate by as_of", "As the labels table says.", ("as_of", *columns), by_day)
    if found.segments.attribute is None:
        return (days,)
    meaning, newest = found.segments.meaning, day(found.by_day[-1].as_of)
    return (
        days,
        Rows(
            f"Label rate by {meaning}",
            f"On {newest}, by what was known of the customer the day before.",
            (meaning, *columns),
            tuple((name, *_rate(rate)) for name, rate in found.by_segment.items()),
        ),
    )


def _rate(rate: Rate) -> tuple[str, str, str]:
    return count(rate.customers), count(rate.lost), tenths(rate.share)


def _everybody(found: Study) -> Sequence[Waiting]:
    if found.segments.by == BY_ORDERS:
        return [found.everyone, *found.by_segment]
    return [found.everyone, found.one_time, *found.by_segment]


def _waiting(each: Waiting) -> tuple[str, ...]:
    reached = [each.survival.quantile(share) for share in QUANTILES]
    shown = [NOT_SEEN if days is None else count(days) for days in reached]
    return (each.name, count(each.gaps), *shown, tenths(each.open_share))


def _known(share: float) -> str:
    return percent(share) if math.isfinite(share) else NOT_SEEN


def _horizon(each: Horizon, proposal: Proposal) -> tuple[str, ...]:
    spread, name = each.spread, f"{each.days} days"
    name += " *" if proposal.chosen is each else ""
    name += " config" if each.days == proposal.current.horizon_days else ""
    missed = ", ".join(check.name for check in each.failed)
    return (
        name,
        _within(each.back),
        _within(Estimate(spread.mean, spread.least, spread.most)),
        fraction(spread.variation, 2) if math.isfinite(spread.variation) else NOT_SEEN,
        count(len(spread.rates)),
        _mean(each.without_one_time),
        f"misses {missed}" if missed else "keeps all",
    )


def _within(found: Estimate) -> str:
    """``41.8 % (40.7 to 42.9)``: a share between its two ends."""
    if not math.isfinite(found.value):
        return NOT_SEEN
    low, high = (fraction(100 * end, 1) for end in (found.low, found.high))
    return f"{tenths(found.value)} ({low} to {high})".replace(" ", NO_BREAK)


def _mean(spread: Spread) -> str:
    return tenths(spread.mean) if spread.rates else NOT_SEEN


def _apart(proposal: Proposal) -> str:
    days = [rate.as_of for each in proposal.horizons for rate in each.spread.rates]
    if not days:
        return "of which none is over"
    return f"from {day(min(days))} to {day(max(days))}"


def _settings(chosen: Chosen, spread: Spread) -> dict[str, str]:
    return {
        "horizon": f"{chosen.horizon_days} days",
        "gap": f"{chosen.gap_days} days",
        "cohort": described(chosen.cohort),
        "test day": day(chosen.test_as_of) if chosen.test_as_of else NOT_SEEN,
        "label rate": _mean(spread),
    }
