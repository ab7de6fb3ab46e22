"""Whom `regulars profile` compares: by what happened next, an attribute, a response, or a file."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from features.errors import RegularsError
from features.labels import build_labels
from features.responders import responders
from features.schemas import Attribute
from features.segments import UNLISTED
from features.star import history
from features.suggest import nearest
from features.warehouse import Connection
from features.wording import slug
from pipelines.config import Business

CHURNED: Final = "churned"
RESPONDED: Final = "responded"
CAMPAIGN: Final = "campaign:"
SEGMENT: Final = "segment"
OTHER: Final = "any other"

_SUFFIXES: Final = (".parquet", ".csv")
_BANDS: Final = 4
_KEYS: Final = ("customer", "as_of")


class GroupingUnknown(RegularsError):
    """Nothing of that name puts customers into groups."""


class GroupsUnreadable(RegularsError):
    """A file does not say which group each customer is in."""


@dataclass(frozen=True, eq=False)
class Grouping:
    """What puts customers into groups.

    Attributes
    ----------
    name
        Of the groups, for people.
    values
        Shape (n,): group of each row of the behaviour table; null: in none.
    order
        Groups in the order in which people expect them.
    about
        Sentence that says who is compared.
    hidden
        Columns that say the same as the groups, and are not compared.
    """

    name: str
    values: npt.NDArray[np.object_]
    order: tuple[str, ...]
    about: str
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True)
class By:
    """What the reader typed after ``--by``, and the day."""

    text: str
    as_of: date


def require_known(business: Business, text: str) -> None:
    """Nothing, where something of that name puts customers into groups.

    Raises
    ------
    GroupingUnknown
        Naming what can be asked for.
    """
    customers = business.sources.customers
    known = [CHURNED, RESPONDED, SEGMENT, *(customers.attributes if customers else {})]
    if text in known or text.startswith(CAMPAIGN) or file_of(text) is not None:
        return
    close = nearest(text, known)
    hint = f"; did you mean {close!r}?" if close else ""
    offered = ", ".join([*known, f"{CAMPAIGN}NAME", "FILE.parquet:COLUMN"])
    raise GroupingUnknown(f"--by needs one of {offered}, but found {text!r}{hint}")


def is_of_segments(business: Business, text: str) -> bool:
    """Whether segments are asked for, and no attribute of that name."""
    customers = business.sources.customers
    return text == SEGMENT and not (customers and SEGMENT in customers.attributes)


def grouping(con: Connection, business: Business, by: By, behaviour: pd.DataFrame) -> Grouping:
    """Groups of the customers of a behaviour table; of segments see `pipelines.profile_segments`.

    Parameters
    ----------
    con, business
        The warehouse and the config.
    by
        What was asked.
    behaviour
        One row per customer, with its name in ``customer``.

    Raises
    ------
    GroupingUnknown, GroupsUnreadable
        When nothing, or no file, puts customers into groups.
    HorizonNotObserved, LabelsMissing
        When it is not yet known, or nobody said, who left.
    ResponsesUnclear, ResponsesNotOver
        When it is not known who responded.
    """
    text, customers = by.text, business.sources.customers
    require_known(business, text)
    if text == CHURNED:
        return _churned(con, business, by.as_of, behaviour)
    if text == RESPONDED or text.startswith(CAMPAIGN):
        return _responded(con, business, by, behaviour)
    if customers is not None and text in customers.attributes:
        return _attribute(text, customers.attributes[text], behaviour)
    return _of_file(by, behaviour)


def _churned(con: Connection, business: Business, as_of: date, behaviour: pd.DataFrame) -> Grouping:
    known = history(con, business.sources)
    labels = build_labels(con, [as_of], business.churn, known.last_on or as_of).to_pandas()
    left = behaviour["customer"].map(labels.set_index("customer")["churned"])
    names = ("those who stayed", "those who left")
    days = business.churn.gap_days + business.churn.horizon_days
    about = (
        "Left: so the labels table says."
        if business.churn.kind == "labelled"
        else f"Left: nothing bought in the {business.churn.horizon_days} days of the horizon, "
        f"which ended {days} days after the day."
    )
    return Grouping(CHURNED, _named(left, names), names, about)


def _named(flags: pd.Series, names: tuple[str, str]) -> npt.NDArray[np.object_]:
    told = {False: names[0], True: names[1]}
    return np.array([told.get(each) for each in flags.tolist()], dtype=object)


def _responded(con: Connection, business: Business, by: By, behaviour: pd.DataFrame) -> Grouping:
    asked = business.profile
    campaign = by.text.removeprefix(CAMPAIGN) if by.text.startswith(CAMPAIGN) else None
    days = (asked.sent_days, asked.response_days)
    table = responders(con, business.sources, by.as_of, campaign, days).to_pandas()
    answered = behaviour["customer"].map(table.set_index("customer")["responded"])
    names = ("those who did not respond", "those who responded")
    what = "any campaign" if campaign is None else f"campaign {campaign}"
    about = (
        f"Customers who were sent {what} in the {days[0]} days from the day on; responded: within "
        f"{days[1]} days of a sending."
    )
    return Grouping("response", _named(answered, names), names, about)


def _attribute(name: str, attribute: Attribute, behaviour: pd.DataFrame) -> Grouping:
    meaning = attribute.meaning or name
    about = f"Customers by {meaning}, as the customers table had it before the day."
    if attribute.type == "number":
        values, order = _bands(behaviour[name])
        return Grouping(meaning, values, order, about, frozenset({name}))
    values = levels_of(name, attribute, behaviour)
    order = (*attribute.levels, OTHER)
    return Grouping(meaning, values, order, about, frozenset({name}))


def _bands(values: pd.Series) -> tuple[npt.NDArray[np.object_], tuple[str, ...]]:
    """Quarters of the customers by a number; fewer where many have the same."""
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    is_known = np.isfinite(numbers)
    if not is_known.any():
        return np.full(len(numbers), None, dtype=object), ()
    edges = np.unique(np.quantile(numbers[is_known], np.arange(1, _BANDS) / _BANDS))
    told = [f"{edge:,.12g}" for edge in edges]
    between = [f"over {low} up to {high}" for low, high in pairwise(told)]
    names = [f"up to {told[0]}", *between, f"over {told[-1]}"]
    found = np.array(names, dtype=object)[np.searchsorted(edges, numbers, side="left")]
    found[~is_known] = None
    return found, tuple(names)


def levels_of(name: str, attribute: Attribute, behaviour: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Level of each customer, from the flags of the behaviour table; null where not known."""
    rest = f"is_{name}_{UNLISTED}"
    found = np.full(len(behaviour), None, dtype=object)
    for column, level in (
        *((f"is_{name}_{slug(level)}", level) for level in attribute.levels),
        (rest, OTHER),
    ):
        found[(behaviour[column] == 1).to_numpy(dtype=np.bool_, na_value=False)] = level
    return found


