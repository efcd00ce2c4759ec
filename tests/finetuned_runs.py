"""Things to fine-tune and to fine-tune on: a tiny detector, sounds that are easy to tell.

Run as a program it does one fine-tuning, told as JSON on the command line, and prints a line a
step: what tests of killed and of parallel runs start.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from earwitness.config import settings
from earwitness.evaluation.questions import questions
from earwitness.training.recipes import FinetuneSettings, read_recipe

if TYPE_CHECKING:
    from earwitness.training.finetuning import Job, StepTold

RATE = 16_000
TABLE: dict[str, Any] = {
    "name": "tiny",
    "title": "A test",
    "epochs": 2,
    "precision": "fp32",
    "data": {"batch": 4, "length_s": 0.5},
    "optimiser": {"rate": 1e-3, "weight_decay": 0.0},
}


def tiny_detector(path: Path, *, seed: int = 0) -> Path:
    """Write a checkpoint of two small branches, in the layout of our own detectors."""
    import torch

    from earwitness.models import checkpoints
    from earwitness.models.branches import Branches, BranchSettings

    torch.manual_seed(seed)
    ends = {"hidden": 8, "heads": 1}
    front = {"layers": 1, "positions": 200, "width": 64}
    network = Branches(
        (
            BranchSettings("whisper", "moments", front, {"layers": 2, "width": 64, **ends}),
            BranchSettings("spectrum", "statistics", {"hop": 160}, ends),
        )
    )
    checkpoints.save(network.state_dict(), path)
    return path


def sound_folder(
    root: Path, count: int, *, seed: int, seconds: float = 0.6, noise: float = 0.05
) -> Path:
    """Write ``Real/SOURCE/*.wav``, which buzz, and ``Fake/SOURCE/*.wav``, which hiss."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        label = "Fake" if number % 2 else "Real"
        folder = root / label / f"{label}_{number // 2 % 3}"
        folder.mkdir(parents=True, exist_ok=True)
        sound = noise * rng.standard_normal(int(seconds * RATE))
        if label == "Real":
            pitch = rng.uniform(90, 200)
            sound += 0.2 * np.sign(np.sin(2 * np.pi * pitch * np.arange(len(sound)) / RATE))
        soundfile.write(folder / f"{number:03d}.wav", sound, RATE)
    return root


def recipe(**changes: Any) -> FinetuneSettings:
    """Give a recipe that a test fits in a second; changes replace keys, or keys of its tables."""
    table = {
        key: {**TABLE.get(key, {}), **value} if isinstance(value, dict) else value
        for key, value in changes.items()
    }
    return settings(FinetuneSettings, {**TABLE, **table}, where="tiny recipe")


def job(folder: Path, out: Path, model: Path | str, **changes: Any) -> Job:
    """Put a job together from the folders train, dev and, if it is there, keep in ``folder``."""
    from earwitness.training.finetuning import Job
    from earwitness.training.logging_curves import Loggers

    keep = folder / "keep"
    given: dict[str, Any] = {
        "recipe": recipe(),
        "train": questions(folder / "train").trials,
        "dev": questions(folder / "dev").trials,
        "keep": questions(keep).trials if keep.exists() else (),
        "out": out,
        "loggers": Loggers(tensorboard=False),
    }
    return Job(model=model, **{**given, **changes})


def made_folders(root: Path, *, train: int = 24, dev: int = 8, keep: int = 0) -> Path:
    """Write the folders that ``job`` reads."""
    sound_folder(root / "train", train, seed=1)
    sound_folder(root / "dev", dev, seed=2)
    if keep:
        sound_folder(root / "keep", keep, seed=3)
    return root


def main(told: dict[str, Any]) -> None:
    """Do one fine-tuning; "same_data" lets every process read what the first one reads."""
    from earwitness.training import plan
    from earwitness.training.finetuning import finetune
    from earwitness.training.logging_curves import Loggers

    if told.get("same_data"):
        passes = plan.Step.passes

        def same(self: plan.Step, accumulate: int, *, rank: int = 0, ranks: int = 1) -> Any:
            return passes(self, accumulate, rank=0, ranks=ranks)

        plan.Step.passes = same  # type: ignore[method-assign]
    loggers = Loggers(tensorboard=False, wandb=told.get("wandb", "off"))
    made = job(
        Path(told["folder"]), Path(told["out"]), told["model"],
        recipe=_recipe(told), loggers=loggers, save_every=told.get("save_every", 100),
        workers=told.get("workers", 0), devices=told.get("devices", 1),
    )  # fmt: skip
    finetune(replace(made, on_step=_say))


def _recipe(told: dict[str, Any]) -> FinetuneSettings:
    """Take a recipe of the repository by name, or the tiny one."""
    if "named" not in told:
        return recipe(**told.get("recipe", {}))
    return replace(read_recipe(told["named"]), **told["recipe"])


def _say(step: StepTold) -> None:
    sys.stdout.write(f"step {step.epoch} {step.step}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
