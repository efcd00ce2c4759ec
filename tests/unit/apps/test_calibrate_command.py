"""``earwitness calibrate`` as a person runs it, and what ``evaluate`` says of the outcome."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from earwitness.apps.cli import _calibrating
from earwitness.apps.cli.main import main
from earwitness.detector import load
from earwitness.weights import fitted, store
from earwitness.weights.cards import read_card

EACH = 12
RATE = 16_000


@pytest.fixture(scope="module")
def data(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set in two parts: the same speech, on the whole louder in Real/ than in Fake/."""
    root = tmp_path_factory.mktemp("data")
    speech, rate = soundfile.read(examples / "bonafide_asterisk_ru_2.wav", dtype="float32")
    assert rate == RATE
    speech = speech[: 2 * RATE] / np.abs(speech[: 2 * RATE]).max()
    rng = np.random.default_rng(3)
    for part in ("dev", "test"):
        for name, around in (("Real", 0.5), ("Fake", 0.3)):
            (root / part / name).mkdir(parents=True)
            for number in range(EACH):
                gain = np.clip(rng.normal(around, 0.15), 0.1, 1.0)
                file = root / part / name / f"{name[0]}{number}.wav"
                soundfile.write(file, speech * gain, RATE)
    return root


@pytest.fixture
def raw(root: Path, tmp_path: Path) -> Path:
    """The tiny detector without its calibration, and with a licence beside it."""
    folder = tmp_path / "raw"
    shutil.copytree(root / "tests" / "data" / "tiny_detector", folder)
    card = (folder / "card.toml").read_text("utf-8").partition("\n[calibration]")[0]
    (folder / "card.toml").write_text(card + "\n", "utf-8")
    (folder / "LICENSE").write_text("terms", "utf-8")
    return folder


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where detectors of one's own go."""
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "own"))
    return tmp_path / "own"


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def calibrate(*words: object) -> Result:
    return run("calibrate", *words)


