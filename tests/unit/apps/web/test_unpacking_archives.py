"""Archives that strangers send: what is honest comes out, everything else is refused."""

import io
import stat
import zipfile
from pathlib import Path

import pytest

from earwitness.apps.web.unpacking import Limits, unpack
from earwitness.errors import ProtocolError

LIMITS = Limits(files=5, size=10_000)


def packed(folder: Path, files: dict[str, bytes], *, more: zipfile.ZipInfo | None = None) -> Path:
    file = folder / "sent.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        if more is not None:
            archive.writestr(more, "target")
    return file


def refused(tmp_path: Path, archive: Path, why: str, limits: Limits = LIMITS) -> None:
    out = tmp_path / "deep" / "out"
    with pytest.raises(ProtocolError, match=why) as caught:
        unpack(archive, out, limits, name="sent.zip")
    assert str(caught.value).startswith("sent.zip: ")
    inside = {path.name for path in tmp_path.rglob("*")}
    assert inside <= {"sent.zip", "deep", "out", "Real", "a.wav"}


def test_files_come_out_as_they_went_in(tmp_path: Path) -> None:
    archive = packed(tmp_path, {"Real/a.wav": b"one", "Fake/deep/b.wav": b"two"})
    root = unpack(archive, tmp_path / "out", LIMITS, name="sent.zip")
    assert root == tmp_path / "out"
    assert (root / "Fake" / "deep" / "b.wav").read_bytes() == b"two"


def test_a_single_folder_around_everything_is_entered(tmp_path: Path) -> None:
    files = {"my data/trial/Real/a.wav": b"1", "my data/trial/Fake/b.wav": b"2"}
    root = unpack(packed(tmp_path, files), tmp_path / "out", LIMITS, name="sent.zip")
    assert sorted(path.name for path in root.iterdir()) == ["Fake", "Real"]


def test_what_desktops_leave_in_archives_is_left_out(tmp_path: Path) -> None:
    files = {"Real/a.wav": b"1", "__MACOSX/Real/._a.wav": b"x", "Real/.DS_Store": b"x"}
    unpack(packed(tmp_path, files), tmp_path / "out", LIMITS, name="sent.zip")
    assert [path.name for path in (tmp_path / "out").rglob("*") if path.is_file()] == ["a.wav"]


@pytest.mark.parametrize(
    "name", ["../a.wav", "Real/../../a.wav", "/etc/passwd", "..\\..\\a.wav", "C:\\a.wav"]
)
def test_a_name_that_leads_out_is_refused_before_anything_is_written(
    tmp_path: Path, name: str
) -> None:
    archive = packed(tmp_path, {"Real/a.wav": b"1", name: b"2"})
    refused(tmp_path, archive, "leads out of the archive")
    assert not list((tmp_path / "deep" / "out").iterdir())


def test_a_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("Real/link.wav")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    refused(tmp_path, packed(tmp_path, {"Real/a.wav": b"1"}, more=link), "leads out")


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    archive = packed(tmp_path, {f"Real/{n}.wav": b"1" for n in range(6)})
    refused(tmp_path, archive, "holds 6 files, and up to 5")


def test_a_bomb_that_says_its_size_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    archive = packed(tmp_path, {"Real/a.wav": bytes(50_000)})
    refused(tmp_path, archive, "unpacks to more than")
    assert not list((tmp_path / "deep" / "out").iterdir())


def test_a_bomb_that_lies_about_its_size_writes_no_more_than_is_allowed(tmp_path: Path) -> None:
    archive = packed(tmp_path, {"Real/a.wav": bytes(50_000)})
    said, lied = (50_000).to_bytes(4, "little"), (100).to_bytes(4, "little")
    archive.write_bytes(archive.read_bytes().replace(said, lied))
    refused(tmp_path, archive, "unpacks to more than|is damaged|is no zip file")
    written = sum(path.stat().st_size for path in (tmp_path / "deep").rglob("*.wav"))
    assert written <= LIMITS.size


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "sent.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("Real/a.wav", b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("Real/a.wav", b"2")
    refused(tmp_path, file, "is damaged")


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04" + bytes(200)])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "sent.zip"
    file.write_bytes(content)
    refused(tmp_path, file, "is no zip file")


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    archive = packed(tmp_path, {"Real/a.wav": bytes(range(256)) * 20})
    content = bytearray(archive.read_bytes())
    content[60:75] = bytes(15)
    archive.write_bytes(content)
    refused(tmp_path, archive, "is damaged|is no zip file")


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    archive = packed(tmp_path, {"Real/a.wav": b"1"})
    content = archive.read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        directory = opened.start_dir
    flagged = bytearray(content)
    flagged[6] |= 1
    flagged[directory + 8] |= 1
    archive.write_bytes(flagged)
    refused(tmp_path, archive, "is encrypted")
