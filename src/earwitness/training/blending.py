"""The start and what came of it → a detector in between, with a folder of its own."""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from pathlib import Path

from earwitness.models import checkpoints
from earwitness.training.keeping.interpolation import interpolated
from earwitness.training.learner import open_learner
from earwitness.weights.cards import CARD, card_text, read_card
from earwitness.weights.store import sha256_of

NETWORK = "network.safetensors"


def blend(model: str | Path, fitted: Path, alpha: float, out: Path) -> None:
    """Write the detector whose weights lie on the line from the start to a fine-tuned one.

    Args:
        model: the detector that fine-tuning started from.
        fitted: folder of the detector that came of it.
        alpha: share of the fine-tuned weights.
        out: folder to write; it appears whole, and takes the place of one that is there.

    Raises:
        ModelError: one of the two cannot be read, or they are not of one network.
    """
    start, card = open_learner(model), read_card(fitted / CARD)
    new = start.ours(checkpoints.read_weights(fitted / card.network))
    mixed = interpolated(start.network.state_dict(), new, alpha)
    part = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    part.mkdir(parents=True)
    checkpoints.save(start.published(mixed), part / NETWORK)
    made = replace(
        card,
        title=f"{card.title}: {alpha:.0%} of its weights and {1 - alpha:.0%} of its start's"
        .replace("%", " %"),
        network=NETWORK,
        sha256=sha256_of(part / NETWORK),
        calibration=None,
        operating_points={},
    )  # fmt: skip
    (part / CARD).write_text(card_text(made), encoding="utf-8")
    _take_place(part, out)


def _take_place(part: Path, out: Path) -> None:
    """Put a folder where another may be; whoever looks finds one of them."""
    if out.exists():
        gone = out.with_name(f".{out.name}.{secrets.token_hex(4)}.gone")
        os.replace(out, gone)
        for file in gone.iterdir():
            file.unlink()
        gone.rmdir()
    os.replace(part, out)
