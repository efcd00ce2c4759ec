"""What a fine-tuning leaves: the detector's folder, and a record of the run for who asks again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from earwitness.config import plain
from earwitness.records import Label, Trial
from earwitness.training.checkpointing import EpochRow, RunFiles, link, write_text
from earwitness.training.keeping import Merit, Point
from earwitness.training.learner import Learner
from earwitness.training.recipes import FinetuneSettings
from earwitness.weights.cards import CARD, Card, card_text
from earwitness.weights.store import sha256_of

DETECTOR = "detector"
NETWORK = "network.safetensors"
RECIPE = "recipe.json"
FINISHED = "finished.json"
HOP_SHARE = 0.5  # of a window, where no card says more
NOT_STATED = "not stated"


@dataclass(frozen=True)
class Finished:
    """What came of a run.

    Attributes:
        out: its folder.
        best: weights of the chosen epoch, or what remedies made of them.
        curve: a row for the start (epoch 0), and for each epoch.
        chosen_epoch: counted from 1.
        points: what remedies tried, for a plot of target against keep set.
        told: what remedies did at the end, in sentences.
        unread: a sentence for each clip that could not be read.
        replayed: ids of the clips of the keep set that training heard, and that measure nothing.
    """

    out: Path
    best: Path
    curve: tuple[EpochRow, ...]
    chosen_epoch: int
    points: tuple[Point, ...] = ()
    told: str = ""
    unread: tuple[str, ...] = ()
    replayed: tuple[str, ...] = ()

    @property
    def detector(self) -> Path:
        """The folder that ``--model`` takes."""
        return self.out / DETECTOR


def write_detector(files: RunFiles, recipe: FinetuneSettings, card: Card) -> None:
    """Write the folder of the detector: the best weights, the card and the recipe.

    Args:
        files: of the run.
        recipe: as it was used.
        card: as ``card_of`` made it; the network's hash is filled in.
    """
    folder = files.folder / DETECTOR
    folder.mkdir(parents=True, exist_ok=True)
    link(files.best, folder / NETWORK)
    write_text(folder / CARD, card_text(replace(card, sha256=sha256_of(folder / NETWORK))))
    text = json.dumps(plain(recipe), indent=2) + "\n"
    write_text(folder / RECIPE, text)
    write_text(files.folder / RECIPE, text)


def card_of(
    learner: Learner,
    recipe: FinetuneSettings,
    heard: Sequence[Trial],
    *,
    named: Sequence[str] = (),
    is_new: bool = False,
) -> Card:
    """Say what the fine-tuned detector is; its scores are raw until it is calibrated.

    Args:
        learner: what was fine-tuned.
        recipe: how.
        heard: the clips that training heard.
        named: the same as PROTOCOL/PARTITION each.
        is_new: it was trained from scratch.
    """
    made = "trained" if is_new else f"fine-tuned from {learner.name}"
    told = _told(heard, named)
    window_s = learner.window / learner.sample_rate
    bare = Card(
        name=f"{learner.name}-{recipe.name}".replace("_", "-"),
        title=f"{learner.architecture}, {made} by the recipe {recipe.name}",
        licence=NOT_STATED,
        origin=f"{made} by Earwitness; the recipe lies beside this card",
        network=NETWORK,
        sha256="0" * 64,
        sample_rate=learner.sample_rate,
        parameters=sum(weight.numel() for weight in learner.network.parameters()),
        training_data=told if is_new else f"{NOT_STATED}; then {told}",
        trained_on=tuple(named),
        windows={"length_s": window_s, "hop_s": window_s * HOP_SHARE, "padding": "tile"},
    )
    return bare if learner.card is None else _after(learner.card, bare, told)


def _after(before: Card, bare: Card, told: str) -> Card:
    """Take over from the card of the start what a fine-tuning does not change."""
    return replace(
        bare,
        licence=before.licence,
        training_data=f"{before.training_data}; then {told}",
        trained_on=(*before.trained_on, *bare.trained_on),
        windows=before.windows,
        policy=before.policy,
    )


def _told(heard: Sequence[Trial], named: Sequence[str]) -> str:
    bona_fide = sum(trial.label is Label.BONA_FIDE for trial in heard)
    clips = f"{len(heard):,} clips ({bona_fide:,} bona fide, {len(heard) - bona_fide:,} spoof)"
    return f"{clips} of {', '.join(named)}" if named else clips


def write_finished(finished: Finished) -> None:
    """Write what came of a run."""
    table = {
        **asdict(replace(finished, out=Path(), best=Path())),
        "best": finished.best.relative_to(finished.out).as_posix(),
    }
    del table["out"]
    write_text(finished.out / FINISHED, json.dumps(table, indent=2) + "\n")


def read_finished(out: Path) -> Finished | None:
    """Read what came of a run; None if it is not done."""
    path = out / FINISHED
    if not path.exists():
        return None
    table = json.loads(path.read_text(encoding="utf-8"))
    points = [replace(Point(**p), merit=Merit(**p["merit"])) for p in table.pop("points")]
    curve = [EpochRow(**row) for row in table.pop("curve")]
    best = out / table.pop("best")
    for name in ("unread", "replayed"):
        table[name] = tuple(table[name])
    return Finished(out, best, tuple(curve), points=tuple(points), **table)
