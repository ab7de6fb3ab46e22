from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from features.rowwise import rowwise, select


def numbers(first: int, count: int) -> pa.Table:
    return pa.table({"x": range(first, first + count)})


def test_each_row_is_computed_by_itself_and_in_its_place() -> None:
    with rowwise() as engine:
        found = select(engine, "x * 2 AS twice, -x AS other", numbers(0, 300_000))
    assert found.column_names == ["twice", "other"]
    assert found["twice"].to_pylist() == [2 * x for x in range(300_000)]
    assert found["other"].to_pylist() == [-x for x in range(300_000)]


def test_threads_that_ask_side_by_side_get_their_own_rows() -> None:
    tables = [numbers(first, 5_000) for first in range(0, 200_000, 10_000)]
    with rowwise() as engine, ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda rows: select(engine, "x AS x", rows), tables))
    assert [each.to_pydict() for each in found] == [each.to_pydict() for each in tables]


def test_no_rows_give_no_rows() -> None:
    with rowwise() as engine:
        assert len(select(engine, "x + 1 AS more", numbers(0, 0))) == 0
