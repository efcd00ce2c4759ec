"""``earwitness train``: a recipe and recordings in, a detector trained from scratch out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from earwitness.apps.cli import options
from earwitness.apps.cli._finetuning_options import data_options, run_options

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
_OF_FOLDS = ("corpus", "folds", "parts")
_OF_DATA = (
    "train", "dev", "keep", "protocol", "allow_overlap", "rate", "seed", "precision", "devices",
    "cache", "wandb", "restart", "as_json",
)  # fmt: skip


@click.command(short_help="Train a detector from scratch, by a recipe.")
@click.argument("recipe")
@data_options
@click.option("--encoder", type=FILE, help="Pretrained encoder, where the recipe starts from one.")
@click.option("--out", type=FOLDER, required=True, help="Folder of the run; run again to resume.")
@run_options
@click.option(
    "--corpus", type=FOLDER,
    help="For a recipe with branches: root with manifest.tsv and audio/.",
)  # fmt: skip
@click.option(
    "--folds", type=FILE,
    help="For a recipe with branches: which clip is in which fold; everything is chosen on "
    "out-of-fold scores.  [default: recipes/folds.tsv]",
)  # fmt: skip
@click.option(
    "--part", "parts", multiple=True,
    help="For a recipe with branches: fit this fold only, or 'full', and stop: several processes "
    "can share a run's folder.",
)  # fmt: skip
@options.json_option
@options.quiet_option
@click.pass_context
def train(context: click.Context, /, recipe: str, **given: Any) -> None:  # noqa: ANN401
    """Train a detector by RECIPE (a name or a .toml file), and write its folder.

    A recipe that names a network (aasist_la, xlsr_aasist_la …) is fitted to --train, and its epoch
    is chosen on --dev.

    A recipe with branches (embedded) takes a --corpus instead: one network a fold is trained first;
    calibration, operating points and limits are chosen on the scores of clips that a network did
    not see; then one network is trained on everything.

    Every step that is done is kept in the run's folder, so the same command goes on after a stop.
    """
    from earwitness.config import read_toml
    from earwitness.training.recipes import find_recipe, is_pipeline

    path = find_recipe(recipe)
    asked = {
        name for name, value in given.items()
        if value not in (None, False, ()) and context.get_parameter_source(name) != _DEFAULT
    }  # fmt: skip
    if is_pipeline(read_toml(path)):
        _refuse(asked & set(_OF_DATA), "belongs to recipes that name a network")
        _by_folds(path, given)
    else:
        _refuse(asked & set(_OF_FOLDS), "belongs to recipes with branches")
        _by_data(path, {name: given[name] for name in given if name not in _OF_FOLDS})


_DEFAULT = click.core.ParameterSource.DEFAULT


def _refuse(names: set[str], why: str) -> None:
    for name in sorted(names):
        flag = {"as_json": "--json", "parts": "--part"}.get(name, f"--{name.replace('_', '-')}")
        raise click.UsageError(f"{flag} {why}, and this one does not.")


def _by_folds(path: Path, given: dict[str, Any]) -> None:
    from earwitness.apps.cli._training import Pipeline, run

    if given["corpus"] is None:
        raise click.UsageError(f"{path.name} has branches: give --corpus.")
    names = ("corpus", "encoder", "out", "epochs", "limit", "parts", "threads", "workers", "quiet")
    own = {name: given[name] for name in names}
    run(Pipeline(path, folds=given["folds"] or Path("recipes/folds.tsv"), **own))


def _by_data(path: Path, given: dict[str, Any]) -> None:
    from earwitness.apps.cli._finetuning import run
    from earwitness.apps.cli._finetuning_wishes import Wishes

    wishes = Wishes(recipe=str(path), command="train", **given)
    wishes.check()
    run(wishes)
