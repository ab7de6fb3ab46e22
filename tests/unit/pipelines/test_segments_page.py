"""The page of segments: what each is, how stable they are, who moves, or why there are none."""

from dataclasses import replace
from functools import cache

import pytest

from models.metrics import Estimate
from pipelines.check import load_config
from pipelines.config import Business
from pipelines.segments_charts import staying_chart
from pipelines.segments_differences import differences
from pipelines.segments_found import FoundBefore, Kept, SegmentsFound
from pipelines.segments_page import segments_page
from pipelines.segments_rows import candidate_rows, explained_rows, move_rows, outlook_rows
from pipelines.segments_words import (
    axes_told,
    headline,
    money_moved,
    notes,
    people,
    reading,
    rule_of,
)
from tests.pages import Words
from tests.segments_shown import DAY, with_segments, without_segments

EVIL = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def found() -> SegmentsFound:
    return with_segments()


@pytest.fixture(scope="module")
def nothing() -> SegmentsFound:
    return without_segments()


@cache
def business() -> Business:
    return load_config("complete_journey").business


def text_of(shown: SegmentsFound) -> str:
    return " ".join(" ".join(Words(segments_page(business(), shown)).text).split())


def kept_of(found: SegmentsFound) -> Kept:
    assert found.kept is not None
    return found.kept


def as_a_cut(found: SegmentsFound) -> SegmentsFound:
    judged = tuple(
        replace(each, cut="it cuts through one group") if each.reason is None else each
        for each in found.search.candidates
    )
    return replace(found, search=replace(found.search, candidates=judged))


def impure(found: SegmentsFound) -> SegmentsFound:
    first, *others = kept_of(found).gallery.portraits
    rule = replace(first.rule, purity=Estimate(0.61, 0.5, 0.7), is_pure=False)
    told = (replace(first, rule=rule), *others)
    shown = replace(kept_of(found).gallery, portraits=told)
    return replace(found, kept=replace(kept_of(found), gallery=shown))


def test_the_page_says_how_many_segments_how_stable_and_who_stays(found: SegmentsFound) -> None:
    text = text_of(found)
    assert "Customers fall into 3 groups that show again when they are drawn anew" in text
    assert (
        "agree with this one by an adjusted Rand index of 1.00 (.99 to 1.00); 1 is in everything, "
        "0 as by chance. Of customers there on both days, 86 % (83 % to 89 %) were in the same "
        "segment 60 days before; by chance it would be 40 %."
    ) in text


def test_each_segment_has_name_size_figures_with_intervals_rule_and_action(
    found: SegmentsFound,
) -> None:
    text = text_of(found)
    assert "0 · low c3, high c5 187 customers, 47 % (42 % to 52 %) of all" in text
    assert "They are worth much and loyal: thank them, with service and not discounts." in text
    assert "spend in the 28 days 126 (125 to 126), 1.8 times everybody's" in text
    assert (
        "C3 up to −1.8. Of those it describes, 92 % (85 % to 96 %) are in the segment; of the "
        "segment it describes 94 % (88 % to 98 %)."
    ) in text


def test_a_rule_below_the_purity_asked_says_so_where_it_stands(found: SegmentsFound) -> None:
    sentence = "This rule misses the purity that was asked"
    assert sentence not in text_of(found)
    shown = impure(found)
    assert text_of(shown).count(sentence) == 1
    assert "below what was asked" in text_of(shown)
    assert "61 % (50 % to 70 %) are in the segment" in rule_of(
        shown, kept_of(shown).gallery.portraits[0]
    )


def test_a_cut_through_one_group_is_never_called_groups(found: SegmentsFound) -> None:
    shown = as_a_cut(found)
    expected = "Customers lie on one scale: these 3 segments are bands on it, not groups apart"
    assert headline(shown) == expected
    assert "who lies next to one is like who lies beyond it" in reading(shown)
    assert "fall into" not in text_of(shown)


def test_without_segments_the_page_says_why_and_what_to_do_instead(nothing: SegmentsFound) -> None:
    text = text_of(nothing)
    assert "Customers do not fall into groups that would show again: treat them as one" in text
    assert (
        "Of 3 numbers of segments that were tried, none was kept. A campaign for invented" in text
    )
    assert "refused: it is not stable" in text
    assert "A map of customers" in text
    for absent in ("What each segment is", "Who moved", "Who stays", "Not told of segments"):
        assert absent not in text


