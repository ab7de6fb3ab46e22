"""What a model card says of quality: beside others, by group, of chances, and in money."""

from pipelines.card import Card
from pipelines.card_groups import groups
from pipelines.card_parts import DASH, Section, Shown
from pipelines.contest import CALIBRATED, MODEL, SAVINGS
from pipelines.curves import Curve, gains_chart, profit_chart, reliability_chart
from pipelines.curves import Reliability as Drawn
from pipelines.findings import MEASURES, Measure, money_measures
from pipelines.page import Figure
from pipelines.profits import Profits
from pipelines.proposal_words import Rows
from pipelines.rounding import amount, count, day, percent, with_interval
from pipelines.traces import traces

SHARES = (0.05, 0.1, 0.2, 0.5)
"""Shares of the list at which curves are told in tables."""

ASSUMED = (
    "Worth, costs and acceptance are assumptions of the config, and what an offer changes is known "
    "after a campaign with a control group only."
)

_SHARES_TOLD = ("", *(f"first {percent(share)}" for share in SHARES))


def headline_measure(card: Card) -> Measure:
    """The metric by which versions are compared."""
    return next(each for each in measures_of(card) if each.key == card.business.review.metric)


def measures_of(card: Card) -> tuple[Measure, ...]:
    """Every metric of the test, in order."""
    has_money = card.business.churn.economics is not None
    return MEASURES + (money_measures(card.business.currency) if has_money else ())


def named(name: str) -> str:
    """A contestant's name in running text."""
    return "the model" if name == MODEL else name


def how_good(card: Card) -> Section:
    """Estimates beside other models and rules, day by day, and of groups."""
    tables = (_beside_others(card), _day_by_day(card), *groups(card))
    return Section("How good it is", _flattery(card), tables=tables, charts=(_reached(card),))


def _beside_others(card: Card) -> Rows:
    names = list(card.estimates)
    cells = tuple(
        (
            f"{measure.name} ({'higher' if measure.is_higher_better else 'lower'} is better)",
            *(_estimate(card, name, measure) for name in names),
        )
        for measure in measures_of(card)
        if any(measure.key in card.estimates[name] for name in names)
    )
    reading = "Mean over the test days, on the same customers, with 95 % intervals over customers."
    return Rows("Beside other models and simple rules", reading, ("", *map(named, names)), cells)


def _day_by_day(card: Card) -> Rows:
    """The model on each test day, and the best of the others in the headline metric."""
    measured, headline = card.rolled.contest.measured, headline_measure(card)
    shown = [MODEL, card.best_rule]
    by_day = zip(*(measured[name].by_day() for name in shown), strict=True)
    cells = tuple(
        (
            day(on),
            count(len(stage.test.churned)),
            percent(float(stage.test.churned.mean())),
            *(with_interval(each[headline.key], headline.write) for each in figures),
        )
        for on, stage, figures in zip(card.rolled.days, card.rolled.stages, by_day, strict=True)
    )
    columns = ("", "customers", "left", *(f"{headline.name}, {named(name)}" for name in shown))
    reading = "For each test day the model was fitted anew on what was known by then."
    return Rows("Day by day", reading, columns, cells)


def _flattery(card: Card) -> tuple[str, ...]:
    headline = headline_measure(card)
    if card.flattered is None or headline.key not in card.flattered:
        return ()
    told = (
        f"Were rows split at random instead of by day, {headline.name} would be "
        f"{with_interval(card.flattered[headline.key], headline.write)}: the figures below are of "
        f"days that the model has not seen."
    )
    return (told,)


def _reached(card: Card) -> Shown:
    contest = card.rolled.last_day
    gains = [
        Curve(named(name), slot, traces(contest.churned, probability).gains)
        for slot, (name, probability) in enumerate(contest.probabilities.items(), start=1)
    ]
    heading = "Who is reached"
    reading = "Share of all leavers among the first on the list, on the newest test day."
    cells = tuple((curve.name, *(_at(curve, share) for share in SHARES)) for curve in gains)
    return Shown(
        Figure(heading, reading, gains_chart(gains, card.contacted)),
        Rows(heading, reading, _SHARES_TOLD, cells),
    )


