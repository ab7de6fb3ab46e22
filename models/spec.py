"""Settings of the churn models, and what every kind of model and every fitted one can do."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from features.errors import RegularsError

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
Params = Mapping[str, float]
"""Hyperparameters by name; whole numbers are kept as int."""


class ColumnsMissing(RegularsError):
    """A table lacks columns that a model was fitted on."""


class ColumnsNotNumbers(RegularsError):
    """Columns hold text, or infinite values, where a model needs finite numbers or nulls."""


class OneClassOnly(RegularsError):
    """Everybody left, nobody left, or there is nobody at all."""


class FiguresUnfit(RegularsError):
    """Figures per customer differ in number, are missing, or are out of their bounds."""


class ChurnLogit(BaseModel):
    """Logistic regression on the rank and the size of every column.

    Quick, smooth and hard to overfit: the model to beat.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["churn_logit"] = Field(default="churn_logit", description="Logistic regression.")
    inverse_penalty: float = Field(
        default=0.03, ge=1e-4, le=3.0, description="C of scikit-learn: smaller shrinks more."
    )
    quantiles: int = Field(
        default=200, ge=10, le=1000, description="Landmarks that a column's ranks are read from."
    )


class ChurnGbm(BaseModel):
    """Boosted trees by LightGBM; the values here are the first trial of a search.

    The bounds are those of the search, so that a hand-set value can be its first trial.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["churn_gbm"] = Field(default="churn_gbm", description="Boosted trees.")
    trees: int = Field(default=150, ge=40, le=400, description="Boosting rounds.")
    leaves: int = Field(default=7, ge=4, le=31, description="Most leaves of one tree.")
    learning_rate: float = Field(default=0.04, ge=0.01, le=0.15, description="Weight of a tree.")
    rows_per_leaf: int = Field(default=50, ge=20, le=200, description="Least rows in a leaf.")
    column_share: float = Field(
        default=0.5, ge=0.2, le=1.0, description="Share of the columns that each tree may use."
    )
    l2: float = Field(default=1.0, ge=0.01, le=100.0, description="L2 penalty on leaf values.")
    threads: int = Field(
        default=1,
        ge=1,
        description="Threads of one fit; changes no result. More than one pays from about 100,000 "
        "rows on, and only while no other process wants the cores.",
    )


class ChurnTree(BaseModel):
    """One decision tree: groups of customers by yes-or-no questions, and the rate of each.

    Coarse, and read in a minute. The bounds are those of the search.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["churn_tree"] = Field(default="churn_tree", description="One decision tree.")
    leaves: int = Field(default=16, ge=2, le=32, description="Most groups of customers.")
    rows_per_leaf: int = Field(default=100, ge=20, le=1000, description="Least rows in a group.")
    prior_rows: float = Field(
        default=10.0,
        ge=0.5,
        le=200.0,
        description="The overall rate counts as so many rows more in each group.",
    )


class ChurnRules(BaseModel):
    """A sum of if-then rules, chosen from the leaves of small trees by an L1 penalty.

    Nearly as good as boosted trees, and some dozens of lines to read. The bounds are those of the
    search.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["churn_rules"] = Field(default="churn_rules", description="If-then rules.")
    trees: int = Field(default=50, ge=10, le=100, description="Trees that rules are taken from.")
    leaves: int = Field(
        default=4,
        ge=2,
        le=4,
        description="Most leaves of one tree; a rule has fewer conditions than that.",
    )
    rows_per_leaf: int = Field(default=50, ge=20, le=500, description="Least rows of a rule.")
    inverse_penalty: float = Field(
        default=0.03, ge=0.003, le=0.3, description="C of scikit-learn: smaller keeps fewer rules."
    )


class ChurnMlp(BaseModel):
    """A neural network with one hidden layer, on the rank and the size of every column.

    Smooth like the logistic regression, and columns may act together. The bounds are those of the
    search.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["churn_mlp"] = Field(default="churn_mlp", description="A neural network.")
    units: int = Field(default=16, ge=4, le=64, description="Units of the hidden layer.")
    steps: int = Field(
        default=800,
        ge=200,
        le=3000,
        description="Corrections of the weights, by 200 rows each; whole rounds over the rows.",
    )
    l2: float = Field(default=5.0, ge=0.1, le=30.0, description="L2 penalty: scikit-learn's alpha.")
    quantiles: int = Field(
        default=200, ge=10, le=1000, description="Landmarks that a column's ranks are read from."
    )


