import numpy as np
import pytest

from models.metrics import roc_auc
from models.parity import LEAST, LEAST_RANKED, first_on_the_list, parity
from models.proportions import difference, wilson
from models.spec import BoolArray, FloatArray

RANDOM = np.random.default_rng(6)
ROWS = 900
CHANCE = RANDOM.random(ROWS)
CHURNED = RANDOM.random(ROWS) < CHANCE
GROUP = np.arange(ROWS) % 3
MEMBERS: list[BoolArray] = [np.equal(GROUP, place) for place in range(3)]
CONTACTED = first_on_the_list(CHANCE, 0.2)


def share(of: BoolArray, among: BoolArray) -> float:
    """Share of those among whom something is so, counted one by one."""
    chosen = [this for this, is_among in zip(of, among, strict=True) if is_among]
    return sum(map(bool, chosen)) / len(chosen)


def test_figures_of_a_group_are_those_of_counting_its_customers() -> None:
    found = parity(MEMBERS, CHURNED, CHANCE, CONTACTED, seed=1)
    for mask, each in zip(MEMBERS, found.groups, strict=True):
        assert each is not None
        assert (each.customers, each.leavers) == (300, int(CHURNED[mask].sum()))
        assert each.base_rate.value == pytest.approx(share(CHURNED, mask))
        assert each.contacted.value == pytest.approx(share(CONTACTED, mask))
        assert each.found.value == pytest.approx(share(CONTACTED, mask & CHURNED))
        assert each.bothered.value == pytest.approx(share(CONTACTED, mask & ~CHURNED))
        assert each.chance == pytest.approx(CHANCE[mask].mean())
        assert each.roc_auc is not None
        assert each.roc_auc.value == pytest.approx(roc_auc(CHURNED[mask], CHANCE[mask]))


def test_intervals_are_of_counts_and_differences_of_both_groups() -> None:
    found = parity(MEMBERS, CHURNED, CHANCE, CONTACTED, seed=1)
    first, gap = found.groups[0], found.opportunity
    assert first is not None
    assert gap is not None
    assert first.contacted == wilson(int(CONTACTED[MEMBERS[0]].sum()), 300)
    shares = [
        wilson(int((CONTACTED & CHURNED)[mask].sum()), int(CHURNED[mask].sum())) for mask in MEMBERS
    ]
    assert gap.difference == difference(shares[gap.highest], shares[gap.lowest])


def test_a_ranking_of_few_leavers_is_not_judged() -> None:
    few = np.zeros(ROWS, dtype=bool)
    few[: LEAST_RANKED - 1] = True
    everybody = np.ones(ROWS, dtype=bool)
    for churned in (few, ~few):
        (group,) = parity([everybody], churned, CHANCE, CONTACTED, seed=1).groups
        assert group is not None
        assert group.roc_auc is None


def test_a_gap_lies_between_the_groups_that_are_farthest_apart() -> None:
    chance = np.where(GROUP == 1, 0.9, np.where(GROUP == 0, 0.5, 0.1))
    found = parity(MEMBERS, CHURNED, chance, GROUP == 1, seed=1)
    assert found.demographic is not None
    assert (found.demographic.highest, found.demographic.difference.value) == (1, 1.0)


@pytest.mark.parametrize(
    ("customers", "left", "is_told"),
    [(LEAST, 5, True), (LEAST - 1, 5, False), (LEAST, 0, False), (LEAST, LEAST, False)],
)
def test_a_small_group_or_one_of_one_outcome_is_given_no_figures(
    *, customers: int, left: int, is_told: bool
) -> None:
    small = np.arange(ROWS) < customers
    churned = np.where(small, np.arange(ROWS) < left, CHURNED)
    found = parity([small, ~small], churned, CHANCE, CONTACTED, seed=1)
    assert (found.groups[0] is not None) == is_told
    assert (found.demographic is not None) == is_told
    assert (found.opportunity is not None) == is_told


def test_a_group_without_anybody_is_given_no_figures() -> None:
    nobody = np.zeros(ROWS, dtype=bool)
    found = parity([nobody, ~nobody], CHURNED, CHANCE, CONTACTED, seed=1)
    assert [each is None for each in found.groups] == [True, False]


@pytest.mark.parametrize(
    ("chance", "part", "expected"),
    [
        ([0.1, 0.9, 0.5, 0.9], 0.5, [False, True, False, True]),
        ([0.5, 0.5, 0.5, 0.5], 0.5, [True, True, False, False]),
        ([0.1, 0.2, 0.3, 0.4], 0.0, [False, False, False, True]),
    ],
)
def test_the_most_endangered_are_contacted_first(
    chance: list[float], part: float, expected: list[bool]
) -> None:
    probability: FloatArray = np.array(chance)
    contacted: BoolArray = first_on_the_list(probability, part)
    assert contacted.tolist() == expected
