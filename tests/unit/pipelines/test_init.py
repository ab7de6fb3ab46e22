import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from features.errors import RegularsError
from features.guessing.draft import OrdersNotRecognised
from features.warehouse import Connection
from pipelines import build, init
from pipelines.check import load_config
from pipelines.commented import scalar
from pipelines.config import Config
from pipelines.init import ConfigExists, GuessUnusable
from pipelines.jobs import Home, Job
from pipelines.progress import Steps
from pipelines.yamlfile import read_yaml
from tests.builders import NOW
from tests.till import PLAIN, Columns, Sold, sold, some_of_online_retail, write_csv


def german(number: float) -> str:
    """A number as in 1.234,50."""
    return f"{number:,.2f}".translate(str.maketrans(",.", ".,"))


CHINESE: Columns = {
    "訂單編號": lambda line: line.order,
    "交易日期": lambda line: line.at.strftime("%Y/%m/%d"),
    "交易時間": lambda line: line.at.strftime("%H:%M"),
    "會員卡號": lambda line: f"{line.customer:08d}",
    "商品編號": lambda line: line.product,
    "數量": lambda line: line.quantity,
    "金額": lambda line: round(line.amount),
    "門市": lambda line: "信義店" if line.store == "North" else "板橋店",
}
GERMAN: Columns = {
    "Bestellnummer": lambda line: line.order,
    "Bestelldatum": lambda line: line.at.strftime("%d.%m.%Y"),
    "Kundennummer": lambda line: line.customer,
    "Artikelnummer": lambda line: line.product,
    "Menge": lambda line: line.quantity,
    "Einzelpreis (€)": lambda line: german(round(line.price, 2) * 40),
}


@contextmanager
def built(config: Path, home: Path) -> Iterator[Connection]:
    """The warehouse that the config builds."""
    job = Job(load_config(str(config)), Home(home), NOW, Steps(Console(file=io.StringIO())))
    build.run(job)
    with job.opened() as con:
        yield con


def totals(con: Connection) -> tuple[object, ...]:
    """Lines, orders, customers, products and minor units of the warehouse."""
    found: tuple[object, ...] = con.execute("""
        SELECT count(*), count(DISTINCT "order"), count(DISTINCT customer_key),
            count(DISTINCT product_key), sum(amount) FROM fact_sales""").fetchall()[0]
    return found


def loaded(path: Path) -> Config:
    """The config, as every job reads it."""
    return load_config(str(path))


def test_the_config_says_of_each_guess_how_sure_it_is(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "Orders 2024.csv", PLAIN)
    written = init.run(source, tmp_path / "shop.yaml")
    text = written.path.read_text(encoding="utf-8")
    assert text.startswith(
        "# Guessed by `regulars init --from Orders 2024.csv`. Every line says how sure it is; "
        "those marked\n# CHECK are for you to look at.\n"
        "# 3,067 rows; 60 customers bought from 2023-01-02 to 2024-02-05.\n"
        "name: orders_2024\n"
        "currency: {code: USD, digits: 2} # CHECK: 30 % sure: nothing in the file hints at it\n"
    )
    assert (
        """
    columns:
      order: order_id # 98 % sure: named so; 2.5 rows each, 100 % of them on one day alone
      # 98 % sure: named so; 100 % of its values are instants: year, month, day (ISO 8601)
      ordered_at: order_date
"""
        in text
    )
    assert "\n      # discount: no column looks like it\n" in text
    assert (
        "\n  horizon_days: 28 # 90 % of purchases follow the customer's last one within 25 days\n"
        in text
    )
    assert "\n  as_of: 2024-02-06 # the day after the data end\n" in text


def test_the_config_builds_what_the_file_holds(tmp_path: Path) -> None:
    written = init.run(write_csv(tmp_path / "orders.csv", PLAIN), tmp_path / "orders.yaml")
    with built(written.path, tmp_path / "home") as con:
        cents = sum(round(line.amount * 100) for line in sold())
        assert totals(con) == (3067, 1203, 60, 200, cents)


