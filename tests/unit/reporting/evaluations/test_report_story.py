"""What a report tells stands on its records: headline, remarks, tables and what they rest on."""

from dataclasses import replace

import pytest
from rendered import rendered

from earwitness.evaluation.records import Breakdown, Direction, Group, Guard, Measure, Remark
from earwitness.reporting.evaluations import _measures, _story, _tables
from earwitness.reporting.evaluations._story import story


def rows(kind: str = "calibrated") -> dict[str, _tables.Row]:
    return {row.meaning.title: row for one in story(rendered(kind).evaluation).chapters
            for row in one.rows}  # fmt: skip


def test_the_headline_carries_value_interval_trials_and_clusters() -> None:
    eer = rendered("calibrated").evaluation.measure("eer")
    assert None not in (eer.value, eer.low, eer.high)
    percent = [f"{100 * (value or 0):.1f}" for value in (eer.value, eer.low, eer.high)]
    assert story(rendered("calibrated").evaluation).headline == (
        f"EER {percent[0]} % [{percent[1]}, {percent[2]}] on 240 bona fide + 360 spoof trials, "
        "60 pages"
    )


def test_the_headline_of_single_trials_names_no_clusters() -> None:
    found = rendered("calibrated").evaluation
    alone = replace(found, setup=replace(found.setup, clustered_by=None))
    assert _story.headline(alone).endswith("spoof trials")
    assert "over single trials" in dict(story(alone).facts)["95 % intervals"]


def test_the_headline_is_told_in_words_that_can_be_pictured() -> None:
    told = " ".join(story(rendered("calibrated").evaluation).explained)
    assert "of 100 genuine recordings for spoofs" in told
    assert "(balanced: LLR 0.0)" in told
    assert "not calibrated" in " ".join(story(rendered("uncalibrated").evaluation).explained)
    inverted = story(rendered("inverted").evaluation).explained
    assert inverted == ("The scores point the wrong way (see above): do not use this figure as "
                        "it is.",)  # fmt: skip


def test_an_inversion_tells_the_mirrored_values_whoever_made_the_records() -> None:
    found = rendered("inverted").evaluation
    for records in (found, replace(found, remarks=())):
        gravest = story(records).remarks[0]
        assert gravest.kind == "bad"
        assert f"EER {100 * found.guard.eer:.1f} %" in gravest.text
        assert f"turned round {100 * found.guard.mirrored_eer:.1f} %" in gravest.text


def test_an_accepted_inversion_is_told_and_its_figures_are_explained() -> None:
    found = rendered("inverted").evaluation
    accepted = replace(found, remarks=(), guard=replace(found.guard, is_accepted=True))
    told = story(accepted)
    assert told.remarks[0].title == "Inverted, and accepted"
    assert len(told.explained) == 2


def test_a_doubtful_direction_is_told() -> None:
    found = rendered("calibrated").evaluation
    guard = Guard(Direction.DOUBTFUL, 0.48, 0.52, 0.52, 0.48)
    titles = [one.title for one in story(replace(found, guard=guard, remarks=())).remarks]
    assert titles == ["The AUC is 0.480: no better than chance"]


def test_the_gravest_remarks_come_first() -> None:
    kinds = [one.kind for one in story(rendered("calibrated").evaluation).remarks]
    assert kinds == sorted(kinds, key=["bad", "doubt", "note"].index)
    assert kinds[0] == "bad"


def test_every_measure_stands_in_a_table_or_is_said_to_be_missing() -> None:
    for kind in ("calibrated", "uncalibrated"):
        found = rendered(kind).evaluation
        told = story(found).chapters
        words = " ".join([row.meaning.title for one in told for row in one.rows]
                         + [one.lacking for one in told])  # fmt: skip
        for measure in found.measures:
            assert _measures.meaning(measure.name).title in words, measure.name


def test_every_measure_of_an_evaluation_has_a_sentence_that_explains_it() -> None:
    for measure in rendered("calibrated").evaluation.measures:
        assert _measures.meaning(measure.name).told.endswith("."), measure.name


def test_a_measure_that_is_new_stands_among_the_others() -> None:
    found = rendered("calibrated").evaluation
    new = replace(found, measures=(*found.measures, Measure("new_cost", 0.5, None, None, 9, 9)))
    last = story(new).chapters[-1]
    assert (last.title, last.rows[0].meaning.title) == ("Other measures", "new cost")


def test_a_row_says_on_what_it_rests() -> None:
    assert rows()["EER (equal error rate)"].n == "240 + 360"
    assert rows()["Miss rate (genuine called fake)"].n.endswith(" bona fide")


def test_of_a_chapter_with_some_figures_the_others_say_why_they_are_not_given() -> None:
    found = rendered("calibrated").evaluation
    cllr = Measure("cllr", None, why_not="no reason")
    changed = tuple(cllr if one.name == "cllr" else one for one in found.measures)
    (row,) = [row for one in story(replace(found, measures=changed)).chapters for row in one.rows
              if row.meaning.title.startswith("Cllr")]  # fmt: skip
    assert (row.value, row.n) == ("n/a (no reason)", "–")


