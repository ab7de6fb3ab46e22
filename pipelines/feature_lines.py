"""Columns and explanations as lines of plain text."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

import pyarrow as pa

from features.cohort import described
from features.contract import Column
from features.explanation import Explanation
from features.origins import Origin
from features.settings import Cohort, Currency
from pipelines.charts import letters, printable
from pipelines.config import Business
from pipelines.feature_list import Listed
from pipelines.feature_words import atom_value, cell, formula, in_words, value_of, window, window_on

FIELDS = ("name", "family", "unit", "window_days", "meaning", "missing_means", "cause")
WIDEST = 120
"""Text is not set wider than this, whatever the terminal."""

_DEEP = " " * 4
_KIND = {"days": "day", "lines": "line", "rows": "row", "customer": "row", "as_of": "row"}


def listed(result: Listed, width: int | None) -> list[str]:
    """Columns by family for a terminal; for a pipe, one line each with tabs between the fields.

    Parameters
    ----------
    result
        What to list.
    width
        Of the terminal in letters; None: there is none.
    """
    known, chosen = result.catalogue, [c for s in result.sections for c in s.columns]
    count = f"{len(chosen)} of {known.size}" if len(chosen) < known.size else str(known.size)
    last = f"{count} columns; fingerprint of all {known.size}:"
    if width is None:
        rows = [FIELDS, *(_fields(s.name, column) for s in result.sections for column in s.columns)]
        return [*("\t".join(row) for row in rows), f"# {last} {known.fingerprint}"]
    lines = list(_families(result, min(width, WIDEST), _widths(chosen)))
    return [*lines, last, known.fingerprint]


def _fields(family: str, column: Column) -> tuple[str, ...]:
    days = "" if column.window_days is None else str(column.window_days)
    words = (column.meaning, column.null_means, column.cause or "")
    return (column.name, family, column.unit, days, *map(one_line, words))


def one_line(text: str) -> str:
    """The text without line breaks, tabs, and what a terminal would take for a command."""
    return " ".join(printable(text).split())


def _widths(columns: Sequence[Column]) -> tuple[int, int, int]:
    """Of names, units and windows."""
    return (
        max(letters(column.name) for column in columns),
        max(letters(column.unit) for column in columns),
        max(letters(window(column)) for column in columns),
    )


def _families(result: Listed, width: int, widths: tuple[int, int, int]) -> Iterator[str]:
    for section in result.sections:
        yield from wrap(f"{section.name.upper()}  {section.about}", width)
        for column in section.columns:
            cells = (column.name, column.unit, window(column))
            padded = [_padded(text, wide) for text, wide in zip(cells, widths, strict=True)]
            yield "  " + "  ".join(padded).rstrip()
            text = f"{one_line(column.meaning)}; missing: {one_line(column.null_means)}"
            text += f"; cause: {column.cause}" if column.cause else ""
            yield from wrap(text, width, initial_indent=_DEEP, subsequent_indent=_DEEP)
        yield ""


def _padded(text: str, width: int, *, is_right: bool = False) -> str:
    room = " " * (width - letters(text))
    return room + text if is_right else text + room


def explained(result: Explanation, business: Business, width: int) -> list[str]:
    """The value, its formula, its atoms in words, and the rows behind it.

    Parameters
    ----------
    result
        What was found.
    business
        Its rule of the cohort, and the currency of every amount.
    width
        Of the terminal in letters.
    """
    column, question, currency = result.feature.column, result.question, business.currency
    value = f"missing: {one_line(column.null_means)}"
    if result.value is not None:
        value = value_of(column, result.value, currency)
    facts = [
        ("customer", one_line(question.customer)),
        ("as of", str(question.as_of)),
        ("cohort", _cohort(result, business.behaviour.cohort)),
        ("value", value),
        ("unit", column.unit),
        ("window", window_on(column, question.as_of)),
        ("formula", formula(result.feature)),
    ]
    lines = [f"{column.name}: {one_line(column.meaning)}", ""]
    for name, text in facts:
        lines += wrap(f"{name:<9} {text}", min(width, WIDEST), subsequent_indent=" " * 10)
    lines += ["", "made of", *_atoms(result, currency, min(width, WIDEST))]
    for origin in result.origins:
        lines += ["", *_origin(origin, currency)]
    return lines


def _atoms(result: Explanation, currency: Currency, width: int) -> list[str]:
    """Name, value and words of each atom in a line, or where that is too wide, in more."""
    values = [(a.atom.name, atom_value(a.atom, a.value, currency)) for a in result.atoms]
    words = [in_words(each.atom) for each in result.atoms]
    lines = _table(values, (False, True))
    if all(letters(f"{line}  {text}") <= width for line, text in zip(lines, words, strict=True)):
        return [f"{line}  {text}" for line, text in zip(lines, words, strict=True)]
    return [
        part
        for line, text in zip(lines, words, strict=True)
        for part in (line, *wrap(text, width, initial_indent=_DEEP, subsequent_indent=_DEEP))
    ]


def _cohort(result: Explanation, cohort: Cohort) -> str:
    if result.is_in_cohort:
        return f"in it ({described(cohort)})"
    return (
        f"not in it, that needs {described(cohort)}: the behaviour table has no row for this "
        "customer and day; what follows is what it would say"
    )


def _origin(origin: Origin, currency: Currency) -> Iterator[str]:
    """Heading, rows and how many more there are."""
    kind, shown = _KIND[origin.content], origin.table.num_rows
    if not origin.total:
        yield f"{origin.relation}: no {kind} that counts"
        return
    many = f"{origin.total:,} {kind}{'s' if origin.total > 1 else ''}"
    if shown == origin.total:
        yield f"{origin.relation}: {many}{', newest first' if shown > 1 else ''}"
    else:
        yield f"{origin.relation}: the newest {shown:,} of {many}"
    yield from _rows(origin, currency)
    if shown < origin.total:
        yield f"  and {origin.total - shown:,} more; --rows {origin.total} shows all"


def _rows(origin: Origin, currency: Currency) -> list[str]:
    """Columns that say something; amounts in the currency, figures to the right."""
    table = origin.table
    names = [name for name in table.column_names if table[name].null_count < table.num_rows]
    columns = []
    for name in names or table.column_names:
        is_amount = name in origin.money
        head = f"{name} ({currency.code})" if is_amount else name
        values = table[name].to_pylist()
        columns.append([head, *(one_line(cell(v, currency, is_amount=is_amount)) for v in values)])
    rights = [_is_figure(table.schema.field(name).type) for name in names or table.column_names]
    return _table(list(zip(*columns, strict=True)), rights)


def _is_figure(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))


def _table(rows: Sequence[Sequence[str]], rights: Sequence[bool]) -> list[str]:
    """Rows as aligned columns; those that say so to the right."""
    widths = [max(map(letters, column)) for column in zip(*rows, strict=True)]
    return [
        "  "
        + "  ".join(
            _padded(text, width, is_right=is_right)
            for text, width, is_right in zip(row, widths, rights, strict=True)
        ).rstrip()
        for row in rows
    ]