def test_the_config_of_a_cp950_file_with_chinese_headers_builds(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "訂單.csv", CHINESE, encoding="cp950")
    written = init.run(source, tmp_path / "orders.yaml")
    assert loaded(written.path).business.currency.digits == 0
    with built(written.path, tmp_path / "home") as con:
        dollars = sum(round(line.amount) for line in sold())
        assert totals(con) == (3067, 1203, 60, 200, dollars)
        first = con.execute("SELECT min(customer) FROM dim_customer").fetchall()
        assert first == [("00004000",)]
        hours = con.execute("""
            SELECT min(hour(make_timestamptz(ordered_at) AT TIME ZONE 'Asia/Taipei'))
            FROM fact_sales""").fetchall()
        assert hours == [(9,)]


def test_the_config_of_a_file_with_decimal_commas_builds(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "b.csv", GERMAN, delimiter=";", encoding="cp1252")
    written = init.run(source, tmp_path / "b.yaml")
    with built(written.path, tmp_path / "home") as con:
        cents = sum(round(line.quantity * round(line.price, 2) * 40 * 100) for line in sold())
        assert totals(con) == (3067, 1203, 60, 200, cents)


def test_the_config_of_online_retail_builds(shared_data: Path, tmp_path: Path) -> None:
    source = some_of_online_retail(shared_data, tmp_path / "part.parquet")
    written = init.run(source, tmp_path / "part.yaml")
    with built(written.path, tmp_path / "home") as con:
        lines, returns, anonymous, fees = con.execute("""
            SELECT count(*), count(*) FILTER (is_return), count(*) FILTER (customer_key IS NULL),
                count(*) FILTER (NOT is_product) FROM fact_sales""").fetchall()[0]
    assert 0.01 < returns / lines < 0.04
    assert 0.15 < anonymous / lines < 0.30
    assert 0 < fees / lines < 0.01


def test_names_that_yaml_and_sql_would_misread_arrive_as_they_are(tmp_path: Path) -> None:
    columns: Columns = {
        'no: "1" # of order': PLAIN["order_id"],
        "order\ndate": PLAIN["order_date"],
        "- customer's id": PLAIN["customer_id"],
        "{sku}: 😀": PLAIN["sku"],
        "yes": lambda line: line.store,
        "amount; drop table x": PLAIN["amount"],
    }
    written = init.run(write_csv(tmp_path / "orders.csv", columns), tmp_path / "orders.yaml")
    orders = loaded(written.path).business.sources.orders
    assert orders is not None
    assert orders.columns.customer == "- customer's id"
    assert orders.columns.amount == "amount; drop table x"
    with built(written.path, tmp_path / "home") as con:
        assert totals(con)[:4] == (3067, 1203, 60, 200)


def test_rows_beyond_the_limit_are_announced(tmp_path: Path) -> None:
    def amount(line: Sold) -> object:
        return "n/a" if line.order % 30 == 0 else line.amount

    source = write_csv(tmp_path / "orders.csv", {**PLAIN, "amount": amount})
    written = init.run(source, tmp_path / "orders.yaml")
    assert written.quarantined == 102
    assert """
    # CHECK: 3.3 % of rows would be quarantined (amount_unreadable 102), more than the build allows;
    # mend the mapping or the file, or write quarantine_limit: 0.04
""" in written.path.read_text(encoding="utf-8")


def test_lines_that_are_no_rows_are_announced(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "orders.csv", PLAIN)
    with source.open("a") as file:
        file.write("1,2,3\n" * 2)
    written = init.run(source, tmp_path / "orders.yaml")
    text = written.path.read_text(encoding="utf-8")
    assert "\n    # 2 of 3,069 rows would be quarantined: line_broken 2.\n" in text


def test_a_few_days_give_a_config_that_says_they_are_too_few(tmp_path: Path) -> None:
    source = tmp_path / "orders.csv"
    source.write_text("order_id,order_date,customer_id,amount\n1,2024-01-01,5,9.5\n")
    text = init.run(source, tmp_path / "o.yaml").path.read_text(encoding="utf-8")
    assert "\n# 1 row; 1 customer bought from 2024-01-01 to 2024-01-01.\n" in text
    assert "CHECK: nobody bought on two days, so nothing tells how long a silence is usual" in text
    assert "CHECK: 1 day of history is too short to train, calibrate and test on" in text


