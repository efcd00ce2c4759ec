"""A file of weights → a detector folder that runs without torch: card, network, proof of parity.

The folder appears when all of it is there and the parity holds; until then nothing does.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

from earwitness.errors import IncompatibleWeights, SettingsError
from earwitness.export.parity import (
    TOLERANCE,
    Clip,
    OfSpread,
    Parity,
    check_parity,
    made_clips,
    read_clips,
)
from earwitness.export.quantising import quantise_file
from earwitness.export.to_onnx import write_onnx
from earwitness.models import checkpoints
from earwitness.models.layouts import Published
from earwitness.runtimes.torch_runtime import NOT_STATED, bare_card
from earwitness.weights import fitted
from earwitness.weights.cards import CARD, Card, card_text
from earwitness.weights.folders import appearing, refuse_unwritable
from earwitness.weights.recalibrated import licences
from earwitness.weights.store import here, is_checkpoint, locate, sha256_of

NETWORK, PARITY = "network.onnx", "parity.json"
FEWEST = 4  # clips whose spread says anything
MADE_FOR_ROUNDED = 16

Precision: TypeAlias = Literal["fp32", "fp16", "int8"]
"""Of an ONNX file. "fp16": weights are stored as halves. "int8": large products are done in it."""

ALLOWED: Mapping[Precision, float | OfSpread] = {
    "fp32": TOLERANCE,
    "fp16": OfSpread(0.1),
    "int8": OfSpread(0.5),
}


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
    """What came of an export.

    Attributes:
        folder, card, parity: that were written.
        recorded_on: the clips that scales were recorded on; none without int8.
        dropped_calibration: the detector had one, which rounded weights do not fit.
    """

    folder: Path
    card: Card
    parity: Parity
    recorded_on: tuple[str, ...] = ()
    dropped_calibration: bool = False


def export_checkpoint(
    model: str | Path,
    folder: Path,
    *,
    facts: Facts | None = None,
    clips: Sequence[Path] = (),
    precision: Precision = "fp32",
    tolerance: float | None = None,
) -> Exported:
    """Turn a file of weights into the folder of a detector that ONNX Runtime runs.

    A calibration is kept in fp32, where scores stay the same; other precisions drop it.

    Args:
        model: a file of weights in any known layout, or a detector (name, folder, ``hf:`` address)
            whose network is one.
        folder: to be made; its name becomes the detector's.
        facts: for the card of a file; a detector brings its own.
        clips: recordings, or folders of them, to compare the engines on; made sounds where there
            are none. For int8 every other one is for recording scales, and not for comparing.
        precision: of the file.
        tolerance: how far the engines' raw scores may be apart; None for what the precision allows.

    Raises:
        ModelError: the weights cannot be used, or the engines differ by more.
        SettingsError: the folder is there already, the clips are too few, or the network has
            nothing to gain from int8.
    """
    refuse_unwritable(folder)
    source = _source(model, facts or Facts())
    published = checkpoints.read(source.file)
    heard = _clips(published, clips, precision, is_relative=tolerance is None)
    recorded, compared = (heard[::2], heard[1::2]) if precision == "int8" else ([], heard)
    allowed = ALLOWED[precision] if tolerance is None else tolerance
    with appearing(folder) as unfinished:
        network = unfinished / NETWORK
        write_onnx(published.network, network, window=published.window, half=precision == "fp16")
        if recorded:
            quantise_file(network, [clip.samples for clip in recorded])
        parity = check_parity(published.network, network, compared, tolerance=allowed)
        (unfinished / PARITY).write_text(parity.text(), encoding="utf-8")
        card = _card(source, published, folder.name, network, precision)
        (unfinished / CARD).write_text(card_text(card), encoding="utf-8")
        for file in source.beside(is_calibrated=card.calibration is not None):
            shutil.copyfile(file, unfinished / file.name)
    dropped = source.card is not None and source.card.calibration != card.calibration
    return Exported(folder, card, parity, tuple(clip.name for clip in recorded), dropped)


@dataclass(frozen=True)
class _Source:
    """A file of weights, and the card of the detector that it belongs to, if it does."""

    file: Path
    card: Card | None
    facts: Facts

    def beside(self, *, is_calibrated: bool) -> list[Path]:
        """List what goes along from the detector's folder."""
        if self.card is None:
            return []
        found = licences(self.file.parent)
        recordings = self.file.parent / fitted.FILE
        return [*found, recordings] if is_calibrated and recordings.is_file() else found


def _source(model: str | Path, facts: Facts) -> _Source:
    place = here(model)
    if is_checkpoint(place) or (Path(place).is_file() and Path(place).name != CARD):
        return _Source(Path(place), None, facts)
    found = locate(place)
    if not is_checkpoint(found.network):
        raise IncompatibleWeights(
            f"{found.card.name}: its network, {found.card.network}, is an ONNX file already. "
            "Export the file of weights (.pth, .safetensors) that it was made of."
        )
    found.check()
    return _Source(found.network, found.card, facts)


def _clips(
    published: Published, paths: Sequence[Path], precision: Precision, *, is_relative: bool
) -> list[Clip]:
    """Read what is compared on, and what scales are recorded on.

    Raises:
        SettingsError: they are too few for a spread, or for two halves.
    """
    shape = {"window": published.window, "sample_rate": published.sample_rate}
    if not paths:
        return (
            made_clips(**shape)
            if precision == "fp32"
            else made_clips(**shape, count=MADE_FOR_ROUNDED)
        )
    heard = read_clips(paths, **shape)
    fewest = {"fp32": 1, "fp16": FEWEST if is_relative else 1, "int8": 2 * FEWEST}[precision]
    if len(heard) < fewest:
        raise SettingsError(
            f"{precision} wants at least {fewest} clips, but got {len(heard)}: "
            + ("scales are recorded on half of them, and " if precision == "int8" else "")
            + "what is lost is measured against how far their scores are apart. "
            "Give more --clip, or a folder of recordings, or none for made sounds."
        )
    return heard


def _card(
    source: _Source, published: Published, name: str, network: Path, precision: Precision
) -> Card:
    card = source.card or _bare(source, published)
    card = replace(
        card,
        name=name,
        network=NETWORK,
        sha256=sha256_of(network),
        precision=precision,
    )
    return card if precision == "fp32" else replace(card, calibration=None, operating_points={})


def _bare(source: _Source, published: Published) -> Card:
    bare, facts = bare_card(source.file, published), source.facts
    return replace(
        bare,
        title=facts.title or bare.title,
        licence=facts.licence,
        origin=f"{facts.origin or bare.origin} (SHA-256 of the checkpoint {bare.sha256})",
        training_data=facts.training_data,
        trained_on=facts.trained_on,
        quality=dict(facts.quality),
    )
