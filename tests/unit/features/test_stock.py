"""A list of stock says what can be offered, or is refused with the row that does not say it."""

from pathlib import Path

import pyarrow as pa
import pytest

from features.stock import Stock, StockUnclear, stock_list
from features.textfile import FileUnreadable
from tests.loading import fully, write, write_parquet

TEA, CUBES, BAGS, SEVEN = "product:tea", "type:ICE > CUBES", "type:BAGS > CUBES", "product:007"
ITEMS = pa.table(
    {
        "label": [SEVEN, TEA, BAGS, CUBES],
        "name": ["007", "tea", "CUBES", "CUBES"],
        "title": ["007", "tea", BAGS, CUBES],
    }
)


def stock(folder: Path, *lines: str, header: str = "item") -> Stock:
    return stock_list(write(folder / "stock.csv", *lines, header=header), ITEMS)


def refusal(folder: Path, *lines: str, header: str = "item") -> str:
    with pytest.raises(StockUnclear) as refused:
        stock(folder, *lines, header=header)
    return str(refused.value).replace(f"{folder}/", "")


def test_an_item_is_known_by_label_title_or_a_name_that_it_has_alone(tmp_path: Path) -> None:
    assert stock(tmp_path, "tea", CUBES, "product:007") == Stock(frozenset({TEA, CUBES, SEVEN}), ())
    assert stock(tmp_path, " 007 ").labels == {SEVEN}


def test_a_name_that_nobody_bought_or_that_two_items_have_is_told(tmp_path: Path) -> None:
    found = stock(tmp_path, "soap", "tea", "CUBES", "soap", "7")
    assert found == Stock(frozenset({TEA}), ("soap", "CUBES", "7"))


def test_other_columns_are_not_looked_at_and_capitals_do_not_matter(tmp_path: Path) -> None:
    assert stock(tmp_path, "north,tea,9", header="store,ITEM,price").labels == {TEA}


def test_flags_of_any_kind_say_what_is_there(tmp_path: Path) -> None:
    rows = ("tea,1", "007,no", f"{CUBES},TRUE", f"{BAGS},0")
    assert stock(tmp_path, *rows, header="item,in_stock").labels == {TEA, CUBES}


def test_units_above_0_are_there(tmp_path: Path) -> None:
    rows = ("tea,0.5", "007,0", f"{CUBES},-2")
    assert stock(tmp_path, *rows, header="item,units").labels == {TEA}


def test_flag_and_units_must_both_say_so(tmp_path: Path) -> None:
    rows = ("tea,yes,3", "007,no,3", f"{CUBES},yes,0")
    assert stock(tmp_path, *rows, header="item,in_stock,units").labels == {TEA}


def test_an_item_is_there_when_one_of_its_rows_says_so(tmp_path: Path) -> None:
    rows = ("tea,0", "product:tea,4", "007,0")
    assert stock(tmp_path, *rows, header="item,units").labels == {TEA}


def test_a_parquet_file_may_hold_numbers_and_flags(tmp_path: Path) -> None:
    items = pa.table({"label": ["product:7", "product:8"], "name": ["7", "8"], "title": ["7", "8"]})
    path = write_parquet(tmp_path / "stock.parquet", item=[7.0, 8.0], in_stock=[True, False])
    assert stock_list(path, items) == Stock(frozenset({"product:7"}), ())


def test_a_file_that_is_missing_is_named_with_its_setting(tmp_path: Path) -> None:
    text = f"offers.stock needs a file, but {tmp_path}/stock.csv does not exist; correct the path"
    with pytest.raises(FileUnreadable, match=fully(text)):
        stock_list(tmp_path / "stock.csv", ITEMS, "offers.stock")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "stock.csv").touch()
    text = f"stock needs rows, but {tmp_path}/stock.csv is empty (0 bytes)"
    with pytest.raises(FileUnreadable, match=fully(text)):
        stock_list(tmp_path / "stock.csv", ITEMS)


def test_a_header_alone_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == (
        "stock needs at least one row, but stock.csv has none below its header"
    )


def test_a_list_without_the_column_item_is_refused(tmp_path: Path) -> None:
    text = "stock.csv needs a column item with the label, title or name of each item, but has: "
    assert refusal(tmp_path, "tea,1", header="items,units") == (
        f"{text}items, units; rename items, if that is it"
    )
    assert refusal(tmp_path, "tea,1", header="sku,units") == (
        f"{text}sku, units; name the column that has them so"
    )


@pytest.mark.parametrize(
    ("header", "rows", "needed"),
    [
        ("item,store", ("tea,north", ",north"), "an item in every row, but 1 of 2"),
        (
            "item,in_stock",
            ("tea,1", "007,maybe", "007,"),
            "true or false (yes or no, 1 or 0) in in_stock in every row, but 2 of 3",
        ),
        ("item,units", ("tea,1", "007,many"), "a number in units in every row, but 1 of 2"),
    ],
)
def test_a_row_that_does_not_say_it_is_refused(
    tmp_path: Path, header: str, rows: tuple[str, ...], needed: str
) -> None:
    assert refusal(tmp_path, *rows, header=header) == (
        f"stock.csv needs {needed} have none, the first of them row 2; fill them in or leave these "
        f"rows out"
    )


def test_a_line_of_too_few_values_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "tea,1", "007", header="item,units") == (
        "stock.csv needs a value in each line for each name of its header, and quotes in pairs, "
        "but line 3 has not (broken lines: 1); mend them"
    )


def test_a_list_of_unknown_items_alone_is_refused_with_the_nearest(tmp_path: Path) -> None:
    text = "stock.csv needs items that were bought, by label, title or name, but none of its "
    assert refusal(tmp_path, "teas", "x", "y", "z") == (
        f"{text}4 is known, such as 'teas', 'x', 'y'; did you mean 'tea'?"
    )
    assert (
        refusal(tmp_path, "x") == f"{text}1 is known, such as 'x'; an item is named such as '007'"
    )


def test_a_list_on_which_nothing_is_there_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "tea,0", "007,0", "x,1", header="item,units") == (
        "stock.csv needs at least one item that is there, but none of the 2 that are known is; "
        "look at its in_stock or units"
    )
