"""Places in a config as its reader wrote them, found in the classes that describe it."""

from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from features.schemas import Expression
from pipelines.config import Business


@dataclass(frozen=True)
class Place:
    """Where a problem lies.

    Attributes
    ----------
    keys
        Path in the file, without the forms that a value was tried in.
    valid
        Keys that are valid in the section that holds the last of them.
    column
        Path of the column reference that the problem is inside of, which may be a name, an
        expression or a constant; None elsewhere.
    """

    keys: tuple[str, ...]
    valid: tuple[str, ...]
    column: tuple[str, ...] | None


def place_of(location: tuple[int | str, ...], *, is_unknown: bool) -> Place:
    """Place of a location that a validation reported.

    Parameters
    ----------
    location
        Keys, positions, and the names of the forms that a value was tried in.
    is_unknown
        Whether the last part is a key that no section knows.
    """
    forms: list[Any] = [Business]
    keys: list[str] = []
    valid: tuple[str, ...] = ()
    column: tuple[str, ...] | None = None
    for index, part in enumerate(location):
        inner = [found for form in forms for found in _inside(form, part)]
        if inner or (is_unknown and index == len(location) - 1):
            keys.append(str(part))
            valid = _names(forms)
        if inner:
            forms = [form for found in inner for form in _forms(found)]
            if Expression in forms:
                column = tuple(keys)
    return Place(tuple(keys), valid, column)


def _forms(annotation: Any) -> list[Any]:  # noqa: ANN401  # any annotation
    """Types that a value may have: the members of a union, without what is annotated."""
    if get_origin(annotation) is Annotated:
        return _forms(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [form for member in get_args(annotation) for form in _forms(member)]
    return [annotation]


def _inside(form: Any, part: int | str) -> list[Any]:  # noqa: ANN401  # any annotation
    """Annotation of what stands at a key or position of a value of this form, if anything can."""
    if _is_section(form):
        return [form.model_fields[part].annotation] if part in form.model_fields else []
    arguments = get_args(form)
    if get_origin(form) is dict and part != "[key]":
        return [arguments[1]]
    if get_origin(form) is tuple and isinstance(part, int):
        return [arguments[0]]
    return []


def _is_section(form: Any) -> bool:  # noqa: ANN401  # any annotation
    return isinstance(form, type) and issubclass(form, BaseModel)


def _names(forms: list[Any]) -> tuple[str, ...]:
    sections = [form for form in forms if _is_section(form)]
    return tuple(sorted({name for section in sections for name in section.model_fields}))
