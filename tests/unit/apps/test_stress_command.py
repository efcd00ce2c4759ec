"""The stress command: trials in, a table and a report out; it goes on after a stop."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from earwitness.apps.cli.main import main
from earwitness.detector import Detector

LABELS = {"bonafide": "Real", "spoof": "Fake"}
CONDITIONS = "level_minus_12db,speed,duration_8s"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Path:
    """The examples as two folders, five of each label."""
    root = tmp_path_factory.mktemp("data") / "voices"
    for label, name in LABELS.items():
        (root / name).mkdir(parents=True)
        clips = sorted(p for p in examples.glob(f"{label}_*") if p.suffix != ".m4a")
        for clip in clips[:5]:
            shutil.copy(clip, root / name / clip.name)
    return root


@pytest.fixture
def model(root: Path) -> str:
    return str(root / "tests" / "data" / "tiny_detector")


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["stress", *map(str, words)])


def test_a_table_with_every_condition_against_clean(folder: Path, model: str) -> None:
    found = run(model, folder, "--conditions", CONDITIONS, "--accept-inverted")
    assert found.exit_code == 0, found.output
    assert "5 bona fide + 5 spoof" in found.stdout
    for title in ("12 dB softer", "1.1 times the speed", "8 s of it"):
        assert title in found.stdout
    assert "10 trials, each heard 5 times: clean and under every condition." in found.stderr
    assert "Few trials: 5 bona fide, 5 spoof" in found.stderr


def test_json_alone_on_standard_output(folder: Path, model: str) -> None:
    found = run(model, folder, "--conditions", "speed", "--json", "--quiet", "--accept-inverted")
    told = json.loads(found.stdout)
    assert [one["condition"] for one in told["conditions"]] == ["speed_110", "speed_90"]
    assert told["setup"]["command"].startswith("earwitness stress ")
    assert told["setup"]["command"].endswith(
        "--protocol folder --partition eval --conditions speed --seed 1"
    )
    assert told["setup"]["partition"] == "eval"


def test_a_folder_with_report_and_figure_that_goes_on_without_hearing_again(
    folder: Path, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    words = (model, folder, "--conditions", "speed,level_minus_12db", "--out", out)
    first = run(*words, "--accept-inverted")
    assert first.exit_code == 0, first.output
    assert f"Written to {out}." in first.stderr
    names = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert names == {
        "stress.html", "stress.md", "stress.json", "journal.jsonl",
        "figures/stress.png", "figures/stress.svg",
    }  # fmt: skip
    told = (out / "stress.json").read_text(encoding="utf-8")

    def deaf(*given: object, **how: object) -> None:
        raise AssertionError("heard again")

    monkeypatch.setattr(Detector, "detect", deaf)
    again = run(*words, "--accept-inverted")
    assert again.exit_code == 0, again.output
    assert (out / "stress.json").read_text(encoding="utf-8") == told


def test_another_list_of_trials_does_not_go_on_unless_it_is_told_to(
    folder: Path, model: str, tmp_path: Path
) -> None:
    words = (model, folder, "--conditions", "level_minus_12db", "--out", tmp_path / "run")
    run(*words, "--limit", 4)
    refused = run(*words, "--limit", 6)
    assert refused.exit_code == 5
    assert "another list of trials" in refused.stderr
    assert run(*words, "--limit", 6, "--restart").exit_code in (0, 6)


def test_a_limit_takes_as_many_of_both_labels_and_says_so(folder: Path, model: str) -> None:
    found = run(model, folder, "--conditions", "level_minus_12db", "--limit", 4, "--json")
    told = json.loads(found.stdout)
    assert told["trials"] == {"available": 10, "limit": 4}
    assert told["clean"]["why_not"].startswith("2 bona fide and 2 spoof trials")


def test_scores_that_point_the_wrong_way_end_with_their_own_code(
    examples: Path, model: str, tmp_path: Path
) -> None:
    speech, rate = soundfile.read(examples / "bonafide_pocketsphinx_librivox_1.flac")
    for name, gain in (("Real", 0.1), ("Fake", 1.0)):  # and the detector takes loud for real
        (tmp_path / name).mkdir()
        for at, piece in enumerate(np.array_split(speech, 12)):
            soundfile.write(tmp_path / name / f"{at}.wav", gain * piece, rate)
    found = run(model, tmp_path, "--conditions", "level_minus_12db")
    assert found.exit_code == 6, found.output
    assert "INVERTED" in found.stderr
    accepted = run(model, tmp_path, "--conditions", "level_minus_12db", "--accept-inverted")
    assert accepted.exit_code == 0
    assert "Inverted, and accepted" in accepted.stderr


def test_a_clip_that_cannot_be_read_is_told_and_counted(
    folder: Path, model: str, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path / "voices")
    (tmp_path / "voices" / "Fake" / "broken.wav").write_bytes(b"RIFF and nothing else")
    found = run(model, tmp_path / "voices", "--conditions", "level_minus_12db", "--accept-inverted")
    assert found.exit_code == 3, found.output
    assert "1 recordings could not be read" in found.stderr
    assert "broken.wav" in found.stderr


def test_nothing_foreign_is_written_over(folder: Path, model: str, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    found = run(model, folder, "--conditions", "speed", "--out", tmp_path)
    assert found.exit_code == 5
    assert "holds other things (thesis.tex)" in found.stderr
    assert (tmp_path / "thesis.tex").read_text(encoding="utf-8") == "years of work"


def test_restart_needs_a_folder(folder: Path, model: str) -> None:
    found = run(model, folder, "--restart")
    assert found.exit_code == 2
    assert "--restart belongs to --out" in found.stderr


def test_a_condition_that_is_not_known_is_told(folder: Path, model: str) -> None:
    found = run(model, folder, "--conditions", "mp3_33k")
    assert found.exit_code == 5
    assert "There is no condition and no family called 'mp3_33k'. Did you mean" in found.stderr


def test_conditions_are_listed_without_a_model_or_data() -> None:
    found = run("--list")
    assert found.exit_code == 0
    assert "codecs: Codecs." in found.stdout
    assert "  mp3_32k             MP3, 32 kbit/s" in found.stdout


def test_a_folder_that_cannot_be_written_is_told(folder: Path, model: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    found = run(model, folder, "--conditions", "speed", "--out", file / "run")
    assert found.exit_code == 5
    assert "cannot be written" in found.stderr
