"""Name or path → a detector's folder, checked. Looks on this machine only.

Detectors that came with the package lie in ``catalog/NAME``; others in the folders that
``EARWITNESS_WEIGHTS`` names, each of which holds detector folders.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from earwitness.errors import WeightsCorrupt, WeightsMissing
from earwitness.weights.cards import CARD, Card, read_card

DEFAULT = "embedded"
CATALOG = Path(__file__).parent / "catalog"
VARIABLE = "EARWITNESS_WEIGHTS"
CHECKPOINTS = (".pth", ".pt", ".ckpt", ".safetensors")


@dataclass(frozen=True)
class Found:
    """A detector on this machine: its card, and the folder it lies in."""

    card: Card
    folder: Path

    @property
    def network(self) -> Path:
        """The network's file."""
        return self.folder / self.card.network

    def check(self) -> None:
        """Compare the network with what the card says of it.

        Raises:
            WeightsMissing: it is not there.
            WeightsCorrupt: its SHA-256 is another.
        """
        try:
            with self.network.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as exc:
            raise WeightsMissing(
                f"{self.network}: cannot be opened ({exc.strerror}), but the detector "
                f"'{self.card.name}' needs it. Install it again."
            ) from exc
        if found != self.card.sha256:
            raise WeightsCorrupt(
                f"{self.network}: has SHA-256 {found[:12]}…, but its card says "
                f"{self.card.sha256[:12]}…. Install it again."
            )


def find(model: str | Path | None = None) -> Found:
    """Find a detector by name, or by the path of its folder or card, and check its network.

    Args:
        model: None for the default one.

    Raises:
        WeightsMissing: there is no such detector; the near names are listed.
        WeightsCorrupt: the network is not what the card says.
        SettingsError: the card does not fit.
    """
    found = locate(model)
    found.check()
    return found


def locate(model: str | Path | None = None) -> Found:
    """Find a detector as ``find`` does; whoever asks checks its network."""
    folder = _folder(DEFAULT if model is None else model)
    return Found(read_card(folder / CARD), folder)


def is_checkpoint(model: str | Path | None) -> bool:
    """Say whether this is the path of a bare file of weights, not a detector's name or folder."""
    return model is not None and Path(model).suffix in CHECKPOINTS and not Path(model).is_dir()


def installed() -> list[Found]:
    """List the detectors of this machine by name; their networks are not checked."""
    folders = {folder.name: folder for folder in reversed(list(_folders()))}
    return [Found(read_card(folders[name] / CARD), folders[name]) for name in sorted(folders)]


def _folder(model: str | Path) -> Path:
    path = Path(model)
    if path.name == CARD and path.is_file():
        return path.parent
    if (path / CARD).is_file() and (isinstance(model, Path) or len(path.parts) > 1):
        return path
    name = str(model).replace("-", "_")
    folders = {folder.name.replace("-", "_"): folder for folder in reversed(list(_folders()))}
    if name in folders:
        return folders[name]
    if (path / CARD).is_file():
        return path
    if path.is_dir():
        raise WeightsMissing(f"{path}: has no {CARD} in it, so it is no detector's folder.")
    raise WeightsMissing(_no_such(str(model), sorted(folders)))


def _folders() -> Iterator[Path]:
    """Give the folder of each detector; of two with one name, the first one counts."""
    outside = [part for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part]
    for place in [*map(Path, outside), CATALOG]:
        yield from sorted(card.parent for card in place.glob(f"*/{CARD}"))


def _no_such(model: str, names: list[str]) -> str:
    if not names:
        return f"There is no detector '{model}', and none at all on this machine. Install again."
    near = get_close_matches(model, names, n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(names)}."
    return (
        f"There is no detector '{model}' on this machine. {hint} "
        f"{VARIABLE} may name more folders to look in."
    )
