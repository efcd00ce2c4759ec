"""Results reach their place whole or not at all."""

import io
import os
import stat
import sys
from pathlib import Path

import pytest

from earwitness.apps.cli._writing import results
from earwitness.errors import SettingsError


def test_a_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    out = tmp_path / "verdicts.csv"
    with results(out) as stream:
        stream.write("half")
        stream.flush()
        assert not out.exists()
    assert out.read_text() == "half"
    assert [p.name for p in tmp_path.iterdir()] == ["verdicts.csv"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError, BrokenPipeError])
def test_an_old_file_stays_as_it_is_when_something_stops(
    tmp_path: Path, stop: type[BaseException]
) -> None:
    out = tmp_path / "verdicts.csv"
    out.write_text("old")

    def half() -> None:
        with results(out) as stream:
            stream.write("half")
            raise stop

    with pytest.raises(stop):
        half()
    assert out.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["verdicts.csv"]


@pytest.mark.skipif(os.name == "nt", reason="rights are told otherwise there")
def test_a_new_file_has_usual_rights_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    out = tmp_path / "a"
    mask = os.umask(0o022)
    try:
        with results(out):
            pass
        assert stat.S_IMODE(out.stat().st_mode) == 0o644
        out.chmod(0o600)
        with results(out):
            pass
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
    finally:
        os.umask(mask)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_keeps_leading_to_the_file_that_is_written(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with results(tmp_path / "link") as stream:
        stream.write("x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "x"


@pytest.mark.skipif(os.name == "nt", reason="no such device there")
def test_a_device_is_written_to_and_not_replaced() -> None:
    with results(Path(os.devnull)) as stream:
        stream.write("x")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    refused = pytest.raises(SettingsError, match=r"a: cannot be written \(No such file")
    with refused, results(tmp_path / "no" / "a"):
        pass


def test_names_that_are_no_text_are_written_all_the_same(tmp_path: Path, monkeypatch) -> None:
    for encoding, written in (("utf-8", b"\xff"), ("ascii", b"?")):
        raw = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
        with results(None) as stream:
            stream.write("\udcff")
            stream.flush()
        assert raw.getvalue() == written
    with results(tmp_path / "a") as stream:
        stream.write("\udcff")
    assert (tmp_path / "a").read_bytes() == b"\xff"


def test_a_dash_is_standard_output(capsys) -> None:
    with results(Path("-")) as stream:
        stream.write("x")
    assert capsys.readouterr().out == "x"
