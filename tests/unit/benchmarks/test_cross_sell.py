"""What stands beside the learner in its benchmark."""

from datetime import date

import numpy as np
import pytest

from benchmarks import cross_sell
from benchmarks.cross_sell import CELLS, by_category
from models.cross_sell.popularity import popularity
from models.cross_sell.settings import CrossSellSpec
from models.cross_sell.trial import compared
from tests.first_purchases import shop


def test_snapshots_lie_one_horizon_apart_and_end_with_the_one_held_out() -> None:
    days = CELLS["complete_journey"].days
    assert days[-2:] == [date(2017, 11, 6), date(2017, 12, 4)]
    assert len(days) == 9


def test_one_model_for_each_category_tells_of_what_was_never_bought() -> None:
    *earlier, held_out = shop(150, 3)
    chance = by_category(earlier, held_out, CrossSellSpec())
    assert np.isnan(chance[held_out.has]).all()
    assert ((chance > 0) & (chance < 1))[~held_out.has].all()


def test_a_category_taken_up_too_rarely_gets_popularity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cross_sell, "LEAST_TAKEN_UP", 10_000)
    *earlier, held_out = shop(150, 3)
    chance = by_category(earlier, held_out, CrossSellSpec())
    rates = np.broadcast_to(popularity(earlier[:-1]).rates, chance.shape)
    given = {"learner": chance, "popularity": rates}
    assert compared(held_out, given, seed=0, resamples=5).gain("roc_auc").value == 0
