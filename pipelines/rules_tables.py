"""Rules as the table that people read and a version holds, and rules of such a table again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from features.items import Items
from models.rules.association import Rules, RulesWanted, objects
from models.rules.changes import Confirmed
from models.rules.itemsets import Itemsets
from models.rules.measures import confidence, lift
from models.tries import ROOT
from pipelines.rules_found import BUNDLE_COLUMNS, RULE_COLUMNS

_MEASURES: Final = ("support", "confidence", "lift", "leverage", "conviction", "zhangs_metric")


def kept_table(name: str, later: Confirmed, chances: pd.DataFrame, items: Items) -> pd.DataFrame:
    """Rows of `RulesFound.rules`: one per kept rule of a group, the highest lift first.

    Parameters
    ----------
    name
        Of the group.
    later
        The rules and what became of them.
    chances
        p and adjusted_p, in the order of the rules.
    items
        Of the baskets that were mined.
    """
    rules, known = later.rules, items.table.to_pandas().set_index("label")
    title, level = known["title"].to_dict(), known["level"].to_dict()
    is_context = known["is_context"].to_dict()
    sides = {
        "antecedent": rules.names(rules.antecedent),
        "consequent": rules.names(rules.consequent),
    }
    columns: dict[str, object] = {"group": texts([name] * len(rules))}
    for side, named in sides.items():
        columns[f"{side}s"] = objects([[title[label] for label in each] for each in named])
        levels = [dict.fromkeys(level[label] for label in each) for each in named]
        columns[f"{side}_level"] = texts([", ".join(sorted(each)) for each in levels])
    columns |= {
        "count": rules.counts.both.astype(np.int64),
        "antecedent_count": rules.counts.antecedent.astype(np.int64),
        "consequent_count": rules.counts.consequent.astype(np.int64),
        "baskets": np.full(len(rules), rules.itemsets.baskets, dtype=np.int64),
        **{measure: rules.measure(measure) for measure in _MEASURES},
        "p": chances["p"].to_numpy(),
        "adjusted_p": chances["adjusted_p"].to_numpy(),
        "later_count": later.later.both.astype(np.int64),
        "later_antecedent_count": later.later.antecedent.astype(np.int64),
        "later_confidence": confidence(later.later),
        "later_lift": lift(later.later),
        "held": later.held,
        "has_context": np.array(
            [any(is_context[label] for label in each) for each in sides["antecedent"]], dtype=bool
        ),
    }
    table = pd.DataFrame(columns)[list(RULE_COLUMNS)]
    return table.sort_values("lift", ascending=False, kind="stable", ignore_index=True)


def bundles_table(name: str, found: pd.DataFrame | None, items: Items) -> pd.DataFrame:
    """Rows of `RulesFound.bundles`, in the order given; none of None.

    Parameters
    ----------
    name
        Of the group.
    found
        As of `models.rules.utility_results.Bundles.frame`, the margin as utility.
    items
        Of the baskets that were mined.
    """
    rows = pd.DataFrame({"itemsets": [], "count": [], "utility": []}) if found is None else found
    title = dict(zip(*(items.table[each].to_pylist() for each in ("label", "title")), strict=True))
    count, margin = (rows[each].to_numpy().astype(np.int64) for each in ("count", "utility"))
    columns = {
        "group": texts([name] * len(rows)),
        "items": objects([sorted(title[label] for label in each) for each in rows["itemsets"]]),
        "count": count,
        "margin": margin,
        "margin_per_basket": margin / count,
    }
    return pd.DataFrame(columns)[list(BUNDLE_COLUMNS)]


def items_table(items: Items) -> pd.DataFrame:
    """What a version knows of items: item (title), label, level, is_context, belongs_to (titles).

    One row per item, in order of its label.
    """
    known = items.table.to_pandas()
    title = known["title"].to_numpy()
    above: list[list[str]] = [[] for _ in range(len(known))]
    pairs = (items.ancestors[name].to_pylist() for name in ("item", "ancestor"))
    for item, ancestor in zip(*pairs, strict=True):
        above[item].append(title[ancestor])
    table = pd.DataFrame(
        {"item": title, **{name: known[name] for name in ("label", "level", "is_context")}}
    )
    table["belongs_to"] = above
    return table


@dataclass(frozen=True)
class Named:
    """Rules of a table, by the labels of their items.

    Attributes
    ----------
    antecedents, consequents
        Labels of each rule.
    confidence
        Share of the antecedent's baskets that a rule was to have, at least.
    """

    antecedents: Sequence[Sequence[str]]
    consequents: Sequence[Sequence[str]]
    confidence: float


def rules_again(named: Named) -> Rules:
    """The rules, so that they can be looked for in other baskets.

    In which baskets they were found is not told: their itemsets have a count of 0.
    """
    every = [*named.antecedents, *named.consequents]
    labels = pd.Index(sorted({label for each in every for label in each}), dtype=object)
    place = {label: position for position, label in enumerate(labels)}
    nodes: dict[tuple[int, ...], int] = {}

    def node_of(items: Sequence[str]) -> int:
        path = tuple(sorted(place[label] for label in items))
        for end in range(1, len(path) + 1):
            nodes.setdefault(path[:end], len(nodes))
        return nodes[path]

    pairs = list(zip(named.antecedents, named.consequents, strict=True))
    found = [(node_of(a), node_of(c), node_of([*a, *c])) for a, c in pairs]
    columns = np.array(found, dtype=np.int32).reshape(-1, 3)
    itemsets = Itemsets(
        parent=np.array([nodes.get(path[:-1], ROOT) for path in nodes], dtype=np.int32),
        item=np.array([path[-1] for path in nodes], dtype=np.int32),
        count=np.zeros(len(nodes), dtype=np.int32),
        labels=labels,
        total=0,
        least=0,
    )
    wanted = RulesWanted(named.confidence)
    return Rules(itemsets, columns[:, 0], columns[:, 1], columns[:, 2], wanted)


def texts(values: Sequence[str]) -> pd.Series:
    """A column of texts, also where there is none."""
    return pd.Series(values, dtype="str")


def as_arrow(table: pd.DataFrame) -> pa.Table:
    """The table as Arrow, whose lists are lists of strings even where there is no row."""
    found = pa.Table.from_pandas(table, preserve_index=False)
    for name in ("antecedents", "consequents", "items", "belongs_to"):
        if name in table.columns:
            place = found.schema.get_field_index(name)
            lists = pa.array(table[name].tolist(), pa.list_(pa.string()))
            found = found.set_column(place, name, lists)
    return found
