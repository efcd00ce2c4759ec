"""``earwitness compare`` as a person uses it, on folders as ``evaluate --out`` leaves them."""

import functools
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from compared_runs import llrs, one, setup, trials
from earwitness.apps.cli.main import main
from earwitness.evaluation import comparing
from earwitness.evaluation.measuring import Plan, evaluate
from earwitness.evaluation.records import Remark, Unread
from earwitness.evaluation.score_files import score_rows
from earwitness.records import Trial
from earwitness.reporting.evaluations import as_metrics

ASKED = trials()
WEAK, STRONG = llrs(ASKED, 1.0), llrs(ASKED, 2.5, seed=2)


BY_ATTACK = Plan(kin=("page",), groups=("attack",), rounds=20)  # and by length


def run_folder(
    folder: Path,
    name: str,
    scores: Sequence[float] | np.ndarray,
    asked: Sequence[Trial] = ASKED,
    *,
    is_calibrated: bool = True,
    unread: int = 0,
    columns: tuple[str, ...] = ("page",),
    plan: Plan | None = None,
) -> Path:
    """Leave what an evaluation leaves, without the figures and the page."""
    heard = [
        one(trial, float(score), is_calibrated=is_calibrated, at=at if plan is BY_ATTACK else 0)
        for at, (trial, score) in enumerate(zip(asked[unread:], scores[unread:], strict=True))
    ]
    lost = [Unread(trial, "audio.unreadable", "is damaged") for trial in asked[:unread]]
    found = evaluate(
        setup(name, is_calibrated=is_calibrated),
        heard,
        lost,
        plan or Plan(kin=("page",), rounds=20),
    )
    folder.mkdir()
    text = as_metrics.text(as_metrics.recorded(found))
    (folder / as_metrics.NAME).write_text(text, encoding="utf-8")
    rows = "".join(score_rows([*lost, *heard], columns=columns))
    (folder / "scores.tsv").write_text(rows, encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    """Draw a hundred times instead of a thousand: what is told, and how, does not depend on it."""
    compared = functools.partial(comparing.compare, rounds=100)
    monkeypatch.setattr(comparing, "compare", compared)


@pytest.fixture
def broken_down(tmp_path: Path) -> tuple[Path, Path]:
    """Give two runs that were broken down by attack and by length, too."""
    columns = ("page", "attack")
    return (
        run_folder(tmp_path / "c", "weak", WEAK, columns=columns, plan=BY_ATTACK),
        run_folder(tmp_path / "d", "strong", STRONG, columns=columns, plan=BY_ATTACK),
    )


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    return (
        run_folder(tmp_path / "a", "weak", WEAK),
        run_folder(tmp_path / "b", "strong", STRONG),
    )


def compare(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["compare", *map(str, arguments)])


def test_the_better_one_is_named_with_points_and_interval(
    broken_down: tuple[Path, Path],
) -> None:
    told = compare(*broken_down)
    assert told.exit_code == 0, told.stderr
    assert told.stderr == ""
    words = " ".join(told.stdout.split())
    assert "weak and strong on spoken (eval)" in words
    assert "strong is better than weak: EER " in words
    assert "120 bona fide + 120 spoof, the same for all" in words
    assert "24 values of 'page', each as a whole" in words
    assert "strong against weak, EER by attack: better on A00, A01 and A02." in words
    assert max(map(len, told.stdout.splitlines())) <= 100


def test_the_other_way_round_the_other_one_is_worse(two: tuple[Path, Path]) -> None:
    words = " ".join(compare(*reversed(two)).stdout.split())
    assert "weak is worse than strong: EER " in words
    assert "better" not in words.partition("weak is worse")[2]


def test_json_holds_all_figures_and_sentences(broken_down: tuple[Path, Path]) -> None:
    told = json.loads(compare(*broken_down, "--json").stdout)
    assert [run["name"] for run in told["runs"]] == ["weak", "strong"]
    first = told["differences"][0]
    assert (first["measure"], first["outcome"]) == ("eer", "better")
    assert first["value"] == pytest.approx(first["second_value"] - first["first_value"])
    assert first["low"] <= first["value"] <= first["high"] < 0
    assert told["resampled"] == {"column": "page", "clusters": 24}
    assert {(one["column"], one["group"]) for one in told["groups"]} >= {("attack", "A01")}
    assert told["findings"][0].startswith("strong is better than weak: EER")


@pytest.mark.slow
def test_a_report_is_written_whole_and_can_be_written_again(
    broken_down: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "report"
    told = compare(*broken_down, "--out", out)
    assert told.exit_code == 0, told.stderr
    assert told.stderr == f"earwitness: the report is in {out}.\n"
    names = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    figures = ("by-attack", "by-duration", "det", "differences", "eers")
    wanted = [f"figures/{name}.{kind}" for name in figures for kind in ("png", "svg")]
    assert names == sorted(["comparison.html", "comparison.json", "comparison.md", *wanted])
    before = {name: (out / name).read_bytes() for name in names}
    assert compare(*broken_down, "--out", out, "--quiet").stderr == ""
    assert {name: (out / name).read_bytes() for name in names} == before
    page = before["comparison.html"].decode("utf-8")
    assert "strong is better than weak" in page
    assert "<script" not in page


@pytest.mark.slow
def test_figures_of_an_older_report_go_and_nothing_else(
    broken_down: tuple[Path, Path], two: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "report"
    assert compare(*broken_down, "--out", out).exit_code == 0
    (out / "figures" / "mine.png").write_bytes(b"mine")
    told = json.loads((out / "comparison.json").read_text("utf-8"))
    told["files"] += ["../a/scores.tsv", 7]
    (out / "comparison.json").write_text(json.dumps(told), encoding="utf-8")
    assert compare(*two, "--out", out).exit_code == 0
    figures = {path.name for path in (out / "figures").iterdir()}
    assert {"mine.png", "det.png"} <= figures
    assert not {"by-attack.png", "by-duration.svg"} & figures
    assert (two[0] / "scores.tsv").exists()


def test_a_folder_with_other_things_is_not_written_into(two: tuple[Path, Path]) -> None:
    told = compare(*two, "--out", two[0])
    assert told.exit_code == 5
    assert "holds other things (metrics.json, scores.tsv)" in told.stderr
    assert told.stdout == ""


@pytest.mark.slow
def test_a_file_where_the_folder_should_be_is_told(two: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    told = compare(*two, "--out", tmp_path / "file" / "deeper")
    assert told.exit_code == 5
    assert "cannot be written" in told.stderr
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_inverted_scores_are_named_and_end_with_their_own_code(tmp_path: Path) -> None:
    told = compare(
        run_folder(tmp_path / "a", "weak", WEAK), run_folder(tmp_path / "b", "turned", -STRONG)
    )
    words = " ".join(told.stdout.split())
    assert told.exit_code == 6
    assert "!! INVERTED: the scores of turned point the wrong way. Its AUC is 0." in words
    assert "nothing was turned round" in words
    assert "turned is worse than weak" in words


def test_accepted_inversion_is_named_and_ends_with_zero(tmp_path: Path) -> None:
    meant = Plan(kin=("page",), rounds=20, accepts_inverted=True)
    told = compare(
        run_folder(tmp_path / "a", "weak", WEAK),
        run_folder(tmp_path / "b", "turned", -STRONG, plan=meant),
    )
    assert told.exit_code == 0, told.stderr
    assert "turned is inverted, and that was accepted" in " ".join(told.stdout.split())


def test_without_a_calibration_the_reader_is_told_what_is_compared(tmp_path: Path) -> None:
    raw = run_folder(tmp_path / "b", "raw", STRONG, is_calibrated=False)
    told = compare(run_folder(tmp_path / "a", "weak", WEAK), raw)
    words = " ".join(told.stdout.split())
    assert told.exit_code == 0
    assert "Not calibrated: raw." in words
    assert "raw is better than weak: EER " in words
    assert "better by AUC, minDCF and min Cllr; 5 cannot be compared." in words


def test_a_run_without_page_and_attack_is_drawn_trial_by_trial(tmp_path: Path) -> None:
    told = compare(
        run_folder(tmp_path / "a", "weak", WEAK, columns=(), plan=BY_ATTACK),
        run_folder(tmp_path / "b", "strong", STRONG, columns=(), plan=BY_ATTACK),
    )
    words = " ".join(told.stdout.split())
    assert "by drawing single recordings" in words
    assert "Recordings were drawn one by one." in words
    assert "EER by attack" not in words


def test_unread_and_missing_trials_are_counted(tmp_path: Path) -> None:
    whole = run_folder(tmp_path / "a", "weak", WEAK)
    holes = run_folder(tmp_path / "b", "strong", STRONG, unread=4)
    words = " ".join(compare(whole, holes).stdout.split())
    assert "4 of 240 trials are left out of all runs." in words
    assert "(not scored: 0 by weak and 4 by strong)" in words
    short = run_folder(tmp_path / "c", "short", WEAK[:200], ASKED[:200])
    refused = compare(whole, short)
    assert refused.exit_code == 6
    assert "weak has 240, short has 200, and 200 are in all" in refused.stderr
    words = " ".join(compare(whole, short, "--common").stdout.split())
    assert "Compared on the 200 trials that all runs were asked. Left out: 40 of weak." in words


def test_training_overlap_of_a_run_is_carried_over(tmp_path: Path) -> None:
    facts = {"trained_on": "manifest/eval", "protocol": "manifest", "partition": "eval"}
    plan = Plan(kin=("page",), rounds=20, remarks=(Remark("overlap", facts),))
    told = compare(
        run_folder(tmp_path / "a", "weak", WEAK),
        run_folder(tmp_path / "b", "knew", STRONG, plan=plan),
    )
    assert "!! knew: OVERLAP: this detector was trained on manifest/eval." in " ".join(
        told.stdout.split()
    )


def test_that_a_run_was_calibrated_on_these_is_carried_over(tmp_path: Path) -> None:
    facts = {"n": 240, "of": 240, "fitted_on": "manifest/eval", "by": "content"}
    plan = Plan(kin=("page",), rounds=20, remarks=(Remark("calibrated_on_these", facts),))
    told = compare(
        run_folder(tmp_path / "a", "weak", WEAK),
        run_folder(tmp_path / "b", "knew", STRONG, plan=plan),
    )
    assert "!! knew: CALIBRATED ON THESE: 240 of 240 trials." in " ".join(told.stdout.split())


def test_one_detector_run_twice_is_told_apart_by_folder(tmp_path: Path) -> None:
    told = compare(
        run_folder(tmp_path / "before", "mine", WEAK),
        run_folder(tmp_path / "after", "mine", STRONG),
    )
    assert "mine (after) is better than mine (before): EER" in " ".join(told.stdout.split())


def test_one_folder_given_twice_is_not_distinguishable_from_itself(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "a", "mine", WEAK)
    told = compare(folder, tmp_path / "a" / ".." / "a")
    assert told.exit_code == 0, told.stderr
    assert "are not distinguishable: EER" in " ".join(told.stdout.split())


def test_one_run_alone_is_a_wrong_use(two: tuple[Path, Path]) -> None:
    told = compare(two[0])
    assert told.exit_code == 2
    assert "at least two runs" in told.stderr


def test_a_folder_that_no_evaluation_left_is_told(two: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    told = compare(two[0], tmp_path / "empty")
    assert told.exit_code == 6
    assert "metrics.json: cannot be read" in told.stderr


@pytest.mark.parametrize(
    ("change", "says"),
    [(lambda _: 1e9, "gives eer ="), (lambda score: score - 1e-3, "gives mean_score_spoof =")],
)
def test_scores_that_were_changed_afterwards_are_refused(
    two: tuple[Path, Path], change: Callable[[float], float], says: str
) -> None:
    file = two[1] / "scores.tsv"
    head, first, *rest = file.read_text(encoding="utf-8").splitlines()
    cells = first.split("\t")
    cells[1] = str(change(float(cells[1])))
    file.write_text("\n".join([head, "\t".join(cells), *rest]) + "\n", encoding="utf-8")
    told = compare(*two)
    assert told.exit_code == 6
    assert f"scores.tsv {says}" in told.stderr
    assert "One of the two was changed" in told.stderr


def test_a_score_file_without_labels_is_told(two: tuple[Path, Path]) -> None:
    rows = "".join(f"{trial.id} {score}\n" for trial, score in zip(ASKED, STRONG, strict=True))
    (two[1] / "scores.tsv").write_text(rows, encoding="utf-8")
    told = compare(*two)
    assert told.exit_code == 6
    assert "has no label for 'spoof/0.wav'" in told.stderr


def test_three_runs_are_compared_each_with_each(two: tuple[Path, Path], tmp_path: Path) -> None:
    third = run_folder(tmp_path / "c", "third", llrs(ASKED, 1.2, seed=5))
    words = " ".join(compare(*two, third).stdout.split())
    for pair in ("strong is better than weak", "third and weak are not", "third is worse than str"):
        assert pair in words


def test_a_name_that_cannot_be_shown_is_made_harmless(tmp_path: Path) -> None:
    evil = replace(ASKED[0], meta={"page": "p", "attack": "\x1b[31mA\u202e"})
    asked = [evil if at < 40 and at % 2 == 0 else trial for at, trial in enumerate(ASKED)]
    asked = [replace(trial, id=old.id) for trial, old in zip(asked, ASKED, strict=True)]
    told = compare(
        run_folder(tmp_path / "a", "we\x1bak", WEAK, asked, plan=BY_ATTACK, columns=("attack",)),
        run_folder(tmp_path / "b", "strong", STRONG, asked, plan=BY_ATTACK, columns=("attack",)),
    )
    assert told.exit_code == 0, told.stderr
    assert "\x1b" not in told.stdout
    assert "\u202e" not in told.stdout


def test_no_column_can_name_a_file_outside_of_the_folder(tmp_path: Path) -> None:
    column = "x/../../../../a<b>"
    asked = [
        replace(trial, meta={"page": trial.meta["page"], column: trial.meta["attack"]})
        for trial in ASKED
    ]
    plan = Plan(kin=("page",), groups=(column,), rounds=20)
    two = [
        run_folder(tmp_path / name, name, scores, asked, columns=("page", column), plan=plan)
        for name, scores in (("weak", WEAK), ("strong", STRONG))
    ]
    out = tmp_path / "deep" / "out"
    told = compare(*two, "--out", out)
    assert told.exit_code == 0, told.output
    names = {path.name for path in (out / "figures").iterdir()}
    assert "by-x-a-b.png" in names
    assert {path.name for path in tmp_path.iterdir()} == {"weak", "strong", "deep"}
    assert 'id="figure-by-x-a-b"' in (out / "comparison.html").read_text("utf-8")


def test_that_inconclusive_answers_are_half_errors_is_told_where_there_are_any(
    two: tuple[Path, Path],
) -> None:
    words = "Inconclusive answers count as half an error"
    assert words not in compare(*two).stdout
    file = two[1] / "scores.tsv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("\tspoof\tspoof\t", "\tspoof\tinconclusive\t"), encoding="utf-8")
    assert words in compare(*two).stdout


def test_recordings_without_a_value_are_called_so(tmp_path: Path) -> None:
    plan = Plan(kin=("page",), groups=("speaker",), rounds=20)
    asked = [
        replace(trial, meta={"page": trial.meta["page"], "speaker": "Ann" if at < 120 else ""})
        for at, trial in enumerate(ASKED)
    ]
    two = [
        run_folder(tmp_path / name, name, scores, asked, columns=("page", "speaker"), plan=plan)
        for name, scores in (("weak", WEAK), ("strong", STRONG))
    ]
    assert "EER by speaker: better on none and Ann." in " ".join(compare(*two).stdout.split())
