"""A study's folder belongs to its inputs, and to one process at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from earwitness.errors import SettingsError
from earwitness.study.places import Places, read_json, write_json

FORM = 2
LOCK = "study.lock"
_WORDS = {
    "form": "kind of folder", "target": "for-2seconds", "custom": "custom set",
    "model": "detector", "split_seed": "seed of the split",
}  # fmt: skip


def claim(places: Places, inputs: Mapping[str, str | int]) -> None:
    """Tie a folder to its inputs, or see that it is tied to the same ones.

    Args:
        places: the folder; made if it is not there.
        inputs: hashes of what the study is about, by name.

    Raises:
        SettingsError: it belongs to another study, holds other things, or cannot be written.
    """
    wanted = {"form": FORM, **inputs}
    if places.claim.exists():
        _refuse_another(places, wanted)
        return
    try:
        places.out.mkdir(parents=True, exist_ok=True)
        strange = sorted(path.name for path in places.out.iterdir() if path.name != LOCK)
    except OSError as exc:
        raise SettingsError(f"{places.out}: cannot be written ({exc.strerror}).") from exc
    if strange:
        raise SettingsError(
            f"{places.out}: holds other things ({', '.join(strange[:3])}). Name a folder that is "
            "not there, or is empty."
        )
    write_json(places.claim, dict(wanted))


def _refuse_another(places: Places, wanted: Mapping[str, str | int]) -> None:
    there = read_json(places.claim)
    for name, value in wanted.items():
        if there.get(name) != value:
            raise SettingsError(
                f"{places.out}: belongs to a study with another {_WORDS.get(name, name)} "
                f"({there.get(name)}, and now {value}). Name another folder with --out."
            )


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Keep other studies out of a folder, where the system can; a killed one leaves no trace.

    Raises:
        SettingsError: another study is at work in it, or it cannot be written.
    """
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows
        yield
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        file = (out / LOCK).open("a")
    except OSError as exc:
        raise SettingsError(f"{out}: cannot be written ({exc.strerror}).") from exc
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise SettingsError(f"{out}: another study is at work in this folder.") from exc
        yield
