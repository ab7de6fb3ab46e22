"""Made-up candidates are candidates, and offers are counted by who bought them in time."""

import numpy as np
import pandas as pd

from benchmarks.offers import AS_OF, HORIZON, counted
from benchmarks.offers_scale import block, shop
from models.offers.offered import offers_of
from models.offers.policies import Policies
from tests.offer_cases import candidate, frame, shelf


def test_made_up_customers_have_distinct_candidates_that_can_be_offered() -> None:
    random = np.random.default_rng(1)
    edges = np.cumsum(1 / np.arange(1, 1001))
    candidates, lately = block(10, 30, 20, edges, random)
    assert not candidates.duplicated(["customer", "item"]).any()
    assert candidates["customer"].unique().tolist() == list(range(10, 40))
    assert lately["item"].max() < 1000
    found = offers_of(candidates, shop(1000, random), Policies(cycle_share=None))
    assert found.filled.tolist() == [0] * 10 + [30]


def test_an_offer_counts_as_bought_within_the_horizon_only() -> None:
    offered = offers_of(
        frame([candidate(item=item) for item in range(4)]), shelf(), Policies(most=4)
    )
    days = [AS_OF - 1, AS_OF, AS_OF + HORIZON - 1, AS_OF + HORIZON]
    rows = pd.DataFrame({"customer": 0, "day": days, "item": range(4)})
    hits, offers = counted(offered, rows, 2)
    assert (hits.tolist(), offers.tolist()) == ([2, 0], [4, 0])
