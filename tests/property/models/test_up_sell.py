"""Whatever was bought: the future changes nothing, no tier below is offered, order is nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from models.up_sell.candidates import UpPairs, snapshot
from models.up_sell.figures import COLUMNS
from models.up_sell.margins import Earning, expected_extra_margin
from models.up_sell.next_products import next_products
from models.up_sell.settings import PairsWanted
from models.up_sell.transitions import transitions
from tests.oracles.up_sell import Line, days_of, moves, pairs, steps, waits, within
from tests.oracles.up_sell import next_products as oracle_next
from tests.up_shop import LEVELS, PRICES, tiers

FEW = settings(max_examples=settings().max_examples // 2)
"""Tables of pandas take milliseconds each."""

AS_OF = 300
TIERS = tiers(2)

LINES = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.one_of(st.integers(0, 400), st.integers(290, 310)),
        st.sampled_from(["coffee 0", "coffee 1"]),
        st.integers(0, 2),
        st.sampled_from([1.0, 2.0, 3.0]),
    ),
    min_size=1,
    max_size=60,
)


def table(lines: list[Line]) -> pd.DataFrame:
    rows = [
        (customer, day, f"{need} {LEVELS[tier]}", units, units * PRICES[LEVELS[tier]])
        for customer, day, need, tier, units in lines
    ]
    found = pd.DataFrame(rows, columns=["customer", "day", "product", "quantity", "amount"])
    return found.assign(margin=found["amount"] / 2)


def same(one: UpPairs, other: UpPairs) -> None:
    pd.testing.assert_frame_equal(one.keys, other.keys)
    np.testing.assert_array_equal(one.figures, other.figures)
    np.testing.assert_array_equal(one.habit, other.habit)
    np.testing.assert_array_equal(one.bought, other.bought)


@FEW
@given(LINES)
@example([("a", 295, "coffee 0", 0, 1.0)])
def test_moves_and_steps_are_those_of_the_oracle(lines: list[Line]) -> None:
    found = transitions(table(lines), TIERS, AS_OF, within_days=5)
    days = days_of(lines, AS_OF)
    expected = moves(days)
    assert len(found.moves) == len(expected)
    for row in found.moves.to_dict("records"):
        key = (row["need"], row["from_tier"], row["to_tier"])
        told = (row["moves"], row["customers"], row["customers_from"], row["days"])
        assert told == expected[key]
        assert row["share"] == row["customers"] / row["customers_from"]
        assert row["low"] <= row["share"] <= row["high"]
    for row in found.steps.to_dict("records"):
        began, stepped, returned, kept, mostly = steps(days, row["need"], row["tier"])
        assert (row["customers"], row["stepped"], row["returned"]) == (began, stepped, returned)
        share = within(waits(days, row["need"], row["tier"], AS_OF), 5)
        assert row["within_share"] == pytest.approx(np.nan if share is None else share, nan_ok=True)
        if returned:
            assert (row["kept_next"], row["kept_mostly"]) == (kept / returned, mostly / returned)


@FEW
@given(LINES)
def test_pairs_and_outcomes_are_those_of_the_oracle(lines: list[Line]) -> None:
    assume(max(day for _, day, *_ in lines) >= AS_OF + 27)
    found, expected = snapshot(table(lines), TIERS, AS_OF, 28), pairs(lines, AS_OF, 28, 3)
    assert found.bought is not None
    assert list(zip(found.keys["customer"], found.keys["need"], strict=True)) == sorted(expected)
    since = found.figures[:, COLUMNS.index("days_since_above")]
    for row, pair in enumerate(sorted(expected)):
        usual, days_since_above, came = expected[pair]
        assert found.keys["tier"][row] == usual
        assert found.bought[row] == came
        if days_since_above is None:
            assert np.isnan(since[row])
            assert found.habit[row] == 0
        else:
            assert since[row] == days_since_above
            assert found.habit[row] == (2 if days_since_above <= 180 else 1)


@FEW
@given(LINES, LINES)
def test_the_future_changes_nothing(lines: list[Line], more: list[Line]) -> None:
    later = [line for line in more if line[1] >= AS_OF]
    one, other = (table([*lines, *extra]) for extra in ([], later))
    same(snapshot(one, TIERS, AS_OF), snapshot(other, TIERS, AS_OF))
    told = [transitions(each, TIERS, AS_OF) for each in (one, other)]
    pd.testing.assert_frame_equal(told[0].steps, told[1].steps)
    pd.testing.assert_frame_equal(told[0].moves, told[1].moves)


@FEW
@given(LINES, st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_nothing(lines: list[Line], random: object) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    same(*(snapshot(table(each), TIERS, AS_OF) for each in (lines, shuffled)))


@FEW
@given(LINES)
def test_what_is_offered_is_above_what_is_usual(lines: list[Line]) -> None:
    bought = table(lines)
    found = snapshot(bought, TIERS, AS_OF, wanted=PairsWanted(days_least=1))
    observed = transitions(bought, TIERS, AS_OF)
    said = np.full(len(found), 0.5)
    offers = expected_extra_margin(
        found, said, bought, TIERS, observed=observed, earning=Earning(28)
    )
    tier = TIERS.products.set_index("product")["tier"]
    need = TIERS.products.set_index("product")["need"]
    assert (tier.reindex(offers["product"]).to_numpy() == offers["tier"] + 1).all()
    assert (need.reindex(offers["product"]).to_numpy() == offers["need"].to_numpy()).all()
    assert (offers["purchases_above"] >= 1).all()
    assert (offers["to_tier"] <= 2).all()


@FEW
@given(LINES)
def test_no_argument_is_changed(lines: list[Line]) -> None:
    bought = table(lines)
    kept = bought.copy()
    snapshot(bought, TIERS, AS_OF)
    transitions(bought, TIERS, AS_OF)
    pd.testing.assert_frame_equal(bought, kept)


@FEW
@given(LINES, st.frozensets(st.sampled_from(sorted(TIERS.products["product"]))))
def test_the_next_product_is_that_of_the_oracle(lines: list[Line], allowed: frozenset[str]) -> None:
    found = next_products(table(lines), TIERS, AS_OF, allowed)
    names = TIERS.products[["product", "need", "tier"]].itertuples(index=False, name=None)
    wanted = oracle_next(lines, names, AS_OF, set(allowed))
    rows = found[["need", "tier", "product", "share"]].itertuples(index=False, name=None)
    told = {(need, tier): (product, share) for need, tier, product, share in rows}
    assert told == {key: (name, pytest.approx(share)) for key, (name, share) in wanted.items()}
    assert (found["to_tier"] == found["tier"] + 1).all()
