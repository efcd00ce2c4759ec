"""A run's folder is complete, is rewritten by its own kind, and nothing else is ever touched."""

import csv
import json
from dataclasses import replace

import pytest
from rendered import rendered

from earwitness.errors import SettingsError
from earwitness.evaluation.curves import Curves
from earwitness.evaluation.score_files import read_scores
from earwitness.reporting.evaluations import as_metrics, run_folder

FILES = {
    "report.html", "report.md", "metrics.json", "scores.tsv",
    *(f"figures/{name}.{form}" for form in ("png", "svg")
      for name in ("histogram", "det", "reliability", "by-attack", "duration")),
}  # fmt: skip


@pytest.fixture(autouse=True)
def quick_drawings(monkeypatch) -> None:
    """Figures were drawn and looked at elsewhere; here they are files."""

    def drawn(evaluation, curves):
        made = rendered("calibrated").drawings
        return tuple(one for one in made if curves.reliability or one.name != "reliability")

    monkeypatch.setattr(run_folder, "drawings", drawn)


def written(folder, **changes):
    found = rendered("calibrated")
    return run_folder.write(found.evaluation, replace(found.curves, **changes), folder,
                            embed_audio=False)  # fmt: skip


def there(folder) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_a_folder_holds_all_that_was_promised_and_nothing_else(tmp_path) -> None:
    run = tmp_path / "new" / "run"
    files = written(run)
    assert there(run) == FILES == {p.relative_to(run).as_posix() for p in files}
    assert set(as_metrics.read(run).files) == FILES
    assert json.loads((run / "metrics.json").read_text())["schema_version"] == 1


def test_the_scores_come_back_as_they_were(tmp_path) -> None:
    written(tmp_path)
    evaluation = rendered("calibrated").evaluation
    found = read_scores(tmp_path / "scores.tsv")
    assert found == {one.trial.id: one.score for one in evaluation.scored}
    with (tmp_path / "scores.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) == 601
    assert rows[-1]["error"].startswith("audio.unreadable: ")


def test_rows_stand_in_the_order_of_the_protocol_if_it_is_told(tmp_path) -> None:
    found = rendered("calibrated").evaluation
    asked = [*(one.trial for one in found.unread), *(one.trial for one in found.scored)]
    run_folder.write(found, Curves(), tmp_path, embed_audio=False, asked=asked)
    names = [line.split("\t")[0] for line in (tmp_path / "scores.tsv").read_text().splitlines()]
    assert names[1:] == [trial.id for trial in asked]


def test_a_second_run_writes_over_the_first_and_takes_its_leavings_away(tmp_path) -> None:
    written(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    written(tmp_path, reliability=None)
    gone = {"figures/reliability.png", "figures/reliability.svg"}
    assert there(tmp_path) == FILES - gone | {"notes.txt"}
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_two_runs_of_the_same_are_the_same_files(tmp_path) -> None:
    for name in ("a", "b"):
        written(tmp_path / name)
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


@pytest.mark.parametrize("name", ["report.html", "scores.tsv", "metrics.json"])
def test_what_no_run_wrote_is_never_written_over(name, tmp_path) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(SettingsError, match=rf"{name} is there already, and no former run"):
        written(tmp_path)
    assert there(tmp_path) == {name}
    assert (tmp_path / name).read_text() == "mine"


def test_a_list_of_files_that_was_tampered_with_takes_nothing_away(tmp_path) -> None:
    run = tmp_path / "run"
    written(run)
    (tmp_path / "precious.png").write_text("mine")
    told = json.loads((run / "metrics.json").read_text())
    told["files"] += [
        "../precious.png",
        "figures/../../precious.png",
        str(tmp_path / "precious.png"),
    ]
    (run / "metrics.json").write_text(json.dumps(told))
    written(run)
    assert (tmp_path / "precious.png").read_text() == "mine"


def test_a_failure_leaves_what_was_there(tmp_path, monkeypatch) -> None:
    written(tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in FILES}

    def broken(*_, **__):
        raise ValueError("no page")

    monkeypatch.setattr(run_folder.as_html, "text", broken)
    with pytest.raises(ValueError, match="no page"):
        written(tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in there(tmp_path)} == before


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SettingsError, match=r"file/run: cannot be written \(Not a directory\)"):
        written(tmp_path / "file" / "run")


def test_a_folder_can_be_tried_before_the_work(tmp_path) -> None:
    run_folder.check(tmp_path / "new")
    written(tmp_path / "run")
    run_folder.check(tmp_path / "run")
    with pytest.raises(SettingsError, match="is no folder"):
        run_folder.check(tmp_path / "run" / "report.md")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "report.md").write_text("mine")
    with pytest.raises(SettingsError, match=r"report\.md is there already"):
        run_folder.check(tmp_path / "other")