def test_stable_cuts_that_were_refused_are_counted(nothing: SegmentsFound) -> None:
    first, *others = nothing.search.candidates
    cut = replace(first, cut="it cuts through one group", reason="it cuts through one group")
    shown = replace(nothing, search=replace(nothing.search, candidates=(cut, *others)))
    assert "1 of them is stable, but cuts through one group" in reading(shown)
    expected = "Customers lie on one scale and do not fall into groups: treat them as one"
    assert headline(shown) == expected


def test_the_axes_of_the_map_are_told_by_what_grows_along_them(found: SegmentsFound) -> None:
    expected = (
        "Farther right (50 % of the spread), more: c1 (+.90); less: c2 (−.60). Farther up (25 % of "
        "the spread), no single column grows. Behind each column: its rank correlation."
    )
    assert axes_told(found).replace("\xa0", " ") == expected


def test_the_page_is_the_same_text_for_the_same_findings(found: SegmentsFound) -> None:
    assert segments_page(business(), found) == segments_page(business(), found)


def test_names_that_look_like_markup_are_told_as_text(found: SegmentsFound) -> None:
    first, *others = kept_of(found).gallery.portraits
    shown = replace(kept_of(found).gallery, portraits=(replace(first, name=EVIL), *others))
    page = segments_page(business(), replace(found, kept=replace(kept_of(found), gallery=shown)))
    assert EVIL not in page
    assert "&lt;script&gt;" in page


def test_moves_tell_the_money_that_moved_with_them(found: SegmentsFound) -> None:
    moves = kept_of(found).moves
    assert moves is not None
    rows = move_rows(found, moves)
    first = [each.replace("\xa0", " ") for each in rows.cells[0]]
    assert first[:2] == ["segment 0 → segment 0", "164"]
    assert first[3:] == ["16,400", "32,800", "+16,400 (+14,472 to +18,328)"]
    without = move_rows(found, replace(moves, money_days=None))
    assert without.columns == ("", "customers", "of those of the first")
    assert {len(each) for each in without.cells} == {3}


def test_a_loss_has_its_sign_before_the_currency(found: SegmentsFound) -> None:
    assert money_moved(found)(-93_900.0) == "−939"
    assert money_moved(found)(0.0) == "0"
    assert money_moved(found)(31.0) == "+0.31"


def test_no_later_day_is_no_outlook(found: SegmentsFound) -> None:
    assert outlook_rows(found).columns == ("", "1\xa0May\xa02024")
    assert outlook_rows(replace(found, kept=replace(kept_of(found), later=()))).cells == ()


def test_unknown_moves_are_told_with_their_reason(found: SegmentsFound) -> None:
    why = "the orders begin on 2024-02-01"
    shown = replace(found, kept=replace(kept_of(found), moves=None, no_moves=why))
    assert reading(shown).endswith(f"Whether customers stay in their segment is not known: {why}.")
    assert "Who moved" not in text_of(shown)


def test_every_number_of_segments_that_was_tried_is_told(found: SegmentsFound) -> None:
    cells = candidate_rows(found).cells
    assert [each[0] for each in cells] == ["2", "3", "4"]
    assert [each[-1].partition(":")[0] for each in cells] == ["refused", "taken", "refused"]
    assert cells[0][5:7] == ("–", "–")


def test_differences_are_told_by_what_is_typical_inside_and_of_others(
    found: SegmentsFound,
) -> None:
    told = {each.name: each for each in differences(found, 0)}
    assert told["region: north"].told.replace("\xa0", " ") == "91 %, others 0.9 %"
    assert told["c3"].effect == pytest.approx(-0.98, abs=0.005)
    assert len(told) <= 6


def test_a_column_whose_typical_value_is_the_same_says_which_way_it_leans(
    found: SegmentsFound,
) -> None:
    rows = kept_of(found).gallery.effects.assign(inside=1.0, outside=1.0)
    shown = replace(kept_of(found).gallery, effects=rows)
    told = differences(replace(found, kept=replace(kept_of(found), gallery=shown)), 0)
    by_name = {each.name: each.told for each in told}
    assert by_name["c3"] == "mostly 1 in both, lower on the whole"


def test_windows_of_one_column_are_told_once(found: SegmentsFound) -> None:
    rows = kept_of(found).gallery.effects
    names = {"c3": "spend_28d", "c5": "spend_91d", "c1": "spend"}
    shown = replace(kept_of(found).gallery, effects=rows.replace({"column": names}))
    told = differences(replace(found, kept=replace(kept_of(found), gallery=shown)), 0)
    assert sum(each.name.startswith("spend") for each in told) == 1


