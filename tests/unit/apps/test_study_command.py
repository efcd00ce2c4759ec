"""``earwitness study`` refuses what it cannot do before anything is heard, in one line."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from earwitness.apps.cli.main import main

pytestmark = [pytest.mark.torch, pytest.mark.train]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Both data sets, as names of files; no recording is opened here."""
    for part in ("training", "validation", "testing"):
        for label in ("real", "fake"):
            for number in range(2):
                path = tmp_path / "for-2seconds" / part / label / f"{number}.wav"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
    for label in ("Real", "Fake"):
        for source in range(12):
            path = tmp_path / "custom" / label / f"s{source}" / "a.wav"
            path.parent.mkdir(parents=True)
            path.touch()
    return tmp_path


def run(data: Path, *more: str, model: str = "embedded") -> Result:
    words = [
        "study", "--for-2seconds", str(data / "for-2seconds"), "--custom", str(data / "custom"),
        "--model", model, "--out", str(data / "out"), *more,
    ]  # fmt: skip
    return CliRunner().invoke(main, words)


def told(result: Result) -> str:
    lines = [line for line in result.stderr.splitlines() if line]
    assert len(lines) == 1, result.stderr
    return lines[0]


def test_other_counts_than_the_published_ones_are_told(data: Path) -> None:
    result = run(data)
    assert result.exit_code == 6
    assert "testing has 2 real and 2 fake clips, where for-2seconds as published" in told(result)
    assert "--accept-counts" in told(result)


def test_an_unknown_arm_is_told_with_the_known_ones(data: Path) -> None:
    result = run(data, "--arms", "plain,freezing")
    assert result.exit_code == 5
    assert "There is no arm 'freezing'. There are: as_published" in told(result)


def test_an_unknown_detector_is_told(data: Path) -> None:
    result = run(data, model="embeded")
    assert result.exit_code == 4
    assert "Did you mean embedded?" in told(result)


def test_a_custom_set_of_few_sources_is_told(data: Path) -> None:
    for label in ("Real", "Fake"):
        for source in range(1, 12):
            (data / "custom" / label / f"s{source}" / "a.wav").unlink()
    result = run(data, "--accept-counts")
    assert result.exit_code == 6
    assert "has 1 sources, and they cannot be divided into three parts" in told(result)


def test_a_folder_with_other_things_is_told(data: Path) -> None:
    (data / "out").mkdir()
    (data / "out" / "thesis.docx").touch()
    result = run(data, "--accept-counts")
    assert result.exit_code == 5
    assert "holds other things (thesis.docx)" in told(result)


@pytest.mark.parametrize("more", [("--seeds", "0"), ("--wandb", "maybe"), ("--processes", "0")])
def test_what_cannot_be_is_a_wrong_usage(data: Path, more: tuple[str, str]) -> None:
    assert run(data, *more).exit_code == 2


def test_without_the_extra_it_is_told_what_to_install(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "earwitness.training.finetuning", None)
    result = run(data, "--accept-counts")
    assert result.exit_code == 7
    assert "A study needs an extra: pip install 'earwitness[train]'" in told(result)
