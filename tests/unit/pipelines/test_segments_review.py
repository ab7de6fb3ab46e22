"""A review of segments whose columns are not those of what is live."""

from pathlib import Path

from pipelines import promote, segments_review
from tests.segments_shop import opened, purchases


def test_a_live_version_of_other_windows_does_not_keep_a_challenger_from_its_review(
    tmp_path: Path, registry_template: Path
) -> None:
    market = opened(
        tmp_path,
        registry_template,
        purchases(),
        columns=[],
        families=["frequency", "monetary", "breadth"],
    )
    market.train()
    first = segments_review.run(market.job()).evidence
    promote.run(market.job(), first.review_id, None)
    windows = "behaviour.windows_days=[14,30]"
    again = market.train(windows)
    assert "spend_30d" in again.found.columns
    second = segments_review.run(market.job(windows)).evidence
    assert (second.champion, second.challenger) == (1, 2)
    assert list(second.estimates) == ["challenger"]
    assert second.incumbent == "none"
    assert second.differences == {}
