"""Name or path → a detector's folder, checked. Looks on this machine, but for ``hf:`` names.

Detectors that came with the package lie in ``catalog/NAME``; others in the folders that
``EARWITNESS_WEIGHTS`` names, and in the user's own, each of which holds detector folders.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from earwitness.errors import IncompatibleWeights, WeightsCorrupt, WeightsMissing
from earwitness.weights import fitted, hub, publications
from earwitness.weights.cards import CARD, CHECKPOINTS, Card, read_card
from earwitness.weights.places import VARIABLE, places

DEFAULT = "embedded"
CATALOG = Path(__file__).parent / "catalog"


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
            found = sha256_of(self.network)
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


def sha256_of(path: Path) -> str:
    """Hash a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
    folder = _folder(here(DEFAULT if model is None else model))
    return Found(read_card(folder / CARD), folder)


def here(model: str | Path) -> str | Path:
    """Turn an ``hf:`` name into a path on this machine, fetched if need be; keep all others.

    Raises:
        MissingExtra: the hub needs an extra.
        WeightsMissing: it is not there, or cannot be reached.
    """
    return hub.fetch(str(model)) if hub.is_address(model) else model


def is_checkpoint(model: str | Path | None) -> bool:
    """Say whether this is the path of a bare file of weights, not a detector's name or folder."""
    return model is not None and Path(model).suffix in CHECKPOINTS and not Path(model).is_dir()


def refuse_no_weights(file: Path) -> None:
    """See to it that this is a file of weights, by its place and name.

    Raises:
        WeightsMissing: it is not there.
        IncompatibleWeights: it is something else.
    """
    if (file / CARD).is_file():
        raise IncompatibleWeights(f"{file}: is a detector's folder already. Use --model {file}")
    if file.is_dir():
        raise IncompatibleWeights(f"{file}: is a folder. Name the file of weights in it.")
    if not file.exists():
        raise WeightsMissing(f"{file}: there is no such file.")
    if file.suffix not in CHECKPOINTS:
        raise IncompatibleWeights(
            f"{file}: is no file of weights by its name. They end in {', '.join(CHECKPOINTS)}."
        )


def fitted_on(model: str | Path | None = None) -> frozenset[fitted.Recording]:
    """List the recordings that a detector was calibrated on; none for a bare file of weights.

    Raises:
        WeightsMissing: there is no such detector.
        SettingsError: its list is damaged.
    """
    place = here(DEFAULT if model is None else model)
    return frozenset() if is_checkpoint(place) else fitted.read(_folder(place))


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
    for place in [*places(), CATALOG]:
        found = sorted(card.parent for card in place.glob(f"*/{CARD}"))
        yield from (folder for folder in found if not folder.name.startswith("."))


def _no_such(model: str, names: list[str]) -> str:
    known = publications.known().get(model.replace("-", "_"))
    if known is not None:
        return f"The weights of '{known.name}' are not on this machine. {known.what_to_do()}"
    if not names:
        return f"There is no detector '{model}', and none at all on this machine. Install again."
    near = get_close_matches(model, names, n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(names)}."
    return (
        f"There is no detector '{model}' on this machine. {hint} "
        f"{VARIABLE} may name more folders to look in."
    )
