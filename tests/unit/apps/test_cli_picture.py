"""What may still go wrong when the recording has been heard is one sentence, and leaves no rest."""

import os
from pathlib import Path

import pytest

from earwitness.apps.cli._picture import Picture
from earwitness.errors import SettingsError
from earwitness.reporting import Finding
from verdicts import verdict


def test_a_folder_that_goes_away_meanwhile_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    picture = Picture(folder / "speech.png", ["speech.m4a"], "mix")
    assert [finding.source for finding in picture.over([Finding(verdict())])] == ["speech.m4a"]
    folder.rmdir()
    with pytest.raises(SettingsError, match=r"speech\.png: cannot be written \(No such file"):
        picture.draw(is_quiet=True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_is_told_and_the_old_picture_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "speech.svg"
    out.write_text("old")
    picture = Picture(out, ["speech.m4a"], "mix")
    list(picture.over([Finding(verdict())]))
    # The part beside the picture gets a name by chance; here it leads to the full disk.
    monkeypatch.setattr("secrets.token_hex", lambda count: "full")
    os.symlink("/dev/full", tmp_path / ".speech.svg.full.part")
    with pytest.raises(SettingsError, match="No space left on device"):
        picture.draw(is_quiet=True)
    assert out.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["speech.svg"]
