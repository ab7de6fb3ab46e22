"""Segments of a made-up shop: found, registered, read alone, reviewed, written down at night."""

import re
from datetime import timedelta
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.clock import OutsideHistory
from models.segments.agreement import adjusted_rand
from pipelines import (
    promote,
    segments_results,
    segments_review,
    segments_score,
)
from pipelines.artifacts import ModelRefused
from pipelines.definition import SettingsDiffer
from pipelines.profile_gathered import gathered
from pipelines.profile_groups import By
from pipelines.scoring import ColumnsDiffer, NoChampion
from pipelines.segments_columns import SegmentColumnsUnknown
from pipelines.segments_found import Kept
from pipelines.segments_gathered import gathered as looked_at
from pipelines.segments_live import champion
from pipelines.segments_score import SCHEMA, SegmentsScored
from pipelines.segments_train import SegmentsTrained
from pipelines.segments_version import model_of, tables_of
from pipelines.store import quietly
from pipelines.tables import write_partition
from tests.segments_shop import (
    AS_OF,
    CUSTOMERS,
    EARLIER,
    EARLIER_DAYS,
    END,
    Market,
    name,
    opened,
    purchases,
    way,
)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory, registry_template: Path) -> Market:
    return opened(tmp_path_factory.mktemp("market"), registry_template, purchases())


@pytest.fixture(scope="module")
def trained(market: Market) -> SegmentsTrained:
    return market.train()


@pytest.fixture(scope="module")
def kept(trained: SegmentsTrained) -> Kept:
    assert trained.found.kept is not None
    return trained.found.kept


@pytest.fixture(scope="module")
def live(market: Market, trained: SegmentsTrained) -> Market:
    reviewed = segments_review.run(market.job())
    assert reviewed.evidence.is_passed, reviewed.evidence.gates
    assert trained.version is not None
    assert trained.version.number == reviewed.evidence.challenger
    promote.run(market.job(), reviewed.evidence.review_id, None)
    return market


@pytest.fixture(scope="module")
def scored(live: Market) -> SegmentsScored:
    return segments_score.run(live.job(), END)


def _true_ways(customers: pd.Index) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    ways = {name(who): way(who) for who in range(CUSTOMERS)}
    return np.array([ways[each] for each in customers], dtype=np.int64)


def test_customers_who_buy_in_three_ways_are_three_segments(
    trained: SegmentsTrained, kept: Kept
) -> None:
    assert trained.found.as_of == AS_OF
    assert [each.customers for each in kept.gallery.portraits] == [40, 40, 40]
    customers = pd.Index([name(who) for who in range(CUSTOMERS)])
    assert adjusted_rand(kept.assigned.segment, _true_ways(customers)) == 1.0
    names = [each.name for each in kept.gallery.portraits]
    assert len(set(names)) == 3
    assert not any("in the last" in each for each in names)  # the window is that of all columns
    assert all(each.rule.is_pure for each in kept.gallery.portraits)


def test_value_is_what_was_spent_within_the_horizon(trained: SegmentsTrained, kept: Kept) -> None:
    until = AS_OF + timedelta(days=14)
    spent = pd.DataFrame(
        [
            (line.customer, line.amount)
            for line in purchases()
            if AS_OF <= line.ordered_at.date() < until
        ],
        columns=["customer", "amount"],
    )
    sums = spent.groupby("customer")["amount"].sum()
    customers = pd.Index([name(who) for who in range(CUSTOMERS)])
    values = sums.reindex(customers, fill_value=0).to_numpy(dtype=np.float64)
    for portrait in kept.gallery.portraits:
        inside = kept.assigned.segment == portrait.segment
        assert portrait.figures["value"].mean.value == pytest.approx(values[inside].mean())
        is_gone = ~customers.isin(sums.index)
        assert portrait.figures["churn"].mean.value == pytest.approx(is_gone[inside].mean())
    assert trained.found.known_until == until
    assert trained.found.not_told == {
        "offers": f"there are no offers of {AS_OF}, and no campaigns with responses"
    }


