"""What a model card says of the why: what the model looks at, follows, and would say again."""

from collections.abc import Mapping
from typing import Final

from features.contract import Column
from models.phrases import Money
from models.stability import POOR, REASONS, STABLE, Stability, as_overlap
from pipelines.bars import bar_chart
from pipelines.card import Card
from pipelines.card_parts import DASH, Section, Shown
from pipelines.dependence_chart import Followed, dependence_chart, rows_of, top_of
from pipelines.findings import Feature
from pipelines.page import MOST_BARS, Figure, share_bars
from pipelines.proposal_words import Rows
from pipelines.rounding import count, fraction, percent, with_interval

NO_CAUSE: Final = "none: speaks for no cause"

LOOKS_TOLD: Final = (
    "What a column moves is what the model makes of it, not what it does to customers: two columns "
    "that say much the same share their weight as the fit happened to divide it."
)

FOLLOWS_TOLD: Final = (
    "The mean chance if every customer had the value. One column is varied and all others are "
    "held, also into combinations that nobody has: spend of a week above the spend of its month. "
    "Where columns go together, read the direction and not the height. Shaded, or whiskers: eight "
    "customers in ten, which is how they differ, not how sure the line is."
)

NOT_MEASURED: Final = "Not measured: churn.stability_refits is 0, or no refit was possible."


def why(card: Card) -> tuple[Section, ...]:
    """Importance, dependence and stability."""
    return _looks_at(card), _follows(card), _would_say_again(card)


def _looks_at(card: Card) -> Section:
    insight = card.insight
    shown = [each for each in insight.features if each.share.value > 0][:MOST_BARS]
    heading = "What moves the scores"
    reading = (
        f"Mean absolute contribution to the log-odds, as a share of all columns' (the first "
        f"{len(shown)} of {len(insight.features)}), over {count(insight.customers)} customers, "
        f"with 95 % intervals over customers."
    )
    return Section(
        "What it looks at",
        (LOOKS_TOLD,),
        tables=_causes(card),
        charts=(
            Shown(
                Figure(heading, reading, bar_chart(heading, share_bars(shown), percent)),
                Rows(heading, reading, ("column", "what it says", "share"), _shares(shown)),
            ),
        ),
    )


def _causes(card: Card) -> tuple[Rows, ...]:
    """Shares of causes; nothing where no column speaks for any."""
    causes = card.insight.causes
    if not any(causes):
        return ()
    ordered = sorted(causes.items(), key=lambda each: -each[1].value)
    table = Rows(
        "By cause of leaving",
        "Shares of columns taken together by the cause that they can speak for.",
        ("cause", "share"),
        tuple(
            (cause or NO_CAUSE, with_interval(share, percent))
            for cause, share in ordered
            if share.value > 0
        ),
    )
    return (table,)


def _shares(features: list[Feature]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (each.column, each.meaning, with_interval(each.share, percent)) for each in features
    )


def _follows(card: Card) -> Section:
    currency = card.business.currency
    money = Money(currency.code, currency.digits)
    columns: Mapping[str, Column] = {column.name: column for column in card.columns}
    followed = [Followed(each, columns[each.column], money) for each in card.insight.dependences]
    top = top_of(followed)
    return Section(
        "How the chance follows it",
        (
            f"Partial dependence (Friedman 2001), over {count(card.insight.varied)} customers. "
            + FOLLOWS_TOLD,
        ),
        charts=tuple(_dependence(each, top) for each in followed),
    )


def _dependence(each: Followed, top: float) -> Shown:
    meaning = each.column.meaning
    heading = f"{meaning[:1].upper()}{meaning[1:]}"
    unknown = each.dependence.unknown
    apart = f" At the right, unknown: {each.column.null_means}." if unknown else ""
    unit = f", in {each.unit}" if each.unit else ""
    reading = f"Column {each.column.name}{unit}.{apart}"
    table = Rows(heading, reading, ("value", "mean chance", "eight in ten"), rows_of(each))
    return Shown(Figure(heading, reading, dependence_chart(each, top)), table)


def _would_say_again(card: Card) -> Section:
    found = card.insight.stability
    heading = "Would it give the same reasons again"
    if found is None:
        return Section(heading, (NOT_MEASURED,))
    asked = (
        f"{found.refits} models with the same settings were fitted to resampled customers of the "
        f"training, and explained the same {count(found.customers)} customers of the test. "
        f"Intervals are over customers and refits; of so few refits they are rough."
    )
    return Section(
        heading,
        (verdict(found), asked, *_doubtful(found)),
        tables=(_agreement(found), *_by_cause(found)),
    )


def verdict(found: Stability) -> str:
    """Whether single reasons may be told, in a sentence that names its bounds."""
    overlap = found.overlap
    stable, poor = as_overlap(STABLE), as_overlap(POOR)
    bounds = (
        f"from {fraction(stable, 2)} on, where sets share {percent(STABLE)}, agreement counts as "
        f"excellent, below {fraction(poor, 2)}, where they share {percent(POOR)}, as poor (Fleiss "
        f"1981; Nogueira, Sechidis and Brown 2018)"
    )
    told = f"a customer's {REASONS} strongest reasons overlap by {with_interval(overlap)}"
    if overlap.low >= stable:
        return f"Reasons are stable: {told}; {bounds}."
    if overlap.high < poor:
        return f"Reasons are not stable, do not act on single ones: {told}; {bounds}."
    return f"Reasons are stable in part: {told}; {bounds}. Rely on causes that stay."


def _doubtful(found: Stability) -> tuple[str, ...]:
    """Which causes would not be given again to a quarter of their customers, or more."""
    shares = {each.cause: each.share for each in found.by_cause}
    doubtful = [cause for cause, share in shares.items() if share and share.value < STABLE]
    rare = [cause for cause, share in shares.items() if share is None]
    told = []
    if doubtful:
        told.append(
            f"Do not take at their word: {', '.join(doubtful)}. A retraining gives another cause "
            f"to more than a quarter of the customers whom they lead, so that a play that answers "
            f"them would be another."
        )
    if rare:
        told.append(f"Lead too few customers to say: {', '.join(rare)}.")
    return tuple(told)


def _agreement(found: Stability) -> Rows:
    rows = [
        ("ranks of importance", with_interval(found.ranks), fraction(0.0)),
        (f"overlap of {REASONS} reasons", with_interval(found.overlap), DASH),
    ]
    if found.by_cause:
        first, chance = with_interval(found.first_cause), fraction(found.by_chance)
        rows.append(("first cause the same", first, chance))
    return Rows(
        "Agreement with refits",
        "1 is perfect. Ranks: Spearman's correlation of the importance of columns, windows of one "
        "figure taken together. Overlap: Jaccard's, of the strongest reasons of each customer.",
        ("", "agreement", "by chance"),
        tuple(rows),
    )


def _by_cause(found: Stability) -> tuple[Rows, ...]:
    """How each cause holds; nothing where no column speaks for any."""
    if not found.by_cause:
        return ()
    table = Rows(
        "Causes that stay",
        "Of the customers whom a cause leads, the share whom it leads after a retraining, too.",
        ("cause", "customers", "stays"),
        tuple(
            (
                each.cause,
                count(each.customers),
                with_interval(each.share, percent) if each.share else "too few to say",
            )
            for each in found.by_cause
        ),
    )
    return (table,)
