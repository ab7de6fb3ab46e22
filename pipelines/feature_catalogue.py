"""The columns of a config's behaviour table, family by family, with what they mean."""

from collections.abc import Sequence
from dataclasses import dataclass

from features.behaviour import columns, shape_of
from features.catalogue import FAMILIES
from features.contract import Column, Feature, fingerprint
from pipelines.config import Business


@dataclass(frozen=True)
class Section:
    """A family: its name, what it is about in a sentence, and its features."""

    name: str
    about: str
    features: tuple[Feature, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """What the family promises."""
        return tuple(each.column for each in self.features)


@dataclass(frozen=True)
class Catalogue:
    """Every family that has columns for the config, and the fingerprint over all columns."""

    sections: tuple[Section, ...]
    fingerprint: str

    @property
    def size(self) -> int:
        """Number of columns."""
        return sum(len(section.features) for section in self.sections)


def catalogue(business: Business) -> Catalogue:
    """The behaviour table of a config, before any data is seen.

    Raises
    ------
    NoColumns, ColumnsClash
        When the config gives no column, or two of one name.
    """
    shape = shape_of(business.sources, business.behaviour)
    made = [(family(shape), family.__doc__ or "") for family in FAMILIES]
    sections = tuple(
        Section(family.name, _first_line(text), family.features)
        for family, text in made
        if family.features
    )
    return Catalogue(sections, fingerprint(columns(shape)))


def _first_line(docstring: str) -> str:
    lines: Sequence[str] = docstring.strip().splitlines()
    return lines[0] if lines else ""
