"""Offers under policies, worked out by hand."""

from collections.abc import Collection
from math import nan

import numpy as np
import pandas as pd
import pytest

from models.offers.offered import OFFERED, Offered, offers_of, popular_offers, together
from models.offers.policies import Policies
from tests.offer_cases import candidate, frame, shelf
from tests.oracles.offers import Candidate

CATEGORIES = ["tea", "tea", "tea", "milk", "milk", None]


def made(*rows: Candidate, stock: Collection[str] | None = None, **policies: object) -> Offered:
    items = shelf(in_category=[None if one is None else f"category:{one}" for one in CATEGORIES])
    return offers_of(frame(rows), items, Policies.model_validate(policies), stock)


def offered(*rows: Candidate, stock: Collection[str] | None = None, **policies: object) -> str:
    """Letters of the offered items, by rank."""
    table = made(*rows, stock=stock, **policies).table
    return "".join("abcdef"[item] for item in table["item"])


def left_out(found: Offered) -> dict[str, int]:
    return {name: count for name, count in found.left_out.items() if count}


def six() -> list[Candidate]:
    """A candidate of each item, the first one the most probable."""
    return [candidate(item=item, probability=0.9 - item / 10) for item in range(6)]


def test_the_most_probable_items_are_offered_best_first() -> None:
    rows = [candidate(item=1, probability=0.2), candidate(item=3, probability=0.6)]
    found = made(candidate(customer=7, item=2), *rows, most=2)
    columns = ["customer", "rank", "item", "expected_revenue", "expected_margin"]
    assert found.table[columns].to_numpy().tolist() == [
        [0, 1, 3, 0.6, 0.3],
        [0, 2, 1, 0.2, 0.1],
        [7, 1, 2, 0.5, 0.25],
    ]
    assert list(found.table.columns) == [*OFFERED, "note"]
    assert found.table["note"].tolist() == [2, 1, 0]
    assert found.filled.tolist() == [0, 1, 1]


def test_of_equal_worth_the_item_of_the_lower_position_is_first() -> None:
    assert offered(candidate(item=4), candidate(item=2)) == "ce"


def test_offers_can_be_ranked_by_what_they_are_expected_to_bring() -> None:
    rows = [candidate(item=0, probability=0.4), candidate(item=1, probability=0.3, units=2.0)]
    unknown = candidate(item=2, probability=0.9, units=nan)
    assert offered(*rows, unknown, rank_by="probability") == "cab"
    assert offered(*rows, unknown, rank_by="expected_margin") == "bac"
    assert offered(*rows, unknown, rank_by="expected_revenue") == "bac"


def test_an_item_is_not_offered_before_its_own_cycle_is_over() -> None:
    early = candidate(item=0, kind="repeat", cycle_days=14.0, days_since=13.0)
    due = candidate(item=1, kind="repeat", cycle_days=14.0, days_since=14.0)
    assert offered(early, due) == "b"
    assert left_out(made(early, due)) == {"cycle": 1}
    assert offered(early, due, cycle_share=0.9) == "ab"
    assert offered(early, due, cycle_share=1.1) == ""
    assert offered(early, due, cycle_share=None) == "ab"


def test_an_item_whose_cycle_nobody_shows_is_not_offered_again_unless_one_is_assumed() -> None:
    once = candidate(item=0, kind="repeat", days_since=100.0)
    assert left_out(made(once)) == {"cycle_unknown": 1}
    assert left_out(made(once, unknown_cycle_days=365.0)) == {"cycle": 1}
    assert offered(once, unknown_cycle_days=90.0) == "a"
    assert offered(once, cycle_share=None) == "a"


def test_an_item_rests_even_where_another_row_of_it_does_not_say_so() -> None:
    early = candidate(kind="repeat", probability=0.1, cycle_days=14.0, days_since=1.0)
    for rows in ([early, candidate(kind="up")], [candidate(kind="up"), early]):
        assert left_out(made(*rows)) == {"given_twice": 1, "cycle": 1}


def test_of_an_item_given_twice_the_better_row_is_offered() -> None:
    rows = [candidate(kind="up", probability=0.3, units=9.0), candidate(probability=0.4)]
    assert made(*rows).table["kind"].tolist() == ["cross"]
    assert made(*rows, rank_by="expected_margin").table["kind"].tolist() == ["up"]
    alike = [candidate(kind=kind) for kind in ("up", "cross", "repeat")]
    assert made(*alike).table["kind"].tolist() == ["repeat"]


def test_at_most_so_many_of_a_category_are_offered_and_none_is_no_category() -> None:
    assert offered(*six(), most_per={"category": 1}) == "adf"
    assert offered(*six(), most_per={"in_category": 2}) == "abdef"
    assert left_out(made(*six(), most_per={"category": 1})) == {"most_per": 3}


def test_at_most_so_many_of_a_kind_are_offered() -> None:
    rows = [candidate(item=0), candidate(item=1), candidate(item=2, kind="up")]
    assert offered(*rows, most_per_kind={"cross": 1}) == "ac"
    found = made(*rows, most=1, most_per_kind={"cross": 1, "up": 0})
    assert left_out(found) == {"most_per_kind": 2}


def test_what_is_allowed_but_not_good_enough_is_counted() -> None:
    assert left_out(made(*six(), most=4)) == {"most": 2}


@pytest.mark.parametrize("values", [("tea",), ("category:tea",), ("tea", "gone")])
def test_a_category_is_excluded_by_its_name_or_its_label(values: tuple[str, ...]) -> None:
    assert offered(*six(), exclude={"category": values}) == "def"


