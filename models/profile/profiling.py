"""How groups of customers differ: single columns, then all together, each by its own method."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist, squareform

from models.profile.canonical import Canonical, canonical
from models.profile.components import Components, components
from models.profile.covariance import Adjusted, adjusted
from models.profile.details import Details, Mapped, Questions
from models.profile.discriminant import discriminant
from models.profile.factors import Factors, factors
from models.profile.groups import ColumnsUnfit, Groups
from models.profile.logistic import logistic
from models.profile.many import many
from models.profile.numbers import Numbers, numbers
from models.profile.prepared import Prepared, prepared
from models.profile.regression import Regression, linear
from models.profile.scaling import apart, between_groups, scaled
from models.profile.single import Customers, Single, Told, single
from models.profile.together import together
from models.profile.two_way import TwoWay, two_way
from models.profile.words import Words
from models.spec import BoolArray, FloatArray

FoundT = TypeVar("FoundT")


@dataclass(frozen=True, eq=False)
class Profile:
    """How groups of customers differ.

    Attributes
    ----------
    customers, questions
        What was looked at.
    single
        Every column by itself.
    together
        Methods on several columns, in the order of their questions, corrected for their number.
    details
        What each of these found.
    columns
        The columns that were looked at together; None where there are not two.
    refused
        Method to why it cannot say anything.
    """

    customers: Customers
    questions: Questions
    single: Single
    together: tuple[Told, ...]
    details: Details
    columns: Prepared | None
    refused: Mapping[str, str]


class _Refusals:
    """Methods that cannot say anything, and why."""

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}

    def tried(self, method: str, find: Callable[[], FoundT]) -> FoundT | None:
        """What a method finds; None where it is refused."""
        try:
            return find()
        except ColumnsUnfit as error:
            self.reasons[method] = str(error)
            return None


def profile(customers: Customers, questions: Questions, words: Words) -> Profile:
    """How groups of customers differ, by every method whose assumptions can be met or bent.

    What a method cannot look at (too few customers, columns that say the same) is refused with its
    reason, and the others go on.

    Parameters
    ----------
    customers
        What is known of them.
    questions
        What is asked.
    words
        Names of columns.
    """
    refusals = _Refusals()
    columns = refusals.tried(
        "several columns",
        lambda: prepared(customers.numbers, questions.candidates, questions.columns_most),
    )
    found = _details(customers, questions, columns, refusals)
    return Profile(
        customers=customers,
        questions=questions,
        single=single(customers, words, questions.adjustment, questions.seed),
        together=together(found, questions, words),
        details=found,
        columns=columns,
        refused=refusals.reasons,
    )


def _details(
    customers: Customers, asked: Questions, columns: Prepared | None, refusals: _Refusals
) -> Details:
    tried, groups, seed = refusals.tried, customers.groups, asked.seed
    of_two = tried("two-way analysis of variance", lambda: _two_way(customers, asked))
    at_equal = tried("analysis of covariance", lambda: _adjusted(customers, asked))
    of_sets = tried("canonical correlation", lambda: _canonical(customers, asked))
    if columns is None:
        return Details(two_way=of_two, adjusted=at_equal, canonical=of_sets)
    names, rows = columns.columns, columns.rows
    subject = f"{len(names)} columns"
    directions = tried("principal components", lambda: components(columns, seed))
    behind = tried("factor analysis", lambda: factors(columns, seed))
    return Details(
        two_way=of_two,
        adjusted=at_equal,
        many=tried("multivariate analysis of variance", lambda: many(subject, rows, groups, seed)),
        discriminant=tried(
            "discriminant analysis", lambda: discriminant(names, rows, groups, seed)
        ),
        components=directions,
        by_component=_by_score(directions, groups, seed),
        factors=behind,
        by_factor=_by_score(behind, groups, seed),
        mapped=tried("multidimensional scaling", lambda: _mapped(columns, groups, asked)),
        canonical=of_sets,
        linear=tried("linear regression", lambda: _linear(customers, asked, columns)),
        logistic=_logistic(columns, groups, seed, refusals),
    )


def _two_way(customers: Customers, asked: Questions) -> TwoWay | None:
    if asked.outcome is None or asked.factor is None:
        return None
    levels = pd.Series(customers.categories[asked.factor], dtype=object)
    is_known = levels.notna().to_numpy(dtype=np.bool_)
    order = customers.levels.get(asked.factor, ())
    names = (*order, *sorted(set(levels[is_known].astype(str)) - set(order)))
    places = {name: place for place, name in enumerate(names)}
    code = np.array([places.get(str(level), 0) for level in levels], dtype=np.int64)
    values = np.where(is_known, _values(customers.numbers, asked.outcome), np.nan)
    return two_way(asked.outcome, values, customers.groups, Groups(asked.factor, names, code))


def _adjusted(customers: Customers, asked: Questions) -> Adjusted | None:
    if asked.outcome is None or asked.covariate is None:
        return None
    values, beside = (_values(customers.numbers, name) for name in (asked.outcome, asked.covariate))
    return adjusted(asked.outcome, values, (asked.covariate, beside), customers.groups)


def _values(table: pd.DataFrame, name: str) -> FloatArray:
    found: FloatArray = table[name].to_numpy(dtype=np.float64, na_value=np.nan)
    return found


def _by_score(found: Components | Factors | None, groups: Groups, seed: int) -> dict[str, Numbers]:
    """Comparisons of groups by the scores of each component or factor."""
    if found is None:
        return {}
    return {
        str(name): numbers(str(name), values, groups, seed)
        for name, values in zip(found.loadings.columns, found.scores.T, strict=True)
    }


def _linear(customers: Customers, asked: Questions, columns: Prepared) -> Regression | None:
    """Regression of the outcome on the other columns that do not say the same as it."""
    if asked.outcome is None:
        return None
    values = _values(customers.numbers, asked.outcome)
    others = [name for name in columns.columns if name not in asked.parts]
    own = prepared(customers.numbers, (asked.outcome, *others), len(others) + 1)
    others = [name for name in own.columns if name != asked.outcome]
    is_known = np.isfinite(values)
    rows = own.only(others).rows[is_known]
    return linear(asked.outcome, values[is_known], tuple(others), rows)


def _logistic(
    columns: Prepared, groups: Groups, seed: int, refusals: _Refusals
) -> dict[str, Regression]:
    names = groups.names if len(groups) > 2 else groups.names[1:]  # noqa: PLR2004
    found: dict[str, Regression] = {}
    for name in names:
        is_in: BoolArray = groups.code == groups.names.index(name)

        def one(name: str = name, is_in: BoolArray = is_in) -> Regression:
            return logistic(name, is_in, columns.columns, columns.rows, seed)

        regression = refusals.tried(f"logistic regression of {name}", one)
        if regression is not None:
            found[name] = regression
    return found


def _mapped(columns: Prepared, groups: Groups, asked: Questions) -> Mapped:
    random = np.random.default_rng(asked.seed)
    drawn = np.sort(random.permutation(len(columns.rows))[: asked.map_most])
    mask = np.zeros(len(columns.rows), dtype=np.bool_)
    mask[drawn] = True
    mask = groups.kept(mask, 2)
    some, own = columns.rows[mask], groups.where(mask, 2)
    if len(own) < 2:  # noqa: PLR2004
        message = "a map needs two groups of two customers, but found one; draw more customers"
        raise ColumnsUnfit(message)
    distances = squareform(pdist(some))
    between = between_groups(columns.rows, groups)
    return Mapped(
        customers=scaled(distances, asked.seed),
        groups=own,
        between=pd.DataFrame(between, index=list(groups.names), columns=list(groups.names)),
        of_groups=scaled(between, asked.seed) if len(groups) > 2 else None,  # noqa: PLR2004
        apart=apart(f"{len(columns.columns)} columns", distances, own, asked.seed),
    )


def _canonical(customers: Customers, asked: Questions) -> Canonical | None:
    if asked.sets is None:
        return None
    (first, of_first), (second, of_second) = asked.sets
    both = prepared(customers.numbers, (*of_first, *of_second), len(of_first) + len(of_second))
    one, other = (
        both.only([name for name in both.columns if name in names][: asked.columns_most // 2])
        for names in (of_first, of_second)
    )
    if not (one.columns and other.columns):
        message = f"{first} and {second} need a column each that differs, but one has none"
        raise ColumnsUnfit(message)
    return canonical(f"{first} with {second}", one, other, asked.seed)
