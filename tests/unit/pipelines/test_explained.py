from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from models.churn import booster
from pipelines.explained import EXPLAINED, placed, unexplained
from pipelines.plays import Plays
from tests.explaining import FITTED, PEOPLE, explaining


def test_everybody_has_reasons_and_who_has_a_cause_its_share_and_the_play_that_answers_it() -> None:
    found = explaining().explained(PEOPLE.features).to_pylist()
    assert len(found) == len(PEOPLE.features)
    assert all(len(row["reasons"]) <= 3 for row in found)
    assert all(0 < row["cause_share"] <= 1 for row in found if row["cause"])
    assert all(row["cause_share"] is None for row in found if not row["cause"])
    assert {(row["cause"], row["play"]) for row in found} == {
        ("habit fading", "recognition"),
        ("lost trust", "reliability"),
        ("need gone", None),
        (None, None),
    }


def test_a_play_of_the_config_answers_its_cause() -> None:
    plays = Plays(habit_fading=None, need_gone="a card")
    found = explaining(plays).explained(PEOPLE.features).to_pandas()
    assert found.loc[found["cause"] == "habit fading", "play"].isna().all()
    assert set(found.loc[found["cause"] == "need gone", "play"]) == {"a card"}


def test_columns_without_a_cause_give_reasons_and_no_cause() -> None:
    found = explaining(causes={}).explained(PEOPLE.features)
    for name in ("cause", "cause_share", "play"):
        assert found.column(name).null_count == len(PEOPLE.features)
    assert found.column("reasons").null_count == 0


def test_columns_whose_values_are_missing_are_explained_by_what_that_means() -> None:
    nothing = PEOPLE.features * np.nan
    found = explaining().explained(nothing).to_pylist()
    assert found == [found[0]] * len(nothing)
    assert found[0]["reasons"]
    assert all(reason.endswith(": unknown") for reason in found[0]["reasons"])


@pytest.mark.parametrize("fast_from", [700, 701])
@pytest.mark.parametrize("size", [1, 7, 300, 699])
def test_where_batches_are_cut_changes_nothing(
    size: int, fast_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = len(PEOPLE.features)
    monkeypatch.setattr(booster, "FAST_FROM", fast_from)
    expected = explaining().explained(PEOPLE.features, rows)
    fitted = booster.BoosterFitted(FITTED.columns, FITTED.library_object)
    teller = replace(explaining(), fitted=fitted)
    parts = [
        teller.explained(PEOPLE.features.iloc[begin : begin + size], rows)
        for begin in range(0, rows, size)
    ]
    assert ("_tables" in vars(fitted)) == (rows >= fast_from)
    assert pa.Table.from_batches(parts).combine_chunks().equals(pa.Table.from_batches([expected]))


def test_rows_that_were_explained_apart_come_to_their_places() -> None:
    explained = explaining().explained(PEOPLE.features.head(3))
    at = np.array([8, 2, 5])
    found = [placed(explained, at, rows) for rows in (range(4), range(4, 8), range(8, 10))]
    flat = [row for batch in found for row in batch.to_pylist()]
    known = explained.to_pylist()
    nothing = dict.fromkeys(EXPLAINED.names)
    assert flat == [
        *(nothing, nothing, known[1], nothing, nothing),
        *(known[2], nothing, nothing, known[0], nothing),
    ]
    assert all(batch.schema == EXPLAINED for batch in found)


def test_nobody_explained_is_nothing_for_everybody() -> None:
    found = placed(unexplained(0), np.empty(0, dtype=np.int64), range(2))
    assert found.equals(unexplained(2))
    assert found.to_pylist() == [dict.fromkeys(EXPLAINED.names)] * 2
