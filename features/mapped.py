"""Does a file have what its mapping needs: columns by name, and expressions over them."""

from dataclasses import dataclass

import duckdb

from features.casts import is_number
from features.delimited import hold_values, without_header
from features.errors import RegularsError
from features.locations import DataFile
from features.mapping import Field, fields_of, origin_sql
from features.schemas import EPOCHS, Expression, Source
from features.sources import Relation, SourceUnreadable, column_types, first_line
from features.suggest import nearest


class ColumnMissing(RegularsError):
    """A mapped column is not in the file."""


class InstantNeedsUnit(RegularsError):
    """An instant is a bare number and the config does not say of what."""


@dataclass(frozen=True)
class Unit:
    """What is loaded at a time: one file of one source."""

    name: str
    source: Source
    file: DataFile


def mapped_types(
    con: duckdb.DuckDBPyConnection, relation: Relation, unit: Unit
) -> dict[Field, str]:
    """The engine's type of every canonical column's raw value, in order of the columns.

    Raises
    ------
    ColumnMissing
        Naming every mapped column that the file does not have, and what it may be called.
    InstantNeedsUnit
        When an instant is a number and the config does not say of what.
    SourceUnreadable
        When an expression does not fit the file's columns.
    """
    columns = column_types(con, relation.sql, unit.file.name)
    fields = fields_of(unit.name, unit.source)
    _require_columns(fields, list(columns), relation, unit)
    if unit.source.where is not None:
        _evaluated(con, relation, unit, (f"sources.{unit.name}.where", unit.source.where))
    types = {}
    for field in fields:
        if isinstance(field.origin, Expression):
            types[field] = _evaluated(con, relation, unit, (field.path, field.origin.expression))
        elif isinstance(field.origin, str):
            types[field] = columns[field.origin]
        else:
            constant = con.execute(f"SELECT typeof({origin_sql(field.origin)})").fetchall()
            types[field] = str(constant[0][0])
        _require_unit(field, types[field], unit)
    return types


def _require_unit(field: Field, found: str, unit: Unit) -> None:
    if field.type == "instant" and is_number(found) and not unit.source.instant_format:
        message = (
            f"{field.path} needs dates or texts, but {unit.file.name} holds numbers there "
            f"({found}); say what they count with sources.{unit.name}.instant_format: "
            f"{', '.join(EPOCHS)}, or a format such as %Y%m%d"
        )
        raise InstantNeedsUnit(message)


def _require_columns(
    fields: tuple[Field, ...], columns: list[str], relation: Relation, unit: Unit
) -> None:
    """Refuse a mapped column that the file does not have, telling what it may be called."""
    mapped = [field for field in fields if isinstance(field.origin, str)]
    missing = [field for field in mapped if field.origin not in columns]
    if not missing:
        return
    if len(missing) == len(mapped) and hold_values(columns):
        raise ColumnMissing(without_header(unit.file.name))
    if relation.text and len(columns) == 1 < len(mapped):
        message = (
            f"{unit.file.name} needs the columns {[field.origin for field in mapped]}, but has "
            f"{columns} only; is {relation.text.delimiter!r} its delimiter?"
        )
        raise ColumnMissing(message)
    wanted = "; ".join(_wanted(field, columns) for field in missing)
    raise ColumnMissing(f"{wanted}; but {unit.file.name} has {columns}")


def _wanted(field: Field, columns: list[str]) -> str:
    close = nearest(str(field.origin), columns)
    hint = f" (did you mean {close!r}?)" if close else ""
    return f"{field.path} needs the column {field.origin!r}{hint}"


def _evaluated(
    con: duckdb.DuckDBPyConnection, relation: Relation, unit: Unit, written: tuple[str, str]
) -> str:
    """The engine's type of an expression; ``written`` is its place in the config and its text."""
    try:
        sql = f"DESCRIBE SELECT ({written[1]}\n) AS value, * FROM {relation.sql}"
        return str(con.execute(sql).fetchall()[0][1])
    except duckdb.Error as error:
        message = (
            f"{written[0]} needs an expression over the columns of {unit.file.name}, "
            f"but {written[1]!r} is not one: {first_line(error)}"
        )
        raise SourceUnreadable(message) from error
