"""Groups of customers: their order, who is in none, and what a refusal says."""

import re

import numpy as np
import pytest

from models.profile.groups import GroupsUnfit, groups_of


def test_groups_come_in_the_order_asked_for_and_small_ones_are_left_out() -> None:
    values = np.array(["b", "a", None, "b", "a", "c", "z", "z"], dtype=object)
    groups, mask = groups_of("segment", values, order=("z",), least=2)
    assert groups.names == ("z", "a", "b")
    assert mask.tolist() == [True, True, False, True, True, False, True, True]
    assert groups.code.tolist() == [2, 1, 2, 1, 0, 0]


def test_a_refusal_counts_the_largest_groups_only() -> None:
    values = np.array(["big"] * 5 + [f"{number:03}" for number in range(500)], dtype=object)
    message = (
        "a comparison by score needs at least two groups of 20 customers or more, but found 000: "
        "1, 001: 1, 002: 1, 003: 1, 004: 1, 005: 1, 006: 1, big: 5 and 493 smaller ones; choose "
        "another day or other groups"
    )
    with pytest.raises(GroupsUnfit, match=f"^{re.escape(message)}$"):
        groups_of("score", values, least=20)


def test_a_key_makes_no_groups() -> None:
    message = (
        "a comparison by postcode needs at most 60 groups, but found 61 of 2 customers or more; "
        "put them into fewer"
    )
    with pytest.raises(GroupsUnfit, match=re.escape(message)):
        groups_of("postcode", np.arange(122) // 2)
    assert len(groups_of("postcode", np.arange(120) // 2)[0]) == 60
