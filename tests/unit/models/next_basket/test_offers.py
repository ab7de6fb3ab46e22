"""How many offers are made, and of how many customers at once."""

import re

import pytest

from models.next_basket.catalogue import RECOMMENDERS
from models.next_basket.offers import _CELLS, POOL, NothingToOffer, blocks, offers
from tests.past_baskets import histories

KNOWN = histories({0: [(1, frozenset({0, 2}))], 1: [(2, frozenset({2}))], 9: []})


def test_scores_of_few_items_leave_room_for_the_likeness_to_a_whole_pool() -> None:
    many = histories(dict.fromkeys(range(2 * POOL), ()))
    assert max(len(rows) for rows in blocks(many)) * POOL <= _CELLS


@pytest.mark.parametrize("most", [0, -1])
def test_fewer_offers_than_one_are_refused(most: int) -> None:
    text = f"offers need room for 1 item or more, but most is {most}; ask for 1 or more"
    with pytest.raises(NothingToOffer, match=f"^{re.escape(text)}$"):
        offers(RECOMMENDERS["popular"](KNOWN), KNOWN, most)


@pytest.mark.parametrize("name", RECOMMENDERS)
def test_a_customer_without_a_history_gets_what_the_page_says(name: str) -> None:
    found = offers(RECOMMENDERS[name](KNOWN), KNOWN, 3)[-1].tolist()
    if name == "personal":
        assert found == [-1, -1, -1]
    else:
        assert found == [2, 0, 1]
