"""What a model says of rows that it was not fitted to, fold by fold."""

from concurrent.futures import ThreadPoolExecutor

from threadpoolctl import threadpool_limits

from models.catalogue import CHURN_KINDS, ChurnSpec
from models.search import Task, usable_folds
from models.spec import FloatArray, Params, Search
from models.splits import Fold


def out_of_fold(spec: ChurnSpec, params: Params, task: Task, plan: Search) -> list[FloatArray]:
    """Probabilities of the validation rows of each usable fold, by a model of its training rows."""
    features, churned = task.features, task.churned

    def on_fold(fold: Fold) -> FloatArray:
        rows = features.iloc[fold.train]
        fitted = CHURN_KINDS[spec.kind].fit(spec, params, rows, churned[fold.train], plan.seed)
        return fitted.predict(features.iloc[fold.valid])

    with (
        threadpool_limits(limits=1, user_api="blas"),
        ThreadPoolExecutor(max_workers=plan.threads) as pool,
    ):
        return list(pool.map(on_fold, usable_folds(task)))
