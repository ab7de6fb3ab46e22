"""What to do with a segment: the first line of a table of rules that fits its figures."""

from collections.abc import Mapping, Sequence
from typing import Final, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from features.errors import RegularsError


class ActionsIncomplete(RegularsError):
    """No action fits a segment."""


class Bound(BaseModel):
    """What a segment's figure must be, in multiples of the figure of all customers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    figure: str = Field(description="Name of the figure, such as value, churn or offers.")
    least: float | None = Field(default=None, description="At least so many times everybody's.")
    most: float | None = Field(default=None, description="At most so many times everybody's.")

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.least is None and self.most is None:
            message = f"a bound on {self.figure} needs least or most, but found neither; give one"
            raise ValueError(message)
        return self

    def holds(self, index: float) -> bool:
        """Whether an index lies within; one that is not known does not."""
        if np.isnan(index):
            return False
        return (self.least is None or index >= self.least) and (
            self.most is None or index <= self.most
        )


class Action(BaseModel):
    """One line: what to do when all bounds hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    do: str = Field(min_length=1, description="What to do, in a sentence.")
    when: tuple[Bound, ...] = Field(default=(), description="All of them; none: always.")


def _of(do: str, **least: float) -> Action:
    bounds = tuple(Bound(figure=name, least=value) for name, value in least.items())
    return Action(do=do, when=bounds)


ACTIONS: Final = (
    _of(
        "They are worth much and about to leave: contact them personally now.", value=1.2, churn=1.2
    ),
    _of("They are worth much and loyal: thank them, with service and not discounts.", value=1.2),
    _of(
        "They are about to leave and take offers: send one they can use now.", churn=1.2, offers=1.2
    ),
    _of(
        "They are about to leave, and not known to be worth much: remind them by a cheap channel.",
        churn=1.2,
    ),
    _of("They take offers: show them what goes with what they buy.", offers=1.2),
    Action(do="Nothing sets them apart: recommend what people like them buy next."),
)
"""The table unless a user gives another; a threshold is a convention, no measured optimum."""


def action_for(indices: Mapping[str, float], actions: Sequence[Action] = ACTIONS) -> Action:
    """The first action all of whose bounds hold.

    Parameters
    ----------
    indices
        Figure to its value in the segment over that of all customers. A bound on a figure that is
        not there does not hold.
    actions
        Lines, the first that fits wins.

    Raises
    ------
    ActionsIncomplete
        When none fits.
    """
    for action in actions:
        if all(bound.holds(indices.get(bound.figure, float("nan"))) for bound in action.when):
            return action
    told = ", ".join(f"{name} {index:.2f}" for name, index in indices.items())
    message = (
        f"every segment needs an action, but of {len(actions)} none fits one with {told or 'none'} "
        f"times everybody's figures; end the table with an action that has no bounds"
    )
    raise ActionsIncomplete(message)
