"""CSV that is not what its settings say: wrong columns, encodings, line ends, quotes."""

from pathlib import Path
from typing import Any

import pytest

from features.mapped import ColumnMissing
from features.sources import SourceUnreadable
from features.textfile import EncodingWrong, FileUnreadable
from tests.loading import HEADER, LINE, Stored, fully, load, load_orders, orders, write

SECOND = "o2,2024-01-06 10:00:00,bob,2"


def bytes_of(folder: Path, content: bytes, **settings: Any) -> Stored:
    (folder / "orders.csv").write_bytes(content)
    return load(folder, {"orders": orders(**settings)})


def without_column(folder: Path, text: str, header: str, line: str = LINE, **more: Any) -> None:
    write(folder / "orders.csv", line, header=header)
    with pytest.raises(ColumnMissing, match=fully(text)):
        load(folder, {"orders": orders(**more)})


def unreadable(folder: Path, text: str, content: bytes, **settings: Any) -> None:
    with pytest.raises(FileUnreadable, match=fully(text)):
        bytes_of(folder, content, **settings)


def misread(folder: Path, text: str, content: bytes, **settings: Any) -> None:
    with pytest.raises(EncodingWrong, match=fully(text)):
        bytes_of(folder, content, **settings)


def test_a_missing_column_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    text = (
        f"sources.orders.columns.customer needs the column 'customer' (did you mean "
        f"'Customer_ID'?); but {tmp_path}/orders.csv has ['order', 'at', 'Customer_ID', 'amount']"
    )
    without_column(tmp_path, text, "order,at,Customer_ID,amount")


def test_all_missing_columns_are_named_at_once(tmp_path: Path) -> None:
    text = (
        f"sources.orders.columns.customer needs the column 'customer'; "
        f"sources.orders.columns.amount needs the column 'amount' (did you mean 'Amounts'?); "
        f"but {tmp_path}/orders.csv has ['order', 'at', 'who', 'Amounts']"
    )
    without_column(tmp_path, text, "order,at,who,Amounts")


