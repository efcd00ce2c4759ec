"""A study's report says what was measured, in every form, and nothing that was not."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from made_study import SEPARATIONS, study

from earwitness.reporting.studies import original
from earwitness.reporting.studies.as_table import table
from earwitness.reporting.studies.as_terminal import lines
from earwitness.reporting.studies.folder import files, write
from earwitness.reporting.studies.records import StudyFigures


@pytest.fixture(scope="module")
def found() -> StudyFigures:
    return study(each=80)


@pytest.fixture(scope="module")
def made(found: StudyFigures) -> dict[str, bytes]:
    return files(found)


def test_the_page_needs_nothing_from_outside(made: dict[str, bytes]) -> None:
    page = made["report.html"].decode()
    assert re.findall(r"""(?:src|href)=["'](?!#|data:)[^"']*""", page) == []
    assert "<script" not in page


def test_the_page_and_the_text_say_first_that_these_are_not_fors_numbers(
    made: dict[str, bytes],
) -> None:
    for name in ("report.html", "report.md"):
        told = made[name].decode().replace("&#39;", "'")
        assert told.index("These are not FoR's numbers") < told.index("Gained and lost")


def test_no_word_of_a_stand_in_where_there_is_none(found: StudyFigures) -> None:
    told = files(replace(found, is_standin=False))
    assert "stand-in" not in told["report.html"].decode()


def test_both_forms_hold_every_arm_and_the_original_study(
    found: StudyFigures, made: dict[str, bytes]
) -> None:
    for name in ("report.html", "report.md"):
        told = made[name].decode()
        for arm in found.arms:
            assert arm.title in told
        for word in ("0.761", "0.754", "0.956", "0.568", "150 + 150 assumed", "0.059", "0.103"):
            assert word in told
        for title, _ in original.DEFECTS:
            assert title in told


def test_every_figure_is_there_as_png_and_svg_and_shown(made: dict[str, bytes]) -> None:
    figures = {name for name in made if name.startswith("figures/")}
    stems = {name.rpartition(".")[0] for name in figures}
    assert figures == {f"{stem}.{form}" for stem in stems for form in ("png", "svg")}
    assert {"figures/changes", "figures/pareto", "figures/det-test", "figures/det-eval"} <= stems
    assert "figures/training-plain" in stems
    assert "figures/training-ours" not in stems  # it has no training of its own
    text = made["report.md"].decode()
    assert all(f"({stem}.png)" in text for stem in stems)


def test_the_table_gives_what_the_page_says(found: StudyFigures, made: dict[str, bytes]) -> None:
    told = json.loads(made["metrics.json"])
    assert told == json.loads(json.dumps(table(found)))
    assert list(told["arms"]) == [arm.name for arm in found.arms]
    mean = told["arms"]["plain"]["mean"]["test"]["eer"]["value"]
    seeds = [one["test"]["eer"]["value"] for one in told["arms"]["plain"]["seeds"]]
    assert mean == pytest.approx(sum(seeds) / len(seeds))
    change = told["arms"]["plain"]["changes"]["eval"]["eer"]
    assert change["value"] == pytest.approx(
        told["arms"]["plain"]["mean"]["eval"]["eer"]["value"]
        - told["before"]["eval"]["eer"]["value"]
    )
    assert told["original"][2]["auc_put_right"]["value"] == pytest.approx(0.9563)
    assert told["checks"]["plain gains at least 10 points on the target"] is True


def test_what_comes_from_outside_is_escaped(found: StudyFigures) -> None:
    told = files(replace(found, model="<b>model</b>", custom="a|b"))
    assert "<b>model</b>" not in told["report.html"].decode()
    assert "a\\|b" in told["report.md"].decode()


def test_a_report_is_written_over_the_one_before(found: StudyFigures, tmp_path: Path) -> None:
    assert write(found, tmp_path) == tmp_path / "report.html"
    first = (tmp_path / "report.html").read_bytes()
    write(found, tmp_path)
    assert (tmp_path / "report.html").read_bytes() == first
    assert list(tmp_path.rglob(".*")) == []


def test_a_terminal_gets_at_most_a_hundred_columns(found: StudyFigures) -> None:
    told = list(lines(found))
    assert max(map(len, told)) <= 100
    assert any(line.startswith("plain") and "lost" in line for line in told)


def test_a_study_without_remedies_is_told_as_well() -> None:
    chosen = {name: SEPARATIONS[name] for name in ("before", "as_published", "plain")}
    told = files(study(chosen, each=40))
    assert "Ours" not in told["report.html"].decode()


def test_other_counts_and_clips_left_out_are_told(found: StudyFigures) -> None:
    told = "\n".join(lines(replace(found, counts_differ="testing has 3 real and 4 fake clips.")))
    assert "testing has 3 real and 4 fake clips. That was accepted." in told
    assert "3 clips that not every detector scored" in told.replace("\n  ", " ")
