"""From a command to an answer: every form, every way in, and the same verdict as the library."""

import csv
import hashlib
import io
import os
import re
import signal
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from street import (
    CERTAINLY_BONA_FIDE,
    CERTAINLY_SPOOF,
    COMMAND,
    earwitness,
    in_a_terminal,
    told,
    wait_for,
)

import earwitness as library
from earwitness.reporting import as_json
from schema_faults import faults

CLIPS = ("bonafide_pocketsphinx_numbers.wav", "spoof_flite_rms.flac", "silence.wav")
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
on_unix = pytest.mark.skipif(os.name == "nt", reason="signals and terminals are others there")


@pytest.fixture(scope="module")
def clips(examples: Path) -> list[Path]:
    return [examples / name for name in CLIPS]


@pytest.fixture(scope="module")
def call(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A telephone call: speech on one channel, silence on the other."""
    speech, rate = soundfile.read(examples / CLIPS[0], dtype="float32")
    path = tmp_path_factory.mktemp("call") / "call.wav"
    soundfile.write(path, np.stack([speech, np.zeros_like(speech)], axis=1), rate)
    return path


@pytest.mark.slow
def test_every_example_is_answered_in_one_table(examples: Path) -> None:
    done = earwitness("detect", examples)
    assert done.returncode == 0, done.stderr
    names = {path.name for path in examples.iterdir()} - {"README.md", "LICENSES.md", "labels.tsv"}
    rows = [line.split()[0] for line in done.stdout.splitlines() if line and "." in line.split()[0]]
    assert set(rows) == names
    assert f"{len(names)} recordings: " in done.stdout
    assert done.stderr == ""


def test_json_lines_fit_the_schema_and_say_what_the_library_says(clips: list[Path]) -> None:
    done = earwitness("detect", "--json", *clips)
    assert (done.returncode, done.stderr) == (0, "")
    detector = library.load()
    for line, clip in zip(told(done), clips, strict=True):
        assert faults(line, as_json.schema()) == []
        assert line["sha256"] == hashlib.sha256(clip.read_bytes()).hexdigest()
        verdict = detector.detect(clip)
        assert line["verdict"] == verdict.answer
        assert line["llr"] == (
            None if verdict.llr is None else pytest.approx(verdict.llr, abs=1e-4)
        )
        assert line["settings_hash"] == verdict.settings_hash
        assert len(line["segments"]) == len(verdict.segments)
    assert told(done)[2]["reasons"] == ["no_speech"]


def test_two_at_a_time_answer_as_one_after_the_other(clips: list[Path]) -> None:
    one = told(earwitness("detect", "--json", *clips))
    two = told(earwitness("detect", "--json", "--workers", "2", *clips))
    for a, b in zip(one, two, strict=True):
        assert (a["source"], a["verdict"]) == (b["source"], b["verdict"])
        assert a["llr"] == (None if b["llr"] is None else pytest.approx(b["llr"], abs=1e-4))


def test_standard_input_is_heard_like_the_file(clips: list[Path]) -> None:
    (line,) = told(earwitness("detect", "--json", "-", stdin=clips[1].read_bytes()))
    (same,) = told(earwitness("detect", "--json", clips[1]))
    assert line["source"] == "-"
    assert line["sha256"] == same["sha256"]
    assert line["llr"] == pytest.approx(same["llr"], abs=1e-4)


def test_a_range_is_a_part_of_the_recording(clips: list[Path]) -> None:
    (line,) = told(earwitness("detect", "--json", f"{clips[1]}#t=1,3.5"))
    assert line["range_s"] == [1.0, 3.5]
    assert line["source"] == str(clips[1])
    assert line["duration_s"] == pytest.approx(2.5, abs=0.01)
    assert all(1.0 <= s["start_s"] < s["end_s"] <= 3.6 for s in line["segments"])


def test_each_channel_of_a_call_has_its_own_verdict(call: Path) -> None:
    first, second = told(earwitness("detect", "--json", "--channel", "each", call))
    assert (first["channel"], second["channel"]) == (0, 1)
    assert first["speech_s"] > 1
    assert second["reasons"] == ["no_speech"]
    piped = told(earwitness("detect", "--json", "--channel", "each", "-", stdin=call.read_bytes()))
    assert [line["llr"] for line in piped] == [first["llr"], second["llr"]]
    assert {line["source"] for line in piped} == {"-"}


def test_a_channel_that_is_not_there_is_told(call: Path) -> None:
    done = earwitness("detect", "--channel", "5", call)
    assert done.returncode == 3
    assert "has no channel 5, only 0 to 1" in " ".join(done.stdout.split())


def test_csv_opens_as_a_table_and_is_written_whole(clips: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "verdicts.csv"
    done = earwitness("detect", "--csv", "--out", out, *clips)
    assert (done.returncode, done.stdout) == (0, "")
    assert f"Written to {out}." in done.stderr
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
    assert [row["source"] for row in rows] == [str(clip) for clip in clips]
    assert [path.name for path in tmp_path.iterdir()] == ["verdicts.csv"]


def test_labels_and_rttm_follow_the_windows(clips: list[Path]) -> None:
    labels = earwitness("detect", "--audacity", clips[1]).stdout.splitlines()
    (line,) = told(earwitness("detect", "--json", clips[1]))
    spans = [tuple(map(float, label.split("\t")[:2])) for label in labels]
    assert [s for s, _ in spans] == pytest.approx([s["start_s"] for s in line["segments"]])
    turns = earwitness("detect", "--rttm", clips[1]).stdout.splitlines()
    assert all(turn.startswith(f"SPEAKER {clips[1]} 1 ") for turn in turns)
    ends = [float(turn.split()[3]) + float(turn.split()[4]) for turn in turns]
    assert max(ends) == pytest.approx(line["segments"][-1]["end_s"], abs=0.01)


def test_a_spoof_ends_with_10_only_where_that_was_asked(clips: list[Path]) -> None:
    spoof = ("detect", *CERTAINLY_SPOOF, clips[0])
    assert earwitness(*spoof).returncode == 0
    assert earwitness(*spoof, "--fail-on", "spoof").returncode == 10
    bona_fide = ("detect", *CERTAINLY_BONA_FIDE, clips[0])
    assert earwitness(*bona_fide, "--fail-on", "spoof").returncode == 0


def test_details_state_llr_odds_and_prior_without_a_bare_percentage(clips: list[Path]) -> None:
    text = " ".join(earwitness("detect", "--prior", "0.25", clips[0]).stdout.split())
    assert re.search(r"LLR [+-]?\d+\.\d: (speaks|says)", text)
    assert "for a prior of a spoof of 0.25, now" in text
    assert "line bona fide from LLR -1.1 up (--prior; prior of a spoof 0.25)" in text
    assert "%" not in text


def test_a_detector_without_calibration_says_so_and_names_the_remedy(clips: list[Path]) -> None:
    done = earwitness("detect", "--json", "--model", "aasist_l", clips[0])
    (line,) = told(done)
    assert (line["verdict"], line["llr"], line["threshold"]) == ("uncalibrated", None, None)
    assert isinstance(line["raw_score"], float)
    assert faults(line, as_json.schema()) == []
    assert "use a calibrated detector" in done.stderr


@pytest.mark.slow
def test_the_timeline_of_a_long_recording_fits_on_a_page(examples: Path) -> None:
    long = examples / "long_bonafide_it_with_one_spliced_sentence.ogg"
    lines = earwitness("detect", "--timeline", long).stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    bars = [line for line in lines if "│" in line]
    assert 15 <= len(bars) <= 45


def test_a_pipe_gets_one_plain_line_for_each_recording(clips: list[Path]) -> None:
    lines = earwitness("detect", *clips).stdout.splitlines()
    assert "\x1b" not in "".join(lines)
    for line, clip in zip(lines[1:], clips, strict=False):
        assert line.startswith(str(clip))


@on_unix
@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_gets_a_table_that_fits_it_in_colour(clips: list[Path], columns: int) -> None:
    shown = in_a_terminal("detect", *clips, columns=columns)
    assert "\x1b[32m" in shown or "\x1b[1;31m" in shown or "\x1b[33m" in shown
    lines = ANSI.sub("", shown).split("\n")
    assert max(map(len, lines)) <= columns
    plain = "".join(line[: columns // 2].split("  ")[0].strip() for line in lines)
    for clip in clips:
        assert clip.name in plain or clip.name in "".join(lines)


@on_unix
def test_no_color_is_honoured(clips: list[Path]) -> None:
    shown = in_a_terminal("detect", *clips[:2], columns=100, env={"NO_COLOR": "1"})
    assert not re.search(r"\x1b\[[\d;]*3[0-7]m", shown)


@on_unix
def test_a_reader_that_goes_away_ends_the_command_quietly(clips: list[Path]) -> None:
    process = subprocess.Popen(
        [*COMMAND, "detect", "--json", *map(str, clips * 4)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith(b"{")
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == 141


@on_unix
def test_a_stop_from_the_keyboard_keeps_the_old_file(tmp_path: Path) -> None:
    out = tmp_path / "verdicts.jsonl"
    out.write_text("old\n")
    process = subprocess.Popen(
        [*COMMAND, "detect", "--json", "--out", str(out), "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A suite that runs in the background of a shell inherits that interrupts are ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_for(lambda: len(list(tmp_path.iterdir())) == 2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.decode().strip() == "earwitness: stopped."
    assert out.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [out]


def test_no_socket_is_opened(clips: list[Path], examples: Path, tmp_path: Path) -> None:
    guard = (
        "import sys\n"
        "def refuse(event, args):\n"
        "    if event.startswith('socket.'):\n"
        "        raise RuntimeError(f'a socket was asked for: {event}')\n"
        "sys.addaudithook(refuse)\n"
    )
    (tmp_path / "sitecustomize.py").write_text(guard)  # reaches the decoder process, too
    before = [os.environ["PYTHONPATH"]] if os.environ.get("PYTHONPATH") else []
    blocked = {"PYTHONPATH": os.pathsep.join([str(tmp_path), *before])}
    by_decoder = examples / "spoof_hibari_heart_2.m4a"
    done = earwitness("detect", "--json", clips[0], by_decoder, env=blocked)
    assert done.returncode == 0, done.stderr
    assert [line["speech_s"] > 1 for line in told(done)] == [True, True]
    control = subprocess.run(
        [COMMAND[0], "-c", "import socket; socket.socket()"],
        env={**os.environ, **blocked}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "a socket was asked for: socket.__new__" in control.stderr


def test_a_name_that_is_no_text_is_answered_all_the_same(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.wav"
    try:
        with open(name, "wb") as file, wave.open(file, "wb") as sound:
            sound.setparams((1, 2, 16000, 0, "NONE", ""))
            sound.writeframes(bytes(32000))
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    done = subprocess.run(
        [*COMMAND, "detect", "--csv", tmp_path], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert name in done.stdout


def test_a_recording_is_never_written_over(clips: list[Path], tmp_path: Path) -> None:
    recording = tmp_path / "evidence.wav"
    recording.write_bytes(clips[0].read_bytes())
    ways = [[recording], [f"{recording}#t=0,1"], [tmp_path], ["--json", recording]]
    for words in ways:
        done = earwitness("detect", *words, "--out", recording)
        assert done.returncode == 2
        assert "evidence.wav is a recording: it would be written over." in done.stderr
    assert recording.read_bytes() == clips[0].read_bytes()


def test_results_and_picture_need_files_of_their_own(clips: list[Path], tmp_path: Path) -> None:
    both = tmp_path / "both.png"
    done = earwitness("detect", clips[0], "--out", both, "--plot", both)
    assert done.returncode == 2
    assert "name the same file" in done.stderr
    assert not both.exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_in_a_folder_keeps_nobody_waiting(clips: list[Path], tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(clips[0].read_bytes())
    os.mkfifo(tmp_path / "b.wav")
    done = earwitness("detect", "--json", tmp_path, at_most_s=60)
    assert done.returncode == 0
    assert len(told(done)) == 1