def test_items_are_excluded_by_label_or_title() -> None:
    assert offered(*six(), exclude={"item": ["b", "D"]}) == "acef"


def test_only_what_is_in_stock_is_offered() -> None:
    found = made(*six(), stock=frozenset({"b", "c", "z"}))
    assert left_out(found) == {"out_of_stock": 4}
    assert found.table["item"].tolist() == [1, 2]
    assert offered(*six(), stock=frozenset()) == ""


def test_floors_leave_out_what_is_below_them_and_what_is_unknown() -> None:
    items = shelf(unit_margin=[0.5, 0.2, nan, 0.5, 0.5, 0.5])
    rows = frame([candidate(item=item) for item in range(3)] + [candidate(item=3, units=nan)])
    found = offers_of(rows, items, Policies(unit_margin_least=0.5))
    assert found.table["item"].tolist() == [0, 3]
    assert left_out(found) == {"unit_margin": 1, "unit_margin_unknown": 1}
    found = offers_of(rows, items, Policies(expected_margin_least=0.25))
    assert found.table["item"].tolist() == [0]
    assert left_out(found) == {"expected_margin": 1, "expected_margin_unknown": 2}
    found = offers_of(rows, items, Policies(probability_least=0.51))
    assert left_out(found) == {"probability": 4}


def test_each_better_offer_of_a_group_discounts_the_next_one() -> None:
    # Tea of .9, .8, .7, milk of .6 and .5, and .4 of no category. Behind the first tea the others
    # are worth .4 and .35, so that milk's .6 is next. Then two are worth .4, of which the tea is
    # worth more by itself; and in the end the second milk is worth .25, the third tea .175.
    assert offered(*six(), diversity=0.5, diversity_by="category") == "adbfec"
    assert offered(*six(), diversity=1.0, diversity_by="category") == "adfbce"


@pytest.mark.parametrize("diversity", [0.5, 1.0])
def test_a_loss_is_not_made_smaller_by_diversity(diversity: float) -> None:
    # Behind the gain of its group, a loss of .5 would be one of .25, and come before that of .4.
    items = shelf(
        unit_margin=[0.1, -1.0, -0.8, nan, nan, nan], in_category=["x", "x", "y", "x", "y", "x"]
    )
    asked = Policies(rank_by="expected_margin", diversity=diversity, diversity_by="category")
    rows = frame([candidate(item=item) for item in (3, 1, 4, 2, 0)])
    assert offers_of(rows, items, asked).table["item"].tolist() == [0, 2, 1, 3, 4]


def test_no_candidates_make_no_offers() -> None:
    found = made()
    assert len(found.table) == 0
    assert list(found.table.columns) == [*OFFERED, "note"]
    assert found.filled.sum() == 0


def test_customers_without_a_history_all_get_the_same_offers() -> None:
    popular = pd.DataFrame({"item": [2, 0, 1], "probability": [0.3, 0.2, 0.1], "units": 1.0})
    found = popular_offers(np.array([8, 5]), popular, shelf(), Policies(most=2))
    assert found.table["customer"].tolist() == [5, 5, 8, 8]
    assert found.table["item"].tolist() == [2, 0, 2, 0]
    assert found.table["kind"].unique().tolist() == ["cross"]
    assert (found.left_out["most"], found.filled.tolist()) == (2, [0, 0, 2])


def test_blocks_of_customers_are_put_together() -> None:
    parts = [made(candidate(customer=who), *six(), most=1) for who in (3, 4)]
    found = together(parts)
    assert found.table["customer"].tolist() == [0, 3, 0, 4]
    assert left_out(found) == {"most": 10}
    assert found.filled.tolist() == [0, 4]


@pytest.mark.parametrize("unknown", ["category:?", "category:HOT > ?"])
def test_items_whose_parent_is_not_known_are_not_limited(unknown: str) -> None:
    items = shelf(in_category=[unknown] * 6)
    limited = Policies.model_validate({"most_per": {"category": 1}, "most": 6})
    assert len(offers_of(frame(six()), items, limited, None).table) == 6


def kinds() -> list[Candidate]:
    """Three that are bought anyway, then two of each other kind, ever less probable."""
    named = ["repeat", "repeat", "repeat", "cross", "up", "up"]
    return [
        candidate(item=item, kind=kind, probability=0.9 - item / 10)
        for item, kind in enumerate(named)
    ]


def test_places_kept_for_a_kind_are_the_last_ones() -> None:
    assert offered(*kinds(), most=3) == "abc"
    assert offered(*kinds(), most=3, least_per_kind={"up": 1}) == "abe"
    assert offered(*kinds(), most=3, least_per_kind={"cross": 1, "up": 1}) == "ade"
    assert offered(*kinds(), most=3, least_per_kind={"up": 2, "cross": 1}) == "def"


def test_a_place_is_kept_only_for_a_candidate_that_is_allowed() -> None:
    kept = {"cross": 1, "up": 2}
    assert offered(*kinds(), most=4, least_per_kind=kept, exclude={"item": ["d"]}) == "abef"
    assert offered(*kinds()[:3], most=3, least_per_kind=kept) == "abc"
    # The item f has no category, and those of e are full.
    assert offered(*kinds(), most=4, least_per_kind=kept, most_per={"category": 1}) == "adf"


def test_who_is_not_chosen_because_a_place_is_kept_counts_as_not_good_enough() -> None:
    found = made(*kinds(), most=3, least_per_kind={"up": 1})
    assert left_out(found) == {"most": 3}
