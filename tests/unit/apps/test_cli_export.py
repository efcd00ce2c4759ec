"""``earwitness export`` as a person runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.torch


def earwitness(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "earwitness", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_published_checkpoint_becomes_a_detector_that_detect_loads(
    shared: Path, examples: Path, tmp_path: Path
) -> None:
    folder, clip = tmp_path / "mine", examples / "bonafide_asterisk_ru_2.wav"
    checkpoint = shared / "golden" / "aasist" / "AASIST-L.pth"
    made = earwitness("export", checkpoint, "--out", folder, "--clip", clip, "--json")
    assert made.returncode == 0, made.stderr
    assert made.stderr == ""
    told = json.loads(made.stdout)
    assert (told["name"], told["parameters"], told["clips"]) == ("mine", 85_306, 1)
    assert told["engines_apart"] <= 1e-4
    heard = earwitness("detect", "--model", folder, "--json", clip)
    assert heard.returncode == 0, heard.stderr
    verdict = json.loads(heard.stdout)
    assert (verdict["verdict"], verdict["llr"]) == ("uncalibrated", None)


@pytest.mark.slow
def test_the_text_says_how_far_the_engines_are_apart(shared: Path, tmp_path: Path) -> None:
    checkpoint = shared / "golden" / "aasist" / "AASIST-L.pth"
    made = earwitness("export", checkpoint, "--out", tmp_path / "mine")
    assert made.returncode == 0, made.stderr
    assert "AASIST-L, from AASIST-L.pth, 85,306 parameters, fp32." in made.stdout
    assert "ONNX Runtime and torch are at most" in made.stdout
    assert "It is not calibrated" in made.stdout


def test_a_file_that_is_no_checkpoint_ends_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "text.pth").write_text("not weights", encoding="utf-8")
    made = earwitness("export", tmp_path / "text.pth", "--out", tmp_path / "mine")
    assert made.returncode == 4
    assert made.stdout == ""
    assert len(made.stderr.splitlines()) == 1
    assert "text.pth: is not a plain torch checkpoint" in made.stderr
    assert not (tmp_path / "mine").exists()


def test_a_checkpoint_that_is_not_there_ends_in_one_sentence(tmp_path: Path) -> None:
    made = earwitness("export", tmp_path / "no.pth", "--out", tmp_path / "mine")
    assert made.returncode == 4
    assert len(made.stderr.splitlines()) == 1
    assert "no.pth: cannot be read" in made.stderr


def test_a_folder_that_is_there_ends_in_one_sentence(tmp_path: Path) -> None:
    made = earwitness("export", tmp_path / "no.pth", "--out", tmp_path)
    assert made.returncode == 5
    assert "is there already" in made.stderr


def test_without_torch_the_extra_is_named(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from earwitness.apps.cli.main import main\n"
        f"main(['export', 'a.pth', '--out', {str(tmp_path / 'mine')!r}])"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert made.returncode == 7
    assert "earwitness: Exporting needs an extra: pip install 'earwitness[torch]'." in made.stderr
