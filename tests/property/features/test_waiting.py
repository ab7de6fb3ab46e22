"""Gaps and returns of any shop against their oracles."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from features.gaps import gaps
from features.label_rates import Candidates, returns
from features.segments import segments_of
from tests.builders import AS_OF, DAY, SETTINGS, Shop, built
from tests.oracles import waiting as oracle
from tests.shops import futures, shops, together

LAST = AS_OF + 90 * DAY
HORIZONS, WINDOWS = (1, 7, 28), (7, 28, 56)


@st.composite
def lives(draw: st.DrawFn) -> Shop:
    """A shop with a past and a future."""
    shop = draw(shops())
    return together(shop, draw(futures(shop.time_zone)))


@given(shop=lives(), by=st.sampled_from(["orders", "tier"]), days=st.sampled_from([0, 13, 60]))
def test_gaps_are_those_of_the_oracle(shop: Shop, by: str, days: int) -> None:
    as_of = AS_OF + days * DAY
    with built(shop) as (con, sources):
        rows = gaps(con, as_of, LAST, segments_of(sources, by)).to_pylist()
    found = Counter[oracle.Gap]()
    for row in rows:
        found[row["segment"], row["is_first"], row["days"], row["is_open"]] += row["gaps"]
    assert found == oracle.gaps(shop, as_of, LAST, by)


@given(shop=lives(), gap=st.sampled_from([0, 3]))
def test_returns_are_those_of_the_oracle(shop: Shop, gap: int) -> None:
    as_ofs = [AS_OF, AS_OF + 10 * DAY]
    with built(shop) as (con, sources):
        candidates = Candidates(gap, HORIZONS, WINDOWS)
        rows = returns(con, as_ofs, candidates, (sources, SETTINGS), LAST).to_pylist()
    for as_of in as_ofs:
        found = Counter[tuple[int | None, int, int | None]]()
        for row in (row for row in rows if row["as_of"] == as_of):
            found[row["active_days"], row["orders"], row["returned_days"]] += row["customers"]
        assert found == oracle.returned(shop, as_of, gap, HORIZONS, WINDOWS)
