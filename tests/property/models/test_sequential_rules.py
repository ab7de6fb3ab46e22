"""Sequential rules against every order that the elements of each sequence may have."""

from itertools import product
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.sequences import trials as testing
from models.sequences.rules import RulesWanted, SequentialRules, confirmed, sequential_rules
from tests.oracles import following
from tests.oracles import sequences as oracle
from tests.oracles.sequences import Timed

ITEMS = "abc"

elements = st.frozensets(st.sampled_from(ITEMS), min_size=1, max_size=2)
shops = st.lists(
    st.dictionaries(st.integers(0, 12), elements, max_size=5).map(
        lambda told: sorted(told.items())
    ),
    min_size=1,
    max_size=5,
)
waits = st.integers(1, 8)
days = st.integers(3, 16)


def told(rules: SequentialRules) -> dict[tuple[frozenset[str], frozenset[str]], int]:
    pairs = zip(rules.antecedent, rules.consequent, strict=True)
    return {
        (frozenset(map(str, lead)), frozenset(map(str, follow))): row
        for row, (lead, follow) in enumerate(pairs)
    }


def before(shop: list[Timed], day: int) -> list[Timed]:
    return [[(time, items) for time, items in each if time < day] for each in shop]


@given(shops, waits, days)
def test_rules_have_the_trials_and_chances_of_the_definition(
    shop: list[Timed], within: int, as_of: int
) -> None:
    wanted = RulesWanted(support=1 / len(shop), confidence=0.5, within=within)
    found = sequential_rules(oracle.coded(shop), as_of, wanted)
    rows, past = told(found), before(shop, as_of)
    known = {item for each in past for _, items in each for item in items}
    assert found.hypotheses == len(known) ** 2
    for lead, follow in (
        (frozenset([one]), frozenset([other])) for one in ITEMS for other in ITEMS
    ):
        ended = [(following.trial(each, lead, follow, within, as_of), each) for each in past]
        trials = [(wait, each) for wait, each in ended if wait is not None]
        times = sorted(wait for wait, _ in trials if wait > 0)
        assert ((lead, follow) in rows) == (len(times) > 0 and 2 * len(times) >= len(trials))
        if (lead, follow) not in rows:
            continue
        row = rows[lead, follow]
        chances = [following.chance(each, lead, follow, within) for _, each in trials]
        assert (found.trials[row], found.count[row]) == (len(trials), len(times))
        assert found.expected[row] == pytest.approx(float(sum(chances)))
        assert found.p[row] == pytest.approx(float(following.tail(chances, len(times))))
        assert found.waits[row, 2] == times[(len(times) + 1) // 2 - 1]


@given(shops, waits, days)
def test_rules_of_several_steps_have_the_trials_and_chances_of_the_definition(
    shop: list[Timed], within: int, as_of: int
) -> None:
    wanted = RulesWanted(support=1 / len(shop), confidence=0.5, within=within, most_steps=3)
    found = sequential_rules(oracle.coded(shop), as_of, wanted)
    rows = {
        tuple(str(side[0]) for side in (*found.before[row], lead, follow)): row
        for row, (lead, follow) in enumerate(zip(found.antecedent, found.consequent, strict=True))
    }
    past = before(shop, as_of)
    held = {p for each in past for p in oracle.held(each, max_gap=within)}
    leads = {p for p in held if len(p) <= 3 and all(len(element) == 1 for element in p)}
    assert found.hypotheses == len(leads) * len({p for p in held if p in leads and len(p) == 1})
    for names in (n for size in (3, 4) for n in product(ITEMS, repeat=size)):
        steps, follow = [frozenset(name) for name in names[:-1]], frozenset(names[-1])
        ended = [following.trial_behind(each, steps, follow, within, as_of) for each in past]
        trials = [each for wait, each in zip(ended, past, strict=True) if wait is not None]
        times = sorted(wait for wait in ended if wait is not None and wait > 0)
        assert (names in rows) == (len(times) > 0 and 2 * len(times) >= len(trials))
        if names not in rows:
            continue
        row = rows[names]
        chances = [following.chance_behind(each, steps, follow, within) for each in trials]
        assert (found.trials[row], found.count[row]) == (len(trials), len(times))
        assert found.expected[row] == pytest.approx(float(sum(chances)))
        assert found.p[row] == pytest.approx(float(following.tail(chances, len(times))))
        assert found.waits[row, 2] == times[(len(times) + 1) // 2 - 1]


@given(shops, waits, days)
def test_the_future_changes_no_rule(shop: list[Timed], within: int, as_of: int) -> None:
    wanted = RulesWanted(support=1 / len(shop), within=within, most_consequent=2)
    past = sequential_rules(oracle.coded(before(shop, as_of)), as_of, wanted).frame()
    assert sequential_rules(oracle.coded(shop), as_of, wanted).frame().equals(past)


@given(shops, waits, st.integers(0, 6))
def test_rules_are_confirmed_by_what_the_later_period_tells_by_itself(
    shop: list[Timed], within: int, as_of: int
) -> None:
    rules = sequential_rules(
        oracle.coded(before(shop, as_of)), as_of, RulesWanted(support=1 / len(shop), within=within)
    )
    found = confirmed(rules, oracle.coded(shop), as_of, 20)
    later = [[(time, items) for time, items in each if time >= as_of] for each in shop]
    for (lead, follow), row in told(rules).items():
        ended = [following.trial(each, lead, follow, within, 20) for each in later]
        trials = [wait for wait in ended if wait is not None]
        assert found.later.trials[row] == len(trials)
        assert found.later.count[row] == sum(wait > 0 for wait in trials)
        assert not found.held[row] or found.later.adjusted[row] <= 0.05


@given(shops, waits, days)
def test_the_compiled_and_the_plain_path_agree(shop: list[Timed], within: int, as_of: int) -> None:
    wanted = RulesWanted(support=1 / len(shop), within=within, most_antecedent=2, most_steps=3)
    plain = sequential_rules(oracle.coded(shop), as_of, wanted).frame()
    with mock.patch.object(testing, "_SMALL", -1):
        fast = sequential_rules(oracle.coded(shop), as_of, wanted).frame()
    numbers = plain.columns.drop(["before", "antecedent", "consequent"])
    assert fast["before"].tolist() == plain["before"].tolist()
    assert fast["antecedent"].tolist() == plain["antecedent"].tolist()
    assert fast[numbers].to_numpy(float) == pytest.approx(
        plain[numbers].to_numpy(float), nan_ok=True
    )
