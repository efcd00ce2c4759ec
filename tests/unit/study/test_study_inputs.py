"""for-2seconds is counted, and files that were cut from one recording are known to be."""

from pathlib import Path

import pytest

from earwitness.errors import ProtocolError
from earwitness.study.inputs import counted, differences, read_origin, read_target

PARTS = {"training": 4, "validation": 2, "testing": 3}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A miniature in FoR's layout; no recording is opened here."""
    root = tmp_path / "for-2seconds"
    for part, each in PARTS.items():
        for label in ("real", "fake"):
            place = root / part / label
            place.mkdir(parents=True)
            for number in range(each):
                (place / f"file{number}.wav").write_bytes(b"RIFF")
    return root


def test_other_counts_in_testing_are_refused_and_told(folder: Path) -> None:
    with pytest.raises(ProtocolError, match="testing has 3 real and 3 fake clips, where for-2sec"):
        read_target(folder)


def test_other_counts_can_be_meant(folder: Path) -> None:
    found = read_target(folder, accepts_counts=True)
    assert {name: counted(clips) for name, clips in found.parts.items()} == {
        "training": (4, 4),
        "validation": (2, 2),
        "testing": (3, 3),
    }
    assert found.kin == ()


def test_the_published_counts_do_not_differ(tmp_path: Path) -> None:
    root = tmp_path / "for-2seconds"
    for part, each in {"training": 1, "validation": 1, "testing": 544}.items():
        for label in ("real", "fake"):
            (root / part / label).mkdir(parents=True)
            for number in range(each):
                (root / part / label / f"{number}.wav").touch()
    assert differences(read_target(root).test) == ""


def test_a_missing_part_is_named(folder: Path) -> None:
    for label in ("real", "fake"):
        for file in (folder / "validation" / label).iterdir():
            file.unlink()
        (folder / "validation" / label).rmdir()
    with pytest.raises(ProtocolError, match="has no validation part"):
        read_target(folder, accepts_counts=True)


def test_files_cut_from_one_recording_are_known_to_be(folder: Path) -> None:
    lines = ["path\tclip\tstart_s", *(
        f"for-2seconds/testing/real/file{number}.wav\tone\t{number}" for number in range(3)
    )]  # fmt: skip
    (folder.parent / "origin.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = read_target(folder, accepts_counts=True)
    assert found.kin == ("clip",)
    told = {trial.id: trial.meta.get("clip") for trial in found.test}
    assert told["testing/real/file2.wav"] == "one"
    assert told["testing/fake/file2.wav"] is None


def test_an_origin_without_its_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "origin.tsv").write_text("file\tclip\n", encoding="utf-8")
    with pytest.raises(ProtocolError, match="expected the columns path and clip, but got 'file"):
        read_origin(tmp_path / "origin.tsv")


def test_a_short_line_of_an_origin_is_named(tmp_path: Path) -> None:
    (tmp_path / "origin.tsv").write_text("path\tclip\na.wav\n", encoding="utf-8")
    with pytest.raises(ProtocolError, match="line 2: has 1 cells for 2 columns"):
        read_origin(tmp_path / "origin.tsv")
