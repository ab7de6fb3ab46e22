"""What a model card says of groups: how good the model is for each, and how it treats them."""

from collections.abc import Callable, Sequence
from typing import Final

from models.parity import LEAST, LEAST_RANKED, Gap, Treated
from pipelines.card import Card
from pipelines.card_parts import DASH, Section
from pipelines.judgement import Divided
from pipelines.proposal_words import Rows
from pipelines.rounding import count, interval, percent, signed, with_interval

TOO_SMALL: Final = "too few to say"

EXPLAINED: Final = (
    "The demographic parity difference is between the shares contacted (Calders and Verwer 2010), "
    "the equal opportunity difference between the shares of leavers contacted (Hardt, Price and "
    "Srebro 2016); each is between the two groups that are farthest apart, with a 95 % interval "
    "that does not know they were picked for it. Groups that leave at different rates are "
    "contacted at different rates by an honest list: which difference matters is for people to "
    "decide."
)

_QUALITY: Final = ("", "customers", "left", "mean chance", "ROC AUC", "calibration error")
_TREATMENT: Final = (
    *("", "customers", "left", "contacted"),
    *("leavers contacted", "stayers contacted"),
)


def groups(card: Card) -> tuple[Rows, ...]:
    """How good the model is for each group."""
    reading = (
        f"On the newest test day, with 95 % intervals. Groups of fewer than {LEAST}, or of one "
        f"outcome only, are {TOO_SMALL}; so is the ROC AUC of fewer than {LEAST_RANKED} leavers. "
        f"The calibration error of a small group is high by chance."
    )
    return tuple(
        Rows(
            f"By {each.division.meaning}",
            "" if place else reading,
            _QUALITY,
            _cells(each, _QUALITY, _quality),
        )
        for place, each in enumerate(card.divided)
    )


def fairness(card: Card) -> Section:
    """How groups by attributes are treated when the first of the list are contacted."""
    asked = [each for each in card.divided if each.division.is_attribute]
    if not asked:
        nothing = (
            "No attribute is named in churn.fairness, so nothing is said of how groups of people "
            "are treated. That is no sign that they are treated alike."
        )
        return Section("Fairness", (nothing,))
    share = percent(card.contacted)
    why = "where offers pay best" if card.profits and card.profits.best.customers else "a tenth"
    return Section(
        "Fairness",
        (f"Contacted: the first {share} of the list ({why}). {EXPLAINED}",),
        tuple(sentence for each in asked for sentence in _differences(each)),
        tuple(
            Rows(
                f"Treatment by {each.division.meaning}",
                f"On the newest test day, when the first {share} of all customers are contacted.",
                _TREATMENT,
                _cells(each, _TREATMENT, _treatment),
            )
            for each in asked
        ),
    )


def _cells(
    each: Divided, columns: Sequence[str], told: Callable[[Treated], tuple[str, ...]]
) -> tuple[tuple[str, ...], ...]:
    """A row of text for every group that has anybody."""
    rows = []
    for group, found in zip(each.division.groups, each.parity.groups, strict=True):
        customers = int(group.mask.sum())
        if found is not None:
            rows.append((group.label, *told(found)))
        elif customers:
            rest = [DASH] * (len(columns) - 3)
            rows.append((group.label, count(customers), TOO_SMALL, *rest))
    return tuple(rows)


def _quality(found: Treated) -> tuple[str, ...]:
    return (
        count(found.customers),
        with_interval(found.base_rate, percent),
        percent(found.chance),
        with_interval(found.roc_auc) if found.roc_auc else DASH,
        with_interval(found.calibration_error),
    )


def _treatment(found: Treated) -> tuple[str, ...]:
    shares = (found.base_rate, found.contacted, found.found, found.bothered)
    return (count(found.customers), *(with_interval(share, percent) for share in shares))


def _differences(each: Divided) -> tuple[str, ...]:
    parity = each.parity
    named = f"By {each.division.meaning}"
    if parity.demographic is None or parity.opportunity is None:
        return (f"{named}: fewer than two groups are large enough to be compared.",)
    demographic, opportunity = _gap(each, parity.demographic), _gap(each, parity.opportunity)
    return (
        f"{named}: demographic parity difference {demographic}.",
        f"{named}: equal opportunity difference {opportunity}.",
    )


def _gap(each: Divided, gap: Gap) -> str:
    labels = [group.label for group in each.division.groups]
    difference = gap.difference
    told = f"{signed(difference.value)} ({interval(difference)})"
    if difference.low <= 0 <= difference.high:
        return f"{told}, too close to tell"
    return f"{told}, {labels[gap.highest]} above {labels[gap.lowest]}"
