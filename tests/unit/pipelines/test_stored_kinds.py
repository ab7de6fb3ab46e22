"""Every kind of model through the tracking store: what is read back is what was trained."""

import numpy as np
import pytest
from pydantic import TypeAdapter

from features.contract import Column
from models.catalogue import CHURN_KINDS, ChurnSpec
from pipelines.registry import Registry
from tests.churners import churners

PEOPLE = churners(600)
COLUMNS = tuple(
    Column(str(name), "number", None, "unknown", f"meaning of {name}", "x")
    for name in PEOPLE.features.columns
)


@pytest.mark.parametrize("kind", sorted(CHURN_KINDS))
def test_a_kind_comes_back_from_the_store_with_equal_scores_and_reasons(
    registry: Registry, kind: str
) -> None:
    module = CHURN_KINDS[kind]
    spec: ChurnSpec = TypeAdapter(ChurnSpec).validate_python({"kind": kind})
    trained = module.fit(spec, module.first_params(spec), PEOPLE.features, PEOPLE.churned, 1)
    fitted = trained.calibrated(0.9, 0.1)
    with registry.start_run("shop/churn", "train") as run:
        logged = run.log_model(fitted.library_object, COLUMNS, PEOPLE.features, {})
    opened = registry.load(registry.register("shop-churn", logged, {"kind": kind}))
    restored = module.restore(opened.library_object, [column.name for column in opened.columns])
    np.testing.assert_array_equal(
        restored.predict(PEOPLE.features), fitted.predict(PEOPLE.features)
    )
    np.testing.assert_array_equal(
        restored.contributions(PEOPLE.features), fitted.contributions(PEOPLE.features)
    )
    assert restored.base == fitted.base