def test_moves_are_told_with_the_money_of_equal_periods(kept: Kept) -> None:
    moves = kept.moves
    assert moves is not None
    assert (moves.before, moves.after, moves.money_days) == (EARLIER, AS_OF, EARLIER_DAYS)
    start = EARLIER - timedelta(days=EARLIER_DAYS)
    before = sum(line.amount for line in purchases() if start <= line.ordered_at.date() < EARLIER)
    assert moves.migration.moves["revenue_before"].sum() == before
    assert moves.stayed.value > moves.by_chance
    assert [(each.before, each.after) for each in kept.later] == [(AS_OF, END)]


def test_the_same_search_on_the_earlier_day_is_told(kept: Kept) -> None:
    before = kept.before
    assert before is not None
    assert (before.as_of, before.count) == (EARLIER, 3)
    assert before.rand is not None
    assert before.rand.low <= before.rand.value <= before.rand.high


def test_the_terminal_tells_each_segment_and_what_to_do(
    trained: SegmentsTrained, market: Market
) -> None:
    lines = segments_results.trained(market.job(), trained)
    assert "market-segments version 1 waits for its review" in lines
    assert any(line.startswith("     purity 100") for line in lines)
    assert any("as many bands by past spend" in line for line in lines)
    assert any(line.startswith(f"  {EARLIER} to {AS_OF}: ") for line in lines)
    assert trained.page.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.slow
def test_the_same_search_gives_the_same_version(live: Market, trained: SegmentsTrained) -> None:
    again = live.train().version
    assert again is not None
    assert trained.version is not None
    first, second = (live.registry.load_tables(each) for each in (trained.version, again))
    for table, rows in first.items():
        assert rows.equals(second[table]), table
    reviewed = segments_review.run(live.job())
    told = reviewed.evidence.differences
    assert told["adjusted_rand with champion 1"].value == 1.0
    assert told["share told another action than by champion 1"].value == 0.0
    assert "as stable as champion 1" in [gate.name for gate in reviewed.evidence.gates]
    page = (reviewed.folder / "review.html").read_text(encoding="utf-8")
    assert "Beside what is live" in page
    assert "Segments then and now" in page


def test_what_is_bought_from_the_day_on_makes_no_segment(
    trained: SegmentsTrained,
    market: Market,
    tmp_path: Path,
    registry_template: Path,
) -> None:
    other = opened(tmp_path, registry_template, purchases(after=AS_OF)).train().version
    assert other is not None
    assert trained.version is not None
    first = market.registry.load_tables(trained.version)
    second = Market(tmp_path / "market.yaml", tmp_path / "home").registry.load_tables(other)
    for table in ("numbers", "flags", "arrays", "shares", "distances"):
        assert first[table].equals(second[table]), table
    rules = [tables["segments"].column("rule") for tables in (first, second)]
    assert rules[0].equals(rules[1])


def test_a_version_is_read_back_as_it_was(trained: SegmentsTrained, market: Market) -> None:
    assert trained.version is not None
    tables = market.registry.load_tables(trained.version)
    again = tables_of(model_of(tables))
    assert set(again) == set(tables)
    for table, rows in again.items():
        assert rows.equals(tables[table]), table


def test_a_version_of_another_release_is_refused(trained: SegmentsTrained, market: Market) -> None:
    assert trained.version is not None
    tables = market.registry.load_tables(trained.version)
    fewer = tables | {"shares": tables["shares"].drop_columns(["customers"])}
    message = (
        "a version of segments needs the table shares with the columns ['segment', 'customers'], "
        "but lacks ['customers']: another release wrote it; train again"
    )
    with pytest.raises(ModelRefused, match=f"^{re.escape(message)}$"):
        model_of(fewer)


