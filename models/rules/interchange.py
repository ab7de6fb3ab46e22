"""Itemsets and rules as mlxtend writes and reads them; see `arrow` and `graph` for others.

``from models.rules.interchange import association_rules`` takes the place of
``from mlxtend.frequent_patterns import association_rules``: same names, same columns, same order of
columns as mlxtend 0.25. What differs: rows lie by itemset; a rule of exactly the least confidence
or support is there; all but the first two parameters are passed by name; missing values are
refused.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from math import lcm
from typing import Any, Final, cast

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.rules.association import Rules, RulesTooMany, RulesWanted, objects, rules_of
from models.rules.baskets import Baskets, gathered
from models.rules.itemsets import Itemsets
from models.rules.measures import MEASURES, FloatArray
from models.rules.mining import Wanted, frequent
from models.thresholds import least_count
from models.tries import ROOT

RETURN_METRICS: Final = (
    "antecedent support",
    "consequent support",
    "support",
    "confidence",
    "lift",
    "representativity",
    "leverage",
    "conviction",
    "zhangs_metric",
    "jaccard",
    "certainty",
    "kulczynski",
)
"""mlxtend's columns of a rule, in its order."""

_MOST_BASKETS: Final = 10_000_000
"""Baskets up to which shares alone tell of how many they are."""

_NO_NULLS: Final = "baskets with missing values have no exact counts; leave these baskets out"

_ANY: Final = 1e-10
"""Confidence that every rule has."""


class FrameUnusable(RegularsError, ValueError):
    """A frame that is not what mlxtend would take; also a ValueError, as that raises."""


def one_hot_baskets(df: pd.DataFrame, *, use_colnames: bool = False) -> Baskets:
    """Baskets of a one-hot frame: a row each, a column per item; dense or sparse.

    Parameters
    ----------
    df
        True or 1 where the basket holds the item, False or 0 elsewhere.
    use_colnames
        Whether items are named by their column; by its position otherwise.

    Raises
    ------
    FrameUnusable
        When a value is another one or missing, or two columns have one name.
    """
    if use_colnames and not df.columns.is_unique:
        twice = df.columns[df.columns.duplicated()][0]
        message = f"items need different names, but two columns are called {twice!r}"
        raise FrameUnusable(message)
    is_sparse = len(df.columns) > 0 and all(isinstance(kind, pd.SparseDtype) for kind in df.dtypes)
    if is_sparse:
        cells = cast("Any", df).sparse.to_coo()  # stubs know no accessor
        rows, columns, values = cells.row, cells.col, cells.data
    else:
        table = df.to_numpy()
        rows, columns = np.nonzero(pd.isna(table) | (table != 0))
        values = table[rows, columns]
    odd = pd.isna(values) | ((values != 0) & (values != 1))
    if odd.any():
        at = int(np.flatnonzero(odd)[0])
        message = (
            "a one-hot frame holds True and False, or 1 and 0, but column "
            f"{df.columns[columns[at]]!r} holds {values[at]!r} in row {rows[at]}"
        )
        raise FrameUnusable(message)
    is_held = np.asarray(values != 0, dtype=bool)
    labels = pd.Index(df.columns) if use_colnames else pd.RangeIndex(len(df.columns))
    order = labels.argsort()
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return gathered(rows[is_held].astype(np.int64), place[columns[is_held]], len(df), labels[order])


def fpgrowth(
    df: pd.DataFrame,
    min_support: float = 0.5,
    *,
    null_values: bool = False,
    use_colnames: bool = False,
    max_len: int | None = None,
    verbose: int = 0,  # noqa: ARG001  mlxtend's; there is nothing to show
) -> pd.DataFrame:
    """Frequent itemsets of a one-hot frame, as mlxtend's function of that name returns them.

    Parameters
    ----------
    df
        See `one_hot_baskets`.
    min_support
        Share of baskets, above 0 and at most 1; see `models.thresholds.exactly`.
    null_values
        Of frames with missing values, which are refused.
    use_colnames
        Whether items are named by their column; by its position otherwise.
    max_len
        Items of an itemset, at most; no limit where None.
    verbose
        Not used.

    Returns
    -------
    pandas.DataFrame
        ``support`` and ``itemsets`` (frozensets).

    Raises
    ------
    ThresholdUnusable
        When the support is no share.
    FrameUnusable
        When the frame is not one-hot, or has more itemsets than fit `mining.Limits`.
    """
    if null_values:
        raise FrameUnusable(_NO_NULLS)
    baskets = one_hot_baskets(df, use_colnames=use_colnames)
    found = frequent(baskets, Wanted(support=min_support, max_length=max_len))
    if found.cut is not None:
        message = (
            f"more than {found.cut.limit} are in {found.cut.asked:,} baskets or more; those in "
            f"{found.cut.mined:,} or more fit: ask for min_support={found.cut.mined / len(df):.6g}"
        )
        raise FrameUnusable(message)
    return itemsets_frame(found)


