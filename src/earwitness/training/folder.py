"""What a run leaves: the detector's folder, with its card and the settings it was made with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from earwitness.config import plain
from earwitness.records import Label, Trial
from earwitness.training.choosing import Chosen
from earwitness.training.measuring import Figures
from earwitness.training.settings import TrainingSettings
from earwitness.weights.cards import CARD, CalibrationTable, Card, card_text

NETWORK = "network.onnx"
RESOLVED = "recipe.json"
CHOSEN = "chosen.json"
LICENCE = "Apache-2.0; starts from OpenAI's Whisper (MIT)"
TRAINED_ON = ("pages/train",)  # as ``earwitness evaluate`` names it


def write_folder(
    folder: Path,
    recipe: TrainingSettings,
    windows: Mapping[str, Any],
    chosen: Chosen,
    measured: tuple[Figures, Figures | None],
    *,
    trained_on: Sequence[Trial],
    parameters: int,
) -> None:
    """Write card, resolved recipe and what was chosen beside a network that lies there already.

    Args:
        folder: holds ``network.onnx``.
        recipe: as it was used.
        windows: how speech is cut.
        chosen: calibration, policy and operating points.
        measured: out of fold; and the same of the floor, if there is one.
        trained_on: the clips that the network was fitted to.
        parameters: of the network.
    """
    figures, floor = measured
    network = folder / NETWORK
    card = Card(
        name=recipe.name,
        title=recipe.title,
        licence=LICENCE,
        origin="trained by 'earwitness train' with the recipe beside this card",
        network=NETWORK,
        sha256=hashlib.sha256(network.read_bytes()).hexdigest(),
        sample_rate=recipe.sample_rate,
        parameters=parameters,
        training_data=_told(trained_on),
        trained_on=TRAINED_ON,
        windows=dict(windows),
        calibration=CalibrationTable(
            scale=round(chosen.calibration.scale, 6),
            offset=round(chosen.calibration.offset, 6),
            fitted_on="out-of-fold scores, folds by page owner and system",
            trials=figures.bona_fide + figures.spoof,
            date=date.today().isoformat(),
        ),
        operating_points=chosen.points,
        policy=plain(chosen.policy),
        quality={
            "measured_on": "out of fold: no page and no system was in the training of its fold",
            **figures.plain(),
            **({} if floor is None else {"floor_eer_percent": round(100 * floor.eer.value, 2)}),
        },
    )
    (folder / CARD).write_text(card_text(card), encoding="utf-8")
    _write_json(folder / RESOLVED, plain(recipe))
    _write_json(
        folder / CHOSEN,
        {
            **asdict(chosen),
            "out_of_fold": asdict(figures),
            "floor": None if floor is None else asdict(floor),
        },
    )


def _told(trials: Sequence[Trial]) -> str:
    bona_fide = sum(trial.label is Label.BONA_FIDE for trial in trials)
    pages = len({trial.meta["page"] for trial in trials})
    return (
        f"{len(trials)} clips ({bona_fide} bona fide, {len(trials) - bona_fide} spoof) of {pages} "
        "public pages of speech synthesis, conversion, vocoders and codecs"
    )


def _write_json(path: Path, table: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
