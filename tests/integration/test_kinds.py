"""Every kind of model by the command, the whole way from orders to reasons."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from models.catalogue import CHURN_KINDS, KINDS_OF_RULES
from tests.corner_shop import SCORED_ON, CornerShop
from tests.running import regulars, reviewed, scores_of

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", sorted(CHURN_KINDS))
def test_a_kind_is_trained_reviewed_promoted_and_scores_with_reasons(
    shop: CornerShop, tmp_path: Path, kind: str
) -> None:
    def do(*words: str) -> None:
        settings = ("--set", f"churn.model.kind={kind}", "--set", "churn.search.trials=2")
        done = regulars(*words, *settings, shop=shop, home=tmp_path)
        assert done.returncode == 0, done.stderr

    do("run")
    review_id, _ = reviewed(tmp_path)
    if not list((tmp_path / "scores").rglob("scores.parquet")):  # a gate held it back
        do("promote", "churn", "--review", review_id, "--override", "to see its reasons")
        do("score", "churn", "--as-of", f"{SCORED_ON:%Y-%m-%d}")
    scores = pq.read_table(scores_of(tmp_path)).to_pandas()
    assert scores["probability"].between(0, 1).all()
    assert scores["reasons"].dropna().map(len).max() > 0
    written = [pd.read_csv(path) for path in (tmp_path / "mlflow").rglob("rules.csv")]
    assert [table["rule"][0] for table in written] == ["everybody"] * (kind in KINDS_OF_RULES)
