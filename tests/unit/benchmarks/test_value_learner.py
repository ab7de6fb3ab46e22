"""The benchmark learns from nothing that was not known by the test day, and holds all alike."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from benchmarks.value_learner import CELLS, LEARNER, Cell, Shop, goals_of, number, played


def test_outcomes_that_are_learnt_from_were_over_by_the_test_day() -> None:
    for cell in CELLS:
        days = cell.earlier
        assert len(days) >= 5
        assert min(days) >= cell.oldest
        assert max(days) + timedelta(days=cell.horizon_days) <= cell.test
    assert len({cell.name for cell in CELLS}) == len(CELLS)


def test_a_shop_is_played_and_its_goals_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    draws = np.random.default_rng(0)
    test = date(2020, 6, 1)
    customer = draws.integers(0, 300, 9000)
    day = number(test) + draws.integers(-200, 28, 9000)
    amount = draws.lognormal(2, 0.5, 9000)
    kept = draws.random(9000) < (customer % 10) / 10
    lines = pd.DataFrame({"customer": customer, "day": day, "order": day, "amount": amount})[kept]
    cell = Cell("shop", 28, test, date(2020, 1, 20))
    parts = [
        pd.DataFrame({"customer": np.arange(300), "as_of": each, "x": np.arange(300) % 10})
        for each in (*cell.earlier, test)
    ]
    shop = Shop(pd.concat(parts), ["x"], lines, number(test) + 28, None)
    said = played(cell, shop, 20)
    told = capsys.readouterr().out
    assert told.startswith("\nshop 28 2020-06-01: 300 customers, ")
    assert f"| {LEARNER} | " in told
    assert "no year_ago: a season needs purchases from" in told
    assert len(goals_of(cell, said)) == 4
