"""A guess, how sure it is, and why: from a name and from what a column holds."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from features.guessing.vocabulary import Role
from features.schemas import ColumnRef

Names = dict[Role, float]
"""How much a column's name looks like each role, 0..1."""

_PRIOR, _NAME, _CONTENT = -1.1, 2.5, 5.0
"""Log-odds: of a column taken blindly, of a fitting name, from the worst content to the best."""


@dataclass(frozen=True)
class Guess:
    """A canonical column or a setting, and what it probably is.

    Attributes
    ----------
    what
        Such as ``customer`` or ``encoding``.
    origin
        Source column, expression or value; None: nothing in the file looks like it.
    confidence
        How sure, 0..1; a rule of thumb, not a frequency.
    reason
        In words, without values of the file.
    """

    what: str
    origin: ColumnRef | None
    confidence: float
    reason: str


@dataclass(frozen=True)
class Content:
    """How well what a column holds fits a role (0..1), and what was seen."""

    fit: float
    seen: str


def weigh(name: float, content: Content) -> float:
    """Confidence (0.01..0.99) from how a name fits (-1..1) and what the column holds.

    The two are added as log-odds: a fitting name and neutral content give 80 %, fitting content
    under a name that says nothing 80 % too, both 98 %.
    """
    odds = _PRIOR + _NAME * name + _CONTENT * (content.fit - 0.5)
    return min(0.99, max(0.01, 1 / (1 + math.exp(-odds))))


def fit_of_name(names: Names, roles: Iterable[Role]) -> float:
    """How well a name fits any of the roles, less what it says for others; -1..1."""
    wanted = set(roles)
    ours = max((score for role, score in names.items() if role in wanted), default=0.0)
    others = max((score for role, score in names.items() if role not in wanted), default=0.0)
    return ours - max(0.0, others - ours)


def percent(share: float) -> str:
    """A share (0..1) in words, such as ``98 %``."""
    return f"{share * 100:.0f} %"


def in_words(name: float, content: Content) -> str:
    """Both pieces of evidence as one phrase."""
    if name >= 0.7:  # noqa: PLR2004  # an exact name, or its main word
        return f"named so; {content.seen}"
    if name > 0:
        return f"its name hints at it; {content.seen}"
    return content.seen if name == 0 else f"{content.seen}, though it is named otherwise"