def apriori(
    df: pd.DataFrame,
    min_support: float = 0.5,
    *,
    use_colnames: bool = False,
    max_len: int | None = None,
    verbose: int = 0,
    low_memory: bool = False,  # noqa: ARG001  mlxtend's; memory is low either way
    n_jobs: int = 1,  # noqa: ARG001  mlxtend's, which does not use it either
) -> pd.DataFrame:
    """What `fpgrowth` returns, under the name and with the parameters of mlxtend's other way."""
    return fpgrowth(df, min_support, use_colnames=use_colnames, max_len=max_len, verbose=verbose)


def itemsets_frame(itemsets: Itemsets) -> pd.DataFrame:
    """Itemsets as mlxtend's frame: ``support``, and ``itemsets`` as frozensets of labels."""
    return pd.DataFrame(
        {
            "support": itemsets.support[itemsets.nodes],
            "itemsets": objects([items for items, _ in itemsets.each()]),
        }
    )


def itemsets_from(df: pd.DataFrame, num_itemsets: int = 1) -> Itemsets:
    """Itemsets of mlxtend's frame, all of which have to be there.

    Parameters
    ----------
    df
        Columns ``support`` (share of baskets) and ``itemsets``.
    num_itemsets
        Number of all baskets; where it is 1, the least number of which all supports are shares.

    Raises
    ------
    FrameUnusable
        When a column is missing, an itemset is empty or its parts are not there, or a support is
        no share of so many baskets.
    """
    if not {"support", "itemsets"} <= set(df.columns):
        found = ", ".join(map(str, df.columns)) or "none"
        message = f"itemsets need columns 'support' and 'itemsets', but the frame has: {found}"
        raise FrameUnusable(message)
    sets = [frozenset(_plain(item) for item in items) for items in df["itemsets"]]
    counts, baskets = _counts(df["support"].to_numpy(dtype=np.float64), num_itemsets)
    labels = pd.Index(sorted({item for items in sets for item in items}, key=_sorting))
    code = {label: i for i, label in enumerate(labels.to_list())}
    nodes: dict[frozenset[Any], int] = {}
    parent: list[int] = []
    added: list[int] = []
    count: list[int] = []
    for place in sorted(range(len(sets)), key=lambda i: len(sets[i])):
        items = sorted(sets[place], key=code.__getitem__)
        above = nodes.get(frozenset(items[:-1]), ROOT)
        if not items or (len(items) > 1 and above == ROOT):
            listed = ", ".join(map(repr, items)) or "nothing"
            message = (
                "every part of an itemset needs a row, but one of those of {" + listed + "} has "
                "none; mine all frequent itemsets, or pass support_only=True"
            )
            raise FrameUnusable(message)
        nodes[sets[place]] = len(parent)
        parent.append(above)
        added.append(code[items[-1]])
        count.append(counts[place])
    parents, items_added, held = (np.array(x, dtype=np.int32) for x in (parent, added, count))
    return Itemsets(parents, items_added, held, labels, baskets, int(held.min(initial=baskets)))


