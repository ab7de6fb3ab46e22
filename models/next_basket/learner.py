"""A learner of the next basket: candidates of all recommenders, ranked by boosted trees."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from features.errors import RegularsError
from models.next_basket.facts import Facts
from models.next_basket.histories import Codes, Doubles, Histories, WholeArray, ends
from models.next_basket.offers import blocks, refuse_none
from models.next_basket.pairs import Groups, Pairs, Past, Singles, past
from models.next_basket.settings import NextBasketSpec
from models.next_basket.targets import Targets
from models.trees import boosting

ROUGH: Final = 40
"""Trees that look at every candidate; all others look at the better ones only."""

SHORTLIST: Final = 40
"""Candidates of a customer that all trees look at, or four times the offers where that is more."""


_settings = partial(boosting, bagged=True, by_column=True)


class FiguresUnlike(RegularsError):
    """Figures of candidates are not those that a ranker learnt from."""


class NothingToLearn(RegularsError):
    """Too few sets of earlier targets, or their candidates were all bought or none of them."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Candidates for earlier targets, with what became of them.

    Attributes
    ----------
    columns
        Names of the figures.
    figures
        Shape (pairs, columns).
    is_bought
        Shape (pairs,).
    lengths
        Shape (targets,): candidates of each target, one after the other.
    sizes
        Shape (targets,): items that were bought.
    """

    columns: tuple[str, ...]
    figures: Singles
    is_bought: npt.NDArray[np.bool_]
    lengths: WholeArray
    sizes: WholeArray

    @property
    def owner(self) -> WholeArray:
        """Target of each pair, shape (pairs,)."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    def taken(self, is_taken: npt.NDArray[np.bool_]) -> "Examples":
        """The examples of some of the targets, shape (targets,)."""
        pairs = is_taken[self.owner]
        return Examples(
            self.columns,
            self.figures[pairs],
            self.is_bought[pairs],
            self.lengths[is_taken],
            self.sizes[is_taken],
        )


def examples(
    targets: Targets,
    groups: Groups | None = None,
    kept_share: float = 1.0,
    seed: int = 0,
    facts: Facts | None = None,
) -> Examples:
    """Candidates for one set of targets; what is known of everybody then is all that is known.

    Parameters
    ----------
    targets
        What was bought, and what was known before.
    groups
        What items belong to.
    kept_share
        Share of the candidates that were not bought which are drawn, 0..1.
    seed
        Of the draws.
    facts
        What is known beside the baskets.

    Raises
    ------
    GroupsUnclear
        When an item has no group.
    """
    learnt = past(targets.everybody, groups, facts)
    random = np.random.default_rng(seed)
    figures, is_bought, lengths = [], [], []
    count = len(targets.known.items)
    for rows in blocks(targets.known):
        found = learnt.pairs(targets.known.taken(rows), targets.as_of[rows])
        owner = np.repeat(rows, np.diff(found.starts))
        part = slice(targets.starts[rows[0]], targets.starts[rows[-1] + 1])
        whose = np.repeat(rows, targets.sizes[rows])
        bought = np.isin(owner * count + found.items, whose * count + targets.codes[part])
        is_kept = bought | (random.random(len(bought)) < kept_share)
        figures.append(found.figures[is_kept])
        is_bought.append(bought[is_kept])
        lengths.append(np.bincount(owner[is_kept] - rows[0], minlength=len(rows)))
    return Examples(
        learnt.columns,
        np.concatenate(figures),
        np.concatenate(is_bought),
        np.concatenate(lengths),
        targets.sizes,
    )


def together(parts: Sequence[Examples]) -> Examples:
    """Examples of several sets of targets as one."""
    return Examples(
        parts[0].columns,
        np.concatenate([part.figures for part in parts]),
        np.concatenate([part.is_bought for part in parts]),
        np.concatenate([part.lengths for part in parts]),
        np.concatenate([part.sizes for part in parts]),
    )


@dataclass(frozen=True, eq=False)
class Ranker:
    """What ranks candidates: library objects and numbers.

    Attributes
    ----------
    columns
        Names of the figures that it reads.
    chance
        Log-odds of buying, weighted by the size of the basket. Where candidates that were not
        bought were thinned to a share, they are too high by about minus its logarithm, for all
        alike: no rank depends on it.
    ranking
        LambdaMART; None where it has no part.
    ranking_weight
        What the ranking's score is multiplied by before the two are added.
    others
        Rankers fitted with other seeds, whose scores are averaged with its own.
    """

    columns: tuple[str, ...]
    chance: lgb.Booster
    ranking: lgb.Booster | None
    ranking_weight: float
    others: tuple["Ranker", ...] = ()

    def scores(self, figures: Singles, threads: int = 1) -> Doubles:
        """The higher the sooner, shape (pairs,); comparable within a customer."""
        found: Doubles = np.asarray(
            self.chance.predict(figures, raw_score=True, num_threads=threads)
        )
        if self.ranking is not None:
            more = self.ranking.predict(figures, raw_score=True, num_threads=threads)
            found = found + self.ranking_weight * np.asarray(more)
        for other in self.others:
            found = found + other.scores(figures, threads)
        return found / (1 + len(self.others))


