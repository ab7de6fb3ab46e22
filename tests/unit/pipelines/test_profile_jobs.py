"""`regulars profile` on a made-up shop: groups of every kind, what is kept, and what is refused."""

import re
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from features.clock import HorizonNotObserved
from models.metrics import Estimate
from models.profile.findings import Effect
from models.profile.groups import GroupsUnfit
from models.profile.single import Single
from pipelines import build, profile, profile_results
from pipelines.check import load_config
from pipelines.jobs import Home, Job
from pipelines.profile import Profiled, file_name
from pipelines.profile_charts import effects_chart
from pipelines.profile_found import Found, groups_table, pairs_table, results_table
from pipelines.profile_gathered import ColumnNotThere
from pipelines.profile_groups import GroupingUnknown, GroupsUnreadable
from pipelines.profile_words import column_rows, estimate_of, notes, reading
from pipelines.progress import Steps
from tests.pages import Words
from tests.profile_shop import AS_OF, CUSTOMERS, open_known_shop

NOW = datetime(2025, 6, 1, tzinfo=UTC)
QUIET = Steps(Console(quiet=True))
SEGMENTS = ["<script>alert('x')</script>", "b", "c"]
SMALL = "profile.group_least=10"


@dataclass(frozen=True)
class Opened:
    """A home with a warehouse, and the config that made it."""

    config: Path
    home: Path

    def job(self, *assignments: str) -> Job:
        config = load_config(str(self.config), assignments)
        return Job(config, Home(self.home), NOW, QUIET, "profile")

    def compare(self, by: str, *assignments: str, as_of: date = AS_OF) -> Profiled:
        return profile.run(self.job(*assignments), by, as_of)


def opened(folder: Path, template: Path, *, later: bool = True) -> Opened:
    shutil.copytree(template, folder / "home")
    found = Opened(open_known_shop(folder, later=later), folder / "home")
    build.run(found.job())
    return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, registry_template: Path) -> Opened:
    return opened(tmp_path_factory.mktemp("shop"), registry_template)


@pytest.fixture(scope="module")
def leavers(shop: Opened) -> Profiled:
    return shop.compare("churned", SMALL)


def test_leavers_are_told_from_stayers_by_what_they_did_before(leavers: Profiled) -> None:
    found = leavers.found
    assert found.profile.customers.groups.names == ("those who stayed", "those who left")
    told = {each.finding.subject: each for each in found.profile.single.told}
    days = told["days_since_order"]
    assert days.is_sure
    assert days.finding.effect.estimate.value > 0.3
    assert "for those who left" in days.sentence
    assert "region" in told
    assert "age" in told


@pytest.mark.slow
def test_what_happened_from_the_day_on_changes_nothing_but_the_groups(
    tmp_path: Path, registry_template: Path, leavers: Profiled
) -> None:
    without = opened(tmp_path, registry_template, later=False).compare("churned", SMALL)
    for table in (results_table, groups_table):
        pd.testing.assert_frame_equal(table(without.found), table(leavers.found))


def test_the_run_keeps_tables_and_page_and_nothing_is_registered(
    shop: Opened, leavers: Profiled
) -> None:
    (file,) = [
        each
        for each in (shop.home / "mlflow").rglob("profile.parquet")
        if leavers.run_id in str(each)
    ]
    told = pd.read_parquet(file)
    expected = results_table(leavers.found)
    assert told["sentence"].tolist() == expected["sentence"].tolist()
    assert told["adjusted"].tolist() == expected["adjusted"].tolist()
    groups = pd.read_parquet(file.with_name("profile_groups.parquet"))
    assert set(groups["group"]) == {"those who stayed", "those who left"}
    assert file.with_name("profile.html").read_text() == leavers.page.read_text()
    assert leavers.page.name == f"profile_churned_{AS_OF}.html"
    assert not list((shop.home / "mlflow").rglob("MLmodel"))


def test_the_page_needs_nothing_but_itself_and_says_what_the_terminal_says(
    leavers: Profiled,
) -> None:
    words = Words(leavers.page.read_text(encoding="utf-8"))
    assert "script" not in words.tags
    assert words.tags.count("svg") >= 5
    text = " ".join(" ".join(words.text).split())
    lines = "\n".join(profile_results.profiled(leavers)).replace("\xa0", " ")
    for told in (*leavers.found.strongest, *leavers.found.profile.together):
        assert told.sentence.replace("\xa0", " ") in text
        assert told.sentence.replace("\xa0", " ") in lines
    assert "Groups were not drawn by lot." in text
    assert f"page  {leavers.page}" in lines


def test_files_of_one_name_have_pages_of_their_own(tmp_path: Path) -> None:
    plain = [file_name(each) for each in ("churned", "region")]
    assert plain == ["churned", "region"]
    told = [file_name(f"{tmp_path}/{each}/scores.parquet:segment") for each in ("a", "b", "a/../b")]
    assert told[0] != told[1] == told[2]
    assert all(re.fullmatch(r"scores_parquet_segment_[0-9a-f]{8}", each) for each in told)
    assert file_name("campaign:a-b") != file_name("campaign:a_b")
    assert re.fullmatch(r"campaign_a_b_[0-9a-f]{8}", file_name("campaign:a-b"))


def test_one_column_differs_and_several_differ(leavers: Profiled) -> None:
    single = leavers.found.profile.single
    sure = [each for each in single.told if each.is_sure]
    one = with_single(leavers.found, replace(single, told=(sure[0],)))
    told = "Of 1 comparison of single columns, 1 differs for certain, corrected for their number."
    assert told in reading(one)
    two = with_single(leavers.found, replace(single, told=tuple(sure[:2])))
    assert "Of 2 comparisons of single columns, 2 differ for certain" in reading(two)


