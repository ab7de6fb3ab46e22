"""What a comparison of groups looks at: the behaviour table of a day, groups, and questions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Final

import numpy as np
import pandas as pd

from features.behaviour import build
from features.contract import Column
from features.errors import RegularsError
from features.loads import data_fingerprint
from features.segments import UNLISTED
from features.suggest import nearest
from features.wording import slug
from models.phrases import Money
from models.profile.details import Questions
from models.profile.groups import Groups, groups_of
from models.profile.single import Customers
from models.profile.words import Words
from pipelines.config import Business
from pipelines.feature_catalogue import Section, catalogue
from pipelines.frames import IDENTITY
from pipelines.jobs import Job
from pipelines.profile_groups import (
    By,
    Grouping,
    grouping,
    is_of_segments,
    levels_of,
    require_known,
)
from pipelines.profile_segments import segment_grouping

ABOUT_DAYS: Final = 91
"""Columns over the window nearest to it are looked at together."""

OFFERED: Final = ("price", "campaigns", "contacts", "web")
"""Families of what the business does; those in which customers buy stand against them."""
BOUGHT: Final = ("recency", "frequency", "monetary", "rhythm", "breadth", "basket", "place")
BUYING, OFFERS = "how customers buy", "discounts, campaigns and contacts"


class ColumnNotThere(RegularsError):
    """A setting names a column that the behaviour table does not have, or one that is no number."""


class NothingToCompare(RegularsError):
    """Every column says the same as the groups."""


@dataclass(frozen=True, eq=False)
class Gathered:
    """All that one comparison looks at.

    Attributes
    ----------
    as_of
        The day.
    by
        What puts customers into groups.
    customers, questions, words
        Of `models.profile.profiling.profile`.
    everyone
        Customers of the day, of whom some may be in no group.
    data_fingerprint
        Of the warehouse.
    """

    as_of: date
    by: Grouping
    customers: Customers
    questions: Questions
    words: Words
    everyone: int
    data_fingerprint: str


def gathered(job: Job, by: By) -> Gathered:
    """What a comparison looks at.

    Raises
    ------
    RegularsError
        When nothing is called ``by``, a setting names a column that is not there, the day lies
        outside the history, it is not yet known who did what, or fewer than two groups are left.
    """
    business = job.business
    require_known(business, by.text)
    known = catalogue(business)
    columns = {each.name: each for section in known.sections for each in section.columns}
    require_columns(business, columns)
    with job.opened() as con, job.steps.step("behaviour table, groups"):
        behaviour = build(
            con, [by.as_of], business.sources, business.behaviour, engine=business.engine
        ).to_pandas()
        told = (
            segment_grouping(job, behaviour)
            if is_of_segments(business, by.text)
            else grouping(con, business, by, behaviour)
        )
        fingerprint = data_fingerprint(con)
    least = business.profile.group_least
    groups, mask = groups_of(told.name, told.values, told.order, least)
    rows = behaviour[mask].drop(columns=IDENTITY).reset_index(drop=True)
    customers = _customers(business, rows, columns, told, groups)
    if not len(customers.numbers.columns) and not customers.categories:
        message = (
            f"a comparison needs columns that do not say the same as the groups, but all "
            f"{len(columns)} do; compare by something else, or make segments of fewer columns"
        )
        raise NothingToCompare(message)
    return Gathered(
        as_of=by.as_of,
        by=told,
        customers=customers,
        questions=_questions(business, known.sections, customers),
        words=Words(columns, _meanings(business), _money(business)),
        everyone=len(behaviour),
        data_fingerprint=fingerprint,
    )


def require_columns(business: Business, columns: Mapping[str, Column]) -> None:
    """Nothing, where every column that the settings name is there.

    Raises
    ------
    ColumnNotThere
        Naming the nearest.
    """
    asked = business.profile
    attributes = business.sources.customers.attributes if business.sources.customers else {}
    categories = [name for name, each in attributes.items() if each.type == "category"]
    named = [("profile.outcome", asked.outcome), ("profile.covariate", asked.covariate)]
    named += [("profile.columns", name) for name in asked.columns]
    numbers = [name for name, each in columns.items() if each.unit != "flag"]
    wanted = [(setting, name, numbers) for setting, name in named if name is not None]
    if asked.factor is not None:
        wanted.append(("profile.factor", asked.factor, categories))
    for setting, name, known in wanted:
        if name not in known:
            close = nearest(name, known)
            hint = f"; did you mean {close!r}?" if close else "; see: regulars features list"
            is_flag = known is numbers and name in columns
            what = "number" if is_flag else "column"
            what = "category of sources.customers.attributes" if known is categories else what
            raise ColumnNotThere(f"{setting} needs a {what}, but found {name!r}{hint}")


def _customers(
    business: Business,
    rows: pd.DataFrame,
    columns: Mapping[str, Column],
    told: Grouping,
    groups: Groups,
) -> Customers:
    """Numbers and categories but those that say the same as the groups."""
    attributes = business.sources.customers.attributes if business.sources.customers else {}
    listed = {name: each for name, each in attributes.items() if each.type == "category"}
    of_attributes = {
        f"is_{name}_{part}"
        for name, each in listed.items()
        for part in (*map(slug, each.levels), UNLISTED)
    }
    flags = [
        name
        for name, each in columns.items()
        if each.unit == "flag" and name not in of_attributes and name not in told.hidden
    ]
    categories = {
        name: levels_of(name, each, rows)
        for name, each in listed.items()
        if name not in told.hidden
    }
    for name in flags:
        known = rows[name].map({1.0: "yes", 0.0: "no"})
        categories[name] = known.astype(object).where(known.notna(), None).to_numpy(dtype=object)
    left_out = {*of_attributes, *flags, *told.hidden}
    numbers = [name for name in columns if name not in left_out]
    return Customers(
        groups,
        rows[numbers].astype(np.float64),
        categories,
        {name: each.levels for name, each in listed.items()},
    )


def _meanings(business: Business) -> dict[str, str]:
    customers = business.sources.customers
    attributes = customers.attributes if customers else {}
    return {name: each.meaning or name for name, each in attributes.items()}


def _money(business: Business) -> Money:
    return Money(business.currency.code, business.currency.digits)


def _questions(business: Business, sections: Sequence[Section], customers: Customers) -> Questions:
    """What is asked: by the settings, and where they say nothing, of what there is."""
    asked = business.profile
    own = {section.name: _of_family(section, business, customers) for section in sections}
    turns = zip_longest(*own.values())
    candidates = asked.columns or tuple(name for turn in turns for name in turn if name)
    near = min(business.behaviour.windows_days, key=lambda days: (abs(days - ABOUT_DAYS), days))
    attributes = [name for name in own.get("profile", ()) if name in customers.numbers]
    outcome = _first([asked.outcome, f"spend_{near}d", *attributes], customers)
    covariate = _first([asked.covariate, "tenure_days", *attributes[1:]], customers)
    factor = asked.factor or next(
        (name for name in _meanings(business) if name in customers.categories), None
    )
    return Questions(
        candidates=tuple(name for name in candidates if name in customers.numbers),
        outcome=outcome,
        covariate=covariate if covariate != outcome else None,
        factor=factor if factor in customers.categories else None,
        parts=next(
            (names for family, names in own.items() if outcome in names and family != "profile"), ()
        ),
        sets=_sets(own),
        columns_most=asked.columns_most,
        map_most=asked.map_most,
        adjustment=asked.adjustment,
        seed=asked.seed,
    )


def _of_family(section: Section, business: Business, customers: Customers) -> tuple[str, ...]:
    """Numbers of a family over about 91 days, or over all history; the former first."""
    near = min(business.behaviour.windows_days, key=lambda days: (abs(days - ABOUT_DAYS), days))
    known = [each for each in section.columns if each.name in customers.numbers]
    return (
        *(each.name for each in known if each.window_days == near),
        *(each.name for each in known if each.window_days is None),
    )


def _first(names: Sequence[str | None], customers: Customers) -> str | None:
    """The first that is a number and is compared; what groups are made of is not."""
    return next((name for name in names if name in customers.numbers), None)


def _sets(
    own: Mapping[str, tuple[str, ...]],
) -> tuple[tuple[str, tuple[str, ...]], tuple[str, tuple[str, ...]]] | None:
    """Columns of how customers buy, and of what the business does, family by family in turns."""
    one, other = (tuple(_in_turns(own, families)) for families in (BOUGHT, OFFERED))
    return ((BUYING, one), (OFFERS, other)) if one and other else None


def _in_turns(own: Mapping[str, tuple[str, ...]], families: Sequence[str]) -> Iterator[str]:
    parts = [own[name] for name in families if name in own]
    yield from (name for turn in zip_longest(*parts) for name in turn if name)
