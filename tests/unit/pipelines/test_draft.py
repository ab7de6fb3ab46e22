import gc
import weakref
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.churn.booster import BoosterFitted
from models.spec import FloatArray
from pipelines.draft import DRAFT, Asked, Ranked, drafted, write_draft
from tests.explaining import FITTED, PEOPLE, explaining

FEATURES = PEOPLE.features.head(60).assign(orders_count_28d=1.0)
FEATURES.loc[10:30] = FEATURES.loc[10].to_numpy()  # equally endangered
PROBABILITY = FITTED.predict(FEATURES)

Most = int | Literal["all"]


def batches(cuts: list[int]) -> list[pa.RecordBatch]:
    """The table, with a new batch from each of these rows on."""
    names = pa.array([f"c{row:03}" for row in range(len(FEATURES))])
    days = pa.array([date(2024, 1, 1)] * len(FEATURES), pa.date32())
    columns = [pa.array(FEATURES[name]) for name in FEATURES]
    whole = pa.RecordBatch.from_arrays([names, days, *columns], ["customer", "as_of", *FEATURES])
    ends = [*sorted(set(cuts)), len(FEATURES)]
    return [whole.slice(begin, end - begin) for begin, end in zip([0, *ends], ends, strict=False)]


def scored(path: Path, most: Most, cuts: list[int], spend: str = "spend_28d") -> pa.Table:
    advanced: list[int] = []
    asked = Asked(explaining(), most, len(FEATURES))
    ranked = write_draft(path, batches(cuts), asked, spend, advanced.append)
    assert advanced[-1] == len(FEATURES)
    return _whole(path, ranked)


def _whole(path: Path, ranked: Ranked) -> pa.Table:
    parts = list(drafted(path, ranked))
    assert [row for rows, _ in parts for row in rows] == list(range(len(FEATURES)))
    return pa.Table.from_batches([batch for _, batch in parts], DRAFT).combine_chunks()


def test_everybody_is_in_the_draft_with_their_spend(tmp_path: Path) -> None:
    found = scored(tmp_path / "draft.parquet", 0, [])
    assert found["spend"].to_pylist() == FEATURES["spend_28d"].tolist()


def test_without_a_column_of_spend_there_is_none(tmp_path: Path) -> None:
    found = scored(tmp_path / "draft.parquet", 0, [], spend="spend_91d")
    assert found["spend"].null_count == len(FEATURES)


@pytest.mark.parametrize("most", [0, 1, 5, 60, 1000])
def test_so_many_of_the_most_endangered_are_explained_as_everybody_would_be(
    tmp_path: Path, most: int
) -> None:
    everybody = scored(tmp_path / "all.parquet", "all", []).to_pandas()
    found = scored(tmp_path / "some.parquet", most, []).to_pandas()
    chosen = np.argsort(-PROBABILITY, kind="stable")[:most]
    assert sorted(np.flatnonzero(found["reasons"].notna())) == sorted(chosen)
    pd.testing.assert_frame_equal(found.loc[chosen], everybody.loc[chosen])
    assert everybody["reasons"].notna().all()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 59), max_size=8), most=st.sampled_from([0, 5, "all"]))
def test_where_batches_are_cut_changes_nothing(tmp_path: Path, cuts: list[int], most: Most) -> None:
    whole = scored(tmp_path / "whole.parquet", most, [])
    assert scored(tmp_path / "parts.parquet", most, cuts).equals(whole)


@pytest.mark.parametrize("worth", [(), ("spend_28d",)])
@pytest.mark.parametrize("cuts", [[], [7, 50]])
def test_chances_and_worth_of_everybody_are_kept_in_the_order_of_rows(
    tmp_path: Path, worth: tuple[str, ...], cuts: list[int]
) -> None:
    asked = Asked(explaining(), 0, len(FEATURES), worth)
    path = tmp_path / "draft.parquet"
    ranked = write_draft(path, batches(cuts), asked, "spend_28d", lambda _: None)
    assert ranked.probability.tolist() == PROBABILITY.tolist()
    kept = FEATURES[list(worth)].reset_index(drop=True)
    pd.testing.assert_frame_equal(ranked.worth, kept, check_column_type=False)


@dataclass(frozen=True, eq=False)
class Watched(BoosterFitted):
    """A model that knows of every table it was asked about whether it is still there."""

    seen: list[weakref.ref[pd.DataFrame]] = field(default_factory=list)
    most_at_once: list[int] = field(default_factory=list)

    def predict(self, features: pd.DataFrame) -> FloatArray:
        gc.collect()
        self.seen.append(weakref.ref(features))
        self.most_at_once.append(sum(table() is not None for table in self.seen))
        return super().predict(features)


def test_no_batch_is_kept_when_everybody_is_explained(tmp_path: Path) -> None:
    watched = Watched(FITTED.columns, FITTED.library_object)
    asked = Asked(replace(explaining(), fitted=watched), "all", len(FEATURES))
    cuts = list(range(5, 60, 5))
    write_draft(tmp_path / "draft.parquet", batches(cuts), asked, "spend_28d", lambda _: None)
    assert len(watched.most_at_once) == 12
    assert max(watched.most_at_once) <= 2  # this one, and the one before it as it goes
