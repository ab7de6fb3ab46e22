"""The learner of the next basket: what it learns from, what it offers, and when it may be used."""

import re

import numpy as np
import pytest

from models.next_basket.groups import GroupsUnclear, by_group
from models.next_basket.histories import Histories
from models.next_basket.learner import (
    Examples,
    NothingToLearn,
    best_recall,
    examples,
    first,
    fit,
    ranked,
    shortlist,
    together,
)
from models.next_basket.offers import POOL, NothingToOffer
from models.next_basket.pairs import past
from models.next_basket.settings import NextBasketSpec
from models.next_basket.targets import Targets, first_baskets, last_baskets
from models.next_basket.tuning import Tuned, came_before, sampled, trained, tuned, verdict
from tests.past_baskets import histories

SPEC = NextBasketSpec(trees=20, leaves=7, rows_per_leaf=5, kept_share=1.0, rankers=1)


@pytest.fixture(scope="module")
def shop() -> Histories:
    """Each of 60 customers buys one item every other basket, and others by chance."""
    draws = np.random.default_rng(3)
    past_of = {}
    for who in range(60):
        baskets = []
        for place in range(12):
            some = set(draws.choice(12, 2, replace=False).tolist())
            baskets.append((place * 3, frozenset(some | ({who % 12} if place % 2 else set()))))
        past_of[who] = baskets
    return histories(past_of, 12)


@pytest.fixture(scope="module")
def held_out(shop: Histories) -> Targets:
    return last_baskets(shop)


def test_the_learner_finds_what_comes_every_other_time(held_out: Targets) -> None:
    sets = [last_baskets(held_out.known, back) for back in range(6)]
    ranker, found = trained(sets, SPEC, trials=2)
    assert len(found.recalls) == 2
    assert max(found.recalls) == pytest.approx(found.recalls[0]) or found.spec != SPEC
    offered = ranked(ranker, past(held_out.known), held_out.known, held_out.as_of, 3)
    cycle = np.arange(60) % 12
    assert (offered[:, 0] == cycle).mean() > 0.8


def test_equal_seeds_give_equal_offers(held_out: Targets) -> None:
    learnt = past(held_out.known)
    made = [
        fit(examples(last_baskets(held_out.known), kept_share=0.5, seed=1), SPEC) for _ in range(2)
    ]
    one, other = (ranked(each, learnt, held_out.known, held_out.as_of, 5) for each in made)
    np.testing.assert_array_equal(one, other)