def association_rules(
    df: pd.DataFrame,
    num_itemsets: int = 1,
    *,
    df_orig: pd.DataFrame | None = None,
    null_values: bool = False,
    metric: str = "confidence",
    min_threshold: float = 0.8,
    support_only: bool = False,
    return_metrics: Sequence[str] = RETURN_METRICS,
) -> pd.DataFrame:
    """Rules as mlxtend's function of that name returns them.

    Parameters
    ----------
    df
        Frame of all frequent itemsets, as of mlxtend's fpgrowth.
    num_itemsets
        Number of all baskets; found from the supports where it is 1.
    df_orig, null_values
        Of baskets with missing values, which are refused.
    metric
        Measure by which rules are chosen: one of `RETURN_METRICS` or of `measures.MEASURES`.
    min_threshold
        Least value of it.
    support_only
        Whether only supports are wanted, for which parts of the itemsets may be missing.
    return_metrics
        Columns to return, in this order.

    Returns
    -------
    pandas.DataFrame
        ``antecedents`` and ``consequents`` as frozensets, and the columns that were asked for.

    Raises
    ------
    FrameUnusable
        When the frame is empty, lacks something, or has missing values; see `itemsets_from`.
    MeasureUnknown
        When a measure is not there.
    RulesTooMany
        When there are more rules than `RulesWanted.most_rules`.
    """
    if null_values or df_orig is not None:
        raise FrameUnusable(_NO_NULLS)
    if not len(df):
        message = "rules need itemsets, but the frame has no row; mine with a lower support"
        raise FrameUnusable(message)
    if support_only:
        return _by_support(df, min_threshold, return_metrics)
    rules = _chosen(itemsets_from(df, num_itemsets), metric, min_threshold)
    return rules_frame(rules, return_metrics)


def rules_frame(rules: Rules, return_metrics: Sequence[str] = RETURN_METRICS) -> pd.DataFrame:
    """Rules as mlxtend's frame: frozensets, and measures by its names or ours."""
    sides = {
        "antecedents": objects([frozenset(items) for items in rules.names(rules.antecedent)]),
        "consequents": objects([frozenset(items) for items in rules.names(rules.consequent)]),
    }
    return pd.DataFrame(sides | {name: rules.measure(_ours(name)) for name in return_metrics})


def _chosen(itemsets: Itemsets, metric: str, threshold: float) -> Rules:
    """Rules with so much of a measure; exactly where it is the confidence or the support."""
    is_sure = metric == "confidence" and 0 < threshold <= 1
    rules = rules_of(itemsets, RulesWanted(threshold if is_sure else _ANY))
    if rules.cut is not None:
        raise RulesTooMany(str(rules.cut))
    if is_sure:
        return rules
    if metric == "support" and 0 < threshold <= 1:
        least = least_count(threshold, itemsets.baskets)
        return rules.where(itemsets.count[rules.itemset] >= least)
    return rules.where(rules.measure(_ours(metric)) >= threshold)


def _by_support(df: pd.DataFrame, threshold: float, return_metrics: Sequence[str]) -> pd.DataFrame:
    """Every split of every itemset, of which nothing but the support is known."""
    rows = [
        (frozenset(lead), items - frozenset(lead), support)
        for items, support in zip(map(frozenset, df["itemsets"]), df["support"], strict=True)
        if support >= threshold
        for length in range(len(items) - 1, 0, -1)
        for lead in combinations(sorted(items, key=_sorting), length)
    ]
    sides = {
        "antecedents": objects([lead for lead, _, _ in rows]),
        "consequents": objects([follow for _, follow, _ in rows]),
    }
    unknown = {name: np.full(len(rows), np.nan) for name in return_metrics}
    return pd.DataFrame(sides | unknown | {"support": np.array([row[2] for row in rows], float)})


def _ours(name: str) -> str:
    """Our name of mlxtend's measure."""
    own = name.replace(" ", "_")
    return own if own in MEASURES else name


def _counts(support: FloatArray, baskets: int) -> tuple[list[int], int]:
    """Number of baskets of each share, and of all."""
    if baskets == 1:
        shares = [Fraction(each).limit_denominator(_MOST_BASKETS) for each in support.tolist()]
        baskets = lcm(*(share.denominator for share in shares))
        if baskets > _MOST_BASKETS:
            message = (
                "supports are shares of one number of baskets, but no number up to "
                f"{_MOST_BASKETS:,} fits all; pass the number of baskets as num_itemsets"
            )
            raise FrameUnusable(message)
    counts = [round(each * baskets) for each in support.tolist()]
    odd = np.flatnonzero(~np.isclose(np.array(counts) / baskets, support, rtol=1e-9, atol=0))
    if len(odd):
        message = (
            f"supports are shares of {baskets:,} baskets, but {support[odd[0]]:g} is none; "
            "pass the number of all baskets as num_itemsets"
        )
        raise FrameUnusable(message)
    return counts, baskets


def _plain(item: object) -> object:
    """A label as Python has it."""
    return item.item() if isinstance(item, np.generic) else item


def _sorting(item: object) -> tuple[str, Any]:
    """Numbers before text, so that labels of both kinds sort."""
    return ("0", item) if isinstance(item, (int, float)) else ("1", str(item))
