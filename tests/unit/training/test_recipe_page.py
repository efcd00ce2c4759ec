"""The page on recipes: what it shows can be read, and it leaves out neither loss nor effect."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import get_type_hints

import pytest

from earwitness.augmentation import AUGMENTATIONS, chain, effect
from earwitness.config import settings
from earwitness.training.losses import LOSSES, loss
from earwitness.training.recipes import FinetuneSettings

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "how-to" / "write-a-recipe.md").read_text(encoding="utf-8")


def rows(page: str, heading: str) -> dict[str, str]:
    """The rows of the table below a heading: name → all of its line."""
    below = page.split(f"## {heading}\n")[1].split("\n## ")[0]
    return {name: line for line in below.splitlines() for name in re.findall(r"^\| `(\w+)`", line)}


def test_its_recipe_can_be_read_and_built(page: str) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert len(text.splitlines()) <= 40
    recipe = settings(FinetuneSettings, tomllib.loads(text), where="the page")
    assert [step.name for step in chain(recipe.augmentation)] == ["room", "babble", "codec"]
    assert not loss(recipe.loss).needs_cosine


def test_every_loss_is_in_the_table_with_all_that_is_its_own(page: str) -> None:
    found = rows(page, "Losses")
    assert sorted(found) == LOSSES.names()
    for name, line in found.items():
        kind = get_type_hints(LOSSES.get(name))["settings"]
        own = [f for f in fields(kind) if f.name not in ("spoof_weight", "bona_fide_weight")]
        assert [f.name for f in own] == re.findall(r"`(\w+) = ", line)
        loss({"name": name, **tomllib.loads("\n".join(re.findall(r"`(\w+ = [\d.]+)`", line)))})


def test_every_effect_is_in_the_table_and_its_defaults_are_those_that_stand_there(
    page: str,
) -> None:
    found = rows(page, "Augmentation")
    assert sorted(found) == AUGMENTATIONS.names()
    for name, line in found.items():
        kind = get_type_hints(AUGMENTATIONS.get(name))["settings"]
        table = tomllib.loads("\n".join(re.findall(r"`(\w+ = [^`]+)`", line)))
        assert settings(kind, table, where=name) == kind()
        effect(name, table)
        named = set(re.findall(r"`(\w+)(?: = [^`]+)?`", line)) - {name}
        assert named <= {f.name for f in fields(kind)}
