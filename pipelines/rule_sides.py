"""Which items may stand on which side of a rule."""

from features.items import Items
from pipelines.rule_settings import Rules


def sides(items: Items, rules: Rules) -> tuple[list[str], list[str]]:
    """Labels that antecedents, and those that consequents, are made of; both ascending.

    Items of the context stand in antecedents only. Chosen consequents are looked for by label, or
    by title where that is an item's own.

    Parameters
    ----------
    items
        That were bought.
    rules
        Section of the config.

    Raises
    ------
    ItemsUnclear
        When a chosen consequent was not bought, with the nearest.
    """
    leading = items.labels(rules.antecedent_levels)
    following = items.labels(rules.consequent_levels, with_context=False)
    if rules.consequents:
        known = items.table["label"].to_pylist()
        chosen = {known[items.numbered(name)] for name in rules.consequents}
        following = [label for label in following if label in chosen]
    return leading, following
