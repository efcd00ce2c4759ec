"""Few clips of one's own: split by who speaks, and a recipe that fits their number.

Twenty to five hundred clips are too few for a fine-tuning as it is done on a corpus. A part is held
out, with voices and sources that the rest does not have where the data set tells them; adapters and
the head learn from the rest, distorted anew each time; and the held part chooses the epoch and
draws the calibration line (``few_calibration``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from earwitness.errors import ProtocolError
from earwitness.records import Label, Trial
from earwitness.training.keeping.lora import LoraSettings, adaptable
from earwitness.training.recipes import FinetuneSettings

FEWEST, MOST = 20, 500
LEAST_OF_A_LABEL = 3  # on each side of the split
HELD_SHARE = 0.3
STEPS = 200  # of a whole run, as far as the bounds of epochs allow
FEWEST_EPOCHS, MOST_EPOCHS = 5, 25


@dataclass(frozen=True)
class Parted:
    """Clips to learn from, and clips held out.

    Attributes:
        learned: what the network hears.
        held: what chooses the epoch and draws the line.
        column: by whose values clips stay together; None where they were dealt one by one.
        groups: how many values each side has, learned and held.
    """

    learned: tuple[Trial, ...]
    held: tuple[Trial, ...]
    column: str | None
    groups: tuple[int, int]

    def told(self) -> str:
        """Say how it was split, and what that means for the figures."""
        counts = f"{len(self.learned)} clips are learned from, {len(self.held)} are held out"
        if self.column is None:
            return (
                f"Split clip by clip: {counts}. Nothing says which clips have a voice or a source "
                "in common, so some may be on both sides, and figures then look too good. Put the "
                "clips of each speaker or source into a folder of their own to mend that."
            )
        learned, held = self.groups
        return (
            f"Split by {self.column}: {counts}; {learned} {self.column}s on one side, {held} "
            "others on the other."
        )


def part(trials: Sequence[Trial], kin: Sequence[str], *, seed: int = 1) -> Parted:
    """Hold some clips out, so that what belongs together stays together.

    Args:
        trials: of both labels.
        kin: columns by which clips belong together, best first; the first one by which both sides
            get enough clips of both labels is taken.
        seed: of the draw.

    Raises:
        ProtocolError: too few or too many clips, or too few of a label.
    """
    _refuse(trials)
    for column in kin:
        groups = [trial.meta.get(column, "").strip() or f"\0{trial.id}" for trial in trials]
        if len({name for name in groups if not name.startswith("\0")}) < 2:
            continue
        held = _held(trials, groups, np.random.default_rng(seed))
        if held is not None:
            return _parted(trials, groups, held, column)
    names = [trial.id for trial in trials]
    held = _held(trials, names, np.random.default_rng(seed))
    assert held is not None  # single clips can always be dealt
    return _parted(trials, names, held, None)


def fitted_recipe(recipe: FinetuneSettings, network: nn.Module, learned: int) -> FinetuneSettings:
    """Fit a recipe for few clips to a network and to how many they are.

    Adapters are left out of a network that has no layer for them: its head learns alone. Epochs
    are such that all runs take about as many steps.

    Args:
        recipe: as it was read.
        network: that is fine-tuned.
        learned: clips that it learns from.
    """
    batch = min(recipe.data.batch, max(2, learned // 2))
    epochs = round(STEPS * batch / learned)
    keep = recipe.keep
    if not any(True for _ in adaptable(network, LoraSettings())):
        keep = tuple(_head_alone(table) for table in keep)
    return replace(
        recipe,
        epochs=min(MOST_EPOCHS, max(FEWEST_EPOCHS, epochs)),
        data=replace(recipe.data, batch=batch),
        keep=keep,
    )


def _head_alone(table: Mapping[str, object]) -> dict[str, object]:
    return {"name": "layers", "trained": ["head"]} if table.get("name") == "lora" else dict(table)


def _refuse(trials: Sequence[Trial]) -> None:
    labels = Counter(trial.label for trial in trials)
    if not FEWEST <= len(trials) <= MOST:
        hint = "leave --few out" if len(trials) > MOST else "record some more"
        raise ProtocolError(
            f"--few is for {FEWEST} to {MOST} clips, but there are {len(trials):,}: {hint}."
        )
    least = min(labels[label] for label in Label)
    if least < 2 * LEAST_OF_A_LABEL:
        raise ProtocolError(
            f"There are {labels[Label.BONA_FIDE]} bona fide and {labels[Label.SPOOF]} spoof clips; "
            f"--few needs at least {2 * LEAST_OF_A_LABEL} of each: some to learn, some to hold out."
        )


def _held(
    trials: Sequence[Trial], groups: Sequence[str], rng: np.random.Generator
) -> set[str] | None:
    """Draw groups to hold out, near to the share of each label; None if a side lacks a label."""
    sizes: dict[str, Counter[Label]] = {}
    for trial, name in zip(trials, groups, strict=True):
        sizes.setdefault(name, Counter())[trial.label] += 1
    whole = Counter(trial.label for trial in trials)
    wanted = {label: max(LEAST_OF_A_LABEL, round(HELD_SHARE * whole[label])) for label in Label}
    held: set[str] = set()
    have: Counter[Label] = Counter()
    for number in rng.permutation(len(sizes)):
        name = sorted(sizes)[number]
        more = have + sizes[name]
        if _miss(more, wanted) < _miss(have, wanted):
            held.add(name)
            have = more
    left = Counter({label: whole[label] - have[label] for label in Label})
    is_enough = min(*(have[lb] for lb in Label), *(left[lb] for lb in Label)) >= LEAST_OF_A_LABEL
    return held if is_enough else None


def _miss(have: Mapping[Label, int], wanted: Mapping[Label, int]) -> int:
    """Count how far off the wanted numbers are; too many weigh double, for they are not learned."""
    off = [have.get(label, 0) - wanted[label] for label in Label]
    return sum(2 * one if one > 0 else -one for one in off)


def _parted(
    trials: Sequence[Trial], groups: Sequence[str], held: set[str], column: str | None
) -> Parted:
    pairs = list(zip(trials, groups, strict=True))
    out = tuple(trial for trial, name in pairs if name in held)
    rest = tuple(trial for trial, name in pairs if name not in held)
    return Parted(rest, out, column, (len(set(groups) - held), len(held)))
