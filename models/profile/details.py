"""What is asked of groups of customers, and what each method on several columns finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from models.false_discoveries import Adjustment
from models.profile.canonical import Canonical
from models.profile.components import Components
from models.profile.covariance import Adjusted
from models.profile.discriminant import Discriminant
from models.profile.factors import Factors
from models.profile.findings import Finding
from models.profile.groups import Groups
from models.profile.many import Many
from models.profile.numbers import Numbers
from models.profile.regression import Regression
from models.profile.scaling import Map
from models.profile.two_way import TwoWay


@dataclass(frozen=True)
class Questions:
    """What is asked of the customers.

    Attributes
    ----------
    candidates
        Columns for methods on many at once, the most wanted first.
    outcome, covariate, factor
        The number of two-way comparisons, of equal values and of the regression; the number that
        groups are made equal in; the category that stands beside the groups. None: not asked.
    parts
        Columns that the outcome is made of, which its regression leaves out.
    sets
        Names of two sets of columns, and the columns, for canonical correlations; None: not asked.
    columns_most
        Columns that are looked at together.
    map_most
        Customers on the map, drawn at random.
    adjustment
        How chances are corrected.
    seed
        Of all that is drawn.
    """

    candidates: tuple[str, ...]
    outcome: str | None = None
    covariate: str | None = None
    factor: str | None = None
    parts: tuple[str, ...] = ()
    sets: tuple[tuple[str, tuple[str, ...]], tuple[str, tuple[str, ...]]] | None = None
    columns_most: int = 12
    map_most: int = 300
    adjustment: Adjustment = "benjamini_hochberg"
    seed: int = 7


@dataclass(frozen=True, eq=False)
class Mapped:
    """Customers on a map, and groups.

    Attributes
    ----------
    customers
        Places of some customers.
    groups
        Of these customers.
    between
        Distances between groups, in standard deviations within them (Mahalanobis').
    of_groups
        Places of the groups by these; None of two, which lie on a line.
    apart
        Whether customers lie nearer to their own group.
    """

    customers: Map
    groups: Groups
    between: pd.DataFrame
    of_groups: Map | None
    apart: Finding


@dataclass(frozen=True, eq=False)
class Details:
    """What each method found; None where it was not asked or refused.

    ``logistic`` has a regression per group (of two groups, of the second), ``by_component`` and
    ``by_factor`` a comparison of groups per component and factor.
    """

    two_way: TwoWay | None = None
    adjusted: Adjusted | None = None
    many: Many | None = None
    discriminant: Discriminant | None = None
    components: Components | None = None
    by_component: Mapping[str, Numbers] = field(default_factory=dict)
    factors: Factors | None = None
    by_factor: Mapping[str, Numbers] = field(default_factory=dict)
    mapped: Mapped | None = None
    canonical: Canonical | None = None
    linear: Regression | None = None
    logistic: Mapping[str, Regression] = field(default_factory=dict)
