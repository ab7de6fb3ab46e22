from dataclasses import replace
from pathlib import Path

from features.loads import data_fingerprint, rows_read, tallies
from tests.loading import LINE, MEMORY, TEN_AM, load, loaded, orders, staged, write

OTHER = LINE.replace("o1", "o2")


def fingerprint(folder: Path, path: object = "in", file: Path = MEMORY) -> str:
    with loaded(folder, {"orders": orders(path)}, file=file) as (con, _):
        return data_fingerprint(con)


def test_a_fingerprint_of_data_is_of_contents_whatever_their_order_and_names(
    tmp_path: Path,
) -> None:
    write(tmp_path / "in" / "a.csv", LINE)
    write(tmp_path / "in" / "b.csv", OTHER)
    write(tmp_path / "turned" / "1.csv", OTHER)
    write(tmp_path / "turned" / "2.csv", LINE)
    known = fingerprint(tmp_path)
    assert len(known) == 64
    assert fingerprint(tmp_path, "turned") == known
    assert fingerprint(tmp_path, "in/a.csv") != known


def test_a_fingerprint_of_data_grows_with_what_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "home.duckdb"
    write(tmp_path / "in" / "a.csv", LINE)
    write(tmp_path / "in" / "b.csv", OTHER)
    parts = [fingerprint(tmp_path, f"in/{name}.csv", file) for name in "ab"]
    assert parts == [fingerprint(tmp_path, "in/a.csv"), fingerprint(tmp_path)]


def test_rows_read_are_summed_over_files_and_sources(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", LINE, LINE, "broken")
    write(tmp_path / "customers.csv", "ann", header="customer")
    customers = {"path": "customers.csv", "columns": {"customer": "customer"}}
    with loaded(tmp_path, {"orders": orders(), "customers": customers}) as (con, _):
        assert rows_read(con) == 4


def test_what_became_of_rows_is_told_by_source(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.csv", LINE, LINE)
    write(tmp_path / "in" / "b.csv", OTHER)
    write(tmp_path / "customers.csv", "ann", header="customer")
    customers = {"path": "customers.csv", "columns": {"customer": "customer"}}
    with loaded(tmp_path, {"customers": customers, "orders": orders("in")}) as (con, _):
        found = tallies(con)
    assert [(each.source, each.files, each.rows.read) for each in found] == [
        ("customers", 1, 1),
        ("orders", 2, 3),
    ]
    assert (found[1].rows.kept, found[1].rows.duplicated) == (2, 1)
    assert found[0].rows.first_at is None
    assert found[1].rows.first_at == found[1].rows.last_at == TEN_AM


def test_a_file_is_reported_under_the_name_it_has_today(tmp_path: Path) -> None:
    file = tmp_path / "home.duckdb"
    write(tmp_path / "a.csv", LINE)
    first = load(tmp_path, {"orders": orders("a.csv")}, file=file).loads[0]
    (tmp_path / "a.csv").rename(tmp_path / "b.csv")
    again = load(tmp_path, {"orders": orders("b.csv")}, file=file).loads[0]
    assert again == replace(first, file=f"{tmp_path}/b.csv", is_new=False)


def test_loads_are_numbered_across_sources(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.csv", LINE)
    write(tmp_path / "in" / "b.csv", OTHER)
    write(tmp_path / "customers.csv", "ann", header="customer")
    customers = {"path": "customers.csv", "columns": {"customer": "customer"}}
    stored = load(tmp_path, {"customers": customers, "orders": orders("in")})
    facts = [(row["load_id"], row["source"]) for row in stored.tables["loads"]]
    assert facts == [(1, "orders"), (2, "orders"), (3, "customers")]


def test_a_later_plausible_day_reads_every_file_again(tmp_path: Path) -> None:
    file = tmp_path / "home.duckdb"
    write(tmp_path / "orders.csv", LINE, "o2,1995-01-01,ann,1")
    load(tmp_path, {"orders": orders()}, file=file)
    stage = staged(tmp_path)
    later = replace(stage.plausible, earliest=stage.plausible.earliest.replace(year=2000))
    stored = load(tmp_path, {"orders": orders()}, file=file, stage=replace(stage, plausible=later))
    assert stored.column("stg_orders", "order") == ["o1"]
    assert stored.broken() == {"ordered_at_before_2000": 1}
