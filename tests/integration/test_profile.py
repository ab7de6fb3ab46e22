"""Groups of real households by the command, as docs/profile.md tells them."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from rich.console import Console

from pipelines import build, profile
from pipelines.check import load_config
from pipelines.jobs import Home, Job
from pipelines.profile_found import Found
from pipelines.progress import Steps
from tests.corner_shop import CornerShop
from tests.profile_shop import AS_OF, open_known_shop
from tests.running import regulars

pytestmark = pytest.mark.slow


def test_the_command_writes_a_page_and_tells_mistakes_without_a_traceback(tmp_path: Path) -> None:
    shop = CornerShop(open_known_shop(tmp_path), tmp_path / "incoming" / "orders-1.csv")
    home = tmp_path / "home"
    assert regulars("build", shop=shop, home=home).returncode == 0
    words = ("profile", "--by", "responded", "--as-of", str(AS_OF))
    done = regulars(*words, shop=shop, home=home)
    assert done.returncode == 0, done.stderr
    assert "Age: " in done.stdout
    assert (home / "reports" / "corner_shop" / f"profile_responded_{AS_OF}.html").exists()
    wrong = regulars("profile", "--by", "regio", "--as-of", str(AS_OF), shop=shop, home=home)
    assert wrong.returncode == 1
    assert "did you mean 'region'?" in wrong.stderr
    assert "Traceback" not in wrong.stderr


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory, registry_template: Path) -> Job:
    folder = tmp_path_factory.mktemp("journey")
    shutil.copytree(registry_template, folder / "home")
    quiet, now = Steps(Console(quiet=True)), datetime(2026, 11, 23, tzinfo=UTC)
    job = Job(load_config("complete_journey"), Home(folder / "home"), now, quiet, "profile")
    build.run(job)
    return job


def estimate(found: Found, subject: str) -> list[float]:
    """Value and interval of a column's effect."""
    (told,) = (
        each.finding.effect.estimate
        for each in found.profile.single.told
        if each.finding.subject == subject
    )
    return [told.value, told.low, told.high]


def test_leavers_bought_seldom_and_long_ago(journey: Job) -> None:
    found = profile.run(journey, "churned", date(2017, 11, 16)).found
    assert found.profile.customers.groups.counts.tolist() == [1951, 280]
    single = found.profile.single.told
    assert (len(single), sum(each.is_sure for each in single)) == (229, 156)
    first = "active_days_count_halved_in_28"
    assert found.strongest[0].finding.subject == first
    assert estimate(found, first) == pytest.approx([-0.70, -0.74, -0.65], abs=0.005)
    discriminant = found.profile.details.discriminant
    assert discriminant is not None
    told = discriminant.finding.effect.estimate
    assert [told.value, told.low, told.high] == pytest.approx([0.764, 0.736, 0.788], abs=0.005)
    assert found.profile.refused == {}


def test_responders_had_bought_with_coupons_before(journey: Job) -> None:
    found = profile.run(journey, "campaign:18", date(2017, 10, 30)).found
    assert found.profile.customers.groups.counts.tolist() == [952, 163]
    assert found.strongest[0].finding.subject == "coupon_lines_share_91d"
    assert estimate(found, "coupon_lines_share_91d")[0] == pytest.approx(0.60, abs=0.005)


def test_ages_differ_in_the_time_of_day(journey: Job) -> None:
    found = profile.run(journey, "age", date(2017, 11, 16)).found
    assert len(found.profile.customers.groups) == 6
    evening, afternoon = "evening_orders_share_182d", "afternoon_orders_share_182d"
    assert [each.finding.subject for each in found.strongest[:2]] == [evening, afternoon]
    assert estimate(found, evening) == pytest.approx([0.075, 0.039, 0.107], abs=0.0005)
    assert estimate(found, afternoon)[0] == pytest.approx(0.037, abs=0.0005)