def test_a_renamed_column_of_customers_is_named_by_its_attribute(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", LINE)
    write(tmp_path / "customers.csv", "ann,5", header="customer,ages")
    customers = {
        "path": "customers.csv",
        "columns": {"customer": "customer"},
        "attributes": {"years": {"column": "age", "type": "number"}},
    }
    text = (
        f"sources.customers.attributes.years.column needs the column 'age' (did you mean "
        f"'ages'?); but {tmp_path}/customers.csv has ['customer', 'ages']"
    )
    with pytest.raises(ColumnMissing, match=fully(text)):
        load(tmp_path, {"orders": orders(), "customers": customers})


def test_a_wrong_delimiter_is_asked_for(tmp_path: Path) -> None:
    text = (
        f"{tmp_path}/orders.csv needs the columns ['order', 'at', 'customer', 'amount'], but has "
        f"['order,at,customer,amount'] only; is ';' its delimiter?"
    )
    without_column(tmp_path, text, HEADER, delimiter=";")


@pytest.mark.parametrize("mark", [";", "\t", "|", ","])
def test_a_delimiter_is_found_out(tmp_path: Path, mark: str) -> None:
    write(tmp_path / "orders.csv", LINE.replace(",", mark), header=HEADER.replace(",", mark))
    assert load(tmp_path, {"orders": orders()}).column("stg_orders", "amount") == [1250]


def test_an_unusual_delimiter_can_be_named(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", LINE.replace(",", "¦"), header=HEADER.replace(",", "¦"))
    stored = load(tmp_path, {"orders": orders(delimiter="¦")})
    assert stored.column("stg_orders", "amount") == [1250]


def test_a_file_without_header_is_refused_without_its_values(tmp_path: Path) -> None:
    text = (
        f"{tmp_path}/orders.csv needs a first line with the names of its columns, but that line "
        f"seems to hold values (not shown here); add a line with names"
    )
    without_column(tmp_path, text, LINE)
    without_column(tmp_path, text, "canary@example.com;a;b;c")
    unreadable(tmp_path, text, b"o1,2024-01-05,7,7\n")


def test_a_repeated_column_is_refused_capitals_aside(tmp_path: Path) -> None:
    text = (
        f"{tmp_path}/orders.csv needs distinct column names (capitals aside), but its header "
        f"repeats ['Amount', 'amount']"
    )
    unreadable(tmp_path, text, b"order,at,customer,amount,Amount\n")


def test_columns_without_a_name_are_counted(tmp_path: Path) -> None:
    content = f"{HEADER},,\n{LINE},x,y\n".encode()
    stored = bytes_of(tmp_path, content, columns={"store": "column_5", "channel": "column_6"})
    assert stored.column("stg_orders", "store") == ["x"]
    assert stored.column("stg_orders", "channel") == ["y"]


def test_a_blank_first_line_is_refused(tmp_path: Path) -> None:
    text = f"{tmp_path}/orders.csv needs column names in its first line, but that is blank"
    unreadable(tmp_path, text, f"\n{HEADER}\n{LINE}\n".encode())
    unreadable(tmp_path, text, b"\xef\xbb\xbf  \r\n")


def test_a_header_with_an_open_quote_is_refused_without_the_rows_in_it(tmp_path: Path) -> None:
    text = (
        f"{tmp_path}/orders.csv needs column names in its first line, but it is no such line: "
        f"unexpected end of data"
    )
    unreadable(tmp_path, text, f'"{HEADER}\n{LINE}\n'.encode())


@pytest.mark.parametrize(
    "header", [b"x" * 3_000_000, b"or\0der,at", "order,at".encode("utf-16-le")]
)
def test_a_first_line_that_cannot_be_a_header_is_refused(tmp_path: Path, header: bytes) -> None:
    with pytest.raises(FileUnreadable) as caught:
        bytes_of(tmp_path, header + b"\n")
    start = f"{tmp_path}/orders.csv needs column names in its first line, but it is "
    binary = (
        "longer than any header or holds NUL characters; is it text, and of the encoding utf-8?"
    )
    long = "no such line: field larger than field limit (131072)"
    assert str(caught.value) in {start + binary, start + long}


@pytest.mark.parametrize("mark", ["\u2028", "\x0b", "\x0c", "\x1c", "\x85"])
def test_only_line_ends_end_the_header(tmp_path: Path, mark: str) -> None:
    content = f"{HEADER},no{mark}te\n{LINE},x\n".encode()
    stored = bytes_of(tmp_path, content, columns={"store": f"no{mark}te"})
    assert stored.column("stg_orders", "store") == ["x"]


def test_a_header_in_quotes_may_hold_line_ends_and_delimiters(tmp_path: Path) -> None:
    content = f'"order",at,customer,"amount\n(a,b)"\n{LINE}\n'.encode()
    stored = bytes_of(tmp_path, content, columns={"amount": "amount\n(a,b)"})
    assert stored.column("stg_orders", "amount") == [1250]


@pytest.mark.parametrize(
    "encoding", ["cp950", "big5", "big5hkscs", "gb18030", "utf-8-sig", "utf-16"]
)
def test_text_is_read_in_the_encoding_that_the_config_names(tmp_path: Path, encoding: str) -> None:
    content = f"{HEADER}\no1,2024-01-05,王小明,1\n".encode(encoding)
    stored = bytes_of(tmp_path, content, encoding=encoding)
    assert stored.column("stg_orders", "customer") == ["王小明"]


def test_western_text_is_read_in_latin_1(tmp_path: Path) -> None:
    content = f"{HEADER}\no1,2024-01-05,Zoë,1\n".encode("latin-1")
    stored = bytes_of(tmp_path, content, encoding="latin-1")
    assert stored.column("stg_orders", "customer") == ["Zoë"]


@pytest.mark.parametrize("encoding", ["cp950", "big5"])
def test_big5_read_as_utf_8_is_refused_with_encodings_that_fit(
    tmp_path: Path, encoding: str
) -> None:
    text = (
        f"{tmp_path}/orders.csv needs to be utf-8, but byte 39 (line 2) is not; encodings that "
        f"fit: cp950, big5hkscs, gb18030, cp1252, latin-1; set encoding in the config, or save "
        f"the file as utf-8"
    )
    misread(tmp_path, text, f"{HEADER}\no1,2024-01-05,王小明,1\n".encode(encoding))


def test_latin_1_read_as_utf_8_is_refused_with_encodings_that_fit(tmp_path: Path) -> None:
    text = (
        f"{tmp_path}/orders.csv needs to be utf-8, but byte 41 (line 2) is not; encodings that "
        f"fit: cp1252, latin-1; set encoding in the config, or save the file as utf-8"
    )
    misread(tmp_path, text, f"{HEADER}\no1,2024-01-05,Zoë,1\n".encode("latin-1"))


def test_utf_16_read_as_utf_8_is_recognised_by_its_mark(tmp_path: Path) -> None:
    text = (
        f"{tmp_path}/orders.csv needs to be utf-8, but byte 0 (line 1) is not; encodings that "
        f"fit: utf-16; set encoding in the config, or save the file as utf-8"
    )
    misread(tmp_path, text, f"{HEADER}\n{LINE}\n".encode("utf-16"))


def test_utf_8_read_as_cp950_is_refused(tmp_path: Path) -> None:
    text = (
        f"{tmp_path}/orders.csv needs to be cp950, but byte 39 (line 2) is not; encodings that "
        f"fit: utf-8, latin-1; set encoding in the config, or save the file as utf-8"
    )
    misread(tmp_path, text, f"{HEADER}\no1,2024-01-05,王小明,1\n".encode(), encoding="cp950")


def test_a_wrong_byte_far_into_a_file_is_found_with_its_line(tmp_path: Path) -> None:
    lines = f"{HEADER}\n{LINE}\n".encode() + f"{SECOND}\n".encode() * 100_000
    text = (
        f"{tmp_path}/orders.csv needs to be utf-8, but byte {len(lines)} (line 100003) is not; "
        f"encodings that fit: cp950, big5hkscs, gb18030, cp1252, latin-1; set encoding in the "
        f"config, or save the file as utf-8"
    )
    misread(tmp_path, text, lines + b"\xa4\xa4\n")


def test_half_a_character_is_no_text(tmp_path: Path) -> None:
    text = f"{tmp_path}/orders.csv needs to be utf-7, but half a character stands alone in it"
    misread(tmp_path, text, f"{HEADER}\no1,2024-01-05,+2AA-,1\n".encode(), encoding="utf-7")


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    stored = bytes_of(tmp_path, f"\ufeff{HEADER}\n{LINE}\n".encode())
    assert stored.column("stg_orders", "order") == ["o1"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_any_line_end_is_read(tmp_path: Path, end: str) -> None:
    stored = bytes_of(tmp_path, f"{HEADER}{end}{LINE}{end}{SECOND}{end}".encode())
    assert stored.column("stg_orders", "order") == ["o1", "o2"]


def test_line_ends_may_be_mixed(tmp_path: Path) -> None:
    content = f"{HEADER}\n{LINE}\r\n{SECOND}\no3,2024-01-07,cy,3\r".encode()
    stored = bytes_of(tmp_path, content)
    assert stored.column("stg_orders", "order") == ["o1", "o2", "o3"]
    assert stored.broken() == {}


def test_a_last_line_without_end_and_blank_lines_are_no_trouble(tmp_path: Path) -> None:
    stored = bytes_of(tmp_path, f"{HEADER}\n\n{LINE}\n\n\n{SECOND}".encode())
    assert stored.loads[0].rows.read == 2


def test_a_nul_in_a_value_is_kept(tmp_path: Path) -> None:
    stored = load_orders(tmp_path, LINE.replace("ann", "a\0nn"))
    assert stored.column("stg_orders", "customer") == ["a\0nn"]


def test_fields_too_many_and_too_few_are_quarantined_with_their_line(tmp_path: Path) -> None:
    stored = load_orders(tmp_path, LINE, f"{LINE},extra,more", "o3,2024-01-07", SECOND)
    assert stored.broken() == {"line_too_many_columns": 1, "line_missing_columns": 1}
    assert stored.loads[0].rows.read == 4
    raw = [row["raw_row"] for row in stored.tables["quarantine_orders"]]
    assert sorted(raw) == [
        f'{{"line":3,"text":"{LINE},extra,more"}}',
        '{"line":4,"text":"o3,2024-01-07"}',
    ]


def test_an_empty_last_column_too_many_is_no_trouble(tmp_path: Path) -> None:
    assert load_orders(tmp_path, f"{LINE},").loads[0].rows.kept == 1


def test_a_field_of_10_mb_is_quarantined(tmp_path: Path) -> None:
    stored = load_orders(tmp_path, LINE, LINE.replace("ann", "x" * 10_000_000), SECOND)
    assert stored.broken() == {"line_too_long": 1}
    assert stored.column("stg_orders", "order") == ["o1", "o2"]


@pytest.mark.parametrize("line", ['o3,2024-01-07,"cy"x,1', 'o3,2024-01-07,"c"y",1'])
def test_a_stray_quote_breaks_its_own_line_only(tmp_path: Path, line: str) -> None:
    stored = load_orders(tmp_path, LINE, line, SECOND)
    assert stored.broken() == {"line_stray_quote": 1}
    assert stored.column("stg_orders", "order") == ["o1", "o2"]


def unclosed(folder: Path, line: int) -> str:
    return (
        f"{folder}/orders.csv needs its quotes in pairs, but the one that opens in line {line} is "
        f"not closed, so the rows after it cannot be told apart; mend that line"
    )


def test_a_quote_that_is_never_closed_is_refused(tmp_path: Path) -> None:
    content = f'{HEADER}\n{LINE}\no3,2024-01-07,"cy,1\n{SECOND}\n{SECOND}\n'.encode()
    unreadable(tmp_path, unclosed(tmp_path, 3), content)


def test_a_quote_that_a_later_one_meets_is_refused(tmp_path: Path) -> None:
    other = SECOND.replace("bob", '"bob"')
    content = f'{HEADER}\n{LINE}\no3,2024-01-07,"cy,1\n{SECOND}\n{other}\n{SECOND}\n'.encode()
    unreadable(tmp_path, unclosed(tmp_path, 3), content)


def test_a_quote_that_swallows_megabytes_is_refused(tmp_path: Path) -> None:
    content = f'{HEADER}\n{LINE}\no3,2024-01-07,"cy,1\n'.encode() + f"{SECOND}\n".encode() * 200_000
    unreadable(tmp_path, unclosed(tmp_path, 3), content)


def test_quotes_in_pairs_hold_line_ends_delimiters_and_quotes(tmp_path: Path) -> None:
    stored = load_orders(tmp_path, 'o1,2024-01-05,"a,""n""\nn",1', SECOND)
    assert stored.column("stg_orders", "customer") == ['a,"n"\nn', "bob"]
    assert stored.loads[0].rows.read == 2


def test_broken_lines_of_one_file_are_not_counted_for_the_next(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.csv", LINE, "broken")
    write(tmp_path / "in" / "b.csv", SECOND)
    stored = load(tmp_path, {"orders": orders("in")})
    assert [report.rows.quarantined for report in stored.loads] == [1, 0]
    assert stored.broken() == {"line_missing_columns": 1}


def test_an_expression_that_fails_for_a_row_is_refused_without_the_value(tmp_path: Path) -> None:
    for expression in ("CAST(amount AS INTEGER)", "strptime(amount, '%Y')", "error(amount)"):
        text = (
            f"{tmp_path}/orders.csv cannot be read to its end: a value does not fit (values are "
            f"not shown here); where an expression may fail, try_cast(…) or try(…) gives null "
            f"instead"
        )
        with pytest.raises(SourceUnreadable, match=fully(text)):
            load_orders(
                tmp_path,
                LINE.replace("12.50", "canary"),
                columns={"amount": {"expression": expression}},
            )


def test_an_expression_over_unknown_columns_is_refused_with_its_place(tmp_path: Path) -> None:
    text = (
        f"sources.orders.columns.amount needs an expression over the columns of "
        f"{tmp_path}/orders.csv, but 'amuont * 2' is not one: Binder Error: Referenced column "
        f'"amuont" not found in FROM clause!'
    )
    with pytest.raises(SourceUnreadable, match=fully(text)):
        load_orders(tmp_path, LINE, columns={"amount": {"expression": "amuont * 2"}})


def test_a_condition_over_unknown_columns_is_refused_with_its_place(tmp_path: Path) -> None:
    text = (
        f"sources.orders.where needs an expression over the columns of {tmp_path}/orders.csv, but "
        f"'kind = 1' is not one: Binder Error: Referenced column \"kind\" not found in FROM clause!"
    )
    with pytest.raises(SourceUnreadable, match=fully(text)):
        load_orders(tmp_path, LINE, where="kind = 1")
