"""``finetune --few``: split what was given, fit the recipe to it, and calibrate what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earwitness.apps.cli._finetuned import Ends
from earwitness.calibration.affine import AffineCalibration
from earwitness.errors import ProtocolError
from earwitness.evaluation.journal import hash_of_trials
from earwitness.evaluation.pools import cluster_of
from earwitness.evaluation.questions import Questions
from earwitness.evaluation.records import Scored
from earwitness.metrics.cllr import cllr
from earwitness.reporting.finetunings import reports
from earwitness.reporting.finetunings.words import Finetuned, name_of_data
from earwitness.training.few import Parted, fitted_recipe, part
from earwitness.training.few_calibration import FewLine, fit_few
from earwitness.training.fitting_folder import Finished
from earwitness.training.learner import open_learner
from earwitness.training.recipes import FinetuneSettings
from earwitness.weights import store
from earwitness.weights.cards import (
    CARD,
    CalibrationTable,
    Card,
    PointTable,
    card_text,
    read_card,
)

_SIDES = ("learned", "held out")
_PURPOSE = "Bayes at equal odds and equal costs; other lines want more clips than there were"


@dataclass(frozen=True)
class Few:
    """Few clips, split.

    Attributes:
        learned, held: both sides, as data sets.
        parted: how they were split.
        recipe: fitted to them.
    """

    learned: Questions
    held: Questions
    parted: Parted
    recipe: FinetuneSettings

    @property
    def name(self) -> str:
        """Name the data set."""
        return name_of_data(str(self.held.root))


def split(
    asked: Questions, recipe: FinetuneSettings, model: str | Path, *, epochs: int | None = None
) -> Few:
    """Split a data set into what is learned and what is held out, and fit the recipe to it.

    Args:
        asked: the data set.
        recipe: for few clips.
        model: that is fine-tuned.
        epochs: that somebody asked for; None for as many as fit.

    Raises:
        ProtocolError: too few or too many clips, or too few of a label.
    """
    parted = part(asked.trials, asked.kin, seed=recipe.seed)
    learned, held = (
        replace(asked, trials=trials, partition=side, partitions=_SIDES)
        for trials, side in zip((parted.learned, parted.held), _SIDES, strict=True)
    )
    fitted = fitted_recipe(recipe, open_learner(model).network, len(parted.learned))
    return Few(learned, held, parted, fitted if epochs is None else replace(fitted, epochs=epochs))


def calibrate(told: Finetuned, few: Few, ends: Ends, finished: Finished) -> Finetuned:
    """Draw the calibration line on the held clips, write it into the card, and say how sure it is.

    Args:
        told: what was gained and lost.
        few: the clips.
        ends: of the fine-tuning.
        finished: what came of it.

    Returns:
        The same with a sentence more; the report is written anew.
    """
    notes = [few.parted.told()]
    known = _known(ends)
    try:
        line = _line(told, few, known)
    except ProtocolError as exc:
        notes.append(str(exc))
    else:
        path = finished.detector / CARD
        _write(path, _carded(read_card(path), line, few))
        notes += [line.told(), *_before(told, known)]
    told = replace(told, told=(*notes, *told.told))
    reports.write(told, ends.out)
    return told


def _line(told: Finetuned, few: Few, known: AffineCalibration | None) -> FewLine:
    raw, key, heard = _of_side(told, 1)
    column = few.parted.column
    kin = [cluster_of(one, column) if column else one.trial.id for one in heard]
    return fit_few(raw, key, kin, known=known)


def _known(ends: Ends) -> AffineCalibration | None:
    """Give the line of the start; None where it has none."""
    place = store.here(ends.model)
    table = None if store.is_checkpoint(place) else store.locate(place).card.calibration
    return None if table is None else AffineCalibration(table.scale, table.offset)


def _of_side(
    told: Finetuned, side: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_], list[Scored]]:
    """Give raw scores and labels of the held clips, before (0) or after (1)."""
    run = told.found.rows[0].comparison.standings[side].run
    heard = [one for one in run.scored if one.raw_score is not None]
    raw = np.array([one.raw_score for one in heard], np.float64)
    return raw, np.array([one.is_bona_fide for one in heard], np.bool_), heard


def _carded(card: Card, line: FewLine, few: Few) -> Card:
    trials = few.held.trials
    return replace(
        card,
        calibration=CalibrationTable(
            line.line.scale, line.line.offset,
            fitted_on=f"{len(trials)} clips of {few.name} that were held out",
            trials=line.n_bona_fide + line.n_spoof, date=date.today().isoformat(),
            bona_fide=line.n_bona_fide, spoof=line.n_spoof, trials_hash=hash_of_trials(trials),
        ),
        operating_points={"balanced": PointTable(0.0, prior=0.5, purpose=_PURPOSE)},
    )  # fmt: skip


def _before(told: Finetuned, known: AffineCalibration | None) -> list[str]:
    if known is None:
        return []
    raw, key, _ = _of_side(told, 0)
    bits = cllr(known.llr(raw), key)
    return [f"Before, the detector's own calibration gave a Cllr of {bits:.2f} bits there."]


def _write(path: Path, card: Card) -> None:
    partial = path.with_suffix(".part")
    partial.write_text(card_text(card), encoding="utf-8")
    partial.replace(path)