def _at(curve: Curve, share: float) -> str:
    """Height of a curve at a share, on the straight line between its points."""
    for (left, low), (right, high) in zip(curve.points, curve.points[1:], strict=False):
        if left <= share <= right and right > left:
            return percent(low + (high - low) * (share - left) / (right - left))
    return DASH


def _estimate(card: Card, name: str, measure: Measure) -> str:
    found = card.estimates[name].get(measure.key)
    return DASH if found is None else with_interval(found, measure.write)


def honest(card: Card) -> Section:
    """Whether chances come true."""
    error = card.estimates[MODEL]["expected_calibration_error"]
    verdict = card.rolled.contest.calibrated(MODEL)
    told = (
        "Nothing speaks against taking the chances at their word."
        if verdict == CALIBRATED
        else f"The chances are not to be taken at their word: {verdict}."
    )
    table = Rows(
        "Do the chances come true",
        "Calibration error: mean distance of chance and outcome over ten groups (Naeini et al. "
        "2015), mean over the test days. Ratio and slope: Cox 1958, all test days together; a "
        "slope below 1 means chances that are too extreme.",
        ("", "found", "perfect"),
        (
            ("calibration error", with_interval(error), "0"),
            ("leavers in multiples of those predicted", with_interval(card.comes_true.ratio), "1"),
            ("slope of the outcome on the chance", with_interval(card.comes_true.slope), "1"),
        ),
    )
    return Section(
        "Is the predicted chance honest", (told,), tables=(table,), charts=(_predicted(card),)
    )


def _predicted(card: Card) -> Shown:
    contest = card.rolled.contest
    bins = traces(contest.churned, contest.probabilities[MODEL]).reliability
    heading = "Predicted and found"
    reading = (
        "Customers of all test days in ten groups by predicted chance; on the diagonal it came "
        "true."
    )
    cells = tuple(
        (percent(each.predicted), percent(each.observed), count(each.customers)) for each in bins
    )
    return Shown(
        Figure(heading, reading, reliability_chart([Drawn("the model", 1, bins)])),
        Rows(heading, reading, ("predicted", "left", "customers"), cells),
    )


def earns(card: Card) -> Section:
    """What the list is worth, or why nothing is said of it."""
    heading = "What it earns"
    if card.profits is None:
        return Section(heading, ("churn.economics is not set: nothing is said of money.",))
    told = (
        f"On the newest test day. {card.profits.told}",
        _savings(card),
        ASSUMED,
    )
    measures = money_measures(card.business.currency)
    rows = tuple((each.name, _estimate(card, MODEL, each), each.meaning) for each in measures)
    reading = "Mean over the test days, with 95 % intervals."
    table = Rows("In money", reading, ("", "the model", "what it is"), rows)
    return Section(heading, told, tables=(table,), charts=(_profit(card, card.profits),))


def _savings(card: Card) -> str:
    if SAVINGS in card.estimates[MODEL]:
        return (
            f"Savings: {with_interval(card.estimates[MODEL][SAVINGS], percent)} of what leaving "
            f"costs, against the better of contacting nobody and everybody."
        )
    if card.rolled.contest.calibrated(MODEL) != CALIBRATED:
        return "No savings are given: they follow from the size of the chances, see above."
    return "No savings are given: without a model there is nothing to save."


def _profit(card: Card, profits: Profits) -> Shown:
    heading, reading = "Profit by the share contacted", "Per customer of the list; shaded: 95 %."
    cells = tuple(
        (named(curve.name), *(_money_at(card, curve, share) for share in SHARES))
        for curve in profits.curves.curves
    )
    return Shown(
        Figure(heading, reading, profit_chart(profits.curves)),
        Rows(f"{heading}, {card.business.currency.code}", reading, _SHARES_TOLD, cells),
    )


def _money_at(card: Card, curve: Curve, share: float) -> str:
    """Profit when so much of the list is contacted, where the curve reaches so far."""
    within = [profit for at, profit in curve.points if at <= share]
    is_reached = bool(curve.points) and curve.points[-1][0] >= share
    return amount(within[-1], card.business.currency.digits) if within and is_reached else DASH
