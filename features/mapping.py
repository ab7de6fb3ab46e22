"""From a source's settings to its canonical columns: name, type, whether required, and origin."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, cast, get_args, get_origin, get_type_hints

from features.casts import Reading
from features.schemas import (
    ColumnRef,
    Constant,
    CustomersSource,
    Expression,
    OrdersSource,
    ProductsSource,
    Source,
    Type,
)
from features.sql import identifier, literal

KEYS = {
    "customers": ("customer", "valid_from_on"),
    "products": ("product",),
    "labels": ("customer", "as_of"),
}
"""Columns whose values may stand only once in a file; other sources may repeat theirs."""


@dataclass(frozen=True)
class Field:
    """One canonical column of a source and where its values come from."""

    name: str
    type: Type
    required: bool
    origin: ColumnRef | None
    path: str


def fields_of(name: str, source: Source) -> tuple[Field, ...]:
    """Canonical columns of a source in a fixed order, mapped or not.

    Parameters
    ----------
    name
        Name of the source in the config, such as ``orders``.
    source
        Its settings.

    Returns
    -------
    tuple of Field
        ``path`` is where the reader wrote the mapping, such as ``sources.orders.columns.amount``.
    """
    columns = source.columns  # type: ignore[attr-defined]  # every subclass has it
    anonymous = isinstance(source, OrdersSource) and source.anonymous == "keep"
    types = _types(source)
    fields = [
        Field(
            column,
            types[column],
            info.is_required() and not (anonymous and column == "customer"),
            getattr(columns, column),
            f"sources.{name}.columns.{column}",
        )
        for column, info in type(columns).model_fields.items()
    ]
    return (*fields, *_further(name, source))


def _further(name: str, source: Source) -> list[Field]:
    """Columns that the config names itself: attributes of customers, levels, groups."""
    if isinstance(source, CustomersSource):
        return [
            Field(
                key,
                "number" if attribute.type == "number" else "text",
                required=False,
                origin=attribute.column,
                path=f"sources.{name}.attributes.{key}.column",
            )
            for key, attribute in source.attributes.items()
        ]
    if isinstance(source, ProductsSource):
        return [
            Field(key, "text", required=False, origin=ref, path=f"sources.{name}.{section}.{key}")
            for section, named in (("hierarchy", source.hierarchy), ("groups", source.groups))
            for key, ref in named.items()
        ]
    return []


def _types(source: Source) -> dict[str, Type]:
    """Type of each canonical column, mapped or not."""
    columns = type(source.columns)  # type: ignore[attr-defined]  # every subclass has it
    hints = get_type_hints(columns, include_extras=True)
    return {column: _type_of(hints[column]) for column in columns.model_fields}


def _type_of(annotation: object) -> Type:
    """Type that an annotation such as ``Annotated[ColumnRef, "money"] | None`` carries."""
    if get_origin(annotation) is Annotated:
        return cast("Type", get_args(annotation)[1])
    return next(_type_of(part) for part in get_args(annotation) if get_args(part))


def origin_sql(origin: ColumnRef | None) -> str:
    """SQL of the raw value."""
    if origin is None:
        return "NULL"
    if isinstance(origin, Expression):
        return f"({origin.expression}\n)"
    if isinstance(origin, Constant):
        value = origin.constant
        return str(value) if isinstance(value, int | float) else literal(str(value))
    return identifier(origin)


def mapping_fingerprint(source: Source, reading: Reading, earliest: datetime) -> str:
    """SHA-256 (64 hex digits) over all settings that change what a file's rows become.

    Where files lie, how many rows may be broken and what attributes mean to people do not. The
    canonical columns count too: a staging table of fewer of them is made anew.
    """
    settings = source.model_dump_json(
        exclude={
            "path": True,
            "database": True,
            "quarantine_limit": True,
            "lookup": {"path"},
            "attributes": {"__all__": {"levels", "meaning"}},
        },
        exclude_defaults=True,
    )
    known = json.dumps([settings, asdict(reading), earliest.isoformat(), _types(source)])
    return hashlib.sha256(known.encode()).hexdigest()
