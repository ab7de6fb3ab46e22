"""Whatever a file holds: rows add up, order is no matter, values are exact, nothing surprises."""

import csv
import io
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from features.errors import RegularsError
from tests.loading import (
    HEADER,
    LINE,
    Stored,
    load,
    load_orders,
    loaded,
    orders,
    write,
)

WIDE = f"{HEADER},product,quantity,discount,store,channel,coupon"
NAMES = ("product", "quantity", "discount", "store", "channel", "coupon")
PIECES = [
    *(b",", b";", b"\t", b"|", b'"', b'""', b"\n", b"\r\n", b"\r", b"\0", b" ", b"a", b"1", b"-1"),
    *(b"2024-01-05", b"10:00", b"infinity", b"nan", b"1e308", b"-0.0", b"1,5", b"NULL", b"\x0c"),
    *(b"294247-01-10 04:00:54", b"\xef\xbb\xbf", b"\xff", b"\xa4\xa4", "王\u2028\x85".encode()),
    *(b"x" * 1000, b"=1+1", b"'; DROP TABLE loads; --", b"\\", LINE.encode(), f"\n{LINE}".encode()),
]
BLANK = " \t\r\n\v\f\u00a0\u3000"
STAR = ("dim_customer", "dim_product", "dim_store", "dim_date", "fact_sales")


def in_folder(test: Callable[[Path], Any]) -> Any:  # whatever the test gives
    with TemporaryDirectory() as name:
        return test(Path(name))


def written(rows: list[list[str]]) -> list[str]:
    """Lines of CSV with every cell in quotes."""
    lines = []
    for row in rows:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="", quoting=csv.QUOTE_ALL).writerow(row)
        lines.append(buffer.getvalue())
    return lines


def star(stored: Stored) -> dict[str, list[dict[str, Any]]]:
    return {name: stored.tables[name] for name in STAR}


few = st.sampled_from(["a", "b", "c", ""])
cells = st.tuples(
    st.sampled_from(["o1", "o2", "o3", "o4", ""]),
    st.sampled_from(["2024-01-05", "2024-01-05 10:00", "2024-02-30", "2031-01-01", ""]),
    few,
    st.sampled_from(["1", "2.50", "-1", "x"]),
    few,
    st.sampled_from(["1", "-1", "", "x"]),
    st.sampled_from(["", "0.5", "-1"]),
    few,
    few,
    st.sampled_from(["", "0", "0.5", "0.6"]),
)
tables = st.lists(cells, max_size=12)
settings = st.fixed_dictionaries(
    {
        "returns": st.sampled_from(["quarantine", "negative_quantity"]),
        "anonymous": st.sampled_from(["quarantine", "keep"]),
        "where": st.sampled_from([None, "store <> 'a'", "amount = '1' OR store IS NULL"]),
    }
)
GOOD = ("o0", "2024-01-01", "ann", "1", "tea", "1", "0", "b", "b", "0")


def wide(folder: Path, files: list[list[tuple[str, ...]]], **given_settings: Any) -> Stored:
    """Orders of all columns in several files."""
    for number, rows in enumerate(files):
        lines = written([list(row) for row in rows])
        write(folder / "in" / f"{number}.csv", *lines, header=WIDE)
    return load(folder, {"orders": orders("in", columns={n: n for n in NAMES}, **given_settings)})


@given(tables, settings)
def test_rows_read_are_kept_quarantined_duplicated_or_left_out(
    rows: list[tuple[str, ...]], given_settings: dict[str, Any]
) -> None:
    stored = in_folder(lambda folder: wide(folder, [[GOOD], rows], **given_settings))
    for report in stored.loads:
        read = report.rows
        assert read.read == read.kept + read.quarantined + read.duplicated + read.left_out
        assert min(read.kept, read.quarantined, read.duplicated, read.left_out) >= 0
    assert sum(each.rows.read for each in stored.loads) == len(rows) + 1
    assert sum(each.rows.kept for each in stored.loads) == len(stored.tables["stg_orders"])
    broken = len(stored.tables["quarantine_orders"])
    assert sum(each.rows.quarantined for each in stored.loads) == broken


