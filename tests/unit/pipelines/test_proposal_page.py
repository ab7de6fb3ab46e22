"""A proposal as a page, as charts, as lines and as settings."""

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from features.segments import Segments
from features.settings import Cohort
from models.survival import kaplan_meier
from pipelines.config import Config
from pipelines.jobs import Home, Job
from pipelines.progress import Steps
from pipelines.proposal import Spread, propose
from pipelines.proposal_charts import Line, Rates, rates_chart, return_chart
from pipelines.proposal_lines import proposed
from pipelines.proposal_page import proposal_page
from pipelines.proposal_record import Defined, Silent, assignments, snippet
from pipelines.propose import Proposed
from pipelines.study import Contracts, Rate, Waiting
from tests.pages import Words
from tests.proposals import FALLING, business, study, waiting
from tests.svg import parsed

EVIL = "<script>alert('流失')</script> & \x00"
DAY = date(2023, 6, 1)
CONTRACTS = Contracts(
    Segments("plan", "plan", "", ("year", EVIL)),
    (Rate(DAY, 40, 10),),
    {"year": Rate(DAY, 30, 3), EVIL: Rate(DAY, 10, 7)},
)


def silent(gaps: Waiting | None = None) -> Silent:
    found = study(FALLING, gaps)
    return Silent(found, propose(found, business()))


def job() -> Job:
    config = Config(business=business(), folder=Path(), path=Path("my.yaml"))
    return Job(config, Home(Path("h")), datetime.now(UTC), Steps(Console(file=io.StringIO())))


def told(defined: Defined) -> list[str]:
    lines = proposed(job(), Proposed(defined, Path("p.html"), Path("p.json")))
    return "\n".join(lines).replace("\xa0", " ").splitlines()


def test_the_page_answers_first_and_shows_rules_tables_and_settings() -> None:
    found = silent()
    words = Words(proposal_page(business(), found))
    assert words.text.index(
        "Call a customer lost after 56 days without a purchase"
    ) < words.text.index("Who comes back, and when")
    assert words.text.count("kept") == 4
    assert words.tags.count("svg") == 4
    assert snippet(found.proposal).strip() in {text.strip() for text in words.text}


def test_the_page_needs_nothing_but_itself_and_runs_nothing() -> None:
    page = proposal_page(business(), silent())
    assert not {"script", "link", "img", "iframe"} & set(Words(page).tags)
    assert "http:" not in page
    assert "https:" not in page


def test_the_page_of_a_miss_says_so() -> None:
    words = Words(proposal_page(business(), silent(gaps=waiting([*range(1, 120)], [300]))))
    assert "Nothing fits" in words.text
    assert "missed" in words.text


def test_names_of_segments_are_shown_and_never_run() -> None:
    found = silent()
    evil = replace(found.study.everyone, name=EVIL)
    spoilt = replace(found, study=replace(found.study, by_segment=(evil,)))
    for defined in (spoilt, CONTRACTS):
        words = Words(proposal_page(business(), defined))
        assert "script" not in words.tags
        assert any(
            "<script>alert('流失')</script> & \N{REPLACEMENT CHARACTER}" in text
            for text in words.text
        )


def test_the_same_findings_give_the_same_page() -> None:
    assert proposal_page(business(), silent()) == proposal_page(business(), silent())


def test_labels_are_told_plainly_with_their_rates() -> None:
    lines = told(CONTRACTS)
    assert lines[1] == "The labels define churn: there is nothing to propose"
    assert "  1 June 2023  40         10    25.0 %" in lines
    assert ["year", "30", "3", "10.0 %"] in [re.split(r"  +", line.strip()) for line in lines]
    assert "\x00" not in "".join(lines)
    assert lines[-2:] == ["  page     p.html", "  figures  p.json"]