def test_the_table_shows_what_was_found_and_how_surely(tmp_path: Path) -> None:
    columns = {key: write for key, write in PLAIN.items() if key != "order_id"}
    written = init.run(write_csv(tmp_path / "orders.csv", columns), tmp_path / "orders.yaml")
    rows = {row.what: row for row in written.table}
    assert list(rows)[:4] == ["order", "ordered_at", "customer", "amount"]
    assert rows["order"].found == "= concat_ws('/', customer_id, order_date)"
    assert rows["amount"] == init.Row(
        "amount", "amount", "97 %", "named so; grows with the quantity, typically 49.47"
    )
    assert rows["store"] == init.Row("store", "–", "–", "no column looks like it")
    assert written.doubtful == ("order", "currency", "time_zone")


def test_the_file_is_named_as_seen_from_the_config(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "configs").mkdir()
    source = write_csv(tmp_path / "data" / "orders.csv", PLAIN)
    written = init.run(source, tmp_path / "configs" / "shop.yaml")
    orders = read_yaml(written.path)["sources"]["orders"]
    assert orders["path"] == "../data/orders.csv"


def test_without_a_target_the_config_lies_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "2024 Bestellungen.csv", PLAIN)
    written = init.run(Path("2024 Bestellungen.csv"))
    assert written.path == Path("shop_2024_bestellungen.yaml")
    assert read_yaml(written.path)["sources"]["orders"]["path"] == "2024 Bestellungen.csv"


def test_what_is_there_already_stays_as_it_is(tmp_path: Path) -> None:
    target = tmp_path / "shop.yaml"
    target.write_text("mine")
    text = (
        f"init needs a place for a new config, but {target} is there already; "
        f"name another with --to, or move it away"
    )
    with pytest.raises(ConfigExists, match=re.escape(text)):
        init.run(write_csv(tmp_path / "orders.csv", PLAIN), target)
    assert target.read_text() == "mine"


def test_a_file_without_customers_leaves_nothing_behind(tmp_path: Path) -> None:
    columns = {key: write for key, write in PLAIN.items() if key != "customer_id"}
    source = write_csv(tmp_path / "orders.csv", columns)
    text = (
        f"{source} needs a column with the customer, but none of "
        f"['order_id', 'order_date', 'sku', 'quantity', 'amount'] looks like it"
    )
    with pytest.raises(OrdersNotRecognised, match=re.escape(text)):
        init.run(source, tmp_path / "shop.yaml")
    assert [path.name for path in tmp_path.iterdir()] == ["orders.csv"]


def test_a_config_that_would_not_load_is_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(init, "config_text", lambda *_: "name: shop\nsauces: {}\n")
    source = write_csv(tmp_path / "orders.csv", PLAIN)
    with pytest.raises(GuessUnusable, match=r"is not valid, so nothing was written") as caught:
        init.run(source, tmp_path / "shop.yaml")
    assert "sauces: unknown key; did you mean sources?" in str(caught.value)
    assert ".tmp-" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["orders.csv"]


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    source = write_csv(tmp_path / "orders.csv", PLAIN)
    with pytest.raises(RegularsError, match=re.escape(f"{taken}/shop.yaml must be")):
        init.run(source, taken / "shop.yaml")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("CustomerID", "CustomerID"),
        ("Order Date", "Order Date"),
        ("訂單編號", "訂單編號"),
        ("../data/orders.csv", "../data/orders.csv"),
        ("yes", '"yes"'),
        ("007", '"007"'),
        ("2024-13-45", '"2024-13-45"'),
        ("a: b", '"a: b"'),
        ("a\tb", '"a\\tb"'),
        ("", '""'),
    ],
)
def test_a_text_is_quoted_only_where_yaml_would_misread_it(text: str, written: str) -> None:
    assert scalar(text) == written
