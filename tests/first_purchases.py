"""A made-up shop in which every customer has one taste, and snapshots by hand."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy import sparse

from models.cross_sell.snapshots import Snapshot, snapshot_of

CATEGORIES = pd.Index([f"category {number:02}" for number in range(24)])
TASTES = 3
DAYS = 28
FIRST_ON = date(2026, 1, 1)


def shop(customers: int = 400, snapshots: int = 4, seed: int = 0) -> list[Snapshot]:
    """Snapshots of one horizon apart: a customer buys of the third of the categories they like.

    Of each of these on about one day in 70, of the others on one in 1,000.
    """
    draws = np.random.default_rng(seed)
    taste = np.arange(customers) % TASTES
    likes = np.arange(len(CATEGORIES)) % TASTES == taste[:, None]
    chance = np.where(likes, 1 / 70, 1 / 1000)
    days = DAYS * (snapshots + 1)
    rows = np.nonzero(draws.random((days, *chance.shape)) < chance)
    first = np.datetime64(FIRST_ON)
    purchases = pd.DataFrame(
        {"customer": rows[1], "category": CATEGORIES[rows[2]], "bought_on": first + rows[0]}
    )
    behaviour = pd.DataFrame({"noise": draws.random(customers)})
    behaviour.index.name = "customer"
    return [
        snapshot_of(
            purchases,
            behaviour,
            CATEGORIES,
            as_of=FIRST_ON + timedelta(days=DAYS * (place + 1)),
            horizon_days=DAYS,
        )
        for place in range(snapshots)
    ]


def by_hand(
    counts: Sequence[Sequence[int]],
    recent: Sequence[Sequence[int]] | None = None,
    bought: Sequence[Sequence[int]] | None = None,
    behaviour: Mapping[str, Sequence[float]] | None = None,
) -> Snapshot:
    """A snapshot of dense tables, customers × categories; nothing recent unless told."""
    days = sparse.csr_array(np.array(counts, dtype=np.int64))
    return Snapshot(
        customers=pd.RangeIndex(days.shape[0]),
        categories=pd.Index(list("abcdefgh")[: days.shape[1]]),
        behaviour=pd.DataFrame(behaviour or {}, index=range(days.shape[0])),
        counts=days,
        recent=days * 0 if recent is None else sparse.csr_array(np.array(recent, dtype=np.int64)),
        bought=None if bought is None else sparse.csr_array(np.array(bought, dtype=np.int64)),
    )
