"""Settings of LightGBM, as the learners that have boosted trees give them."""

from typing import Any, Final, Protocol


class Trees(Protocol):
    """What every such learner is told of its trees."""

    @property
    def leaves(self) -> int:
        """Most leaves of one tree."""

    @property
    def learning_rate(self) -> float:
        """Weight of a tree."""

    @property
    def rows_per_leaf(self) -> int:
        """Least rows in a leaf."""

    @property
    def column_share(self) -> float:
        """Share of the columns that each tree may use."""

    @property
    def l2(self) -> float:
        """L2 penalty on leaf values."""

    @property
    def threads(self) -> int:
        """Threads of a fit; change no result."""

    @property
    def seed(self) -> int:
        """Of all draws."""


_BAGGED: Final = {"bagging_fraction": 0.7, "bagging_freq": 1, "max_bin": 127}


def boosting(
    spec: Trees, objective: str, *, bagged: bool = False, by_column: bool = False
) -> dict[str, Any]:  # LightGBM takes values of any type
    """Settings of one boosting, the same for any number of threads.

    Parameters
    ----------
    spec
        Of the learner.
    objective
        LightGBM's name of what is learnt.
    bagged
        Whether each tree grows on another 70 % of the rows, and tells at most 127 values of a
        column apart.
    by_column
        Whether histograms are made column by column; it changes the last digits.
    """
    return {
        "objective": objective,
        "num_leaves": spec.leaves,
        "learning_rate": spec.learning_rate,
        "min_data_in_leaf": spec.rows_per_leaf,
        "feature_fraction": spec.column_share,
        "lambda_l2": spec.l2,
        "num_threads": spec.threads,
        "seed": spec.seed,
        "deterministic": True,
        "force_col_wise" if by_column else "force_row_wise": True,
        "verbosity": -1,
        **(_BAGGED if bagged else {}),
    }
