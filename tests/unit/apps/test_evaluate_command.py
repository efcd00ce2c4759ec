"""``earwitness evaluate`` as a person runs it: what it tells, what it writes, and how it ends."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from earwitness.apps.cli.main import main
from earwitness.evaluation import journal
from earwitness.evaluation.score_files import read_scores

EACH = 12
RATE = 16_000


@pytest.fixture(scope="module")
def data(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folders: the same speech, loud in Real/ and soft in Fake/; one pair is swapped."""
    root = tmp_path_factory.mktemp("data")
    speech, rate = soundfile.read(examples / "bonafide_asterisk_ru_2.wav", dtype="float32")
    assert rate == RATE
    speech = speech[: 3 * RATE] / np.abs(speech[: 3 * RATE]).max()
    rng = np.random.default_rng(3)
    for name, around, odd in (("Real", 0.8, 0.4), ("Fake", 0.05, 0.5)):
        (root / name).mkdir()
        for number in range(EACH):
            gain = odd if number == 0 else around + 0.1 * rng.random()
            soundfile.write(root / name / f"{name[0]}{number}.wav", speech * gain, RATE)
    return root


@pytest.fixture(scope="module")
def tiny(root: Path) -> Path:
    return root / "tests" / "data" / "tiny_detector"


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["evaluate", *map(str, words)])


def told_once(done: Result, code: int) -> str:
    """Expect one line on standard error and nothing else."""
    assert done.exit_code == code, done.output
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def with_tiny(data: Path, tiny: Path, *words: object) -> Result:
    return run(data, "--model", tiny, *words)


def measures(done: Result) -> dict[str, Any]:
    return json.loads(done.stdout)["measures"]


def turned(data: Path, to: Path) -> Path:
    """Copy the data set with the names of its two folders swapped."""
    shutil.copytree(data / "Real", to / "Fake")
    shutil.copytree(data / "Fake", to / "Real")
    return to


def test_two_folders_are_answered_with_one_table(data: Path, tiny: Path) -> None:
    before = sorted(data.rglob("*"))
    done = with_tiny(data, tiny)
    assert done.exit_code == 0, done.output
    head, line, *rest = done.stdout.splitlines()
    assert head == f"tiny on folder, eval ({data}): 12 bona fide + 12 spoof"
    assert line == "Line: bona fide from 0.0 up (balanced); 95 % intervals by resampling trials"
    rows = {row.partition("  ")[0]: row for row in rest}
    assert rows["EER (equal error rate)"].split()[-6:-4] == ["8.3", "%"]
    assert "Miss rate (genuine called fake)" in rows
    assert any(row.startswith("- Few trials: 12 bona fide, 12 spoof") for row in rest)
    assert done.stderr.splitlines()[0] == (
        "earwitness: folder, eval: 24 trials (12 bona fide, 12 spoof)."
    )
    assert sorted(data.rglob("*")) == before


def test_json_tells_the_same_and_nothing_else(data: Path, tiny: Path) -> None:
    done = with_tiny(data, tiny, "--json", "--quiet")
    assert (done.exit_code, done.stderr) == (0, "")
    table = json.loads(done.stdout)
    assert table["measures"]["eer"]["n_bona_fide"] == EACH
    assert table["setup"]["protocol"] == "folder"
    assert table["setup"]["threshold"] == 0.0
    assert table["setup"]["command"] == (
        f"earwitness evaluate {data} --protocol folder --partition eval --model {tiny}"
    )
    assert table["guard"]["direction"] == "as expected"