def file_of(text: str) -> tuple[Path, str] | None:
    """Path and column of ``FILE.parquet:COLUMN``; None of anything else."""
    path, _, column = text.rpartition(":")
    return (Path(path), column) if Path(path).suffix in _SUFFIXES and column else None


def _of_file(by: By, behaviour: pd.DataFrame) -> Grouping:
    told = file_of(by.text)
    if told is None:  # `require_known` has been asked before
        raise GroupingUnknown(f"--by {by.text!r} is no file")
    path, column = told
    table = _read(path)
    if column in _KEYS or not {"customer", column} <= set(table.columns):
        wanted = "a column of groups" if column in _KEYS else column
        message = (
            f"{path} needs the columns customer and {wanted}, but has "
            f"{', '.join(map(str, table.columns))}"
        )
        raise GroupsUnreadable(message)
    if "as_of" in table:
        table = _of_day(table, path, by.as_of)
    names = _one_each(table, path, column)
    values = behaviour["customer"].map(names.map(_said))
    if not values.notna().any():
        message = (
            f"{path} needs customers of the behaviour table of {by.as_of}, but of its "
            f"{len(names):,} customers found none among the {len(behaviour):,} there; write them "
            "as the orders do"
        )
        raise GroupsUnreadable(message)
    found = values.astype(object).where(values.notna(), None).to_numpy(dtype=object)
    about = f"Customers by {column}, as {path.name} has it; nobody checked of which day that is."
    return Grouping(column, found, _in_order(names), about, frozenset({column}))


def _of_day(table: pd.DataFrame, path: Path, as_of: date) -> pd.DataFrame:
    """The rows of the day."""
    days = pd.to_datetime(table["as_of"], errors="coerce").dt.date
    if not (days == as_of).any():
        known = sorted(set(days.dropna()))
        told = f"{known[0]} to {known[-1]}" if known else "no day at all"
        raise GroupsUnreadable(f"{path} needs rows of {as_of}, but is of {told}")
    return table[days == as_of]


def _one_each(table: pd.DataFrame, path: Path, column: str) -> pd.Series:
    """Group of each customer of a file, by the customer's name; unknown ones are left out."""
    known = table[["customer", column]].dropna()
    known = known.assign(customer=known["customer"].map(_said))
    told = known.assign(said=known[column].map(_said)).drop_duplicates(["customer", "said"])
    twice = told["customer"].duplicated()
    if twice.any():
        message = (
            f"{path} needs one {column} for each customer, but {int(twice.sum()):,} have "
            f"several, such as {told.loc[twice, 'customer'].iloc[0]!r}"
        )
        raise GroupsUnreadable(message)
    found: pd.Series = told.set_index("customer")[column].astype(object)
    return found


def _said(value: object) -> str:
    """A value as text; whole numbers without a decimal, which gaps beside them had added."""
    is_whole = isinstance(value, float) and value.is_integer()
    return f"{value:.0f}" if is_whole else str(value)


def _in_order(names: pd.Series) -> tuple[str, ...]:
    """Numbers in their order; of anything else, that of the alphabet is taken."""
    values = set(names.map(_said))
    if not pd.api.types.is_numeric_dtype(names.infer_objects()):
        return ()
    return tuple(sorted(values, key=float))


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise GroupsUnreadable(f"--by needs a Parquet or CSV file, but there is no file {path}")
    try:
        as_text = pa_csv.ConvertOptions(column_types={"customer": pa.string()})  # 007 is not 7
        table = (
            pq.read_table(path)
            if path.suffix == ".parquet"
            else pa_csv.read_csv(path, convert_options=as_text)
        )
    except (OSError, pa.ArrowException) as error:
        message = f"--by needs a readable Parquet or CSV file, but {path} is not: {error}"
        raise GroupsUnreadable(message) from error
    found: pd.DataFrame = table.to_pandas()
    return found
