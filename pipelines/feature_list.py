"""Job: list the columns of the behaviour table, all or those of one family."""

from dataclasses import dataclass

from features.errors import RegularsError
from features.suggest import nearest
from pipelines.feature_catalogue import Catalogue, Section, catalogue
from pipelines.jobs import Job


class FamilyUnknown(RegularsError):
    """The config's behaviour table has no columns of such a family."""


@dataclass(frozen=True)
class Listed:
    """The families that were asked for, out of all."""

    sections: tuple[Section, ...]
    catalogue: Catalogue


def run(job: Job, family: str | None) -> Listed:
    """Columns by family; needs no warehouse.

    Raises
    ------
    FamilyUnknown
        With the nearest family, and all that there are.
    """
    known = catalogue(job.business)
    if family is None:
        return Listed(known.sections, known)
    chosen = tuple(section for section in known.sections if section.name == family)
    if not chosen:
        names = [section.name for section in known.sections]
        close = nearest(family, names)
        hint = f"did you mean {close!r}?" if close else f"there are {', '.join(names)}"
        message = (
            f"--family needs a family that {job.business.name} has columns of, but found "
            f"{family!r}; {hint}"
        )
        raise FamilyUnknown(message)
    return Listed(chosen, known)
