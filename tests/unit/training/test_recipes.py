"""Recipes are read strictly, found by name, and short."""

from __future__ import annotations

from pathlib import Path

import pytest

from earwitness.config import read_toml, settings
from earwitness.errors import SettingsError
from earwitness.training.recipes import (
    FinetuneSettings,
    find_recipe,
    is_pipeline,
    read_recipe,
)

OURS = ("aasist_la", "for2sec_seed", "xlsr_aasist_df", "xlsr_aasist_la")


@pytest.mark.parametrize("name", OURS)
def test_a_recipe_is_found_by_name_and_says_its_name(name: str) -> None:
    assert read_recipe(name).name == name
    assert read_recipe(name.replace("_", "-")).name == name


def test_every_recipe_is_short(root: Path) -> None:
    files = sorted((root / "recipes").rglob("*.toml"))
    assert len(files) >= len(OURS)
    long = [file.name for file in files if len(file.read_text().splitlines()) > 40]
    assert long == []


def test_the_seed_recipe_is_the_study_as_published() -> None:
    """Adam at 1e-6, weight decay 1e-4, batch 16, 10 epochs, cross-entropy, best by dev loss."""
    recipe = read_recipe("for2sec_seed")
    fit = recipe.optimiser
    assert (fit.name, fit.rate, fit.weight_decay) == ("adam", 1e-6, 1e-4)
    assert (fit.schedule, fit.accumulate, fit.clip_norm) == ("constant", 1, 0.0)
    assert (recipe.data.batch, recipe.epochs, recipe.stopping.select) == (16, 10, "loss")
    assert recipe.loss == {"name": "cross_entropy"}
    assert recipe.data.shuffle, "the published script did not shuffle: one of its defects"
    assert (recipe.keep, recipe.augmentation) == ((), ())


def test_the_recipes_from_scratch_have_the_settings_of_their_authors() -> None:
    """Settings of clovaai/aasist's AASIST.conf and of SSL_Anti-spoofing's main_SSL_LA.py."""
    aasist, la, df = map(read_recipe, ("aasist_la", "xlsr_aasist_la", "xlsr_aasist_df"))
    assert (aasist.data.batch, aasist.epochs, aasist.optimiser.rate) == (24, 100, 1e-4)
    assert aasist.optimiser.rate * aasist.optimiser.last_share == pytest.approx(5e-6)
    for one, algorithm in ((la, 5), (df, 3)):
        assert (one.data.batch, one.optimiser.rate, one.optimiser.weight_decay) == (14, 1e-6, 1e-4)
        assert one.augmentation == ({"name": "rawboost", "algorithms": [algorithm]},)
    for one in (aasist, la, df):
        assert (one.loss["spoof_weight"], one.loss["bona_fide_weight"]) == (0.1, 0.9)


def test_the_pipeline_of_folds_is_told_apart(root: Path) -> None:
    assert is_pipeline(read_toml(root / "recipes" / "embedded.toml"))
    with pytest.raises(SettingsError, match="builds a detector with folds: use earwitness train"):
        read_recipe("embedded")


def test_a_name_that_is_not_there_lists_those_that_are() -> None:
    with pytest.raises(SettingsError, match=r"no recipe 'for3sec'\. There are: aasist_la, "):
        find_recipe("for3sec")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"mine\.toml: there is no such recipe"):
        find_recipe(tmp_path / "mine.toml")


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ({"epochs": 0}, r"epochs \(0\) must be at least 1"),
        ({"seed": -1}, r"seed \(-1\) must not be negative"),
        ({"loss": {}}, "loss: 'name' is missing"),
        ({"keep": [{"share": 0.1}]}, r"keep\[0\]: 'name' is missing"),
        ({"dropout": 1.5}, r"dropout \(1\.5\) must lie between 0 and 1"),
        ({"data": {"batch": 0}}, r"batch \(0\) must be at least 1"),
        ({"data": {"length_s": -1}}, r"length_s \(-1\.0\) must not be negative"),
        ({"data": {"augmented_share": 2}}, "augmented_share .* must lie between 0 and 1"),
        ({"optimiser": {"rate": 0}}, r"rate \(0\.0\) must be positive"),
        ({"optimiser": {"weight_decay": -1}}, r"weight_decay \(-1\.0\) is negative"),
        ({"optimiser": {"clip_norm": -1}}, r"clip_norm \(-1\.0\) must not be negative"),
        ({"optimiser": {"accumulate": 0}}, r"accumulate \(0\) must be at least 1"),
        ({"optimiser": {"warm_up_share": 7}}, "warm_up_share .* must lie between 0 and 1"),
        ({"optimiser": {"name": "lion"}}, "'lion' is none of adam, adamw, sgd"),
        ({"stopping": {"patience": -1}}, r"patience \(-1\) must not be negative"),
        ({"epoch": 3}, "unknown key 'epoch'. Did you mean 'epochs'"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_value(table: dict[str, object], fault: str) -> None:
    with pytest.raises(SettingsError, match=fault):
        settings(FinetuneSettings, table, where="recipe")