def fit(learnt_from: Examples, spec: NextBasketSpec) -> Ranker:
    r"""A ranker of candidates.

    Recall@k averages the hits of each basket over its size, so that the best offers are those with
    the highest expectation of being bought over the size: pairs weigh by :math:`|b|^{-p}`, and
    LightGBM's ``binary`` and ``lambdarank`` objectives are added in equal units of spread. Sources:
    Ke et al. 2017, "LightGBM"; Burges 2010, "From RankNet to LambdaRank to LambdaMART". Rankers of
    several seeds, which draw other rows and columns, are averaged: Breiman 1996, "Bagging
    predictors", draws rows with replacement.

    Raises
    ------
    NothingToLearn
        When all candidates share one outcome.
    """
    bought = int(learnt_from.is_bought.sum())
    if not 0 < bought < len(learnt_from.is_bought):
        message = (
            f"a learner needs candidates that were bought and others that were not, but "
            f"{bought:,} of {len(learnt_from.is_bought):,} were bought; give it more targets"
        )
        raise NothingToLearn(message)
    sizes = learnt_from.sizes.astype(np.float64) ** -spec.size_power
    weight = sizes[learnt_from.owner]
    data = lgb.Dataset(
        learnt_from.figures,
        learnt_from.is_bought.astype(np.float64),
        weight=weight / weight.mean(),
        group=learnt_from.lengths[learnt_from.lengths > 0],
        params={"max_bin": 127, "num_threads": spec.threads, "verbosity": -1},
    )
    seeds = range(spec.seed, spec.seed + spec.rankers)
    each = [_fitted(learnt_from, data, spec.model_copy(update={"seed": seed})) for seed in seeds]
    return replace(each[0], others=tuple(each[1:]))


def _fitted(learnt_from: Examples, data: lgb.Dataset, spec: NextBasketSpec) -> Ranker:
    """The ranker of one seed."""
    chance = lgb.train(_settings(spec, "binary"), data, spec.trees)
    if spec.ranking_share == 0:
        return Ranker(learnt_from.columns, chance, None, 0.0)
    asked = _settings(spec, "lambdarank") | {"lambdarank_truncation_level": 15}
    ranking = lgb.train(asked, data, max(1, spec.trees // 2))
    some = learnt_from.figures[:: max(1, len(learnt_from.figures) // 50_000)]
    spread = [float(np.std(each.predict(some, raw_score=True))) for each in (chance, ranking)]
    odds = spec.ranking_share / (1 - min(spec.ranking_share, 0.99))
    return Ranker(learnt_from.columns, chance, ranking, odds * spread[0] / max(spread[1], 1e-9))


def ranked(
    ranker: Ranker,
    learnt: Past,
    asked: Histories,
    as_of: WholeArray,
    most: int,
    *,
    threads: int = 1,
) -> Codes:
    """Offers for each customer, the best first, shape (customers, most), see `offers`.

    Parameters
    ----------
    ranker
        What ranks the candidates.
    learnt
        What all histories say on the day.
    asked
        Histories of the customers.
    as_of
        Shape (customers,): day that the next basket is predicted on.
    most
        How many offers each gets at most.
    threads
        Blocks of customers that are worked on side by side; changes no result.

    Raises
    ------
    NothingToOffer
        When `most` is below 1.
    FiguresUnlike
        When the past has other figures than those that the ranker learnt from.
    """
    refuse_none(most)
    require_figures(ranker.columns, learnt.columns)

    def offered(rows: WholeArray) -> Codes:
        pairs = shortlist(ranker, learnt.pairs(asked.taken(rows), as_of[rows]), most)
        return first(ranker.scores(pairs.figures), pairs.starts, pairs.items, most)

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(offered, blocks(asked)))
    return np.concatenate([np.empty((0, most), np.int32), *found])


def require_figures(learnt_from: tuple[str, ...], given: tuple[str, ...]) -> None:
    """Refuse figures that are not those of the training, in their order.

    Raises
    ------
    FiguresUnlike
        Naming those that differ.
    """
    if learnt_from == given:
        return
    odd = ", ".join(sorted({*learnt_from} ^ {*given})) or "their order"
    message = (
        f"a ranker reads the {len(learnt_from)} figures that it learnt from, but is given "
        f"{len(given)}, which differ in {odd}; give the past the same groups and facts, or train "
        "again"
    )
    raise FiguresUnlike(message)


def shortlist(ranker: Ranker, pairs: Pairs, most: int) -> Pairs:
    """The better candidates of each customer by the first `ROUGH` trees for the chance of buying.

    Parameters
    ----------
    ranker
        Whose trees.
    pairs
        All candidates.
    most
        How many offers each customer gets at most.
    """
    rough: Doubles = np.asarray(
        ranker.chance.predict(pairs.figures, raw_score=True, num_threads=1, num_iteration=ROUGH)
    )
    every = np.arange(len(pairs.items), dtype=np.int32)
    places = first(rough, pairs.starts, every, max(SHORTLIST, 4 * most))
    is_kept = places >= 0
    kept = np.sort(places[is_kept])
    return Pairs(ends(is_kept.sum(axis=1)), pairs.items[kept], pairs.figures[kept])


def first(scores: Doubles, starts: WholeArray, items: Codes, most: int) -> Codes:
    """Items of the highest scores of each customer, shape (customers, most)."""
    lengths = np.diff(starts)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    order = np.lexsort((items, -scores, owner))
    place = np.arange(len(order)) - starts[:-1][owner]
    is_first = place < most
    found = np.full((len(lengths), most), -1, dtype=np.int32)
    found[owner[is_first], place[is_first]] = items[order][is_first]
    return found


def best_recall(scores: Doubles, tried: Examples, most: int) -> Doubles:
    """Recall of the offers with the highest scores, shape (targets,)."""
    starts = ends(tried.lengths)
    places = first(scores, starts, np.arange(len(scores), dtype=np.int32), most)
    hits = (tried.is_bought[places] & (places >= 0)).sum(axis=1)
    share: Doubles = hits / tried.sizes
    return share
