"""A published checkpoint → a detector folder: card, network and the proof of parity.

The folder appears when all of it is there and the parity holds; until then nothing does.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from earwitness.errors import SettingsError
from earwitness.export.parity import TOLERANCE, Parity, check_parity, made_clips, read_clips
from earwitness.export.to_onnx import write_onnx
from earwitness.models import checkpoints
from earwitness.models.layouts import Published
from earwitness.weights.cards import CARD, Card, card_text

NETWORK, PARITY = "network.onnx", "parity.json"
HOP_S = 2.0
NOT_STATED = "not stated"


@dataclass(frozen=True)
class Facts:
    """What a checkpoint does not say of itself; it goes into the card as it is given."""

    title: str | None = None
    licence: str = NOT_STATED
    origin: str | None = None
    training_data: str = NOT_STATED
    trained_on: tuple[str, ...] = ()
    quality: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Exported:
    """What came of an export."""

    folder: Path
    card: Card
    parity: Parity


def export_checkpoint(
    checkpoint: Path,
    folder: Path,
    *,
    facts: Facts | None = None,
    clips: Sequence[Path] = (),
    tolerance: float = TOLERANCE,
) -> Exported:
    """Turn a published checkpoint into a detector folder without calibration.

    Args:
        checkpoint: the file that somebody published.
        folder: to be made; its name becomes the detector's.
        facts: for the card.
        clips: recordings to compare the engines on; made sounds where there are none.
        tolerance: how far the engines' raw scores may be apart.

    Raises:
        ModelError: the checkpoint cannot be used, or the engines differ by more.
        SettingsError: the folder is there already.
    """
    if folder.exists():
        raise SettingsError(f"{folder}: is there already. Name a folder that is not.")
    published = checkpoints.read(checkpoint)
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    try:
        network = unfinished / NETWORK
        write_onnx(published.network, network, window=published.window)
        parity = _check(published, network, clips, tolerance)
        (unfinished / PARITY).write_text(parity.text(), encoding="utf-8")
        card = _card(published, checkpoint, folder.name, network, facts or Facts())
        (unfinished / CARD).write_text(card_text(card), encoding="utf-8")
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Exported(folder, card, parity)


def _check(published: Published, network: Path, clips: Sequence[Path], tolerance: float) -> Parity:
    window, sample_rate = published.window, published.sample_rate
    heard = (
        read_clips(clips, window=window, sample_rate=sample_rate)
        if clips
        else made_clips(window=window, sample_rate=sample_rate)
    )
    return check_parity(published.network, network, heard, tolerance=tolerance)


def _card(published: Published, checkpoint: Path, name: str, network: Path, facts: Facts) -> Card:
    weights = hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    return Card(
        name=name,
        title=facts.title or f"{published.name}, from {checkpoint.name}",
        licence=facts.licence,
        origin=f"{facts.origin or checkpoint.name} (SHA-256 of the checkpoint {weights})",
        network=NETWORK,
        sha256=hashlib.sha256(network.read_bytes()).hexdigest(),
        sample_rate=published.sample_rate,
        parameters=sum(p.numel() for p in published.network.parameters()),
        training_data=facts.training_data,
        trained_on=facts.trained_on,
        windows={
            "length_s": published.window / published.sample_rate,
            "hop_s": HOP_S,
            "padding": "tile",
        },
        quality=dict(facts.quality),
    )
