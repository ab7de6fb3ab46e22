"""Every setting of a config in words, from the classes that are its schema."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from features.errors import RegularsError
from features.schemas import ColumnRef
from features.suggest import nearest
from pipelines.config import Business


class SettingUnknown(RegularsError):
    """A section was asked for that no config has."""


@dataclass(frozen=True)
class Described:
    """One setting: its path, the values it takes, its default, and what it means."""

    path: str
    takes: str
    default: str
    meaning: str


def lines(below: str = "") -> list[str]:
    """Two lines for each setting at or below a path, in the order of the schema.

    Raises
    ------
    SettingUnknown
        When there is none, with the nearest section.
    """
    every = list(described(Business))
    chosen = [each for each in every if f"{each.path}.".startswith(f"{below}." if below else "")]
    if not chosen:
        close = nearest(below, {each.path for each in every})
        hint = f"; did you mean {close!r}?" if close else ""
        raise SettingUnknown(f"there is no setting {below!r}{hint}")
    return [
        line
        for each in chosen
        for line in (f"{each.path}: {each.takes} ({each.default})", f"    {each.meaning}")
    ]


def described(model: type[BaseModel], prefix: str = "") -> Iterator[Described]:
    """Every setting below a class; a key that the reader names himself stands as NAME."""
    for name, info in model.model_fields.items():
        path = f"{prefix}{name}"
        yield Described(path, _takes(info.annotation), _default(info), info.description or "")
        for inner in _sections(info.annotation):
            named = f"{path}.NAME." if get_origin(info.annotation) is dict else f"{path}."
            yield from described(inner, named)


def _sections(annotation: Any) -> list[type[BaseModel]]:  # noqa: ANN401  # any annotation
    """Classes of settings inside an annotation, but for the forms of a column reference."""
    if annotation == ColumnRef:
        return []
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) is Literal:
        return []
    return [model for part in get_args(annotation) for model in _sections(part)]


def _takes(annotation: Any) -> str:  # noqa: ANN401  # any annotation
    """Values that a setting takes, in words."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if annotation == ColumnRef:
        return "column, {expression: …} or {constant: …}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "section"
    words: dict[Any, Callable[[], str]] = {
        Annotated: lambda: _takes(parts[0]),
        Literal: lambda: " | ".join(map(str, parts)),
        Union: lambda: " | ".join(dict.fromkeys(_takes(part) for part in parts)),
        tuple: lambda: f"list of {_takes(parts[0])}",
        dict: lambda: f"NAME: {_takes(parts[1])}",
    }
    words[UnionType] = words[Union]
    named = {NoneType: "null"}.get(annotation, getattr(annotation, "__name__", str(annotation)))
    return words[origin]() if origin in words else named


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    value = info.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, BaseModel) or value is PydanticUndefined:
        return "see below"
    if isinstance(value, tuple):
        return f"default [{', '.join(map(str, value))}]"
    return "default null" if value is None else f"default {value}"
