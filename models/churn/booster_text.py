"""Trees made by something else than LightGBM, as a Booster: written in the text that it reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import lightgbm as lgb

from models.churn.booster import booster_names

_NAN_GOES_LEFT: Final = 2 | 2 << 2
"""LightGBM's decision_type: missing values are NaN, and go left."""


@dataclass(frozen=True)
class Leaf:
    """What is added for those who arrive, and how many of the training rows did."""

    value: float
    rows: int


@dataclass(frozen=True)
class Split:
    """A question: left those whose value is at most the threshold, or missing.

    Attributes
    ----------
    column
        Position of the column.
    threshold
        A finite number.
    left, right
        What follows.
    """

    column: int
    threshold: float
    left: "Node"
    right: "Node"


Node: TypeAlias = Leaf | Split


def booster_of(trees: Sequence[Node], columns: Sequence[str]) -> lgb.Booster:
    """A Booster whose log-odds are the sum of the trees, for the objective ``binary``.

    Parameters
    ----------
    trees
        At least one.
    columns
        Names by position.
    """
    return _booster([_written(_fields(tree)) for tree in trees], columns)


def summed(boosters: Sequence[lgb.Booster], columns: Sequence[str]) -> lgb.Booster:
    """A Booster whose log-odds are the sum of those of Boosters over the same columns.

    Its trees are theirs, one after the other: log-odds, bases and contributions add up.
    """
    texts = [booster.model_to_string().partition("\nend of trees")[0] for booster in boosters]
    blocks = [block for text in texts for block in text.split("\nTree=")[1:]]
    return _booster([block.partition("\n")[2].strip() + "\n" for block in blocks], columns)


def _booster(blocks: Sequence[str], columns: Sequence[str]) -> lgb.Booster:
    """A Booster of trees that are written already."""
    names = booster_names(columns)
    head = {
        "version": "v4",
        "num_class": 1,
        "num_tree_per_iteration": 1,
        "label_index": 0,
        "max_feature_idx": len(names) - 1,
        "objective": "binary sigmoid:1",
        "feature_names": " ".join(names),
        "feature_infos": " ".join(["none"] * len(names)),
    }
    numbered = [f"Tree={number}\n{block}" for number, block in enumerate(blocks)]
    parts = [f"tree\n{_written(head)}", *numbered, "end of trees\n", "pandas_categorical:null\n"]
    return lgb.Booster(model_str="\n".join(parts))


def _written(fields: dict[str, object]) -> str:
    return "".join(f"{name}={value}\n" for name, value in fields.items())


def _fields(tree: Node) -> dict[str, object]:
    """Lines of a tree: nodes and leaves in the order of a walk, numbers with all their digits."""
    if isinstance(tree, Leaf):
        return {"num_leaves": 1, "num_cat": 0, "leaf_value": repr(tree.value), "shrinkage": 1}
    splits = [node for node in _walk(tree) if isinstance(node, Split)]
    leaves = [node for node in _walk(tree) if isinstance(node, Leaf)]
    number = {id(node): place for place, node in enumerate(splits)}
    number |= {id(node): ~place for place, node in enumerate(leaves)}
    counts = [leaf.rows for leaf in leaves]
    below = [_rows(split) for split in splits]
    return {
        "num_leaves": len(leaves),
        "num_cat": 0,
        "split_feature": _listed([split.column for split in splits]),
        "split_gain": _listed([0] * len(splits)),
        "threshold": _listed([split.threshold for split in splits]),
        "decision_type": _listed([_NAN_GOES_LEFT] * len(splits)),
        "left_child": _listed([number[id(split.left)] for split in splits]),
        "right_child": _listed([number[id(split.right)] for split in splits]),
        "leaf_value": _listed([leaf.value for leaf in leaves]),
        "leaf_weight": _listed(counts),
        "leaf_count": _listed(counts),
        "internal_value": _listed([0] * len(splits)),
        "internal_weight": _listed(below),
        "internal_count": _listed(below),
        "is_linear": 0,
        "shrinkage": 1,
    }


def _listed(values: Sequence[float]) -> str:
    return " ".join(map(repr, values))


def _walk(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Split):
        yield from _walk(node.left)
        yield from _walk(node.right)


def _rows(node: Node) -> int:
    return sum(each.rows for each in _walk(node) if isinstance(each, Leaf))