def test_groups_without_a_column_of_their_own_are_counted(leavers: Profiled) -> None:
    found = leavers.found
    groups = replace(
        found.profile.customers.groups, names=tuple(f"group {number}" for number in range(8))
    )
    customers = replace(found.profile.customers, groups=groups)
    many = replace(found, profile=replace(found.profile, customers=customers))
    assert column_rows(many).reading.endswith("The first 6 of 8 groups have a column of their own.")
    assert "The first 6" not in column_rows(found).reading
    assert len(column_rows(many).columns) == 9


def test_charts_of_further_groups_that_are_left_out_are_told(leavers: Profiled) -> None:
    details = leavers.found.profile.details
    assert not any("is drawn for the first" in each for each in notes(leavers.found))
    one = next(iter(details.logistic.values()))
    many = replace(details, logistic={f"group {number}": one for number in range(5)})
    found = replace(leavers.found, profile=replace(leavers.found.profile, details=many))
    expected = (
        "What goes with being in a group is drawn for the first 3 of 5 groups; all are in the "
        "table of statistics."
    )
    assert expected in list(notes(found))


def test_an_effect_without_an_interval_says_that_none_is_known(leavers: Profiled) -> None:
    nan = float("nan")
    effect = Effect("eta squared", Estimate(0.2, nan, nan), "large")
    assert estimate_of(effect) == ".20 (no interval is known), large"
    told = leavers.found.strongest[0]
    bare = replace(told, finding=replace(told.finding, effects=(effect,)))
    svg = effects_chart("Effects", [bare], leavers.found.seen.words)
    assert "not defined" not in svg
    assert 'class="ends"' not in svg


def with_single(found: Found, single: Single) -> Found:
    return replace(found, profile=replace(found.profile, single=single))


@pytest.mark.slow
def test_responders_are_the_young(shop: Opened) -> None:
    for by in ("responded", "campaign:summer"):
        found = shop.compare(by).found
        assert found.profile.customers.groups.names[1] == "those who responded"
        told = {each.finding.subject: each for each in found.profile.single.told}
        assert told["age"].is_sure
        assert told["age"].finding.effect.estimate.value < -0.3
        assert found.strongest[0].finding.subject == "age"


@pytest.mark.slow
def test_an_attribute_is_compared_by_its_levels_and_a_number_by_its_quarters(shop: Opened) -> None:
    by_region = shop.compare("region").found.profile
    assert by_region.customers.groups.names == ("south", "north", "any other")
    assert "region" not in by_region.single.categories
    by_age = shop.compare("age", "profile.outcome=age").found.profile
    assert by_age.questions.outcome == "spend_56d"
    assert len(by_age.customers.groups) == 4
    assert by_age.customers.groups.names[0].startswith("up to ")
    assert "age" not in by_age.single.numbers


@pytest.mark.slow
def test_groups_can_come_from_a_file(shop: Opened, tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "customer": [f"{number:05}" for number in range(CUSTOMERS)] * 2,
            "as_of": [str(AS_OF)] * CUSTOMERS + ["2020-01-01"] * CUSTOMERS,
            "segment": (SEGMENTS * CUSTOMERS)[:CUSTOMERS] + ["d"] * CUSTOMERS,
        }
    )
    file = tmp_path / "scores.parquet"
    table.to_parquet(file)
    compared = shop.compare(f"{file}:segment")
    found = compared.found
    assert found.profile.customers.groups.names == tuple(SEGMENTS)
    assert "<script" not in compared.page.read_text(encoding="utf-8")
    assert set(pairs_table(found)["one"]) <= set(SEGMENTS)
    assert "nobody checked of which day that is" in found.seen.by.about
    with pytest.raises(GroupsUnreadable, match="needs the columns customer and tier, but has cust"):
        shop.compare(f"{file}:tier")
    with pytest.raises(GroupsUnreadable, match=r"but there is no file nowhere\.csv"):
        shop.compare("nowhere.csv:segment")


@pytest.mark.slow
def test_settings_choose_what_is_looked_at(shop: Opened) -> None:
    found = shop.compare(
        "region", "profile.outcome=age", "profile.columns=[age, days_since_order, orders_count]"
    ).found.profile
    assert found.columns is not None
    assert set(found.columns.columns) <= {"age", "days_since_order", "orders_count"}
    assert found.questions.outcome == "age"


@pytest.mark.parametrize(
    ("by", "assignments", "error", "message"),
    [
        (
            "regio",
            (),
            GroupingUnknown,
            "FILE.parquet:COLUMN, but found 'regio'; did you mean 'region'?",
        ),
        (
            "region",
            ("profile.outcome=spend_27d",),
            ColumnNotThere,
            "profile.outcome needs a column, but found 'spend_27d'; did you mean 'spend_28d'?",
        ),
        (
            "region",
            ("profile.covariate=is_region_south",),
            ColumnNotThere,
            "profile.covariate needs a number, but found 'is_region_south'",
        ),
        (
            "churned",
            ("profile.factor=age",),
            ColumnNotThere,
            "profile.factor needs a category of sources.customers.attributes, but found 'age'",
        ),
        (
            "region",
            ("profile.group_least=5000",),
            GroupsUnfit,
            "a comparison by region needs at least two groups of 5000 customers or more",
        ),
    ],
)
def test_mistakes_are_told_with_what_was_required(
    shop: Opened, by: str, assignments: tuple[str, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        shop.compare(by, *assignments)


def test_leavers_of_a_horizon_that_is_not_over_are_not_known(shop: Opened) -> None:
    with pytest.raises(HorizonNotObserved, match="need orders up to"):
        shop.compare("churned", as_of=AS_OF + timedelta(days=50))
