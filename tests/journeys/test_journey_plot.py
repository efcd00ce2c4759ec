"""From a command to a picture: beside the results, whole or not at all, or one sentence why not."""

import os
from pathlib import Path

import pytest
from street import earwitness


@pytest.fixture(scope="module")
def quiet(examples: Path) -> Path:
    return examples / "silence.wav"


def test_a_picture_is_drawn_and_the_results_stay_as_they_are(
    examples: Path, tmp_path: Path
) -> None:
    clip = examples / "spoof_flite_rms.flac"
    model = ("--model", "aasist_l")
    plain = earwitness("detect", *model, "--json", clip)
    for name in ("a.png", "B.SVG"):
        done = earwitness("detect", *model, "--json", "--plot", tmp_path / name, clip)
        assert (done.returncode, done.stdout) == (0, plain.stdout)
        assert f"Picture drawn: {tmp_path / name}" in done.stderr
    heads = {path.name: path.read_bytes()[:5] for path in tmp_path.iterdir()}
    assert heads == {"a.png": b"\x89PNG\r", "B.SVG": b"<?xml"}


def test_silence_is_drawn_without_matplotlib_saying_a_word(quiet: Path, tmp_path: Path) -> None:
    nowhere = {"MPLCONFIGDIR": os.fspath(quiet)}  # no folder: matplotlib would complain
    out = tmp_path / "silence.svg"
    done = earwitness("detect", "--model", "aasist_l", "--plot", out, quiet, env=nowhere)
    assert done.returncode == 0
    assert done.stderr == f"Picture drawn: {out}\n"
    assert "no speech found" in done.stdout
    hushed = earwitness("detect", "--model", "aasist_l", "--quiet", "--plot", out, quiet)
    assert (hushed.returncode, hushed.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("--plot", "x.jpg", "CLIP"), "'x.jpg' must end in .png, .svg or .pdf.", 2),
        (("--plot", "x.png", "CLIP", "CLIP"), "--plot draws one recording. Give one.", 2),
        (("--plot", "x.png", "--channel", "each", "CLIP"), "--plot draws one channel.", 2),
        (("--plot", "gone/x.png", "CLIP"), "cannot be written (No such file or directory).", 5),
    ],
)
def test_what_cannot_be_drawn_is_told_before_anybody_listens(
    quiet: Path, tmp_path: Path, words: tuple[str, ...], said: str, code: int
) -> None:
    given = [str(quiet) if word == "CLIP" else word for word in words]
    done = earwitness("detect", "--model", "aasist_l", *given, cwd=tmp_path)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_an_unreadable_recording_leaves_the_old_picture_alone(tmp_path: Path) -> None:
    broken, out = tmp_path / "broken.wav", tmp_path / "x.png"
    broken.write_bytes(b"no sound")
    out.write_bytes(b"old")
    done = earwitness("detect", "--model", "aasist_l", "--plot", out, broken)
    assert done.returncode == 3
    assert "No picture was drawn: the recording could not be read." in done.stderr
    assert out.read_bytes() == b"old"
