import json
from dataclasses import replace

import pytest

from earwitness.errors import SettingsError
from earwitness.evaluation.forgetting import GainedLost
from earwitness.reporting.finetunings import drawn, reports
from made_finetunings import Row, before_after, curve, finetuned, points

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return reports.write(finetuned(), tmp_path_factory.mktemp("finetuned") / "run")


def test_a_folder_holds_the_report_as_page_text_numbers_and_figures(written):
    page = written

    files = {str(p.relative_to(page.parent)) for p in page.parent.rglob("*") if p.is_file()}
    names = ("curves", "gained-lost", "pareto")
    assert files == {
        "report.html", "report.md", "metrics.json",
        *(f"figures/{name}.{form}" for name in names for form in ("png", "svg")),
    }  # fmt: skip
    for name in names:
        assert (page.parent / f"figures/{name}.png").read_bytes().startswith(PNG)
    told = json.loads((page.parent / "metrics.json").read_text())
    assert set(told["files"]) == files
    assert [one["change"] for one in told["gained_lost"]] == [
        "gained", "lost", "not distinguishable",
    ]  # fmt: skip
    assert told["gained_lost"][1]["sentence"].startswith("Lost on custom")
    assert len(told["epochs"]) == 5
    assert told["mixtures"][2]["is_chosen"]


def test_page_and_text_say_the_same_sentences(written):
    html = written.read_text().replace("\u00a0", " ").replace("&#39;", "'")
    text = (written.parent / "report.md").read_text()

    for sentence in json.loads((written.parent / "metrics.json").read_text())["gained_lost"]:
        assert sentence["sentence"] in html
        assert sentence["sentence"] in text
    for words in ("Lost on custom", "Epoch by epoch", "How to read this", "for2sec_best"):
        assert words in html
        assert words in text
    assert html.count("<svg") == 3
    assert "50 % new and 50 % old" in text


def test_a_page_needs_nothing_from_outside_and_shows_no_markup_of_names(tmp_path):
    nasty = finetuned(title="<script>alert(1)</script>", curve=(), points=())

    html = reports.write(nasty, tmp_path).read_text()

    assert "<script" not in html
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert "&lt;script" in (tmp_path / "report.md").read_text()


def test_a_second_end_writes_over_the_first_and_leaves_the_run_alone(tmp_path, monkeypatch):
    (tmp_path / "recipe.json").write_text("{}")
    bare = finetuned(curve=(), points=())
    monkeypatch.setattr(reports, "drawings", lambda _told: ())
    reports.write(bare, tmp_path)
    reports.write(replace(bare, title="Again"), tmp_path)

    assert "Again" in (tmp_path / "report.md").read_text()
    assert (tmp_path / "recipe.json").read_text() == "{}"
    assert not list(tmp_path.rglob("*.part"))


def test_the_same_figure_is_the_same_bytes():
    one, again = (drawn.pareto(points()) for _ in range(2))

    assert (one.png, one.svg) == (again.png, again.svg)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(SettingsError, match=r"file: cannot be written"):
        reports.write(finetuned(), tmp_path / "file")


def test_a_terminal_gets_the_table_and_a_sentence_a_row():
    lines = list(reports.as_lines(finetuned()))

    assert all(len(line) <= 100 for line in lines)
    assert sum("(keep-set)  " in line for line in lines) >= 2
    assert any(line.startswith("Lost on custom (keep-set): the EER rose") for line in lines)


def test_scores_that_point_the_wrong_way_are_cried_out():
    wrong = GainedLost((before_after("custom", "keep", (2.0, -3.0)),))
    told = finetuned(found=wrong, curve=(), points=())

    assert any(line.startswith("!! custom: INVERTED") for line in reports.as_lines(told))
    assert "INVERTED" in reports.files(told)["report.html"].decode()


def test_what_was_not_measured_is_not_drawn():
    bare = finetuned(curve=(), points=())
    unwatched = finetuned(points=(), curve=tuple(replace(one, keep_eer=None) for one in curve()))

    assert [one.name for one in drawn.drawings(bare)] == ["gained-lost"]
    assert [one.name for one in drawn.drawings(unwatched)] == ["gained-lost", "curves"]
    assert "mixtures" not in reports.as_markdown(bare, ())


def test_figures_say_in_words_what_they_show(written):
    text = (written.parent / "report.md").read_text()

    assert "chosen epoch, 3" in text
    assert "Ringed: what was taken (alpha 0.5)" in text
    assert "custom: +" in text


def test_many_epochs_and_mixtures_close_together_are_drawn_without_their_numbers():
    long = curve(40)
    close = tuple(replace(one, merit=points()[0].merit) for one in points())

    assert drawn.pareto(close, drawn._of_epochs(finetuned(curve=long))).png.startswith(PNG)
    assert drawn.curves([Row(1, 0.4, None, None, None)], None).png.startswith(PNG)
