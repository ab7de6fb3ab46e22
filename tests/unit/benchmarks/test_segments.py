"""What stands beside segments in their benchmark."""

import numpy as np
import pytest

from benchmarks import segments
from benchmarks.segments import DRESSES, NOISE, mean_of, usual
from models.segments.agreement import adjusted_rand


def test_every_dress_holds_the_same_segments() -> None:
    truths = [make(np.random.default_rng(1))[1].tolist() for make in DRESSES.values()]
    assert all(truth == truths[0] for truth in truths)
    assert set(truths[0]) == {0, 1, 2, 3}


@pytest.mark.parametrize("dress", NOISE)
def test_noise_is_one_group_of_eight_columns(dress: str) -> None:
    assert NOISE[dress](np.random.default_rng(1)).shape == (segments.ROWS, 8)


def test_the_usual_pipeline_takes_texts_and_missing_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(segments, "ROWS", 300)
    table, truth = segments.categories(np.random.default_rng(1))
    table.iloc[::50, 0] = np.nan
    assert adjusted_rand(usual(table, most=5), truth) > 0.8


def test_the_interval_of_a_mean_is_students() -> None:
    found = mean_of([1.0, 2.0, 3.0])
    assert found.value == 2.0
    assert found.high == pytest.approx(2.0 + 4.302653 / 3**0.5)
