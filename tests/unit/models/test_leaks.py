import re

import numpy as np
import pandas as pd
import pytest

from models import leaks
from models.leaks import LeakCheckBroken, check_the_check, leaking_columns, plant_copies
from models.spec import FloatArray, OneClassOnly
from tests.churners import churners

PEOPLE = churners(2000)
LEFT = PEOPLE.churned.astype(np.float64)
RANDOM = np.random.default_rng(0)

COPIES: dict[str, tuple[FloatArray, str]] = {
    "plain": (LEFT, "rank"),
    "negated": (-LEFT, "rank"),
    "with small noise": (LEFT + RANDOM.normal(0, 0.01, 2000), "rank"),
    "as null": (np.where(PEOPLE.churned, np.nan, RANDOM.normal(size=2000)), "missing"),
    "as known": (np.where(PEOPLE.churned, RANDOM.normal(size=2000), np.nan), "missing"),
    "at both ends": (LEFT * RANDOM.choice([-1.0, 1.0], 2000), "bins"),
    "in the middle": (np.where(PEOPLE.churned, 0, RANDOM.choice([-1.0, 1.0], 2000)), "bins"),
    "where known": (np.where(RANDOM.random(2000) < 0.9, np.nan, LEFT), "rank"),
}


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_of_the_label_is_noticed(copy: str) -> None:
    values, how = COPIES[copy]
    found = leaking_columns(PEOPLE.features.assign(copy=values), PEOPLE.churned)
    assert [(leak.column, leak.how) for leak in found] == [("copy", how)]
    assert found[0].auc >= 0.98


def test_honest_columns_are_not_accused() -> None:
    assert leaking_columns(PEOPLE.features, PEOPLE.churned) == ()


def test_a_lower_bound_accuses_what_is_merely_strong() -> None:
    found = leaking_columns(PEOPLE.features, PEOPLE.churned, bound=0.8)
    assert [leak.column for leak in found] == ["orders_count_182d", "gap_mean_days"]


def test_a_number_of_each_customer_alone_is_not_accused_of_knowing_the_label() -> None:
    identifiers = pd.DataFrame({"id": np.random.default_rng(5).permutation(2000).astype(float)})
    assert leaking_columns(identifiers, PEOPLE.churned, bound=0.6) == ()


def test_a_column_known_for_a_handful_is_not_accused_by_chance() -> None:
    handful = np.full(2000, np.nan)
    rows = np.concatenate([np.flatnonzero(LEFT)[:3], np.flatnonzero(LEFT == 0)[:3]])
    handful[rows] = LEFT[rows]
    assert leaking_columns(pd.DataFrame({"handful": handful}), PEOPLE.churned) == ()


def test_constant_and_empty_columns_are_not_accused() -> None:
    odd = pd.DataFrame({"constant": np.ones(2000), "empty": np.full(2000, np.nan)})
    assert leaking_columns(odd, PEOPLE.churned, bound=0.51) == ()


@pytest.mark.parametrize("rows", [20, 150, 2000])
def test_the_check_notices_every_planted_copy(rows: int) -> None:
    people = PEOPLE.first(rows)
    assert check_the_check(people.features, people.churned, seed=1) == ()


def test_the_check_reports_the_leaks_of_the_table_itself() -> None:
    found = check_the_check(PEOPLE.features.assign(copy=LEFT), PEOPLE.churned, seed=1)
    assert [leak.column for leak in found] == ["copy"]


def test_planting_leaves_the_table_as_it_was() -> None:
    before = PEOPLE.features.copy()
    planted = plant_copies(PEOPLE.features, PEOPLE.churned, seed=1)
    assert PEOPLE.features.equals(before)
    assert planted.shape == (2000, 12)


def test_a_check_that_sees_nothing_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaks, "leaking_columns", lambda *_: ())
    text = (
        "the leak check needs to notice every copy of the label, but with a bound of 0.98 on 2000 "
        "rows it missed ['planted copy of the label: plain', "
    )
    with pytest.raises(LeakCheckBroken, match=re.escape(text)):
        check_the_check(PEOPLE.features, PEOPLE.churned, seed=1)


def test_a_bound_that_nothing_can_reach_is_a_broken_check() -> None:
    with pytest.raises(LeakCheckBroken, match=r"with 1 % noise"):
        check_the_check(PEOPLE.features, PEOPLE.churned, seed=1, bound=0.9999)


def test_one_class_cannot_be_checked() -> None:
    with pytest.raises(OneClassOnly, match=r"^the leak check needs customers who left"):
        check_the_check(PEOPLE.features, np.ones(2000, dtype=np.bool_), seed=1)