def test_a_folder_gets_the_report_and_the_same_command_scores_nothing_again(
    data: Path, tiny: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    done = with_tiny(data, tiny, "--out", out, "--workers", 2)
    assert done.exit_code == 0, done.output
    assert done.stderr.splitlines()[-1] == f"earwitness: The report: {out / 'report.html'}"
    there = {path.name for path in out.iterdir()}
    assert there == {
        "report.html", "report.md", "metrics.json", "scores.tsv", "figures", journal.NAME,
    }  # fmt: skip
    scores = read_scores(out / "scores.tsv")
    assert len(scores) == 2 * EACH
    assert scores["Real/R1.wav"] > 0 > scores["Fake/F1.wav"]
    kept = (out / journal.NAME).read_bytes()
    written = (out / "scores.tsv").read_bytes()
    again = with_tiny(data, tiny, "--out", out)
    assert again.exit_code == 0, again.output
    assert "24 of 24 are scored already." in again.stderr
    assert again.stdout == done.stdout
    assert (out / "scores.tsv").read_bytes() == written
    assert (out / journal.NAME).read_bytes() == kept


def test_scores_that_were_written_can_be_measured_again_by_themselves(
    data: Path, tiny: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    first = with_tiny(data, tiny, "--out", out, "--json")
    again = run("--scores", out / "scores.tsv", "--key", data, "--json", "--quiet")
    assert again.exit_code == 0, again.output
    assert measures(again) == measures(first)
    key = tmp_path / "key.tsv"
    rows = [f"{name}\t{'bonafide' if name[0] == 'R' else 'spoof'}" for name in
            read_scores(out / "scores.tsv")]  # fmt: skip
    key.write_text("path\tlabel\n" + "\n".join(rows) + "\n", encoding="utf-8")
    again = run("--scores", out / "scores.tsv", "--key", key, "--json", "--quiet")
    assert again.exit_code == 0, again.output
    assert measures(again) == measures(first)


def test_a_corrupt_clip_is_named_counted_and_listed_and_the_rest_is_measured(
    data: Path, tiny: Path, tmp_path: Path
) -> None:
    broken = shutil.copytree(data, tmp_path / "data")
    (broken / "Fake" / "F3.wav").write_bytes(b"no sound")
    done = with_tiny(broken, tiny, "--out", tmp_path / "run", "--quiet")
    assert done.exit_code == 3
    (line,) = done.stderr.splitlines()
    assert str(broken / "Fake" / "F3.wav") in line
    assert "12 bona fide + 11 spoof" in done.stdout
    assert "1 of 24 recordings could not be read" in done.stdout
    rows = (tmp_path / "run" / "scores.tsv").read_text("utf-8").splitlines()
    (row,) = [row for row in rows if row.startswith("Fake/F3.wav\t")]
    assert row.split("\t")[1] == ""
    assert "audio.unreadable" in row
    assert (tmp_path / "run" / "report.html").is_file()


def test_where_no_spoof_can_be_read_there_is_nothing_to_measure(
    data: Path, tiny: Path, tmp_path: Path
) -> None:
    broken = shutil.copytree(data, tmp_path / "data")
    for path in (broken / "Fake").iterdir():
        path.write_bytes(b"no sound")
    done = with_tiny(broken, tiny, "--quiet")
    assert done.exit_code == 3
    assert done.stdout == ""
    *faults, more, _ = done.stderr.splitlines()
    assert len(faults) == 10
    assert more == "earwitness: 2 more could not be read; --out lists them all."
    assert "No spoof trial has a score" in done.stderr.splitlines()[-1]
    assert "12 recordings could not be read" in done.stderr.splitlines()[-1]


def test_swapped_folders_end_with_their_own_code_after_everything_is_written(
    data: Path, tiny: Path, tmp_path: Path
) -> None:
    wrong = turned(data, tmp_path / "data")
    done = with_tiny(wrong, tiny, "--out", tmp_path / "run", "--quiet")
    assert done.exit_code == 6
    (line,) = done.stderr.splitlines()
    assert line.startswith("earwitness: !! INVERTED: the scores point the wrong way.")
    assert "Nothing was turned round here" in line
    straight = json.loads(with_tiny(data, tiny, "--json", "--quiet").stdout)["measures"]
    table = json.loads((tmp_path / "run" / "metrics.json").read_text("utf-8"))
    assert table["guard"]["direction"] == "inverted"
    assert table["guard"]["mirrored_auc"] == pytest.approx(straight["auc"]["value"])
    assert table["guard"]["mirrored_eer"] == pytest.approx(straight["eer"]["value"])
    assert table["measures"]["auc"]["value"] == pytest.approx(1 - straight["auc"]["value"])
    assert "INVERTED" in (tmp_path / "run" / "report.html").read_text("utf-8")
    assert "INVERTED" in done.stdout


def test_a_decision_to_accept_is_kept_and_ends_well(data: Path, tiny: Path, tmp_path: Path) -> None:
    wrong = turned(data, tmp_path / "data")
    done = with_tiny(wrong, tiny, "--accept-inverted", "--json", "--quiet")
    assert (done.exit_code, done.stderr) == (0, "")
    table = json.loads(done.stdout)
    assert table["guard"]["is_accepted"] is True
    assert "--accept-inverted" in table["setup"]["command"]
    assert "inverted_accepted" in {remark["code"] for remark in table["remarks"]}


def test_an_overlap_with_the_training_is_told_loudly_even_to_the_quiet(
    data: Path, tiny: Path, tmp_path: Path
) -> None:
    trained = shutil.copytree(tiny, tmp_path / "trained")
    card = (trained / "card.toml").read_text("utf-8")
    (trained / "card.toml").write_text(f'trained_on = ["folder/eval"]\n{card}', encoding="utf-8")
    done = run(data, "--model", trained, "--quiet")
    assert done.exit_code == 0
    assert "!! OVERLAP: this detector was trained on folder/eval" in done.stderr
    assert "!! OVERLAP" in done.stdout


def test_a_list_of_ones_own_is_broken_down_by_any_column(
    data: Path, tiny: Path, tmp_path: Path
) -> None:
    rows = [
        f"{path},{'real' if path.parent.name == 'Real' else 'fake'},room {n % 2}"
        for n, path in enumerate(sorted(data.rglob("*.wav")))
    ]
    listed = tmp_path / "list.csv"
    listed.write_text("path,label,room\n" + "\n".join(rows) + "\n", encoding="utf-8")
    done = with_tiny(listed, tiny, "--by", "room", "--json", "--quiet")
    assert done.exit_code == 0, done.output
    (by_room,) = [b for b in json.loads(done.stdout)["breakdowns"] if b["column"] == "room"]
    assert {g["value"]: (g["n_bona_fide"], g["n_spoof"]) for g in by_room["groups"]} == {
        "room 0": (6, 6), "room 1": (6, 6),
    }  # fmt: skip
    shown = with_tiny(listed, tiny, "--by", "room", "--quiet").stdout
    assert "by room, at the same line" in shown
    assert told_once(with_tiny(listed, tiny, "--by", "rom"), 6) == (
        "earwitness: --by rom: there is no such column. There are: room."
    )


def test_an_uncalibrated_detector_is_measured_by_what_it_can_do(data: Path, tiny: Path,
                                                               tmp_path: Path) -> None:  # fmt: skip
    raw = shutil.copytree(tiny, tmp_path / "raw")
    card = (raw / "card.toml").read_text("utf-8")
    head, _, _ = card.partition("[calibration]")
    (raw / "card.toml").write_text(head, encoding="utf-8")
    done = run(data, "--model", raw)
    assert done.exit_code == 0, done.output
    assert "No threshold: the scores are not calibrated" in done.stdout
    assert "n/a (uncalibrated): actDCF, Cllr, Miss rate" in done.stdout


# Where it may not write


def test_a_folder_with_other_things_in_it_is_left_alone(
    data: Path, tiny: Path, tmp_path: Path
) -> None:
    (tmp_path / "thesis.tex").write_text("mine", encoding="utf-8")
    line = told_once(with_tiny(data, tiny, "--out", tmp_path), 5)
    assert f"{tmp_path}: holds other things (thesis.tex)" in line
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_report_on_scores_leaves_no_journal_by_which_an_older_evaluation_goes_on(
    data: Path, tiny: Path, tmp_path: Path
) -> None:
    out, scores = tmp_path / "run", tmp_path / "scores.tsv"
    assert with_tiny(data, tiny, "--out", out).exit_code == 0
    (out / "scores.tsv").rename(scores)
    words = ("--scores", scores, "--key", data, "--out", out, "--quiet")
    assert "holds another evaluation" in told_once(run(*words), 5)
    assert run(*words, "--restart").exit_code == 0
    line = told_once(with_tiny(data, tiny, "--out", out, "--quiet"), 5)
    assert "holds another evaluation" in line


def test_what_no_run_wrote_is_told_before_anybody_listens(
    data: Path, tiny: Path, tmp_path: Path
) -> None:
    for name in ("metrics.json", "report.html"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
    line = told_once(with_tiny(data, tiny, "--out", tmp_path, "--restart", "--quiet"), 5)
    assert "is there already, and no former run wrote it" in line
    assert {path.name for path in tmp_path.iterdir()} == {"metrics.json", "report.html"}


def test_a_report_without_audio_holds_no_sound_and_says_so_in_its_command(
    data: Path, tiny: Path, tmp_path: Path
) -> None:
    for words, sounds in (((), 10), (("--no-audio",), 0)):
        out = tmp_path / f"run{sounds}"
        assert with_tiny(data, tiny, "--out", out, *words).exit_code == 0
        page = (out / "report.html").read_text("utf-8")
        assert page.count("<audio") == page.count("data:audio/flac") == sounds
        setup = json.loads((out / "metrics.json").read_text("utf-8"))["setup"]
        assert ("--no-audio" in setup["command"]) is (sounds == 0)


def test_a_report_links_to_recordings_by_no_folder_that_was_not_named(
    data: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shutil.copytree(data, tmp_path / "secret"))
    for out, is_near in ((Path("near") / "run", True), (tmp_path / "far", False)):
        assert run(".", "--model", tiny, "--out", out, "--no-audio").exit_code == 0
        page = (out / "report.html").read_text("utf-8")
        assert ('href="../../Real/R' in page) is is_near
        assert "secret" not in page


def test_another_evaluation_is_not_written_over_until_it_is_asked_for(
    data: Path, tiny: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    assert with_tiny(data, tiny, "--out", out).exit_code == 0
    strict = ("--operating-point", "accusation", "--out", out, "--quiet")
    line = told_once(with_tiny(data, tiny, *strict), 5)
    assert "belongs to an evaluation with another settings" in line
    assert "--restart" in line
    done = with_tiny(data, tiny, *strict, "--restart")
    assert done.exit_code == 0, done.output
    assert json.loads((out / "metrics.json").read_text("utf-8"))["setup"]["threshold"] == -2.0


def test_a_place_that_is_a_file_is_a_mistake_of_usage(data: Path, tiny: Path) -> None:
    done = with_tiny(data, tiny, "--out", data / "Real" / "R0.wav")
    assert done.exit_code == 2
    assert "is a file" in done.stderr


# What cannot be asked


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "Give a DATASET"),
        (("d", "--key", "K"), "--key cannot be given together with a DATASET: it belongs"),
        (("d", "--llr"), "--llr cannot be given together with a DATASET"),
        (("d", "--threshold", "0"), "--threshold cannot be given together with a DATASET"),
        (("d", "--partial"), "--partial cannot be given together with a DATASET"),
        (("--scores", "K"), "--scores needs the labels: give --key FILE"),
        (("d", "--scores", "K", "--key", "K"), "a DATASET cannot be given together with --scores"),
        (("--scores", "K", "--key", "K", "--model", "m"), "--model cannot be given together"),
        (("--claim", "eer=0.1,auc=0.9", "d"), "a DATASET cannot be given together with --claim"),
        (("--claim", "eer=0.1,auc=0.9", "--by", "x"), "--by cannot be given together with --claim"),
        (("d", "--restart"), "--restart belongs to --out"),
        (("--scores", "K", "--key", "K", "--threshold", "nan"), "nan: is no finite number"),
        (("--claim", "eer=0.1,auc=0.9", "--no-audio"), "--no-audio cannot be given together"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_a_mistake_of_usage(
    words: tuple[str, ...], says: str, data: Path, tmp_path: Path
) -> None:
    key = tmp_path / "key.tsv"
    key.write_text("path\tlabel\n", encoding="utf-8")
    done = run(*({"d": data, "K": key}.get(word, word) for word in words))
    assert done.exit_code == 2, done.output
    assert says in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("gone",), 6, "gone: there is no such file or folder."),
        (("empty",), 6, "has no folders Real and Fake in it"),
        (("data", "--protocol", "foldr"), 5, "no protocol called 'foldr'. Did you mean folder?"),
        (("data", "--partition", "dev"), 6, "there is no partition 'dev'. Use eval."),
        (("data", "--model", "tinny"), 4, "There is no detector 'tinny'"),
        (("data", "--operating-point", "x"), 5, "has no operating point 'x'"),
        (("data/Real/R0.wav",), 6, "is no list of trials that is known"),
    ],
)
def test_what_cannot_be_found_is_told_in_one_line(
    words: tuple[str, ...], code: int, says: str, data: Path, tmp_path: Path
) -> None:
    (tmp_path / "data").symlink_to(data)
    (tmp_path / "empty").mkdir()
    place, *rest = words
    assert says in told_once(run(tmp_path / place, *rest), code)


def test_help_says_what_a_data_set_is_and_which_codes_there_are() -> None:
    done = run("--help")
    assert done.exit_code == 0
    assert "a folder with a bona fide and a spoof folder" in done.stdout
    assert "6 the scores point the wrong way" in " ".join(done.stdout.split())