def test_notes_tell_what_an_earlier_search_found(found: SegmentsFound) -> None:
    told = " ".join(notes(found)).replace("\xa0", " ")
    assert "The same search on 1 January 2024 finds 2 segments" in told
    before = kept_of(found).before
    assert before is not None
    none = replace(before, count=0, rand=None)
    shown = replace(found, kept=replace(kept_of(found), before=none))
    told = " ".join(notes(shown)).replace("\xa0", " ")
    assert "The same search on 1 January 2024 finds no stable segments." in told


def test_customers_of_no_segment_are_counted(found: SegmentsFound) -> None:
    shown = replace(kept_of(found).gallery, none=1)
    told = " ".join(notes(replace(found, kept=replace(kept_of(found), gallery=shown))))
    assert "In no segment, being like none of them: 1 customer." in told


def test_one_customer_is_not_several() -> None:
    assert [people(each) for each in (1, 0, 2203)] == [
        "1 customer",
        "0 customers",
        "2,203 customers",
    ]


def test_figures_that_are_not_known_have_no_number(found: SegmentsFound) -> None:
    first, *others = kept_of(found).gallery.portraits
    nan = float("nan")
    value = replace(first.figures["value"], mean=Estimate(nan, nan, nan), index=nan)
    told = replace(first, figures={**first.figures, "value": value})
    shown = replace(kept_of(found).gallery, portraits=(told, *others))
    text = text_of(replace(found, kept=replace(kept_of(found), gallery=shown)))
    assert "spend in the 28 days not known" in text


def test_a_baseline_that_tells_more_than_segments_is_told_at_the_top(found: SegmentsFound) -> None:
    assert "past spend alone are better" not in text_of(found)
    rows = kept_of(found).explained.assign(bands=0.95, gain=-0.05, gain_low=-0.1, gain_high=-0.01)
    shown = replace(found, kept=replace(kept_of(found), explained=rows))
    expected = (
        "To rank customers by spend in the 28 days, as many bands by past spend alone are better: "
        "they tell 95 % of how customers differ in it, segments 90 %."
    )
    assert expected in reading(shown).replace("\xa0", " ")
    assert "bands by spend tell more" in text_of(shown)


def test_where_nobody_knows_what_was_spent_no_winner_is_told(found: SegmentsFound) -> None:
    kept = kept_of(found)
    unknown = [f"{name}{end}" for name in ("bands", "gain") for end in ("", "_low", "_high")]
    rows = kept.explained.assign(**dict.fromkeys(unknown, float("nan")))
    (cells,) = explained_rows(replace(found, kept=replace(kept, explained=rows))).cells
    assert cells[2:] == ("not defined", "not defined", "not compared")


def test_an_earlier_day_without_enough_customers_is_told(found: SegmentsFound) -> None:
    why = "there was nothing to search: segments need at least 50 customers, but the table has 20"
    shown = replace(found, kept=replace(kept_of(found), before=FoundBefore(DAY, 0, why)))
    assert f"The same search on 1 March 2024: {why}." in " ".join(notes(shown)).replace("\xa0", " ")


def test_of_days_without_common_customers_no_share_is_drawn(found: SegmentsFound) -> None:
    nothing = Estimate(float("nan"), float("nan"), float("nan"))
    (later,) = kept_of(found).later
    drawn = staying_chart("Who stays", DAY, [replace(later, stayed=nothing)])
    assert "no customer is there on both days" in drawn
    assert "nan" not in drawn


def test_segments_that_most_customers_leave_are_no_ground_for_plans(found: SegmentsFound) -> None:
    warning = "So most do not stay"
    assert warning not in reading(found)
    moves = kept_of(found).moves
    assert moves is not None
    few = replace(moves, stayed=Estimate(0.3, 0.25, 0.35))
    assert warning in reading(replace(found, kept=replace(kept_of(found), moves=few)))
    unsure = replace(moves, stayed=Estimate(0.45, 0.35, 0.55))
    assert warning not in reading(replace(found, kept=replace(kept_of(found), moves=unsure)))


def test_a_column_that_few_of_a_segment_have_does_not_tell_of_it(found: SegmentsFound) -> None:
    rows = kept_of(found).gallery.effects
    few = rows.assign(known_inside=rows["known_inside"].where(rows["column"] != "c3", 0.49))
    shown = replace(kept_of(found).gallery, effects=few)
    told = differences(replace(found, kept=replace(kept_of(found), gallery=shown)), 0)
    assert "c3" not in {each.name for each in told}
    assert "c3" in {each.name for each in differences(found, 0)}
