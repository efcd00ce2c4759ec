"""The command line understands what the manual says, and answers with the right exit code."""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import earwitness.detector
from earwitness import errors
from earwitness.apps.cli import _exits, command_names, doctor, load_command, options
from earwitness.apps.cli.main import main
from earwitness.records import Answer, Progress, Reason, Verdict
from verdicts import verdict


class ByHand:
    """Stands in for a detector: what it says follows from the file's name."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.threads: set[int] = set()

    def detect(self, source: Any, *, on_progress: Any, **asked: Any) -> Verdict:
        self.heard.append({"source": source, **asked})
        self.threads.add(threading.get_ident())
        name = str(source)
        on_progress(Progress(name, 5.0, 10.0))
        if "bad" in name:
            raise errors.UnreadableAudio(f"{name}: is damaged. Find another copy.")
        if "stop" in name:
            raise KeyboardInterrupt
        if "spoof" in name:
            return verdict(name, answer=Answer.SPOOF, llr=-3.0)
        if "spliced" in name:
            return verdict(name, reasons=(Reason.SUSPICIOUS_STRETCH,))
        if "raw" in name:
            return verdict(name, answer=Answer.UNCALIBRATED, llr=None, threshold=None)
        return verdict(name)


@pytest.fixture
def by_hand(monkeypatch) -> ByHand:
    detector = ByHand()
    detector.loaded = []  # type: ignore[attr-defined]

    def load(model: str | None, **how: Any) -> ByHand:
        detector.loaded.append((model, how))  # type: ignore[attr-defined]
        return detector

    monkeypatch.setattr(earwitness.detector, "load", load)
    return detector


@pytest.fixture
def here(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], input=stdin)


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_every_command_file_is_a_command_of_its_name() -> None:
    assert {"detect", "doctor", "models"} <= set(command_names())
    for name in command_names():
        command = load_command(name)
        assert isinstance(command, click.Command)
        assert command.name == name
        assert command.help


def test_one_recording_is_answered_with_details_and_several_with_a_table(by_hand, here) -> None:
    assert "  odds        for a prior of a spoof of 0.5" in run("detect", "a.wav").stdout
    table = run("detect", "a.wav", "spoof.wav").stdout.splitlines()
    assert table[0].split() == ["recording", "verdict", "LLR", "the", "sound", "speaks"]
    assert table[2].split()[:3] == ["spoof.wav", "spoof", "-3.0"]
    assert table[-2] == "2 recordings: 1 bona fide, 1 spoof."


def test_each_form_can_be_asked_for(by_hand, here) -> None:
    first = {
        "--json": "{",
        "--csv": "source,",
        "--rttm": "SPEAKER a.wav 1 ",
        "--audacity": "0.500000\t4.500000\t+2.0 ",
        "--details": "a.wav\n  verdict ",
        "--timeline": "a.wav\n  verdict ",
    }
    for flag, start in first.items():
        assert run("detect", flag, "a.wav").stdout.startswith(start), flag


def test_two_forms_at_once_are_wrong_usage(by_hand, here) -> None:
    result = run("detect", "--json", "--csv", "a.wav")
    assert result.exit_code == _exits.USAGE
    assert "Choose one of --json and --csv." in result.stderr


def test_audacity_labels_of_several_recordings_are_wrong_usage(by_hand, here) -> None:
    result = run("detect", "--audacity", "a.wav", "b.wav")
    assert result.exit_code == _exits.USAGE
    assert "belong to one recording" in result.stderr


def test_what_cannot_be_read_does_not_stop_the_others(by_hand, here) -> None:
    result = run("detect", "--json", "bad.wav", "a.wav")
    assert result.exit_code == _exits.UNREADABLE
    failed, answered = lines(result)
    assert failed["error"]["code"] == "audio.unreadable"
    assert answered["verdict"] == "bonafide"
    assert result.stderr == "earwitness: bad.wav: is damaged. Find another copy.\n"


def test_in_a_table_the_failure_is_told_once(by_hand, here) -> None:
    result = run("detect", "bad.wav", "a.wav")
    assert "bad.wav" in result.stdout
    assert "is damaged. Find another copy." in result.stdout
    assert result.stderr == ""


def test_a_spoof_is_a_finding_unless_it_is_asked_to_fail(by_hand, here) -> None:
    assert run("detect", "spoof.wav").exit_code == _exits.DONE
    assert run("detect", "--fail-on", "spoof", "spoof.wav", "bad.wav").exit_code == _exits.FOUND
    assert run("detect", "--fail-on", "spoof", "a.wav", "spliced.wav").exit_code == _exits.DONE
    both = ("--fail-on", "spoof", "--fail-on", "suspicious_stretch")
    assert run("detect", *both, "a.wav", "spliced.wav").exit_code == _exits.FOUND


def test_the_remedy_for_raw_scores_is_told_once(by_hand, here) -> None:
    result = run("detect", "--json", "raw1.wav", "raw2.wav")
    assert result.stderr.count("use a calibrated detector (earwitness models)") == 1
    assert lines(result)[0]["llr"] is None
    assert run("detect", "--json", "--quiet", "raw1.wav").stderr == ""


def test_options_reach_the_detector(by_hand, here) -> None:
    run("detect", "--model", "m", "--prior", "0.1", "--threads", "2", "a.wav#t=1,2")
    elsewhere = ("--device", "cuda", "--precision", "bf16")
    run("detect", "--operating-point", "accusation", "--channel", "1", *elsewhere, "a.wav")
    as_usual = {"device": "auto", "precision": "auto"}
    asked = {"device": "cuda", "precision": "bf16"}
    assert by_hand.loaded == [
        ("m", {"operating_point": "balanced", "prior": 0.1, "threads": 2, **as_usual}),
        (None, {"operating_point": "accusation", "prior": None, "threads": 1, **asked}),
    ]
    assert by_hand.heard == [
        {"source": "a.wav", "channel": "mix", "time_range": (1.0, 2.0)},
        {"source": "a.wav", "channel": 1, "time_range": None},
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("--prior", "0.1", "--operating-point", "screening"),
        ("--prior", "0"),
        ("--prior", "1"),
        ("--channel", "left"),
        ("--channel", "-1"),
        ("--workers", "0"),
        ("--device", "tpu"),
        ("--precision", "int8"),
        ("--fail-on", "bonafide"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(by_hand, here, words: tuple[str, ...]) -> None:
    assert run("detect", *words, "a.wav").exit_code == _exits.USAGE
    assert by_hand.heard == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.WeightsMissing("w"), 4),
        (errors.WeightsCorrupt("w"), 4),
        (errors.SettingsError("s"), 5),
        (errors.UnknownName("n"), 5),
        (errors.ProtocolError("p"), 6),
        (errors.MissingExtra("Training", extra="train"), 7),
        (errors.EmptyAudio("a"), 3),
        (errors.EarwitnessError("e"), 1),
    ],
)
def test_each_family_of_errors_has_its_exit_code_and_one_line(
    monkeypatch, here, error: errors.EarwitnessError, code: int
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(earwitness.detector, "load", refuse)
    result = run("detect", "a.wav")
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr == f"earwitness: {error}\n"


def test_results_go_to_a_file_and_the_sum_to_standard_error(by_hand, here) -> None:
    result = run("detect", "--csv", "--out", "v.csv", "a.wav", "bad.wav")
    assert result.stdout == ""
    assert (here / "v.csv").read_text().startswith("source,")
    assert "2 recordings: 1 bona fide, 1 not read. Written to v.csv." in result.stderr
    assert "bad.wav: is damaged" in result.stderr
    assert run("detect", "--quiet", "--out", "t.txt", "a.wav").stderr == ""


def test_a_stop_from_the_keyboard_leaves_nothing_half_written(by_hand, here) -> None:
    for workers in ("1", "2"):
        result = run("detect", "--workers", workers, "--json", "--out", "v", "a.wav", "stop.wav")
        assert result.exit_code == _exits.INTERRUPTED
        assert result.stderr.endswith("earwitness: stopped.\n")
        assert list(here.iterdir()) == []


def test_answers_come_in_order_whoever_listens(by_hand, here) -> None:
    names = [f"{n}.wav" for n in range(20)]
    result = run("detect", "--json", "--workers", "3", *names)
    assert [line["source"] for line in lines(result)] == names


def test_a_folder_without_audio_stands_among_the_answers(by_hand, here) -> None:
    (here / "empty").mkdir()
    result = run("detect", "--json", "empty", "a.wav")
    assert result.exit_code == _exits.UNREADABLE
    assert lines(result)[0]["error"]["code"] == "audio.empty"
    assert run("detect", "empty").exit_code == _exits.UNREADABLE


def test_standard_input_is_handed_on(by_hand, here) -> None:
    result = run("detect", "--json", "-", stdin=b"RIFF")
    assert lines(result)[0]["source"] == "-"
    assert by_hand.heard[0]["source"].read is not None


def test_a_command_that_does_not_exist_is_told_with_the_near_one() -> None:
    result = run("detcet")
    assert result.exit_code == _exits.USAGE
    assert "Did you mean 'detect'?" in result.stderr
    assert ", detect, doctor," in run("xyzzy").stderr.partition("There are: ")[2]


def test_a_name_in_an_error_cannot_steer_the_terminal(capsys) -> None:
    with pytest.raises(click.exceptions.Exit), _exits.told_in_one_line():
        raise errors.ProtocolError("x\x1b[2J\ny: is no list.")
    assert capsys.readouterr().err == "earwitness: x\ufffd[2J\ufffdy: is no list.\n"


def test_a_closed_pipe_ends_quietly(by_hand, here, monkeypatch) -> None:
    forgotten = []
    monkeypatch.setattr(_exits, "_forget_output", lambda: forgotten.append(True))

    def gone() -> Iterator[None]:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(earwitness.detector, "load", lambda *_, **__: gone())
    monkeypatch.setattr(ByHand, "detect", lambda *_, **__: gone())
    with pytest.raises(click.exceptions.Exit) as stopped, _exits.told_in_one_line():
        raise BrokenPipeError(32, "Broken pipe")
    assert stopped.value.exit_code == _exits.PIPE_CLOSED
    assert forgotten == [True]


def test_a_channel_is_mix_each_or_a_number() -> None:
    kind = options.ChannelType()
    assert [kind.convert(x, None, None) for x in ("mix", "each", "0", "12", 3)] == [
        "mix", "each", 0, 12, 3,
    ]  # fmt: skip


def test_help_tells_what_each_form_is() -> None:
    text = " ".join(run("detect", "--help").stdout.split())
    assert "--json Answer as JSON Lines" in text
    assert "--csv Answer as a CSV table" in text
    assert "--timeline Show the windows of each recording as bars." in text


def test_models_lists_the_default_first_with_licence_and_data(monkeypatch) -> None:
    monkeypatch.delenv("EARWITNESS_WEIGHTS", raising=False)
    result = run("models")
    assert result.exit_code == 0
    assert "aasist: AASIST" in result.stdout
    for label in ("licence", "trained on", "sample rate", "windows", "calibration", "quality"):
        assert f"  {label}" in result.stdout
    told = lines(run("models", "--json"))
    assert {"name", "licence", "training_data", "sha256", "default"} <= set(told[0])
    assert [one["default"] for one in told].count(True) <= 1


def test_no_detector_at_all_is_a_model_error(monkeypatch) -> None:
    from earwitness.weights import store

    monkeypatch.setattr(store, "installed", list)
    result = run("models")
    assert result.exit_code == 4
    assert "There is no detector on this machine." in result.stderr


def test_the_doctor_names_packages_formats_detector_and_extras() -> None:
    result = run("doctor")
    for what in ("numpy", "onnxruntime", "formats, in process", "extra [train]", "WAV, FLAC"):
        assert what in result.stdout
    checks = json.loads(run("doctor", "--json").stdout)
    decoder = next(check for check in checks if check["what"] == "formats, by decoder")
    assert decoder["is_well"] is True
    assert "16000 of 16000 samples" in decoder["found"]


def test_the_doctor_ends_with_4_where_the_detector_does_not_answer(monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise errors.WeightsMissing("There is no detector.")

    monkeypatch.setattr(earwitness.detector, "load", refuse)
    result = run("doctor")
    assert result.exit_code == 4
    assert "NO  default detector      WeightsMissing: There is no detector." in result.stdout


def test_a_package_that_is_missing_is_told() -> None:
    check = doctor._package("no-such-package")
    assert check.is_well is False
    assert "install earwitness again" in check.found


def test_output_that_nobody_reads_goes_nowhere(tmp_path: Path, monkeypatch) -> None:
    with (tmp_path / "out").open("w") as stream:
        monkeypatch.setattr(_exits.sys, "stdout", stream)
        os.write(stream.fileno(), b"before")
        _exits._forget_output()
        os.write(stream.fileno(), b"after")
    assert (tmp_path / "out").read_bytes() == b"before"
