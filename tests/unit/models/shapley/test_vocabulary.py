from collections.abc import Sequence

import numpy as np
import pytest

from models.shapley.forest import NotSupported, Tree
from models.shapley.kernels import CATEGORICAL, NAN_IS_MISSING, ZERO_IS_MISSING
from models.shapley.vocabulary import vocabulary

NAN = float("nan")


def stump(column: int, threshold: float, kind: int, categories: Sequence[int] = ()) -> Tree:
    """A tree of one split, whose missing values go left."""
    one = np.ones(1)
    return Tree(
        column=np.array([column]),
        threshold=np.array([threshold]),
        kind=np.array([kind]),
        missing_left=np.array([True]),
        left=np.array([-1]),
        right=np.array([-2]),
        value=np.ones(2),
        weight=np.ones(2),
        node_weight=one * 2,
        categories=[np.array(categories)] if categories else [],
    )


def codes(kind: int, values: Sequence[float]) -> list[int]:
    """Of a column that is split at -1, 0.5 and 3."""
    spoken = vocabulary([stump(0, at, kind) for at in (0.5, 3.0, -1.0, 0.5)], 1)
    assert spoken.size(0) == 5
    return [int(code) for code in spoken.codes(np.array(values)[:, None])[0]]


def test_codes_count_the_thresholds_below_a_value() -> None:
    assert codes(NAN_IS_MISSING, [-2, -1, 0, 0.5, 0.6, 3, 4, 1e300]) == [1, 1, 2, 2, 3, 3, 4, 4]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(0, [2, 2, 2, 3]), (ZERO_IS_MISSING, [0, 0, 0, 3]), (NAN_IS_MISSING, [0, 2, 2, 3])],
)
def test_what_is_missing_depends_on_the_kind(kind: int, expected: list[int]) -> None:
    assert codes(kind, [NAN, 0.0, 1e-36, 0.7]) == expected


def test_categories_that_no_decision_names_are_unknown() -> None:
    spoken = vocabulary([stump(0, 0, CATEGORICAL, (2, 5)), stump(0, 0, CATEGORICAL, (5, 9))], 1)
    values = np.array([2, 5, 9, 9.7, 3, 10, -1, -0.5, NAN, 1e300])[:, None]
    assert spoken.codes(values)[0].tolist() == [1, 2, 3, 3, 0, 0, 0, 0, 0, 0]


def test_a_column_without_decision_has_one_code() -> None:
    spoken = vocabulary([stump(1, 0.5, 0)], 2)
    assert spoken.codes(np.array([[7.0, 0.0], [NAN, 1.0]]))[0].tolist() == [0, 0]


def test_classes_are_what_a_tree_tells_apart() -> None:
    tree = stump(0, 0.5, NAN_IS_MISSING)
    spoken = vocabulary([tree, stump(0, 3.0, NAN_IS_MISSING)], 1)
    of_code, lefts = spoken.classes(tree, 0, np.array([0]))
    assert of_code.tolist() == [0, 1, 2, 2]
    assert lefts.tolist() == [[1, 1, 0]]


def test_trees_have_to_agree_on_what_is_missing() -> None:
    with pytest.raises(NotSupported, match="missing"):
        vocabulary([stump(0, 0.5, NAN_IS_MISSING), stump(0, 0.5, ZERO_IS_MISSING)], 1)


def test_very_many_thresholds_are_not_supported() -> None:
    with pytest.raises(NotSupported, match="very many"):
        vocabulary([stump(0, float(at), 0) for at in range(65_536)], 1)
