"""A published file of weights → a detector's folder, run by torch: as it is, or as safetensors.

Keys keep the names that they were published under, so the layout is recognised again and the
scores stay the same to the bit.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from earwitness.errors import IncompatibleWeights, WeightsCorrupt
from earwitness.models import checkpoints
from earwitness.models.layouts import Published, Weights
from earwitness.runtimes.torch_runtime import bare_card
from earwitness.weights.cards import CARD, Card, card_text
from earwitness.weights.folders import appearing, put
from earwitness.weights.publications import Publication, published_as
from earwitness.weights.store import refuse_no_weights, sha256_of

CONVERTED = "weights.safetensors"
Way: TypeAlias = Literal["copy", "link", "convert"]


@dataclass(frozen=True)
class Said:
    """What the file does not say of itself; None and empty where nobody said it."""

    title: str | None = None
    licence: str | None = None
    origin: str | None = None
    training_data: str | None = None
    trained_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class Added:
    """A detector that was made of a file of weights.

    Attributes:
        folder: of it.
        card: of it.
        network: what it is ("AASIST").
        keys: how many named tensors the file holds, all of which fit.
        sha256: of the file as it was given.
        publication: that the file was taken for; None for none.
        is_known_file: the SHA-256 is the one that is known of the publication.
    """

    folder: Path
    card: Card
    network: str
    keys: int
    sha256: str
    publication: Publication | None
    is_known_file: bool


def make_detector(
    file: Path,
    folder: Path,
    *,
    way: Way = "copy",
    said: Said | None = None,
    publication: Publication | None = None,
) -> Added:
    """Check a file of weights and make a detector's folder of it, which appears as a whole.

    Args:
        file: of weights, in any known layout.
        folder: to be made; its name becomes the detector's.
        way: how the weights come into it.
        said: for the card; comes before what is known of the publication.
        publication: what the file is said to be; None to look it up by its SHA-256.

    Raises:
        WeightsMissing: the file is not there.
        WeightsCorrupt: it is damaged, wants to run code, or is not the publication's file.
        IncompatibleWeights: it fits no known layout, or another network than the publication's.
        SettingsError: the folder is there already, or cannot be written.
    """
    refuse_no_weights(file)
    weights = checkpoints.read_weights(file)
    published = checkpoints.fitting(weights, file)
    bare = bare_card(file, published)
    sha256 = bare.sha256
    known = publication or published_as(sha256)
    if known is not None:
        _refuse_another(file, published, sha256, known)
    with appearing(folder) as unfinished:
        network = unfinished / _network_name(file, way)
        _bring(file, network, weights, way)
        card = replace(
            _told(bare, known, said or Said()),
            name=folder.name,
            network=network.name,
            sha256=sha256_of(network),
        )
        (unfinished / CARD).write_text(card_text(card), encoding="utf-8")
        if way == "convert":  # safetensors writes files that only their owner may read
            shutil.copymode(unfinished / CARD, network)
    is_known = known is not None and known.sha256 == sha256
    return Added(folder, card, published.name, len(weights), sha256, known, is_known)


def _refuse_another(file: Path, published: Published, sha256: str, known: Publication) -> None:
    if not known.is_runnable:
        raise IncompatibleWeights(f"{known.name}: {known.what_to_do()}")
    if published.name != known.network:
        raise IncompatibleWeights(
            f"{file}: holds {published.name}, but {known.name} is {known.network}. "
            "Say what it is with another --as, or leave --as away."
        )
    if known.sha256 and known.sha256 != sha256:
        raise WeightsCorrupt(
            f"{file}: has SHA-256 {sha256[:12]}…, but the published file of {known.name} has "
            f"{known.sha256[:12]}…. Get it again, or leave --as away to add it as what it is."
        )


def _network_name(file: Path, way: Way) -> str:
    return CONVERTED if way == "convert" else file.name


def _bring(file: Path, network: Path, weights: Weights, way: Way) -> None:
    if way == "convert":
        checkpoints.save(weights, network)
    else:
        put(file, network, way)


def _told(bare: Card, known: Publication | None, said: Said) -> Card:
    """Write into a card what was said of the file, else what is known of it."""
    origin = said.origin or (known.origin() if known else bare.origin)
    return replace(
        bare,
        title=said.title or (known.title if known else bare.title),
        licence=said.licence or (known.weights_licence if known else bare.licence),
        origin=f"{origin} (SHA-256 of the file as given {bare.sha256})",
        training_data=said.training_data or (known.training_data if known else bare.training_data),
        trained_on=said.trained_on or (known.trained_on if known else ()),
        quality=dict(_figures(known)),
    )


def _figures(known: Publication | None) -> Mapping[str, str]:
    if known is None:
        return {}
    return {f"published_eer_{at}": str(one) for at, one in enumerate(known.figures, start=1)}
