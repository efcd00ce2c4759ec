"""The arms of a study: what is tried against forgetting, each with its recipe.

An arm's recipe lies in ``recipes/study/NAME.toml``. All but the first are trained with the rate
that was chosen for ``plain`` on the validation part, times a factor of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from earwitness.errors import MissingExtra, SettingsError
from earwitness.training.recipes import FOLDERS, FinetuneSettings, read_recipe

RATES = (1e-6, 1e-5, 1e-4, 1e-3)  # the mission's range, a decade apart
HIGHEST_RATE = RATES[-1]
BEFORE, PUBLISHED, PLAIN, INTERPOLATED, OURS = (
    "before", "as_published", "plain", "interpolated", "ours",
)  # fmt: skip
ALPHAS = tuple(step / 10 for step in range(1, 10))  # 0 is the start and 1 the arm itself


@dataclass(frozen=True)
class Arm:
    """One way to fine-tune.

    Attributes:
        name: of its recipe.
        title: in a few words.
        told: what it does, in a sentence.
        rate_factor: of the chosen rate.
    """

    name: str
    title: str
    told: str
    rate_factor: float = 1.0


TRAINED = (
    Arm(
        PUBLISHED,
        "as published",
        "Adam at 1e-6, weight decay 1e-4, batches of 16, ten epochs, the best by validation loss: "
        "what the original study set out to do, without the defects of its scripts.",
    ),
    Arm(PLAIN, "plain", "The same, with the learning rate chosen on the validation part."),
    Arm("mixing", "mixing", "A part of each batch is drawn from custom-adapt."),
    Arm("augmented", "augmentation", "Clips are distorted before they are learned from."),
    Arm(
        "lora",
        "LoRA",
        "Only low-rank additions to the encoder's matrices, and the head, learn.",
        rate_factor=10.0,
    ),
    Arm(
        "anchored",
        "mixing and distillation",
        "Mixing, and the starting detector's answers on custom-adapt are held on to.",
    ),
)
BLENDED = (
    Arm(
        INTERPOLATED,
        "interpolated",
        "Weights between the start and plain (WiSE-FT), with no further training.",
    ),
    Arm(OURS, "ours", "The arm that won on validation and custom-adapt, interpolated as well."),
)
KNOWN = {arm.name: arm for arm in (*TRAINED, *BLENDED)}
ALWAYS = (PUBLISHED, PLAIN)  # the others are compared with them


def chosen(names: Sequence[str]) -> tuple[Arm, ...]:
    """List arms by name, in the study's order; those that others need are always among them.

    Raises:
        SettingsError: there is no such arm.

    Example:
        >>> [arm.name for arm in chosen(["lora"])]
        ['as_published', 'plain', 'lora']
    """
    for name in names:
        if name not in KNOWN:
            raise SettingsError(f"There is no arm '{name}'. There are: {', '.join(KNOWN)}.")
    wanted = {*(names or KNOWN), *ALWAYS}
    return tuple(arm for name, arm in KNOWN.items() if name in wanted)


def recipe_of(arm: Arm, *, seed: int, rate: float | None) -> FinetuneSettings:
    """Read an arm's recipe and fill in what the study decides.

    Args:
        arm: one that is trained.
        seed: of the run.
        rate: that was chosen; None for the recipe's own.

    Raises:
        SettingsError: it is not there, or does not fit.
    """
    recipe = replace(read_recipe(path_of(arm.name)), seed=seed)
    if rate is None:
        return recipe
    rate = min(HIGHEST_RATE, rate * arm.rate_factor)
    return replace(recipe, optimiser=replace(recipe.optimiser, rate=rate))


def path_of(name: str) -> Path:
    """Find an arm's recipe.

    Raises:
        SettingsError: it is not there.
    """
    places = [folder / "study" / f"{name}.toml" for folder in FOLDERS]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise SettingsError(f"The recipe study/{name}.toml is not among those that came along.")
    return found


def refuse_missing_extras(wandb: Literal["online", "offline", "off"]) -> None:
    """See to it that what trainings need is installed, before anything is heard.

    Args:
        wandb: whether they are logged to Weights & Biases, too.

    Raises:
        MissingExtra: it is not.
    """
    try:
        import earwitness.training.finetuning  # noqa: F401
        from earwitness.training.logging_curves import Loggers
    except ModuleNotFoundError as exc:
        raise MissingExtra("A study", extra="train") from exc
    Loggers(tensorboard=False, wandb=wandb).refuse_missing()
