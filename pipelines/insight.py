"""Why a model says what it says: what it looks at, how it follows it, and whether it stays."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from features.contract import Cause, Column
from models.catalogue import CHURN_KINDS
from models.dependence import Dependence, dependence
from models.importance import importance, importance_by_cause, sampled
from models.metrics import Estimate
from models.spec import Fitted, FloatArray, Params
from models.stability import Stability, Told, bootstrapped, stability, told
from pipelines.config import Churn
from pipelines.findings import Feature
from pipelines.frames import Frame

SEED: Final = 20_260
"""Of every sample of customers and every bootstrap, so that a rerun gives the same figures."""

LOOKED_AT_ROWS: Final = 5_000
"""Rows whose contributions are averaged, at most."""

EXPLAINED_ROWS: Final = 2_000
"""Rows whose reasons are compared with those of refits, at most."""

VARIED_ROWS: Final = 500
"""Rows that a partial dependence is averaged over, at most."""

MOST_VARIED: Final = 6
"""Columns whose partial dependence is shown."""


@dataclass(frozen=True, eq=False)
class _Moved:
    """Contributions to some customers' scores."""

    contributions: FloatArray
    customers: npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Insight:
    """What is to be said of a model beyond how good it is.

    Attributes
    ----------
    features
        Every column's share in all that moved the scores, the largest first.
    causes
        The same by cause of leaving; None: columns that speak for no cause.
    dependences
        How the chance follows the columns that move the scores most.
    customers
        Whose contributions were averaged.
    varied
        Customers over whom dependences were averaged.
    stability
        None where nothing was refitted.
    """

    features: tuple[Feature, ...]
    causes: Mapping[Cause | None, Estimate]
    dependences: tuple[Dependence, ...]
    customers: int
    varied: int
    stability: Stability | None


def looked_at(fitted: Fitted, columns: Sequence[Column], frame: Frame) -> tuple[Feature, ...]:
    """Mean absolute contribution of each column, as share of all, the largest first."""
    return _features(columns, _moved(fitted, frame, LOOKED_AT_ROWS))


def insight_of(fitted: Fitted, columns: Sequence[Column], frame: Frame) -> Insight:
    """All about a model, on customers that it has not seen, but for its `with_stability`.

    Parameters
    ----------
    fitted
        The calibrated model.
    columns
        Of the model.
    frame
        Customers.
    """
    moved = _moved(fitted, frame, LOOKED_AT_ROWS)
    features = _features(columns, moved)
    few = _drawn(frame, VARIED_ROWS)
    used = [feature.column for feature in features if feature.share.value > 0]
    return Insight(
        features=features,
        causes=importance_by_cause(moved.contributions, columns, SEED, groups=moved.customers),
        dependences=tuple(
            dependence(fitted, few.features, column) for column in used[:MOST_VARIED]
        ),
        customers=len(np.unique(moved.customers)),
        varied=len(np.unique(few.customers)),
        stability=None,
    )


def told_of(fitted: Fitted, columns: Sequence[Column], frame: Frame) -> Told:
    """Reasons that a model gives customers, the same ones for each model, to compare refits by."""
    return told(fitted, _drawn(frame, EXPLAINED_ROWS).features, columns)


def with_stability(seen: Insight, own: Told, others: Sequence[Told]) -> Insight:
    """The insight with how far refits agree, where there are any.

    Parameters
    ----------
    seen
        Of the model.
    own, others
        `told_of` the model and its refits; no refits where stability is not asked for.
    """
    return replace(seen, stability=stability(own, others, SEED)) if others else seen


def refitted(churn: Churn, params: Params, train: Frame) -> Iterator[Fitted]:
    """Models of the same hyperparameters on resamples of whole training customers.

    A resample in which nobody left, or everybody, has no model.
    """
    kind = CHURN_KINDS[churn.model.kind]
    for rows in bootstrapped(train.customers, churn.stability_refits, churn.search.seed):
        churned = train.churned[rows]
        if churned.any() and not churned.all():
            features = train.features.iloc[rows].reset_index(drop=True)
            with threadpool_limits(limits=1, user_api="blas"):  # small problems; see the search
                fitted = kind.fit(churn.model, params, features, churned, churn.search.seed)
            yield fitted


def _drawn(frame: Frame, most: int) -> Frame:
    """Rows of customers drawn at random, at most so many."""
    if len(frame.churned) <= most:
        return frame
    mask = np.zeros(len(frame.churned), dtype=bool)
    mask[sampled(frame.customers, most, SEED)] = True
    return frame.where(mask)


def _moved(fitted: Fitted, frame: Frame, most: int) -> _Moved:
    some = _drawn(frame, most)
    return _Moved(fitted.contributions(some.features), some.customers)


def _features(columns: Sequence[Column], moved: _Moved) -> tuple[Feature, ...]:
    shares = importance(moved.contributions, SEED, groups=moved.customers)
    found = [
        Feature(column.name, column.meaning, share)
        for column, share in zip(columns, shares, strict=True)
    ]
    return tuple(sorted(found, key=lambda feature: -feature.share.value))
