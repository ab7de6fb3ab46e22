"""What somebody without a history will buy, by a profile like that of existing customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field
from scipy import sparse

from features.errors import RegularsError
from models.calibration import log_odds, sigmoid
from models.cross_sell.snapshots import Flags
from models.spec import FloatArray

_PRIOR: Final = 20.0
_MOST_STEPS: Final = 25
_CONVERGED: Final = 1e-6
_FIRM: Final = 1e-9
_BANDS: Final = 5
_LEAST_OF_TEXT: Final = int(_PRIOR)
"""Customers that a text needs to be asked about: one of fewer, such as an e-mail, is not learnt."""
_MOST_TRIED: Final = 20_000
_MOST_CATEGORIES_TRIED: Final = 50
"""Customers and categories that penalties are tried on, at most; more are drawn from."""


class ProfileMissing(RegularsError):
    """There is no profile to learn from, or a prospect's lacks a column."""


class LookAlikeSpec(BaseModel):
    """How look-alikes are learnt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    penalties: tuple[float, ...] = Field(
        default=(3.0, 10.0, 30.0, 100.0, 300.0, 1000.0),
        min_length=1,
        description="Ridge penalties to try beside popularity alone.",
    )
    folds: int = Field(default=5, ge=2, le=20, description="Parts of the customers left out.")
    seed: int = Field(default=0, ge=0, description="Of the draw of the parts.")


@dataclass(frozen=True)
class Question:
    """One yes-or-no question to a profile.

    Attributes
    ----------
    column
        Of the profile.
    value
        Text that it equals; None where it asks for a number, or whether there is nothing.
    least
        Number that it reaches; None for text.
    """

    column: str
    value: str | None = None
    least: float | None = None

    def answers(self, values: pd.Series) -> FloatArray:
        """1 for yes, 0 for no or nothing known, shape (rows,)."""
        if self.value is not None:
            is_so = values.astype("str") == self.value
        elif self.least is not None:
            is_so = pd.to_numeric(values, errors="coerce") >= self.least
        else:
            is_so = values.isna()
        found: FloatArray = is_so.to_numpy(dtype=np.bool_, na_value=False).astype(np.float64)
        return found


@dataclass(frozen=True, eq=False)
class LookAlikes:
    """What profiles say of categories: tables only.

    Attributes
    ----------
    categories
        Of the columns of what follows.
    questions
        What is asked of a profile.
    middle
        Shape (questions,): share of existing customers who say yes.
    weights
        Shape (questions, categories): what a yes adds to the log-odds; 0 where the profile tells
        nothing.
    rates
        Shape (categories,): popularity, smoothed.
    levels
        Shape (categories,): log-odds of a customer in the middle.
    penalty
        The ridge penalty that told customers left out best; None where popularity did.
    losses
        Mean log loss over customers left out, nats per pair, by penalty; None is popularity.
    """

    categories: pd.Index
    questions: tuple[Question, ...]
    middle: FloatArray
    weights: FloatArray
    rates: FloatArray
    levels: FloatArray
    penalty: float | None
    losses: dict[float | None, float]

    @property
    def reason(self) -> str:
        """In words, whether profiles tell anything."""
        popular, best = self.losses[None], min(self.losses.values())
        if self.penalty is None:
            return (
                "profiles tell nothing that popularity does not: of customers left out, it has the "
                f"least log loss, {popular:.5f}; every prospect gets popularity"
            )
        return (
            f"profiles tell something: of customers left out, log loss is {best:.5f} with a "
            f"penalty of {self.penalty:g}, and {popular:.5f} with popularity alone"
        )

    def propensity(self, profiles: pd.DataFrame) -> FloatArray:
        """Probability that a new customer buys within the horizon, shape (prospects, categories).

        Raises
        ------
        ProfileMissing
            When the table lacks a column that was learnt from.
        """
        return sigmoid(self._odds(profiles))

    def look_alike_score(self, profiles: pd.DataFrame) -> FloatArray:
        r"""How alike a prospect is to buyers, 0..1, shape (prospects, categories).

        .. math:: \sigma(z(x) - \ln \tfrac{r}{1 - r})

        for log-odds z and popularity r: the chance that somebody with this profile is a buyer if
        buyers and others were equally many. .5 says that the profile tells nothing, 1 that only
        buyers have it. It compares profiles across categories, popular or not.

        Raises
        ------
        ProfileMissing
            When the table lacks a column that was learnt from.
        """
        return sigmoid(self._odds(profiles) - log_odds(self.rates))

    def _odds(self, profiles: pd.DataFrame) -> FloatArray:
        asked = _answers(profiles, self.questions) - self.middle
        odds: FloatArray = self.levels + asked @ self.weights
        return odds


def look_alikes(
    profiles: pd.DataFrame,
    bought: sparse.csr_array,
    categories: pd.Index,
    spec: LookAlikeSpec | None = None,
) -> LookAlikes:
    r"""What the profiles of existing customers say of what they buy.

    Per category, a logistic regression on yes-or-no questions (each value of a text column that 20
    customers or more have, four quantiles of a number, and whether there is nothing) with the
    penalty
    :math:`\tfrac{\lambda}{2} \lVert w \rVert^2` on what a yes adds (le Cessie and van Houwelingen
    1992, "Ridge estimators in logistic regression"); its level is held near popularity, as by 20
    customers. It pulls towards popularity, and harder the fewer buyers a category has. One penalty
    for all categories is picked by the log loss over customers left out, of at most 20,000
    customers and 50 categories, drawn; popularity alone is among what is tried.

    Parameters
    ----------
    profiles
        Row per customer; columns of text, categories, flags or numbers, null where not known.
    bought
        Customers × categories: 1 where bought. What prospects will do is best learnt from the
        first horizon of each customer, where the data show it; where they begin in the middle of
        customers' lives, from the horizon after an as_of, which tells what established customers of
        that profile buy, and is too high for new ones.
    categories
        Names of the columns of ``bought``.
    spec
        Settings; those of `LookAlikeSpec` without it.

    Raises
    ------
    ProfileMissing
        When there is no column, none of them differs between customers, shapes differ, or there
        are fewer customers than folds.
    """
    spec = spec or LookAlikeSpec()
    if bought.shape != (len(profiles), len(categories)) or len(profiles) < spec.folds:
        message = (
            f"look-alikes need a profile for each of {spec.folds} or more customers and what each "
            f"bought of {len(categories):,} categories, but profiles are {len(profiles):,} and "
            f"bought has the shape {bought.shape}; make both from the same customers"
        )
        raise ProfileMissing(message)
    questions = _questions(profiles)
    answers, outcome = _answers(profiles, questions), bought.toarray() > 0
    losses = _losses(*_drawn(answers, outcome, spec.seed), spec)
    penalty = min(losses, key=lambda each: losses[each])
    middle, rates = answers.mean(axis=0), _rates(outcome)
    weights, levels = _ridge(answers - middle, outcome, penalty)
    return LookAlikes(categories, questions, middle, weights, rates, levels, penalty, losses)


def _questions(profiles: pd.DataFrame) -> tuple[Question, ...]:
    """All questions that some customers say yes to and others no."""
    found: list[Question] = []
    for name in profiles.columns:
        values, column = profiles[name], str(name)
        is_number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        if is_number:
            steps = values.dropna().quantile(np.arange(1, _BANDS) / _BANDS).unique()
            found += [Question(column, least=float(step)) for step in steps]
        else:
            counts = values.dropna().astype("str").value_counts()
            texts = sorted(counts.index[counts >= _LEAST_OF_TEXT])
            found += [Question(column, value=text) for text in texts]
        found.append(Question(column))
    kept = tuple(each for each in found if 0 < each.answers(profiles[each.column]).mean() < 1)
    if not kept:
        named = ", ".join(map(str, profiles.columns)) or "none"
        message = (
            "look-alikes need a column of the profile that differs between customers, but the "
            f"columns are: {named}; give customers attributes such as age or region, or offer "
            "prospects what is popular"
        )
        raise ProfileMissing(message)
    return kept


def _answers(profiles: pd.DataFrame, questions: Sequence[Question]) -> FloatArray:
    missing = sorted({each.column for each in questions} - set(map(str, profiles.columns)))
    if missing:
        message = (
            f"profiles lack the columns {missing}, which look-alikes were learnt from; add them, "
            "with nulls where they are not known"
        )
        raise ProfileMissing(message)
    return np.column_stack([each.answers(profiles[each.column]) for each in questions])


def _rates(outcome: Flags) -> FloatArray:
    """Share of customers who bought, shrunk to that of all categories."""
    taken, overall = outcome.sum(axis=0), outcome.mean()
    kept = np.clip((taken + _PRIOR * overall) / (len(outcome) + _PRIOR), _FIRM, 1 - _FIRM)
    found: FloatArray = np.asarray(kept, dtype=np.float64)
    return found


def _drawn(answers: FloatArray, outcome: Flags, seed: int) -> tuple[FloatArray, Flags]:
    """What penalties are tried on: all, or as much of it as takes no longer than needed."""
    random = np.random.default_rng(seed)
    customers, categories = outcome.shape
    if customers > _MOST_TRIED:
        rows = np.sort(random.choice(customers, _MOST_TRIED, replace=False))
        answers, outcome = answers[rows], outcome[rows]
    if categories > _MOST_CATEGORIES_TRIED:
        places = np.sort(random.choice(categories, _MOST_CATEGORIES_TRIED, replace=False))
        outcome = outcome[:, places]
    return answers, outcome


def _losses(answers: FloatArray, outcome: Flags, spec: LookAlikeSpec) -> dict[float | None, float]:
    """Mean log loss of customers left out, by penalty; popularity, None, first."""
    part = np.random.default_rng(spec.seed).permutation(len(answers)) % spec.folds
    tried: tuple[float | None, ...] = (None, *sorted(spec.penalties, reverse=True))
    found = dict.fromkeys(tried, 0.0)
    for fold in range(spec.folds):
        rest, left = part != fold, part == fold
        middle = answers[rest].mean(axis=0)
        for penalty in tried:
            weights, levels = _ridge(answers[rest] - middle, outcome[rest], penalty)
            odds = levels + (answers[left] - middle) @ weights
            loss = np.logaddexp(0.0, odds) - outcome[left] * odds
            found[penalty] += float(loss.sum()) / outcome.size
    return found


def _ridge(
    answers: FloatArray, outcome: Flags, penalty: float | None
) -> tuple[FloatArray, FloatArray]:
    """Weights of shape (questions, categories), and the log-odds in the middle (categories,)."""
    rates = _rates(outcome)
    levels, questions = log_odds(rates), answers.shape[1]
    weights = np.zeros((questions, outcome.shape[1]))
    if penalty is None:
        return weights, levels
    kinds, kind = np.unique(answers, axis=0, return_inverse=True)  # most customers are of few kinds
    design = np.column_stack([kinds, np.ones(len(kinds))])
    whole = np.bincount(kind, minlength=len(kinds)).astype(np.float64)
    for place in range(outcome.shape[1]):
        yes = outcome[:, place].astype(np.float64)
        bought = np.bincount(kind, yes, minlength=len(kinds)).astype(np.float64)
        held = _PRIOR * rates[place] * (1 - rates[place])  # what so many customers would tell
        penalties = np.append(np.full(questions, penalty), held)
        moved = _newton(design, bought, whole, levels[place], penalties)
        weights[:, place] = moved[:-1]
        levels[place] += moved[-1]
    return weights, levels


def _newton(
    design: FloatArray, bought: FloatArray, whole: FloatArray, level: float, penalties: FloatArray
) -> FloatArray:
    """Weights of greatest penalised likelihood around a level.

    The likelihood is concave, so steps that are cut to a length lead there as well.
    """
    weights = np.zeros(design.shape[1])
    for _ in range(_MOST_STEPS):
        chance = sigmoid(level + design @ weights)
        gradient = design.T @ (whole * chance - bought) + penalties * weights
        spread = whole * chance * (1 - chance)
        step = np.linalg.solve((design * spread[:, None]).T @ design + np.diag(penalties), gradient)
        longest = float(np.abs(step).max())
        weights = weights - step / max(1.0, longest)
        if longest < _CONVERGED:
            break
    return weights