class ChurnEbm(BaseModel):
    """An explainable boosting machine: one curve per column, and a surface for a few pairs.

    As good as boosted trees where columns act alone. The bounds are those of the search.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["churn_ebm"] = Field(
        default="churn_ebm", description="Explainable boosting; needs the extra regulars[ebm]."
    )
    rounds: int = Field(
        default=40, ge=10, le=300, description="Steps for each curve, at most; fewer where enough."
    )
    learning_rate: float = Field(default=0.1, ge=0.01, le=0.2, description="Weight of a step.")
    rows_per_leaf: int = Field(default=10, ge=2, le=100, description="Least rows in a step's leaf.")
    pairs: int = Field(default=5, ge=0, le=20, description="Pairs of columns that act together.")
    bins: int = Field(default=64, ge=8, le=256, description="Most values of a column's curve.")


class Search(BaseModel):
    """How long and where to look for hyperparameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trials: int = Field(
        default=25, ge=1, le=1000, description="Trials in all, pruned ones among them."
    )
    seconds: float | None = Field(
        default=None,
        gt=0,
        description="No trial begins once all took so long, earlier runs included; null: no limit. "
        "With a limit, another machine may find other parameters.",
    )
    prune: bool = Field(
        default=True,
        description="Give a trial up whose first folds are worse than the median of earlier ones.",
    )
    seed: int = Field(default=7, ge=0, description="Equal seeds find equal parameters.")
    goal: Literal["loss", "profit_and_columns"] = Field(
        default="loss",
        description="loss: the least log loss. profit_and_columns: the fewest columns within one "
        "standard error of the best expected profit (without economics: average precision).",
    )
    folds: int = Field(default=3, ge=1, le=20, description="Cutoffs to validate on, newest last.")
    threads: int = Field(default=2, ge=1, description="Folds at a time; changes no result.")


class Fitted(Protocol):
    """A fitted churn model around the library object that is registered."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns in the order of fitting."""

    @property
    def library_object(self) -> Any:  # noqa: ANN401 - a LightGBM Booster or a scikit-learn Pipeline
        """The whole model, calibration included, without any class of this project."""

    @property
    def base(self) -> float:
        """Log-odds before any contribution."""

    def predict(self, features: pd.DataFrame) -> FloatArray:
        """Probability of churn, shape (n,), columns taken by name."""

    def contributions(self, features: pd.DataFrame, of_rows: int | None = None) -> FloatArray:
        """Log-odds per row and column, shape (n, k); a row and `base` sum to its log-odds.

        A batch says of how many rows in all it is one, so that the quickest way for all is taken.
        """

    def calibrated(self, slope: float, intercept: float) -> "Fitted":
        """The same model with log-odds ``slope * z + intercept``, folded into its object."""


