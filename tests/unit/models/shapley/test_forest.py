import lightgbm as lgb
import numpy as np
import pytest

from models.shapley.forest import NotSupported, forest
from models.shapley.kernels import CATEGORICAL

# Two trees over three columns: one splits at 0.5 of the last and by a set of the second.
TEXT = """tree
version=v4
num_class=1
num_tree_per_iteration=1
max_feature_idx=2

Tree=0
num_leaves=3
num_cat=1
split_feature=2 1
threshold=0.5 0
decision_type=10 1
left_child=1 -1
right_child=-2 -3
leaf_value=1 2 -3
leaf_count=10 20 30
internal_count=60 40
cat_boundaries=0 2
cat_threshold=5 1
is_linear=0

Tree=1
num_leaves=1
num_cat=0
leaf_value=0.25
is_linear=0

end of trees

feature_importances:
Tree=9
"""


def test_a_tree_is_read_from_the_text() -> None:
    found = forest(TEXT)
    ((number, tree),) = found.trees
    assert (found.width, found.classes, number) == (3, 1, 0)
    assert tree.column.tolist() == [2, 1]
    assert tree.kind.tolist() == [2, CATEGORICAL]
    assert tree.missing_left.tolist() == [True, False]
    assert (tree.left.tolist(), tree.right.tolist()) == ([1, -1], [-2, -3])
    assert [each.tolist() for each in tree.categories] == [[0, 2, 32]]


def test_the_expected_value_weighs_leaves_by_their_training_rows() -> None:
    ((_, tree),) = forest(TEXT).trees
    assert tree.expected == pytest.approx((10 * 1 + 20 * 2 - 30 * 3) / 60)


def test_a_tree_of_one_leaf_adds_to_the_base_of_its_class() -> None:
    assert forest(TEXT).base.tolist() == [0.25]
    classes = TEXT.replace("num_tree_per_iteration=1", "num_tree_per_iteration=2")
    assert forest(classes).base.tolist() == [0, 0.25]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("is_linear=0", "is_linear=1", "linear"),
        ("leaf_count=10 20 30", "leaf_count=10 0 30", "no training row"),
        ("internal_count=60 40", "internal_count=60 0", "no training row"),
        ("num_leaves=3", "num_leaves=513", "very large"),
    ],
)
def test_what_tables_cannot_tell_is_said(old: str, new: str, why: str) -> None:
    with pytest.raises(NotSupported, match=why):
        forest(TEXT.replace(old, new))


def test_a_booster_with_linear_leaves_is_not_supported() -> None:
    random = np.random.default_rng(1)
    values = random.normal(size=(300, 3))
    data = lgb.Dataset(values, values[:, 0] * 2, params={"verbosity": -1, "linear_tree": True})
    booster = lgb.train({"verbosity": -1, "linear_tree": True}, data, num_boost_round=2)
    with pytest.raises(NotSupported, match="linear"):
        forest(booster.model_to_string())