def test_threads_and_blocks_change_no_offer(
    held_out: Targets, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranker, learnt = fit(examples(held_out), SPEC), past(held_out.known)
    whole = ranked(ranker, learnt, held_out.known, held_out.as_of, 5)
    learnt_whole = examples(held_out)
    monkeypatch.setattr("models.next_basket.offers._CELLS", POOL * 7)
    learnt_parts = examples(held_out)
    np.testing.assert_array_equal(learnt_whole.figures, learnt_parts.figures)
    np.testing.assert_array_equal(learnt_whole.lengths, learnt_parts.lengths)
    np.testing.assert_array_equal(learnt_whole.is_bought, learnt_parts.is_bought)
    parts = ranked(ranker, learnt, held_out.known, held_out.as_of, 5, threads=3)
    np.testing.assert_array_equal(whole, parts)


def test_a_part_of_0_leaves_the_ranking_out(held_out: Targets) -> None:
    ranker = fit(examples(held_out), SPEC.model_copy(update={"ranking_share": 0.0}))
    assert ranker.ranking is None


def test_the_chance_and_the_ranking_are_added_in_equal_units_of_spread(held_out: Targets) -> None:
    learnt_from = examples(held_out)
    figures = learnt_from.figures
    ranker = fit(learnt_from, SPEC.model_copy(update={"ranking_share": 0.75}))
    assert ranker.ranking is not None
    chance = np.asarray(ranker.chance.predict(figures, raw_score=True))
    ranking = np.asarray(ranker.ranking.predict(figures, raw_score=True))
    wanted = chance + 3 * chance.std() / ranking.std() * ranking
    assert ranker.scores(figures) == pytest.approx(wanted)


def test_a_customer_without_a_history_is_offered_popular_items(held_out: Targets) -> None:
    ranker = fit(examples(held_out), SPEC)
    nobody = histories({99: []}, 12)
    offered = ranked(ranker, past(held_out.known), nobody, np.array([40]), 3)
    assert (offered >= 0).all()


def test_no_offer_at_all_is_not_ranked(held_out: Targets) -> None:
    ranker = fit(examples(held_out), SPEC)
    with pytest.raises(NothingToOffer, match="but most is 0"):
        ranked(ranker, past(held_out.known), held_out.known, held_out.as_of, 0)


def test_scores_of_several_seeds_are_averaged(held_out: Targets) -> None:
    learnt_from = examples(held_out)
    figures = learnt_from.figures
    both = fit(learnt_from, SPEC.model_copy(update={"rankers": 2}))
    each = [fit(learnt_from, SPEC.model_copy(update={"seed": seed})) for seed in (0, 1)]
    wanted = (each[0].scores(figures) + each[1].scores(figures)) / 2
    assert both.scores(figures) == pytest.approx(wanted)
    assert not np.allclose(each[0].scores(figures), each[1].scores(figures))


def test_all_trees_look_at_the_candidates_that_the_first_trees_put_forward(
    held_out: Targets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.next_basket.learner.SHORTLIST", 2)
    monkeypatch.setattr("models.next_basket.learner.ROUGH", 5)
    ranker = fit(examples(held_out), SPEC)
    pairs = past(held_out.known).pairs(held_out.known, held_out.as_of)
    found = shortlist(ranker, pairs, 1)
    assert np.diff(found.starts).tolist() == [4] * 60
    rough = np.asarray(ranker.chance.predict(pairs.figures, raw_score=True, num_iteration=5))
    wanted = np.sort(first(rough, pairs.starts, pairs.items, 4), axis=1)
    assert found.items.reshape(60, 4).tolist() == wanted.tolist()
    rows = np.isin(np.repeat(np.arange(60), 12) * 12 + pairs.items, _cells(wanted))
    np.testing.assert_array_equal(found.figures, pairs.figures[rows])


def _cells(items: np.ndarray[tuple[int, int], np.dtype[np.int32]]) -> list[int]:
    """Of 60 customers and 12 items."""
    return [who * 12 + item for who, row in enumerate(items.tolist()) for item in row]


def test_many_targets_are_sampled_by_seed(held_out: Targets) -> None:
    some = sampled(held_out, 10, seed=4)
    assert len(some.sizes) == 10
    again = sampled(held_out, 10, seed=4)
    assert some.known.customers.tolist() == again.known.customers.tolist()
    assert some.known.customers.is_monotonic_increasing
    assert some.everybody is held_out.everybody
    assert sampled(held_out, 60, seed=4) is held_out
    whole = examples(held_out)
    rows = held_out.known.customers.get_indexer(some.known.customers)
    found = examples(some)
    is_some = np.isin(whole.owner, rows)
    np.testing.assert_array_equal(found.figures, whole.figures[is_some])
    np.testing.assert_array_equal(found.is_bought, whole.is_bought[is_some])


def test_no_more_targets_are_learnt_from_than_memory_should_hold(
    shop: Histories, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def fitted(learnt_from: Examples, _: NextBasketSpec) -> None:
        seen.append(len(learnt_from.sizes))

    monkeypatch.setattr("models.next_basket.tuning.fit", fitted)
    sets = [last_baskets(shop, back) for back in range(3)]
    trained(sets, SPEC.model_copy(update={"customers_most": 10}), trials=0)
    trained(sets, SPEC, trials=0)
    assert seen == [30, 180]


def test_popularity_is_learnt_from_customers_without_a_target_too() -> None:
    stays = [(1, frozenset({0})), (2, frozenset({0})), (9, frozenset({0}))]
    left = [(day, frozenset({3})) for day in range(1, 5)]
    targets = first_baskets(histories({0: stays, 1: left}), 5)
    assert targets.known.customers.tolist() == [0]
    found = examples(targets)
    share = found.figures[:, found.columns.index("item_baskets_share")]
    assert share == pytest.approx([2 / 6, 0, 0, 4 / 6, 0, 0])


def test_bought_candidates_are_all_kept_and_others_by_their_share(shop: Histories) -> None:
    targets = first_baskets(shop, 20)
    whole, part = examples(targets), examples(targets, kept_share=0.25, seed=2)
    assert part.is_bought.sum() == whole.is_bought.sum()
    share = (~part.is_bought).sum() / (~whole.is_bought).sum()
    assert share == pytest.approx(0.25, abs=0.08)
    both = together([whole, part])
    assert len(both.figures) == both.lengths.sum() == len(whole.figures) + len(part.figures)


def test_offers_are_the_highest_scores_of_each_customer() -> None:
    items = np.array([4, 7, 9, 2], dtype=np.int32)
    found = first(np.array([0.1, 0.3, 0.3, 0.5]), np.array([0, 3, 3, 4]), items, 2)
    assert found.tolist() == [[7, 9], [-1, -1], [2, -1]]


def test_recall_counts_what_no_candidate_holds_as_missed() -> None:
    tried = Examples(
        ("a",),
        np.zeros((3, 1), dtype=np.float32),
        np.array([True, False, True]),
        np.array([2, 1]),
        np.array([1, 4]),
    )
    assert best_recall(np.array([0.1, 0.9, 0.0]), tried, 1).tolist() == [0, 0.25]
    assert best_recall(np.array([0.1, 0.9, 0.0]), tried, 2).tolist() == [1, 0.25]


def test_settings_that_are_best_on_the_newest_earlier_target_are_taken(shop: Histories) -> None:
    parts = [examples(last_baskets(shop, back)) for back in range(3)]
    found = tuned(parts[1:], parts[0], 3, SPEC)
    best = fit(together(parts[1:]), found.spec)
    recalls = best_recall(best.scores(parts[0].figures), parts[0], 10)
    assert recalls.mean() == pytest.approx(max(found.recalls))


def test_settings_are_tried_on_no_basket_that_they_were_learnt_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    often = [(day, frozenset({day % 3, 3})) for day in range(1, 40)]
    rests = [day for day in often if not 20 <= day[0] < 36]  # the same next basket from 20 to 36
    every = histories({who: rests if who % 2 else often for who in range(8)})
    sets = [first_baskets(every, day) for day in (30, 25, 20)]
    seen: list[Examples] = []

    def searched(earlier: list[Examples], newest: Examples, _: int, spec: NextBasketSpec) -> Tuned:
        seen.extend([*earlier, newest])
        return Tuned(spec, ())

    monkeypatch.setattr("models.next_basket.tuning.tuned", searched)
    trained(sets, SPEC, trials=1)
    assert [len(each.lengths) for each in seen] == [4, 4, 8]
    for each, targets in zip(seen, [sets[1], sets[2]], strict=False):
        wanted = examples(targets)
        rows = np.isin(wanted.owner, [0, 2, 4, 6])
        np.testing.assert_array_equal(each.figures, wanted.figures[rows])
        np.testing.assert_array_equal(each.is_bought, wanted.is_bought[rows])
        np.testing.assert_array_equal(each.sizes, wanted.sizes[::2])


def test_who_has_no_newest_target_may_be_learnt_from() -> None:
    left = histories({0: [(1, frozenset({0})), (2, frozenset({0})), (5, frozenset({1}))]})
    came = histories({7: [(1, frozenset({0})), (2, frozenset({0})), (3, frozenset({0}))]})
    assert came_before(first_baskets(left, 5), first_baskets(came, 3)).tolist() == [True]
    assert came_before(first_baskets(left, 5), first_baskets(left, 4)).tolist() == [False]


def test_a_search_that_is_left_without_targets_says_so() -> None:
    rests = [(day, frozenset({day % 3})) for day in (1, 2, 3, 40)]
    every = histories(dict.fromkeys(range(4), rests))
    with pytest.raises(NothingToLearn, match="0 of 0 were bought; give it more targets"):
        trained([first_baskets(every, day) for day in (30, 20)], SPEC, trials=1)


@pytest.mark.parametrize(("sets", "trials", "least"), [(0, 0, 1), (0, 2, 2), (1, 2, 2)])
def test_too_few_sets_of_targets_are_refused(
    held_out: Targets, sets: int, trials: int, least: int
) -> None:
    text = (
        f"a ranker needs {least} or more sets of earlier targets for {trials} trials, but was "
        f"given {sets}; give it more, or ask for 0 trials with one set"
    )
    with pytest.raises(NothingToLearn, match=f"^{re.escape(text)}$"):
        trained([held_out] * sets, SPEC, trials)


def test_the_learner_is_used_only_when_it_beats_every_baseline() -> None:
    draws = np.random.default_rng(0)
    base = draws.random(400)
    better, same = base + 0.1, base + draws.normal(0, 0.1, 400)
    assert verdict(better, {"combined": base, "decayed": base + 0.01}).chosen == "learner"
    found = verdict(same, {"combined": base, "decayed": base + 0.01})
    assert found.chosen == "decayed"
    assert verdict(better, {"combined": base, "decayed": base + 0.2}).chosen == "decayed"
    assert found.reason.startswith("the learner does not beat every baseline in recall@10 by its")
    assert found.reason.endswith("over decayed; decayed is used instead")


def test_unfit_examples_are_refused() -> None:
    none = Examples(
        ("a",),
        np.zeros((2, 1), dtype=np.float32),
        np.zeros(2, dtype=bool),
        np.array([2]),
        np.array([1]),
    )
    text = (
        "a learner needs candidates that were bought and others that were not, but 0 of 2 were "
        "bought; give it more targets"
    )
    with pytest.raises(NothingToLearn, match=f"^{re.escape(text)}$"):
        fit(none, SPEC)


def test_items_without_a_group_are_refused(shop: Histories) -> None:
    text = (
        "groups need a whole number from 0 for each of 12 items, but 11 have one; give each of "
        "the others a group of its own"
    )
    with pytest.raises(GroupsUnclear, match=f"^{re.escape(text)}$"):
        by_group(shop, np.array([-1, *range(11)]))


def test_a_group_s_items_are_put_forward_by_their_part_in_it() -> None:
    known = histories({0: [(1, frozenset({0}))], 1: [(1, frozenset({1})), (2, frozenset({1, 5}))]})
    found = by_group(known, np.array([0, 0, 1, 1, 2, 2]))
    assert found.share == pytest.approx([2 / 5, 3 / 5, 1 / 2, 1 / 2, 1 / 3, 2 / 3])
    assert found.scores(known)[0] == pytest.approx([2 / 5, 3 / 5, 0, 0, 0, 0])
