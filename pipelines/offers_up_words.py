"""What a training of offers says of steps up: the learner beside its baselines, and the tiers."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from models.metrics import Estimate
from models.up_sell.propensity import OURS
from models.up_sell.rates import BASELINES
from models.up_sell.tiers import TOLD
from pipelines.offers_up import NEW, UpLearnt
from pipelines.proposal_words import Rows
from pipelines.rounding import count, fraction, percent, signed, with_interval

NAMES: Final[Mapping[str, str]] = {
    OURS: "learner",
    "transition_rate": "rate of the need and tier",
    "own_past": "rate by the customer's own past",
    "own_rate": "the customer's own rate",
}

_MEASURES: Final = ("average_precision", "precision_at_5", "roc_auc", "expected_calibration_error")


def step_rows(found: UpLearnt) -> Rows | None:
    """The learner of steps up beside its baselines, on customers to whom one would be new."""
    if found.trial is None:
        return None
    table = found.trial.table.to_dict("records")
    rows = {(row["measure"], row["name"]): row for row in table if row["population"] == NEW}
    if not rows:
        return None
    cells = tuple(
        (
            NAMES[name],
            *(_figure(rows[measure, name]) for measure in _MEASURES),
            _gain(rows[_MEASURES[0], name]),
        )
        for name in (OURS, *BASELINES)
    )
    bought, pairs = found.trial.bought[NEW], found.trial.pairs[NEW]
    text = (
        f"{count(bought)} of {count(pairs)} customers and needs with nothing above the usual tier "
        f"lately bought something above it: {percent(bought / pairs)}. Used: "
        f"{NAMES[found.chosen]}. Gain: average precision of the learner over the other, paired."
    )
    columns = ("", "average precision", "precision of 5 %", "AUC", "calibration error", "gain")
    return Rows("Who buys the next tier up", text, columns, cells)


def tier_rows(found: UpLearnt) -> Rows | None:
    """How many needs have tiers, and why the others have none."""
    if found.tiers is None:
        return None
    refused = found.tiers.refused["reason"].value_counts()
    cells = (
        ("has tiers", count(len(found.tiers.needs))),
        *((TOLD[name], count(int(refused[name]))) for name in TOLD if name in refused),
    )
    text = f"{count(int(found.tiers.counts.sum()))} tiers, of what was sold before the test."
    return Rows("Needs and their tiers", text, ("", "needs"), cells)


def step_used(found: UpLearnt) -> str:
    """What says how likely a step up is, and why."""
    chosen, note = found.chosen_on, found.note
    if chosen is None:
        return f"Steps up: {note}."
    why = f"Steps up, chosen on the day of calibration: {chosen.verdicts[NEW].reason}."
    return why if note is None else f"{why} Not tested: {note}."


def _figure(row: Mapping[Any, Any]) -> str:
    return with_interval(Estimate(row["value"], row["low"], row["high"]), fraction)


def _gain(row: Mapping[Any, Any]) -> str:
    if np.isnan(row["gain"]):
        return "–"
    gain = Estimate(row["gain"], row["gain_low"], row["gain_high"])
    return with_interval(gain, lambda value: signed(value, fraction))
