"""What sections of a model card are made of, whether they become HTML or Markdown."""

from dataclasses import dataclass
from typing import Final

from pipelines.page import Figure
from pipelines.proposal_words import Rows

DASH: Final = "–"
"""Stands where nothing is said."""


@dataclass(frozen=True)
class Shown:
    """A chart, and the table that says the same where there are no charts."""

    figure: Figure
    table: Rows


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it, in this order."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    bullets: tuple[str, ...] = ()
    tables: tuple[Rows, ...] = ()
    charts: tuple[Shown, ...] = ()