def test_contracts_that_nothing_tells_apart_have_rates_by_day_alone() -> None:
    one = replace(
        CONTRACTS,
        segments=Segments("orders", "orders so far", "", ()),
        by_segment={"everyone": CONTRACTS.by_day[0]},
    )
    assert "Label rate by orders so far" not in told(one)
    assert "Label rate by as_of" in told(one)
    assert "svg" not in Words(proposal_page(business(), one)).tags


def test_lines_begin_with_the_answer_and_end_with_what_to_do() -> None:
    lines = told(silent())
    assert lines[1] == "Call a customer lost after 56 days without a purchase"
    (row,) = (line for line in lines if line.startswith("  56 days *"))
    assert re.split(r"  +", row.strip()) == [
        *("56 days *", "0.0 % (.0 to .0)", "30.0 % (30.0 to 30.0)", ".00", "11", "22.2 %"),
        "keeps all",
    ]
    assert lines[-4] == (
        "Try it: regulars train churn --set churn.horizon_days=56 --config my.yaml --home h"
    )


def test_after_each_silence_the_chance_to_be_back_is_told() -> None:
    """Of 68 gaps of more than 28 days 48 end by day 40, and 20 stay open."""
    lines = told(silent())
    (row,) = (line for line in lines if line.startswith("  silent for 28 days"))
    assert re.split(r"  +", row.strip()) == [
        *("silent for 28 days", "71 %", "71 %", "71 %", "71 %", "71 %")
    ]


def test_the_settings_to_paste_are_a_valid_part_of_a_config() -> None:
    found = silent()
    pasted = yaml.safe_load(snippet(found.proposal))
    assert pasted["churn"]["horizon_days"] == 56
    config = business(*assignments(found.proposal))
    assert found.proposal.proposed is not None
    assert config.churn.horizon_days == 56
    assert config.churn.test_as_of == pasted["churn"]["test_as_of"]
    assert config.behaviour.cohort == found.proposal.proposed.cohort
    assert Cohort.model_validate(pasted["behaviour"]["cohort"]) == config.behaviour.cohort


def points(svg: str, tag: str, css: str) -> list[list[str]]:
    return [
        (each.get("points") or "").split()
        for each in parsed(svg).iter(tag)
        if each.get("class") == css
    ]


def test_a_curve_of_returns_begins_at_nobody_and_has_its_interval_around_it() -> None:
    survival = kaplan_meier([10, 20, 30, 40], [False, False, True, False])
    svg = return_chart("Back", [Line("all", 1, survival)], 40)
    (line,) = points(svg, "polyline", "curve s1")
    (band,) = points(svg, "polygon", "soft s1")
    assert (line[0], line[-1]) == ("44.0,234.0", "342.0,44.0")
    assert len(band) == 2 * len(line)


@pytest.mark.parametrize("most", [5, 40, 4000])
def test_a_curve_ends_where_nothing_more_is_known(most: int) -> None:
    survival = kaplan_meier([10, 20], [False, True])
    (line,) = points(return_chart("Back", [Line("a", 1, survival)], most), "polyline", "curve s1")
    assert line[-1].split(",")[0] == "342.0"
    assert len(line) <= 122


def test_without_gaps_or_labels_a_chart_says_so() -> None:
    assert "nobody has bought often enough" in return_chart("", [], 9)
    assert "no label is over on any day" in rates_chart("", [Rates("7 days", "", Spread(()))])


def test_the_rates_of_a_marked_horizon_are_filled() -> None:
    spread = Spread((Rate(DAY, 10, 1), Rate(date(2023, 7, 1), 10, 2)))
    svg = rates_chart("Rates", [Rates("7 days", "", spread), Rates("14 days", "proposed", spread)])
    assert len(points(svg, "polyline", "curve s1")) == 2
    assert len(points(svg, "polygon", "soft s1")) == 1
    texts = [(each.text or "").replace("\xa0", " ") for each in parsed(svg).iter("text")]
    assert texts[:2] == ["7 days", "15 %, 10 % to 20 %"]
    assert "14 days – proposed" in texts
