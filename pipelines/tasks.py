"""What there is to learn, a row a task: its jobs, and the words in which their results are told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from pipelines.jobs import Job

Lines = list[str]
"""What a job found, line by line, as the terminal shows it."""


@dataclass(frozen=True)
class Acts:
    """What can be done for a task; what is None is not done for it.

    Attributes
    ----------
    train
        Fits, and registers or writes, what the task learns.
    review
        Holds the challenger against what is live; a task without has no version that goes live.
    score
        Scores the customers of a day with the champion.
    propose
        Proposes a definition, of a day (None: the newest), by an attribute (None: not asked).
    """

    train: Callable[[Job], Lines]
    review: Callable[[Job], Lines] | None = None
    score: Callable[[Job, date], Lines] | None = None
    propose: Callable[[Job, date | None, str | None], Lines] | None = None


# A job is imported when it is called: --help must not wait for the libraries behind all of them.


def _propose_churn(job: Job, as_of: date | None, by: str | None) -> Lines:
    from pipelines import proposal_lines, propose

    return proposal_lines.proposed(job, propose.run(job, as_of, by))


def _train_churn(job: Job) -> Lines:
    from pipelines import results, train

    return results.trained(job, train.run(job))


def _review_churn(job: Job) -> Lines:
    from pipelines import results, review

    return results.reviewed(job, review.run(job))


def _score_churn(job: Job, as_of: date) -> Lines:
    from pipelines import results, score

    return results.scored(job, score.run(job, as_of))


def _train_lifetime(job: Job) -> Lines:
    from pipelines import lifetime_results, lifetime_train

    return lifetime_results.trained(job, lifetime_train.run(job))


def _review_lifetime(job: Job) -> Lines:
    from pipelines import lifetime_results, lifetime_review

    return lifetime_results.reviewed(job, lifetime_review.run(job))


def _score_lifetime(job: Job, as_of: date) -> Lines:
    from pipelines import lifetime_results, lifetime_score

    return lifetime_results.scored(job, lifetime_score.run(job, as_of))


def _train_rules(job: Job) -> Lines:
    from pipelines import rules_results, rules_train

    return rules_results.trained(job, rules_train.run(job))


def _review_rules(job: Job) -> Lines:
    from pipelines import rules_results, rules_review

    return rules_results.reviewed(job, rules_review.run(job))


def _train_prices(job: Job) -> Lines:
    from pipelines import prices_results, prices_train

    return prices_results.trained(job, prices_train.run(job))


def _train_offers(job: Job) -> Lines:
    from pipelines import offers_results, offers_train

    return offers_results.trained(job, offers_train.run(job))


def _review_offers(job: Job) -> Lines:
    from pipelines import offers_results, offers_review

    return offers_results.reviewed(job, offers_review.run(job))


def _score_offers(job: Job, as_of: date) -> Lines:
    from pipelines import offers_results, offers_score

    return offers_results.scored(job, offers_score.run(job, as_of))


def _train_segments(job: Job) -> Lines:
    from pipelines import segments_results, segments_train

    return segments_results.trained(job, segments_train.run(job))


def _review_segments(job: Job) -> Lines:
    from pipelines import segments_results, segments_review

    return segments_results.reviewed(job, segments_review.run(job))


def _score_segments(job: Job, as_of: date) -> Lines:
    from pipelines import segments_results, segments_score

    return segments_results.scored(job, segments_score.run(job, as_of))


def _train_value(job: Job) -> Lines:
    from pipelines import value_results, value_train

    return value_results.trained(job, value_train.run(job))


def _review_value(job: Job) -> Lines:
    from pipelines import value_results, value_review

    return value_results.reviewed(job, value_review.run(job))


def _score_value(job: Job, as_of: date) -> Lines:
    from pipelines import value_results, value_score

    return value_results.scored(job, value_score.run(job, as_of))


TASKS: Mapping[str, Acts] = MappingProxyType(
    {
        "churn": Acts(_train_churn, _review_churn, _score_churn, _propose_churn),
        "lifetime": Acts(_train_lifetime, _review_lifetime, _score_lifetime),
        # Rules are asked with baskets instead of being scored for customers.
        "rules": Acts(_train_rules, _review_rules),
        "offers": Acts(_train_offers, _review_offers, _score_offers),
        "value": Acts(_train_value, _review_value, _score_value),
        "segments": Acts(_train_segments, _review_segments, _score_segments),
        # Prices are a table and a page, of which no version goes live.
        "prices": Acts(_train_prices),
    }
)

TRAIN = MappingProxyType({task: acts.train for task, acts in TASKS.items()})
REVIEW = MappingProxyType({task: acts.review for task, acts in TASKS.items() if acts.review})
SCORE = MappingProxyType({task: acts.score for task, acts in TASKS.items() if acts.score})
PROPOSE = MappingProxyType({task: acts.propose for task, acts in TASKS.items() if acts.propose})