class Suggests(Protocol):
    """A trial of Optuna, as far as a kind asks it for hyperparameters."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """A whole number within low..high."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """A number within low..high."""


Fitter = Callable[[Params], Fitted]
"""Fits one set of hyperparameters to rows that were prepared once."""

SpecT_contra = TypeVar("SpecT_contra", bound=BaseModel, contravariant=True)


class ChurnKind(Protocol[SpecT_contra]):
    """The functions of a module under ``models/churn``."""

    def fitter(
        self, spec: SpecT_contra, features: pd.DataFrame, churned: BoolArray, seed: int
    ) -> Fitter:
        """A function from hyperparameters to a fitted model, sharing the prepared rows."""

    def fit(
        self,
        spec: SpecT_contra,
        params: Params,
        features: pd.DataFrame,
        churned: BoolArray,
        seed: int,
    ) -> Fitted:
        """A model fitted to rows of ``features`` and whether each customer ``churned``."""

    def first_params(self, spec: SpecT_contra) -> Params:
        """The hand-set hyperparameters, which a search tries first."""

    def search_space(self, spec: SpecT_contra, trial: Suggests) -> Params:
        """Hyperparameters suggested by a trial."""

    def restore(
        self,
        library_object: Any,  # noqa: ANN401 - whatever the registry loaded; checked inside
        columns: Sequence[str],
    ) -> Fitted:
        """A fitted model around a library object that was registered with these columns."""


def require_both_classes(churned: BoolArray, purpose: str) -> None:
    """Nothing, when somebody left and somebody stayed.

    Raises
    ------
    OneClassOnly
        Naming the purpose (such as ``training``) and the counts.
    """
    rows, left = len(churned), int(np.count_nonzero(churned))
    if left in (0, rows):
        message = (
            f"{purpose} needs customers who left and customers who stayed, but of {rows} rows "
            f"{left} left; widen the cohort, change the horizon or use other as_of dates"
        )
        raise OneClassOnly(message)


def require_figures(purpose: str, figures: Mapping[str, npt.NDArray[np.generic]]) -> None:
    """Nothing, when each of the named arrays holds one finite figure per customer.

    Raises
    ------
    FiguresUnfit
        Naming the purpose (such as ``savings``), the array, and the lengths or counts found.
    """
    shapes = {name: values.shape for name, values in figures.items()}
    if len(set(shapes.values())) > 1 or any(len(shape) != 1 for shape in shapes.values()):
        found = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        message = (
            f"{purpose} need one figure per customer, but the shapes are {found}; "
            f"pass arrays of one length, with the customers in one order"
        )
        raise FiguresUnfit(message)
    for name, values in figures.items():
        if len(values) == 0:
            message = f"{purpose} need customers, but {name} is empty; widen the cohort"
            raise FiguresUnfit(message)
        wrong = len(values) - np.count_nonzero(np.isfinite(values))
        if wrong:
            message = (
                f"{purpose} need finite numbers, but {wrong} of {len(values)} in {name} are not; "
                f"mend them or leave these customers out"
            )
            raise FiguresUnfit(message)


def require_shares(purpose: str, name: str, values: FloatArray) -> None:
    """Nothing, when all values are within 0..1.

    Raises
    ------
    FiguresUnfit
        Naming the purpose, the array, and the least and the greatest value found.
    """
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > 1:
        message = (
            f"{purpose} need {name} within 0..1, but it runs from {low:g} to {high:g}; "
            f"pass probabilities, not log-odds or percentages"
        )
        raise FiguresUnfit(message)


def numbers(features: pd.DataFrame, columns: Sequence[str]) -> FloatArray:
    """Values of the columns, by name, as float64 of shape (n, k); null becomes NaN.

    Raises
    ------
    ColumnsMissing
        When the table lacks columns; the text names them.
    ColumnsNotNumbers
        When columns hold text or infinite values; the text names the columns, never a value.
    """
    missing = [name for name in columns if name not in features.columns]
    if missing:
        message = (
            f"the model needs {len(columns)} columns, but the table lacks {missing}; "
            f"build the behaviour table with the config that the model was trained with"
        )
        raise ColumnsMissing(message)
    wanted = list(columns)
    chosen = features if wanted == list(features.columns) else features[wanted]
    types = list(chosen.dtypes)
    text = {each for each in set(types) if not pd.api.types.is_numeric_dtype(each)}
    _require_numbers(
        [name for name, each in zip(columns, types, strict=True) if each in text],
        "numbers, but not numeric are",
    )
    values: FloatArray = chosen.to_numpy(dtype=np.float64, na_value=np.nan)
    infinite = np.flatnonzero(np.isinf(values).any(axis=0))
    _require_numbers(
        [columns[int(position)] for position in infinite],
        "finite numbers or nulls, but infinite values are in",
    )
    return values


def _require_numbers(offending: Sequence[str], what: str) -> None:
    if offending:
        message = f"the model needs {what} {list(offending)}; cast or mend them before this step"
        raise ColumnsNotNumbers(message)
