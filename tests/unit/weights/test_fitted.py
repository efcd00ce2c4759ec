"""A calibration's recordings are known again by what they hold, not by their names."""

import hashlib
from pathlib import Path

import pytest

from earwitness.errors import SettingsError
from earwitness.weights import fitted, store


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_a_list_reads_as_it_was_written(tmp_path: Path) -> None:
    recordings = frozenset({(44, "0" * 16), (100_000, "f" * 16)})
    (tmp_path / fitted.FILE).write_text(fitted.text(recordings))
    assert fitted.read(tmp_path) == recordings
    assert fitted.read(tmp_path / "none") == frozenset()


def test_a_file_is_known_again_under_another_name(tmp_path: Path) -> None:
    first = written(tmp_path / "a.wav", b"sound")
    known = frozenset([fitted.recording(first)])
    again = written(tmp_path / "b.flac", b"sound")
    same_size = written(tmp_path / "a2.wav", b"noise")
    longer = written(tmp_path / "c.wav", b"other sound")
    assert None not in known
    paths = [again, same_size, longer, tmp_path / "gone.wav"]
    assert fitted.among(paths, known) == 1  # type: ignore[arg-type]


def test_a_hash_that_is_known_is_not_computed_again(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", b"sound")
    digest = hashlib.sha256(b"sound").hexdigest()
    assert fitted.recording(path, digest) == fitted.recording(path) == (5, digest[:16])
    assert fitted.recording(tmp_path / "gone.wav", digest) is None


def test_a_damaged_list_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / fitted.FILE).write_text(f"44 {'0' * 16}\nnonsense\n")
    with pytest.raises(SettingsError, match=r"fitted_on\.txt, line 2: expected a size and 16 hex"):
        fitted.read(tmp_path)
    (tmp_path / fitted.FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"fitted_on\.txt: cannot be read"):
        fitted.read(tmp_path)


def test_a_bare_file_of_weights_was_calibrated_on_nothing(tmp_path: Path) -> None:
    assert store.fitted_on(tmp_path / "some.pth") == frozenset()
    assert store.fitted_on() == frozenset()