def told_once(done: Result, code: int) -> str:
    """Expect one line on standard error and nothing else."""
    assert done.exit_code == code, done.output
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def test_a_detector_without_llrs_becomes_one_that_gives_them(
    data: Path, raw: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mine"
    done = calibrate(raw, data, "--few", "--out", out)
    assert done.exit_code == 0, done.output
    assert "mine: LLR = " in done.stdout
    text = " ".join(done.stdout.split())
    assert f"fitted on {EACH} bona fide + {EACH} spoof trials of {data.name} (folder, dev)" in text
    assert "by cross-validation in 5 parts" in done.stdout
    assert "bits, raw scores read as LLRs" in done.stdout
    for name in ("Cllr after", "min Cllr", "EER", "screening", "balanced", "accusation"):
        assert f"\n  {name}" in done.stdout
    assert "rest on single recordings" in text
    assert f"folder, dev: {2 * EACH} trials to calibrate on" in done.stderr
    assert f"The detector lies in {out}: --model {out}" in done.stderr

    card = read_card(out / "card.toml")
    assert card.calibration is not None
    assert (card.name, card.calibration.bona_fide, card.calibration.spoof) == ("mine", EACH, EACH)
    assert card.calibration.fitted_on == f"{data.name} (folder, dev)"
    assert set(card.operating_points) == {"screening", "balanced", "accusation"}
    assert (out / "LICENSE").read_text() == "terms"
    assert len(fitted.read(out)) == 2 * EACH
    clip = data / "test" / "Real" / "R0.wav"
    verdict = json.loads(run("detect", "--model", out, "--json", clip).stdout)
    assert verdict["llr"] is not None


@pytest.mark.slow
def test_evaluate_warns_where_it_meets_what_was_fitted_on_and_nowhere_else(
    data: Path, raw: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mine"
    assert calibrate(raw, data, "--few", "--out", out, "--quiet").exit_code == 0

    def warned(*where: object) -> str:
        done = run("evaluate", *where, "--model", out, "--accept-inverted")
        assert done.exit_code == 0, done.output
        return done.stderr

    same = f"!! CALIBRATED ON THESE: {2 * EACH} of {2 * EACH} trials."
    assert same in warned(data, "--partition", "dev")
    assert same in warned(data / "dev")  # the same recordings under other names
    assert f"THESE: {2 * EACH} of {4 * EACH} trials." in warned(data, "--partition", "all")
    assert "CALIBRATED" not in warned(data, "--partition", "eval")


def test_without_out_it_is_found_by_name(data: Path, raw: Path, own: Path) -> None:
    done = calibrate(raw, data, "--few", "--json")
    told = json.loads(done.stdout)
    assert told["folder"] == str(own / "tiny_calibrated")
    assert told["name"] == "tiny_calibrated"
    assert told["before"]["was_calibrated"] is False
    assert set(told["cross_validated"]["measures"]) == {"cllr", "min_cllr", "eer"}
    assert store.find("tiny_calibrated").card.calibration is not None
    assert "--model tiny_calibrated" in done.stderr
    again = told_once(calibrate(raw, data, "--few"), 5)
    assert "tiny_calibrated: is there already. Name a folder that is not." in again


def test_a_calibration_that_is_there_is_measured_before(data: Path, root: Path) -> None:
    done = calibrate(root / "tests" / "data" / "tiny_detector", data, "--few")
    assert done.exit_code == 0, done.output
    assert "bits, by its calibration so far" in done.stdout


def test_a_link_leaves_the_network_where_it_is(data: Path, raw: Path, own: Path) -> None:
    assert calibrate(raw, data, "--few", "--link", "--quiet").exit_code == 0
    network = own / "tiny_calibrated" / "network.onnx"
    assert network.is_symlink()
    assert network.resolve() == raw / "network.onnx"


def test_the_part_for_results_is_refused_unless_it_is_meant(data: Path, raw: Path) -> None:
    said = told_once(calibrate(raw, data, "--few", "--partition", "eval"), 6)
    assert "the partition 'eval' of folder is for reporting results" in said
    assert "Take --partition dev, or say --allow-eval." in said
    meant = calibrate(raw, data, "--few", "--partition", "eval", "--allow-eval", "--quiet")
    assert meant.exit_code == 0, meant.output
    assert "!! Report no results of the calibrated detector on these recordings" in meant.stderr


def test_a_plain_pair_of_folders_is_for_whatever_its_owner_means(data: Path, raw: Path) -> None:
    done = calibrate(raw, data / "dev", "--few")
    assert done.exit_code == 0, done.output
    assert "Report no results of the calibrated detector on these recordings" in done.stderr


def test_too_few_trials_are_told_before_anyone_listens(data: Path, raw: Path) -> None:
    said = told_once(calibrate(raw, data), 5)
    assert f"at least 50 trials of each label, but there are {EACH} bona fide" in said
    assert "With --few, 10 are enough" in said


def test_labels_that_are_swapped_are_told(data: Path, raw: Path, tmp_path: Path) -> None:
    turned = tmp_path / "turned"
    shutil.copytree(data / "dev" / "Real", turned / "Fake")
    shutil.copytree(data / "dev" / "Fake", turned / "Real")
    out = tmp_path / "mine"
    done = calibrate(raw, turned, "--few", "--out", out, "--quiet")
    assert "INVERTED: the scores point the wrong way" in told_once(done, 6)
    assert not out.exists()


def test_a_recording_that_cannot_be_read_and_a_silent_one_are_left_out_and_told(
    data: Path, raw: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(data / "dev", broken)
    (broken / "Real" / "R0.wav").write_bytes(b"no sound")
    soundfile.write(broken / "Fake" / "F0.wav", np.zeros(RATE, np.float32), RATE)
    done = calibrate(raw, broken, "--few", "--out", tmp_path / "mine")
    assert done.exit_code == 3, done.output
    assert "2 trials were left out: they could not be read, or hold no speech." in done.stdout
    assert "R0.wav" in done.stderr
    assert len(fitted.read(tmp_path / "mine")) == 2 * EACH - 2


def test_what_a_detector_was_trained_on_is_told(data: Path, raw: Path) -> None:
    card = raw / "card.toml"
    card.write_text(
        card.read_text().replace("\n[windows]", 'trained_on = ["folder/dev"]\n\n[windows]')
    )
    done = calibrate(raw, data, "--few", "--quiet")
    assert "!! OVERLAP: this detector was trained on folder/dev" in done.stderr


def test_a_place_that_cannot_be_written_is_told_before_anyone_listens(
    data: Path, raw: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("content")
    done = calibrate(raw, data, "--few", "--out", tmp_path / "file" / "mine")
    assert "takes no new folder" in told_once(done, 5)


def test_a_bare_file_of_weights_is_copied_for_whoever_trains_may_write_into_it(
    raw: Path, tmp_path: Path
) -> None:
    assert _calibrating._way(str(tmp_path / "best.pth")) == "copy"
    assert _calibrating._way(str(raw)) == "share"
    assert _calibrating._network(str(tmp_path / "best.pth"), load(raw)) == tmp_path / "best.pth"
