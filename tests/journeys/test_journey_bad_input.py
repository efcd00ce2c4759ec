"""Bad input: one clear sentence with the file and the remedy, and the others are answered."""

import json
import re
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from street import earwitness, told

from earwitness.reporting import as_json
from schema_faults import faults

REMEDY = r"Is it|Is the path|Was it|Was something|Give |Change its|Find "


def text(folder: Path) -> Path:
    path = folder / "text.wav"
    path.write_text("This is a letter, not a recording.\n" * 40)
    return path


def empty(folder: Path) -> Path:
    path = folder / "empty.wav"
    path.write_bytes(b"")
    return path


def silent_film(folder: Path) -> Path:
    path = folder / "film.mp4"
    with av.open(str(path), "w") as film:
        picture = film.add_stream("mpeg4", rate=25)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        for number in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), number, np.uint8), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            film.mux(picture.encode(frame))
        film.mux(picture.encode(None))
    return path


def gone(folder: Path) -> Path:
    path = folder / "gone.wav"
    path.symlink_to(folder / "moved elsewhere.wav")
    return path


def folder_without_audio(folder: Path) -> Path:
    path = folder / "letters"
    path.mkdir()
    (path / "letter.txt").write_text("Dear colleague")
    return path


BAD: dict[Callable[[Path], Path], tuple[str, str]] = {
    text: ("audio.unreadable", "no decoder makes sense of it"),
    empty: ("audio.empty", "no bytes in it"),
    silent_film: ("audio.empty", "no audio|no sound"),
    gone: ("audio.unreadable", "there is no such file"),
    folder_without_audio: ("audio.empty", "no file in this folder has the name of an audio"),
}


@pytest.fixture(scope="module")
def speech(examples: Path) -> Path:
    return examples / "bonafide_pocketsphinx_numbers.wav"


@pytest.fixture(scope="module")
def answers(speech: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """Ask about all that is bad, with a good recording first and last."""
    folder = tmp_path_factory.mktemp("bad")
    paths = [make(folder) for make in BAD]
    done = earwitness("detect", "--json", speech, *paths, f"{speech}#t=0,3")
    assert done.returncode == 3
    lines = told(done)
    assert len(lines) == len(paths) + 2
    assert done.stderr.splitlines() == [
        f"earwitness: {line['error']['message']}" for line in lines[1:-1]
    ]
    assert [lines[0]["speech_s"] > 1, lines[-1]["speech_s"] > 1] == [True, True]
    return {make.__name__: line for make, line in zip(BAD, lines[1:-1], strict=True)}


@pytest.mark.parametrize("make", BAD, ids=lambda make: make.__name__)
def test_what_cannot_be_read_gets_one_sentence_with_its_name_and_a_remedy(
    make: Callable[[Path], Path], answers: dict[str, dict[str, object]]
) -> None:
    line = answers[make.__name__]
    code, words = BAD[make]
    assert faults(line, as_json.schema()) == []
    error = json.loads(json.dumps(line["error"]))
    assert error["code"] == code
    assert error["message"].startswith(f"{line['source']}: ")
    assert "\n" not in error["message"]
    assert re.search(words, error["message"])
    assert re.search(REMEDY, error["message"]), error["message"]


def test_one_bad_file_alone_ends_with_3_and_its_sentence(tmp_path: Path) -> None:
    done = earwitness("detect", text(tmp_path))
    assert done.returncode == 3
    assert "no decoder makes sense of it" in " ".join(done.stdout.split())


def test_a_bad_file_in_a_folder_does_not_stop_the_others(tmp_path: Path, speech: Path) -> None:
    shutil.copy(speech, tmp_path / "a.wav")
    text(tmp_path)
    shutil.copy(speech, tmp_path / "z.wav")
    done = earwitness("detect", "--csv", tmp_path)
    assert done.returncode == 3
    rows = done.stdout.splitlines()[1:]
    assert ["audio.unreadable" in row for row in rows] == [False, True, False]


def test_a_broken_off_mp3_is_answered_and_marked(examples: Path, tmp_path: Path) -> None:
    whole = (examples / "bonafide_pocketsphinx_librivox_2.mp3").read_bytes()
    part = tmp_path / "part.mp3"
    part.write_bytes(whole[: len(whole) * 2 // 3])
    done = earwitness("detect", "--json", part)
    assert (done.returncode, done.stderr) == (0, "")
    (line,) = told(done)
    assert "truncated" in line["reasons"]
    assert line["speech_s"] > 1


def test_a_damaged_mp3_is_answered_without_a_word_from_its_decoder(
    examples: Path, tmp_path: Path
) -> None:
    raw = bytearray((examples / "bonafide_pocketsphinx_librivox_2.mp3").read_bytes())
    for at in range(3000, len(raw), 4000):
        raw[at : at + 4] = b"\x12\x34\x56\x78"
    damaged = tmp_path / "damaged.mp3"
    damaged.write_bytes(raw)
    done = earwitness("detect", "--json", damaged, tmp_path / "gone.wav")
    assert told(done)[0]["duration_s"] > 1
    assert done.stderr.splitlines() == [
        f"earwitness: {tmp_path / 'gone.wav'}: there is no such file. Is the path right?"
    ]


def test_a_wav_that_claims_four_gigabytes_is_read_as_far_as_it_goes(
    speech: Path, tmp_path: Path
) -> None:
    raw = bytearray(speech.read_bytes())
    at = raw.index(b"data") + 4
    raw[4:8] = raw[at : at + 4] = (0xFFFFFF00).to_bytes(4, "little")
    claim = tmp_path / "claim.wav"
    claim.write_bytes(raw)
    done = earwitness("detect", "--json", claim, speech)
    assert (done.returncode, done.stderr) == (0, "")
    (line, honest) = told(done)
    assert line["duration_s"] == pytest.approx(honest["duration_s"], abs=0.01)
    assert line["llr"] == pytest.approx(honest["llr"], abs=1e-3)
    assert "truncated" in line["reasons"]


def test_samples_that_are_no_numbers_are_counted_and_do_no_harm(
    speech: Path, tmp_path: Path
) -> None:
    samples, rate = soundfile.read(speech, dtype="float32")
    samples[100:200] = np.nan
    samples[300] = np.inf
    broken = tmp_path / "nan.wav"
    soundfile.write(broken, samples, rate, subtype="FLOAT")
    done = earwitness("detect", "--json", broken)
    assert (done.returncode, done.stderr) == (0, "")
    assert "NaN" not in done.stdout
    (line,) = told(done)
    assert line["quality"]["non_finite"] == 101
    assert line["speech_s"] > 1
    assert faults(line, as_json.schema()) == []