def test_no_figure_is_without_what_it_was_measured_with() -> None:
    setup, facts = rendered("calibrated").evaluation.setup, dict(
        story(rendered("calibrated").evaluation).facts)  # fmt: skip
    text = " ".join(facts.values())
    for needed in (
        setup.data, setup.protocol, setup.partition, setup.model, setup.weights_sha256,
        setup.settings_hash, setup.windows, setup.decoding, setup.command, setup.date,
        setup.version, "240 bona fide + 360 spoof", "60 pages", "balanced",
    ):  # fmt: skip
        assert str(needed) in text
    assert dict(story(rendered("uncalibrated").evaluation).facts)["Line, set beforehand"] == "none"


def test_counts_name_the_unread_and_why_there_was_no_answer() -> None:
    told = story(rendered("calibrated").evaluation)
    assert dict(told.counts)["Could not be read"] == "1"
    assert "no speech" in dict(told.counts)["Answered inconclusive"]
    assert told.unread == (("audio/broken-0.mp3", "audio/broken-0.mp3: no decoder makes sense of "
                            "it."),)  # fmt: skip


@pytest.mark.parametrize(("n", "shown"), [(1, 10), (5, 40)])
def test_a_breakdown_of_many_groups_shows_the_largest_and_counts_the_rest(n, shown) -> None:
    none = Measure("eer", None, why_not="few")
    groups = tuple(Group(f"s{number}", n, n, none, none, none) for number in range(50))
    by_speaker = Breakdown("speaker", groups, 0.0, "eer")
    found = replace(rendered("calibrated").evaluation, breakdowns=(by_speaker,))
    ((_, grid),) = story(found).breakdowns
    assert len(grid.rows) == shown
    assert f"{50 - shown} smaller groups are in metrics.json" in grid.caption
    assert "found on these recordings" in grid.caption


def test_lengths_come_second_and_are_all_shown() -> None:
    found = rendered("calibrated").evaluation
    attack, duration = found.breakdowns
    others = tuple(replace(attack, column=name) for name in ("system", "codec"))
    columns = [one.column for one, _ in story(
        replace(found, breakdowns=(attack, *others, duration))).breakdowns]  # fmt: skip
    assert columns == ["attack", "duration", "system", "codec"]
    assert len(story(found).breakdowns[1][1].rows) == len(duration.groups)


def test_scores_without_a_threshold_that_are_llrs_have_no_sentence_about_a_line() -> None:
    found = rendered("calibrated").evaluation
    told = story(replace(found, setup=replace(found.setup, threshold=None)))
    assert len(told.explained) == 1


def test_a_headline_that_was_not_measured_is_told_without_a_picture() -> None:
    found = rendered("calibrated").evaluation
    bare = replace(found, measures=(Measure("eer", None, why_not="no trials"),))
    assert story(bare).explained == ()
    assert "n/a (no trials)" in story(bare).headline


def test_genuine_trials_without_an_attack_are_named_as_such() -> None:
    (_, grid), _ = story(rendered("calibrated").evaluation).breakdowns
    assert grid.rows[0][0] == "none (genuine)"
    empty = Measure("eer", None)
    assert _tables.value_of(Group("-", 1, 1, empty, empty, empty)) == "none"


@pytest.mark.parametrize(
    ("data", "name"),
    [("a/b/", "b"), ("C:\\corpora\\x", "x"), ("scores.tsv", "scores.tsv"), ("/", "/")],
)
def test_a_data_set_is_called_by_the_last_part_of_its_path(data: str, name: str) -> None:
    found = rendered("calibrated").evaluation
    told = story(replace(found, setup=replace(found.setup, data=data)))
    assert told.title == f"embedded on {name} (dev)"


def test_a_share_is_pictured_without_decimals_that_it_has_not() -> None:
    assert _story.of_hundred(0.0001) == "fewer than 1 of 1,000"
    assert _story.of_hundred(1.0) == "about 100 of 100"


def test_a_remark_that_nobody_knows_is_told_all_the_same() -> None:
    found = replace(rendered("calibrated").evaluation, remarks=(Remark("brand_new", {"n": 3}),))
    assert [one.title for one in story(found).remarks] == ["brand new"]


def test_a_score_file_with_a_threshold_has_a_line_without_the_name_llr() -> None:
    found = rendered("calibrated").evaluation
    setup = replace(found.setup, is_calibrated=False, operating_point="as given",
                    weights_sha256=None, settings_hash=None)  # fmt: skip
    told = story(replace(found, setup=setup))
    assert "(as given: 0.0)" in told.explained[1]
    assert "weights" not in told.note


def test_no_mistake_and_nothing_but_mistakes_are_told_in_plain_words() -> None:
    found = rendered("calibrated").evaluation

    def told(**values: float) -> list[str]:
        measures = [replace(one, value=values.get(one.name, one.value)) for one in found.measures]
        return list(story(replace(found, measures=tuple(measures))).explained)

    afterwards, beforehand = told(eer=0.0, miss_rate=0.0, false_alarm_rate=1.0)
    takes = "it takes no genuine recording for a spoof, and"
    assert afterwards.endswith(f"{takes} no spoof for genuine.")
    assert beforehand.endswith(f"{takes} every spoof for genuine.")
    accepted = told(eer=1.0)[0]
    assert "takes every genuine recording for a spoof, and every spoof for genuine" in accepted
    assert told(eer=0.2)[0].endswith("recordings for spoofs, and as many spoofs for genuine.")
