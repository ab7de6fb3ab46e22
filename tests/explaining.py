"""A small model over made-up customers, and what people are told of it."""

from features.contract import Cause, Column
from models.churn import gbm
from models.drift import medians, reference
from models.phrases import Money
from models.spec import ChurnGbm
from pipelines.explained import Explaining
from pipelines.plays import Plays
from tests.churners import churners

PEOPLE = churners(700)
SPEC = ChurnGbm()
FITTED = gbm.fit(SPEC, gbm.first_params(SPEC), PEOPLE.features, PEOPLE.churned, seed=1)
CAUSES: dict[str, Cause] = {
    "days_since_order": "habit fading",
    "orders_count_28d": "lost trust",
    "orders_count_182d": "lost trust",
    "gap_mean_days": "need gone",
}


def explaining(plays: Plays | None = None, causes: dict[str, Cause] | None = None) -> Explaining:
    """The model and its words; columns without a cause in ``causes`` speak for none."""
    known = CAUSES if causes is None else causes
    columns = [
        Column(name, "number", None, "unknown", name, "", known.get(name))
        for name in PEOPLE.features.columns
    ]
    typical = medians(reference(PEOPLE.features))
    return Explaining(FITTED, columns, typical, Money("USD"), plays or Plays())
