"""Rules of one group of baskets: mined, tested, freed of what is said twice, confirmed later."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from features.items import Items
from models.rules.association import Rules, RulesWanted, rules_of
from models.rules.baskets import Baskets, Capped
from models.rules.changes import confirmed
from models.rules.generalisations import is_redundant
from models.rules.hierarchy import is_apart
from models.rules.itemsets import Itemsets
from models.rules.significance import SignificanceWanted, significance_of
from models.rules.utility import best_bundles
from models.rules.utility_search import Limit
from pipelines import rule_settings
from pipelines.rule_baskets import belonging
from pipelines.rule_engines import Mine
from pipelines.rule_sides import sides
from pipelines.rules_changes import Compared, changes_of
from pipelines.rules_found import GroupFound
from pipelines.rules_tables import bundles_table, kept_table

_MILLION: Final = 1_000_000


@dataclass(frozen=True, eq=False)
class GroupBaskets:
    """Baskets of a group.

    Attributes
    ----------
    name
        As of `GroupFound`.
    baskets, later
        To mine, and to confirm in; both capped.
    capped, later_capped
        What the cap took away.
    margins
        The baskets to mine with the margin of each item, minor units; None where not known.
    compared
        Baskets that its rules are compared between.
    """

    name: str
    baskets: Baskets
    later: Baskets
    capped: Capped
    later_capped: Capped
    margins: Baskets | None
    compared: Compared = field(default_factory=Compared)


@dataclass(frozen=True, eq=False)
class GroupMined:
    """What a group gave: its figures, and rows of the tables of `RulesFound`."""

    found: GroupFound
    rules: pd.DataFrame
    bundles: pd.DataFrame
    changes: pd.DataFrame


def mined(
    group: GroupBaskets, items: Items, asked: rule_settings.Rules, mine: Mine, threads: int = 1
) -> GroupMined:
    """Rules and bundles of one group.

    Parameters
    ----------
    group
        Its baskets.
    items
        Of the baskets to mine.
    asked
        Section of the config.
    mine
        Finds its itemsets.
    threads
        Cores to use; the result is the same for any number.

    Raises
    ------
    ItemsUnclear
        When a chosen consequent was not bought.
    RulesTooMany
        When not even the rules of confidence 1 fit the limits.
    """
    itemsets = _itemsets(mine(group.baskets), items)
    rules = rules_of(itemsets, _wanted(items, asked))
    wanted = SignificanceWanted(adjustment=asked.correction, share=asked.fdr, threads=threads)
    tested = significance_of(rules, group.baskets, wanted)
    is_lifting = rules.measure("lift") > 1
    is_kept = tested.found(asked.fdr) & is_lifting & ~is_redundant(rules)
    is_kept &= itemsets.lengths[rules.itemset] >= asked.length_least
    later = confirmed(rules.where(is_kept), group.later, share=asked.fdr)
    bundles, cut = _bundles(group, items, asked, threads)
    changes = changes_of(group.name, group.compared, rules.where(is_kept), items, asked)
    found = GroupFound(
        name=group.name,
        baskets=group.baskets.count,
        later_baskets=group.later.count,
        itemsets=len(itemsets),
        candidates=sum(layer.hypotheses for layer in tested.layers),
        confident=len(rules),
        lifting=int(is_lifting.sum()),
        kept=int(is_kept.sum()),
        held=int(later.held.sum()),
        notes=(*_notes(group, rules), *cut, *changes.notes),
        changes=changes.counts,
    )
    chances = pd.DataFrame({"p": tested.p[is_kept], "adjusted_p": tested.adjusted[is_kept]})
    told = kept_table(group.name, later, chances, items)
    return GroupMined(found, told, bundles, changes.table)


def _itemsets(found: Itemsets, items: Items) -> Itemsets:
    """Those of the frequent itemsets that hold no item together with what it belongs to."""
    belongs = belonging(items)
    return found.only(is_apart(found, belongs)) if len(belongs[0]) else found


def _wanted(items: Items, asked: rule_settings.Rules) -> RulesWanted:
    leading, following = sides(items, asked)
    return RulesWanted(
        asked.confidence,
        asked.antecedent_least,
        asked.antecedent_most,
        asked.consequent_least,
        asked.consequent_most,
        leading,
        following,
        asked.limits.rules,
        asked.limits.megabytes * _MILLION,
    )


def _bundles(
    group: GroupBaskets, items: Items, asked: rule_settings.Rules, threads: int
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Itemsets of the first level that bring most margin; a line counts once in them."""
    if group.margins is None:
        return bundles_table(group.name, None, items), ()
    table = items.table.to_pandas()
    aside = table["is_context"] | (table["level"] != asked.items[0])
    found = best_bundles(
        group.margins,
        min(asked.bundles, asked.limits.itemsets),
        min_length=2,
        max_length=max(2, asked.longest),
        without=table.loc[aside, "label"].tolist(),
        limit=Limit(asked.limits.itemsets, asked.limits.megabytes * _MILLION),
        threads=threads,
    )
    told = bundles_table(group.name, found.frame().head(asked.bundles), items)
    cut = found.raised
    if cut is None:
        return told, ()
    note = f"more than {cut.limit} bring {cut.asked:,} or more; the bundles are of those that fit"
    return told, (note,)


def _notes(group: GroupBaskets, rules: Rules) -> Iterator[str]:
    """Limits and caps, in sentences."""
    for when, told in (("", group.capped), (" later", group.later_capped)):
        if told.baskets:
            yield (
                f"{told.baskets:,}{when} baskets held more than {told.most:,} items (rules.largest)"
                f" and keep those that are in most baskets; {told.entries:,} were left out"
            )
    cut = rules.itemsets.cut
    if cut is not None:
        share = cut.mined / max(rules.itemsets.baskets, 1)
        yield (
            f"more than {cut.limit} are in {cut.asked:,} baskets or more; those in {cut.mined:,} "
            f"or more (support {share:.3g}) fit and are here, the others are not"
        )
    if rules.cut is not None:
        yield str(rules.cut)
    if not group.later.count:
        yield "nothing was bought later in this group, so that no rule could hold"
