"""Rows that break the contract: kept aside with the rule they broke, never dropped silently."""

import duckdb

from features.delimited import REJECTED
from features.errors import RegularsError
from features.mapping import KEYS
from features.sql import identifier, listing, literal

_LINE_RULES = (
    ("TOO MANY COLUMNS", "line_too_many_columns"),
    ("MISSING COLUMNS", "line_missing_columns"),
    ("UNQUOTED VALUE", "line_stray_quote"),
    ("LINE SIZE OVER MAXIMUM", "line_too_long"),
)
"""What the engine calls a line that is no row, and the rule that it breaks."""


class QuarantineOverflow(RegularsError):
    """More rows break the contract than the config allows."""


def create_quarantine(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Create ``quarantine_NAME``: one row per broken row, with its rule and its raw values."""
    con.execute(
        f"CREATE TABLE IF NOT EXISTS quarantine_{name} "
        "(load_id INTEGER, broken_rule VARCHAR, raw_row VARCHAR)"
    )


def aside(con: duckdb.DuckDBPyConnection, name: str, load_id: int) -> int:
    """Write the broken rows of ``checked`` aside; gives their count."""
    return _changed(
        con,
        f"""INSERT INTO quarantine_{name} SELECT {load_id}, broken_rule, raw_row FROM checked
        WHERE broken_rule IS NOT NULL""",
    )


def forget_rejects(con: duckdb.DuckDBPyConnection) -> None:
    """Drop the broken lines of an earlier file; a scan without any leaves them as they are."""
    con.execute(f"DROP TABLE IF EXISTS {REJECTED}")
    con.execute(f"DROP TABLE IF EXISTS {REJECTED}_scans")


def has_quote_errors(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the last file has lines whose quotes do not match."""
    query = f"SELECT count(*) FROM {REJECTED} WHERE error_type = 'UNQUOTED VALUE'"
    return bool(con.execute(query).fetchall()[0][0])


def keep_rejects(con: duckdb.DuckDBPyConnection, name: str, load_id: int) -> int:
    """Write lines aside that are no rows at all (missing fields, stray quotes); their count."""
    rule = " ".join(f"WHEN {literal(kind)} THEN {literal(rule)}" for kind, rule in _LINE_RULES)
    return _changed(
        con,
        f"""INSERT INTO quarantine_{name}
        SELECT {load_id},
            min(CASE CAST(error_type AS VARCHAR) {rule} ELSE 'line_broken' END),
            to_json({{'line': line, 'text': min(csv_line)}})
        FROM {REJECTED} GROUP BY line""",
    )


def keep_contradicting(
    con: duckdb.DuckDBPyConnection, name: str, load_id: int, columns: tuple[str, ...]
) -> int:
    """Write rows of ``distinct_rows`` aside that share a key but differ; gives their count.

    All rows of such a key go: none of them can be trusted.
    """
    key = listing(identifier(column) for column in KEYS[name])
    members = listing(f"{literal(column)}: {identifier(column)}" for column in columns)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE keyed_rows AS
        SELECT *, count(*) OVER (PARTITION BY {key}) AS key_rows FROM distinct_rows""")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE distinct_rows AS
        SELECT * EXCLUDE (key_rows) FROM keyed_rows WHERE key_rows = 1""")
    return _changed(
        con,
        f"""INSERT INTO quarantine_{name}
        SELECT {load_id}, '{KEYS[name][0]}_contradicts_itself', to_json({{{members}}})
        FROM keyed_rows WHERE key_rows > 1""",
    )


def rows_by_rule(con: duckdb.DuckDBPyConnection, names: tuple[str, ...]) -> dict[str, int]:
    """Rows kept aside, by source and rule, such as ``orders: amount_negative``."""
    union = " UNION ALL ".join(
        f"SELECT {literal(name)} || ': ' || broken_rule AS rule FROM quarantine_{name}"
        for name in names
    )
    rows = con.execute(
        f"SELECT rule, count(*) FROM ({union}) GROUP BY rule ORDER BY 2 DESC, 1"
    ).fetchall()
    return {str(rule): int(count) for rule, count in rows}


def require_few(
    con: duckdb.DuckDBPyConnection, name: str, file: str, load_id: int, shares: tuple[int, float]
) -> None:
    """Refuse a file of which more rows are broken than allowed.

    Parameters
    ----------
    con
        Connection with an open transaction, which the caller rolls back on the error.
    name
        Source, such as ``orders``.
    file
        Its name, for the message.
    load_id
        Load whose rows are judged.
    shares
        Rows read, and the share (0..1) of them that may be broken.

    Raises
    ------
    QuarantineOverflow
        With the count of each broken rule and what to do.
    """
    read, limit = shares
    rules = con.execute(
        f"""SELECT broken_rule, count(*) AS broken FROM quarantine_{name}
        WHERE load_id = {load_id} GROUP BY broken_rule ORDER BY broken DESC, broken_rule"""
    ).fetchall()
    broken = sum(count for _, count in rules)
    if read and broken / read > limit:
        counts = ", ".join(f"{rule} {count:,}" for rule, count in rules[:8])
        message = (
            f"sources.{name} allows {limit:.1%} of rows to break the contract, but "
            f"{broken / read:.1%} of {file} do ({broken:,} of {read:,}): {counts}; nothing was "
            f"changed; mend the file or its mapping, or raise sources.{name}.quarantine_limit"
        )
        raise QuarantineOverflow(message)


def _changed(con: duckdb.DuckDBPyConnection, insert: str) -> int:
    return int(con.execute(insert).fetchall()[0][0])
