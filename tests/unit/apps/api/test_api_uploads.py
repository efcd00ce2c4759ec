"""The folder for uploads: nobody else looks into it, and nothing stays there."""

import errno
import stat
from pathlib import Path

import httpx
import pytest

from earwitness.apps.api import uploads
from earwitness.apps.api.uploads import Spool
from serving import Served

pytestmark = pytest.mark.serve


def test_the_folder_is_its_owners_and_goes_with_what_is_in_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    assert stat.S_IMODE(spool.path.stat().st_mode) == 0o700
    (spool.path / "upload").write_bytes(b"x")
    spool.close()
    assert list(tmp_path.iterdir()) == []
    spool.close()


def test_what_a_killed_server_left_is_removed_and_what_a_living_one_has_is_not(
    tmp_path: Path,
) -> None:
    left = tmp_path / "earwitness-serve-killed"
    left.mkdir()
    (left / "upload").write_bytes(b"private")
    others = tmp_path / "others"
    others.mkdir()
    (tmp_path / "earwitness-serve-link").symlink_to(others)
    (tmp_path / "earwitness-serve-file").write_bytes(b"no folder")
    living = Spool(tmp_path)
    (living.path / "upload").write_bytes(b"in use")
    another = Spool(tmp_path)
    assert not left.exists()
    assert (living.path / "upload").exists()
    assert others.exists()
    living.close()
    another.close()


def test_a_disk_that_is_full_is_a_problem_to_come_again_with(
    http: httpx.Client, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(uploads, "_copy", full)
    answer = http.post("/v1/detect", files={"file": ("a", b"x")})
    assert (answer.status_code, answer.json()["code"]) == (503, "server.no_space")
    assert answer.headers["Retry-After"] == "30"
    assert served.left_files == []