def test_a_version_says_the_same_without_this_project(trained: SegmentsTrained, kept: Kept) -> None:
    assert trained.version is not None
    with quietly():
        model = mlflow.pyfunc.load_model(trained.version.source)
        rows = model.input_example
        found = model.predict(rows)
    assert found["customer"].tolist() == [name(who) for who in range(5)]
    assert found["segment"].tolist() == kept.assigned.segment[:5].tolist()
    assert found["distance"].tolist() == kept.assigned.distance[:5].tolist()
    assert found["certainty"].tolist() == kept.assigned.certainty[:5].tolist()
    told = {each.segment: (each.name, each.action.do) for each in kept.gallery.portraits}
    assert list(zip(found["name"], found["action"], strict=True)) == [
        told[number] for number in found["segment"]
    ]


def test_a_night_writes_the_segment_of_everybody_and_the_one_before(
    scored: SegmentsScored, kept: Kept
) -> None:
    rows = pq.read_table(scored.path)
    assert rows.schema.equals(SCHEMA)
    found = rows.to_pandas().set_index("customer")
    assert len(found) == CUSTOMERS
    assert adjusted_rand(found["segment"].to_numpy(), _true_ways(found.index)) > 0.9
    told = {each.segment: (each.name, each.action.do) for each in kept.gallery.portraits}
    for row in found.to_dict("records"):
        assert (row["name"], row["action"]) == told[row["segment"]]
    assert found["previous_segment"].notna().all()
    assert (found["model_version"] == 1).all()
    assert scored.earlier == END - timedelta(days=EARLIER_DAYS)


def test_the_previous_segment_is_that_of_the_earlier_day(
    live: Market, scored: SegmentsScored
) -> None:
    then = segments_score.run(live.job(), scored.earlier)
    was = pq.read_table(then.path, columns=["customer", "segment"]).to_pandas()
    now = pq.read_table(scored.path, columns=["customer", "previous_segment"]).to_pandas()
    both = now.merge(was, on="customer")
    assert (both["previous_segment"] == both["segment"]).all()


def test_the_same_night_gives_the_same_bytes_in_any_batches(
    live: Market, scored: SegmentsScored
) -> None:
    before = scored.path.read_bytes()
    again = segments_score.run(live.job("score.batch_rows=7", "engine.turn_rows=1000"), END)
    assert again.path.read_bytes() == before


def test_before_the_history_there_is_no_previous_segment(live: Market) -> None:
    early = segments_score.run(live.job(), EARLIER - timedelta(days=2 * EARLIER_DAYS))
    found = pq.read_table(early.path)
    assert found["previous_segment"].null_count == found.num_rows
    assert any(note.startswith("no previous segments: ") for note in early.notes)
    assert pa.compute.all(pa.compute.is_valid(found["segment"])).as_py()


def test_the_terminal_counts_who_moved(live: Market, scored: SegmentsScored) -> None:
    lines = segments_results.scored(live.job(), scored)
    assert f"Segments as of {END}: 120 customers, by version 1" in lines
    rows = pq.read_table(scored.path).to_pandas()
    moved = int((rows["segment"] != rows["previous_segment"]).sum())
    assert f"  {moved} of 120 were in another segment on {scored.earlier}" in lines
    for number, part in rows.groupby("segment"):
        line = next(line for line in lines if line.startswith(f"  {number}  "))
        assert f"  {len(part)}  " in line
        assert line.endswith(part["action"].iloc[0])


def test_scoring_by_other_columns_is_refused(live: Market) -> None:
    with pytest.raises(SettingsDiffer, match=r"segments\.window_days is 14 and was 28"):
        segments_score.run(live.job("segments.window_days=14"), END)
    with pytest.raises(ColumnsDiffer, match="spend_28d"):
        segments_score.run(live.job("behaviour.windows_days=[14,30]"), END)


