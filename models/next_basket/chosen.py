"""What is used: the learner or the better baseline, with chances that come true."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from models.calibration import Platt, Reliability, reliability
from models.metrics import Estimate, expected_calibration_error
from models.next_basket.catalogue import BASELINES, RECOMMENDERS
from models.next_basket.chances import Chances, fit_chances, is_bought_in
from models.next_basket.facts import Facts
from models.next_basket.histories import Doubles, Histories, WholeArray
from models.next_basket.learner import Ranker, ranked
from models.next_basket.measures import mean, per_customer
from models.next_basket.offers import blocks, offers
from models.next_basket.pairs import Groups, Pairs, Past, Singles, past
from models.next_basket.settings import NextBasketSpec
from models.next_basket.targets import NothingToPredict, first_baskets
from models.next_basket.tuning import Verdict, trained, verdict

LEARNER: Final = "learner"
BESIDE: Final = ("popular", *BASELINES, "tifu_knn")
"""Recommenders that the learner is shown beside."""

DEPTH: Final = 20
"""Offers of a customer that are looked at."""

JUDGED_MOST: Final = 4_000
"""Customers whose candidates chances are fitted and judged on, at most: a sample of more."""


@dataclass(frozen=True)
class Days:
    """Days since 1970-01-01 of one training and its test.

    Attributes
    ----------
    learnt
        Days whose next baskets are learnt from, the newest first.
    calibrated
        Day whose horizon the chances are calibrated on; nothing of it or later is learnt from.
    tested
        Day whose horizon all is tested on, the end of the calibration's or later.
    horizon
        Days of each.
    within
        Customers who bought within so many days are looked at; None: all.
    """

    learnt: tuple[int, ...]
    calibrated: int
    tested: int
    horizon: int
    within: int | None = None


@dataclass(frozen=True, eq=False)
class Chosen:
    """What ranks candidates and says how likely each is: library objects and numbers.

    Attributes
    ----------
    name
        ``learner``, or the baseline that is used because the learner did not beat it.
    ranker
        Of the learner; None where a baseline is used.
    chances
        Of the scores of what is chosen.
    columns
        Names of the figures of a pair.
    """

    name: str
    ranker: Ranker | None
    chances: Chances
    columns: tuple[str, ...]

    def scores(self, figures: Singles, threads: int = 1) -> Doubles:
        """The higher the sooner, shape (pairs,)."""
        return _scores(self.name, self.ranker, figures, self.columns, threads)

    def chance(self, figures: Singles, threads: int = 1) -> Doubles:
        """Chance of buying within the horizon, 0..1, shape (pairs,)."""
        return self.chances.of(self.scores(figures, threads), figures, self.columns)

    def corrected(self, line: Platt) -> "Chosen":
        """The same ranks, with another line on the log-odds of the chances."""
        return replace(self, chances=self.chances.corrected(line))


@dataclass(frozen=True, eq=False)
class Learnt:
    """What is used, and what the test showed.

    Attributes
    ----------
    chosen
        What is used.
    verdict
        Why: on the next baskets from the day of calibration on, so that the test chooses nothing.
    measures
        Of the test, by recommender and measure at 5, 10 and 20 offers: mean over customers, 95 %
        interval. The learner's are of a short list, see `models.next_basket.learner.shortlist`;
        chances are of all candidates.
    customers
        Customers who came back in the test.
    calibration_error
        Expected calibration error of the chances of all candidates of the test, 0..1.
    reliability
        Whether those chances came true, on average and in their spread.
    spec, recalls
        Settings of the learner, and recall@10 of each trial of their search.
    """

    chosen: Chosen
    verdict: Verdict
    measures: Mapping[str, Mapping[str, Estimate]]
    customers: int
    calibration_error: float
    reliability: Reliability
    spec: NextBasketSpec
    recalls: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Asked:
    """Candidates of some customers on a day.

    Attributes
    ----------
    rows
        Shape (customers,): positions of the customers in the histories.
    pairs
        Their candidates.
    """

    rows: WholeArray
    pairs: Pairs

    @property
    def owner(self) -> WholeArray:
        """Position of the customer of each pair, shape (pairs,)."""
        return np.repeat(self.rows, np.diff(self.pairs.starts))


def active(histories: Histories, day: int, within: int | None) -> WholeArray:
    """Positions of customers who bought in ``[day - within, day)``; None: ever before the day."""
    days = histories.days
    is_seen = days < day if within is None else (days < day) & (days >= day - within)
    return np.unique(histories.customer_of_basket[is_seen])


def asked_on(histories: Histories, learnt: Past, day: int, rows: WholeArray) -> Iterator[Asked]:
    """Candidates of customers on a day, of as many at once as memory should hold.

    Parameters
    ----------
    histories
        Of everybody; baskets of the day or later are not looked at.
    learnt
        What everybody's past says on that day.
    day
        Days since 1970-01-01.
    rows
        Positions of the customers.
    """
    known = histories.before(day).taken(rows)
    for block in blocks(known):
        pairs = learnt.pairs(known.taken(block), np.full(len(block), day))
        yield Asked(rows[block], pairs)


@dataclass(frozen=True, eq=False)
class Beside:
    """What is known beside the baskets.

    Attributes
    ----------
    groups
        What the items belong to, if that is known.
    facts
        Figures of items and customers by day, and further recommenders, if there are any.
    """

    groups: Groups | None = None
    facts: Facts | None = None

    def past(self, known: Histories) -> Past:
        """What these histories say."""
        return past(known, self.groups, self.facts)


def learn(
    histories: Histories, days: Days, spec: NextBasketSpec, trials: int, beside: Beside
) -> Learnt:
    """Train before the calibration, calibrate before the test, test, and choose.

    Parameters
    ----------
    histories
        Of everybody, up to the end of the test's horizon.
    days
        Of training, calibration and test.
    spec
        Settings of the learner, or where their search begins.
    trials
        Settings that are searched.
    beside
        What is known beside the baskets.

    Raises
    ------
    NothingToPredict, NothingToLearn
        When too few customers came back.
    OneOutcome
        When the candidates tell nothing of what was bought in the horizon of the calibration.
    """
    _require_days(histories, days)
    known = histories.before(days.calibrated)
    sets = [first_baskets(known, day) for day in days.learnt]
    ranker, found = trained(sets, spec, trials, beside.groups, beside.facts)
    _, decided, _ = _contest(ranker, histories.before(days.tested), days.calibrated, beside)
    seen = histories.before(days.tested + days.horizon)
    measures, _, customers = _contest(ranker, seen, days.tested, beside)
    name = decided.chosen
    kept = ranker if name == LEARNER else None
    figures, is_bought, _ = _judged(histories, days.calibrated, days, beside, spec.seed)
    scores = _scores(name, kept, figures, ranker.columns, spec.threads)
    chances = fit_chances(scores, figures, ranker.columns, is_bought)
    chosen = Chosen(name, kept, chances, ranker.columns)
    figures, is_bought, owner = _judged(histories, days.tested, days, beside, spec.seed)
    said = chosen.chance(figures, spec.threads)
    return Learnt(
        chosen,
        decided,
        measures,
        customers,
        expected_calibration_error(is_bought, said),
        reliability(is_bought, said, owner),
        found.spec,
        found.recalls,
    )


def _require_days(histories: Histories, days: Days) -> None:
    """Refuse days that overlap, and those on which nobody is asked."""
    if days.tested < days.calibrated + days.horizon:
        message = (
            f"a test needs days behind those of the calibration, but tested is {days.tested} and "
            f"the calibration goes on until {days.calibrated + days.horizon}; test later"
        )
        raise NothingToPredict(message)
    for day in (days.calibrated, days.tested):
        if not len(active(histories, day, days.within)):
            message = (
                f"chances need customers who bought within {days.within} days before "
                f"{np.datetime64(day, 'D')}, but nobody did; look further back, or at another day"
            )
            raise NothingToPredict(message)


def _contest(
    ranker: Ranker, histories: Histories, day: int, beside: Beside
) -> tuple[dict[str, dict[str, Estimate]], Verdict, int]:
    """Figures of each recommender on the next baskets from a day on, and which one is better."""
    held_out = first_baskets(histories, day)
    known, everybody = held_out.known, held_out.everybody
    offered = {name: offers(RECOMMENDERS[name](everybody), known, DEPTH) for name in BESIDE}
    offered[LEARNER] = ranked(ranker, beside.past(everybody), known, held_out.as_of, DEPTH)
    figures = {name: per_customer(held_out, each) for name, each in offered.items()}
    recalls = {name: figures[name]["recall@10"] for name in BASELINES}
    decided = verdict(figures[LEARNER]["recall@10"], recalls)
    measures = {
        name: {measure: mean(values) for measure, values in each.items()}
        for name, each in figures.items()
    }
    return measures, decided, len(held_out.as_of)


def _judged(
    histories: Histories, day: int, days: Days, beside: Beside, seed: int
) -> tuple[Singles, npt.NDArray[np.bool_], WholeArray]:
    """Figures of candidates on a day, whether each was bought in its horizon, and by whom."""
    rows = active(histories, day, days.within)
    if len(rows) > JUDGED_MOST:
        rows = np.sort(np.random.default_rng(seed).choice(rows, JUDGED_MOST, replace=False))
    later = histories.between(day, day + days.horizon)
    learnt = beside.past(histories.before(day))
    figures, is_bought, owners = [], [], []
    for asked in asked_on(histories, learnt, day, rows):
        pairs = asked.pairs
        figures.append(pairs.figures)
        is_bought.append(is_bought_in(later, asked.rows, pairs.starts, pairs.items))
        owners.append(asked.owner)
    return np.concatenate(figures), np.concatenate(is_bought), np.concatenate(owners)


def _scores(
    name: str, ranker: Ranker | None, figures: Singles, columns: Sequence[str], threads: int
) -> Doubles:
    if ranker is not None:
        return ranker.scores(figures, threads)
    place = {each: at for at, each in enumerate(columns)}
    if name == "decayed":
        return figures[:, place["score_decayed"]].astype(np.float64)
    count, first, share = (
        figures[:, place[each]].astype(np.float64)
        for each in ("own_count", "own_baskets_since_first", "item_baskets_share")
    )
    earlier = 1 - 1 / (2 + np.nan_to_num(first))
    found: Doubles = np.where(count > 0, count + earlier, 0.5 * share)
    return found