@given(tables, settings, st.randoms(use_true_random=False))
def test_shuffling_rows_and_files_changes_no_table(
    rows: list[tuple[str, ...]], given_settings: dict[str, Any], chance: random.Random
) -> None:
    shuffled = rows.copy()
    chance.shuffle(shuffled)
    cut = chance.randint(0, len(rows))
    one = in_folder(lambda folder: wide(folder, [[GOOD, *rows]], **given_settings))
    parts = [shuffled[cut:], [GOOD, *shuffled[:cut]]]
    other = in_folder(lambda folder: wide(folder, parts, **given_settings))
    assert star(one) == star(other)


def test_the_number_of_threads_changes_no_table(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        con.execute(f"""
            COPY (SELECT 'o' || i // 3 AS "order", 'c' || h % 5000 AS customer,
                TIMESTAMP '2020-01-01' + INTERVAL (h) SECOND AS at, (h % 9999) / 100.0 AS amount,
                'p' || h % 997 AS product, h % 3 AS quantity, h % 7 AS discount,
                's' || h % 11 AS store, 'web' AS channel, h % 2 * (h % 7) AS coupon
                FROM (SELECT i, hash(i) % 100000000 AS h FROM range(300000) AS r (i)))
            TO '{tmp_path}/orders.parquet'""")
    source = {"orders": orders("orders.parquet", columns={name: name for name in NAMES})}
    with loaded(tmp_path, source, threads=1) as (con, _):
        alone = [digest(con, name) for name in STAR]
    with loaded(tmp_path, source, threads=2) as (con, _):
        assert [digest(con, name) for name in STAR] == alone


def digest(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """Digest of a table's rows in stored order."""
    rows = f"SELECT string_agg(CAST(t AS VARCHAR), '|' ORDER BY rowid) FROM {table} AS t"
    return str(con.execute(f"SELECT md5(({rows}))").fetchall()[0][0])


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(st.lists(texts, min_size=1, max_size=8, unique=True))
def test_any_text_is_an_identifier_kept_exactly(ids: list[str]) -> None:
    rows = [[f"o{number}", "2024-01-05", text, "1"] for number, text in enumerate(["ann", *ids])]
    stored = in_folder(lambda folder: load_orders(folder, *written(rows), anonymous="keep"))
    held = {unified(each) for each in stored.column("dim_customer", "customer")}
    assert held == {"ann", *(unified(each) for each in ids if each.strip(BLANK))}


def unified(text: str) -> str:
    """The text with LF for each of its line ends, as in files that mix them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


broken_bytes = st.lists(st.sampled_from(PIECES) | st.binary(max_size=4), max_size=12).map(b"".join)
readings = st.fixed_dictionaries(
    {
        "encoding": st.sampled_from(["utf-8", "utf-8", "cp950", "utf-16", "utf-7", "latin-1"]),
        "delimiter": st.sampled_from([None, None, ";", " ", "|", "¦"]),
        "decimal_separator": st.sampled_from([".", ","]),
        "instant_format": st.sampled_from([[], ["%d/%m/%Y"], ["epoch_s"], ["epoch_ns"]]),
    }
)


@given(st.sampled_from([f"{HEADER}\n{LINE}\n".encode(), b""]), broken_bytes, readings)
def test_no_bytes_surprise_the_loading_of_orders(
    start: bytes, content: bytes, given_settings: dict[str, Any]
) -> None:
    """Only the project's own refusals leave; what is kept adds up."""

    def loading(folder: Path) -> Stored:
        (folder / "orders.csv").write_bytes(start + content)
        return load(folder, {"orders": orders(**given_settings)})

    with suppress(RegularsError):
        read = in_folder(loading).loads[0].rows
        assert read.read == read.kept + read.quarantined + read.duplicated + read.left_out