def test_profile_compares_the_segments_of_the_live_version(live: Market) -> None:
    seen = gathered(live.job(), By("segment", END))
    assert seen.by.about.startswith(f"Segments of version 1, made on {AS_OF}. The 4 columns")
    assert len(seen.customers.groups) == 3
    assert "spend_28d" not in seen.customers.numbers
    assert "spend_14d" in seen.customers.numbers


def test_without_a_champion_nobody_is_in_a_segment(market: Market) -> None:
    with pytest.raises(NoChampion, match="needs a champion of other-segments"):
        champion(market.job("name=other"))


def test_segments_that_are_too_small_are_none_and_nothing_is_registered(
    market: Market, trained: SegmentsTrained
) -> None:
    found = market.train("segments.split.least_share=0.4")
    assert found.version is None
    assert found.found.kept is None
    lines = segments_results.trained(market.job(), found)
    assert lines[1] == "No stable segments of 120 customers: nothing is registered"
    assert lines[2].startswith("  with 3, its smallest segment")
    assert found.page.is_file()
    newest = market.registry.challenger("market-segments")
    assert newest is not None
    assert trained.version is not None
    assert newest.number in (trained.version.number, trained.version.number + 1)


def test_only_columns_that_are_looked_at_are_held(market: Market) -> None:
    seen = looked_at(market.job())
    wanted = [*seen.columns.used, *seen.columns.others]
    assert "spend_14d" not in wanted
    assert list(seen.tables) == [EARLIER, AS_OF, END]
    assert all(list(table) == wanted for table in seen.tables.values())


def test_a_day_whose_churn_is_not_known_is_told_without_figures(market: Market) -> None:
    figures = looked_at(market.job(f"segments.as_of={END}")).figures
    assert figures.meant == ()
    assert figures.not_told["value"] == (
        f"it is known when {END + timedelta(days=13)} is over, but the data end on "
        f"{END - timedelta(days=1)}"
    )


@pytest.mark.parametrize(
    ("setting", "what", "found", "close"),
    [
        ("columns", "a column", "spend_29d", "spend_28d"),
        ("families", "a family", "frequence", "frequency"),
    ],
)
def test_what_is_no_column_is_refused_before_the_search(
    market: Market, setting: str, what: str, found: str, close: str
) -> None:
    message = (
        f"segments.{setting} needs {what} of the behaviour table, but found {found!r}; did you "
        f"mean {close!r}?"
    )
    with pytest.raises(SegmentColumnsUnknown, match=f"^{re.escape(message)}$"):
        market.train("segments.columns=[]", f"segments.{setting}=[{found}]")


def test_offers_of_the_day_are_told_by_their_likeliest_chance(market: Market) -> None:
    job = market.job()
    path = job.home.scores("market", "offers", AS_OF) / "offers.parquet"
    rows = pa.table({"customer": ["c000", "c000", "c001"], "probability": [0.2, 0.5, 0.1]})
    facts = {"outcomes_seen_until": str(END)}
    write_partition(path, rows.to_batches(), rows.schema, facts)
    try:
        figures = looked_at(job).figures
    finally:
        path.unlink()
    assert figures.by_name["offers"][:2].tolist() == [0.5, 0.1]
    assert np.isnan(figures.by_name["offers"][2:]).all()
    assert figures.meant[-1].meaning == (
        f"chance that the likeliest offer of {AS_OF} is taken, by a model that has seen outcomes "
        f"until {END}"
    )


def test_a_day_outside_the_orders_is_refused(market: Market) -> None:
    message = (
        "segments as of 2025-01-01 need orders before it and up to the day before, but the "
        "warehouse holds those of 2024-01-01 to 2024-05-05; use segments.as_of after 2024-01-01 "
        "and up to 2024-05-06"
    )
    with pytest.raises(OutsideHistory, match=f"^{re.escape(message)}$"):
        market.train("segments.as_of=2025-01-01")
