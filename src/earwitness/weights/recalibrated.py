"""A detector with a calibration of one's own: a new folder around the same network."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from earwitness.weights import fitted
from earwitness.weights.cards import CARD, CalibrationTable, Card, PointTable, card_text
from earwitness.weights.folders import Way, appearing, put

_BESIDE = ("LICENSE*", "NOTICE*")


@dataclass(frozen=True)
class Fitted:
    """What was fitted, and on what.

    Attributes:
        calibration: the line, with what it was fitted on.
        points: operating points by name.
        recordings: that it was fitted on.
        figures: what it is worth, for the card's quality.
    """

    calibration: CalibrationTable
    points: Mapping[str, PointTable]
    recordings: frozenset[fitted.Recording]
    figures: Mapping[str, str | int | float]


def write(card: Card, network: Path, folder: Path, found: Fitted, way: Way = "share") -> Card:
    """Write the folder, which appears when all of it is there; gives its card.

    Args:
        card: of the detector as it is; ``network`` is its network's file.
        network: to be brought into the new folder.
        folder: to be made; its name becomes the detector's.
        found: what was fitted.
        way: how the network comes into the folder.

    Raises:
        SettingsError: the folder is there already, or cannot be written.
        WeightsMissing: the network is not there.
    """
    new = replace(
        card,
        name=folder.name,
        calibration=found.calibration,
        operating_points=dict(found.points),
        quality={**card.quality, "calibration": dict(found.figures)},
    )
    with appearing(folder) as unfinished:
        put(network, unfinished / card.network, way)
        for file in licences(network.parent):
            shutil.copyfile(file, unfinished / file.name)
        (unfinished / fitted.FILE).write_text(fitted.text(found.recordings), encoding="utf-8")
        (unfinished / CARD).write_text(card_text(new), encoding="utf-8")
    return new


def licences(folder: Path) -> list[Path]:
    """List the licences of a detector's folder; what lies beside a bare file is none of ours."""
    if not (folder / CARD).is_file():
        return []
    return [file for pattern in _BESIDE for file in sorted(folder.glob(pattern))]
