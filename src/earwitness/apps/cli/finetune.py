"""``earwitness finetune``: a detector and recordings in, a detector that has learned them out."""

from __future__ import annotations

from pathlib import Path

import click

from earwitness.apps.cli import options
from earwitness.apps.cli._finetuning_options import data_options, run_options


@click.command(short_help="Fine-tune a detector, and see what it forgets.")
@click.option(
    "--model",
    metavar="NAME",
    help="What to start from: a detector, its folder, a file of weights, or hf:owner/name.  "
    "[default: the recipe's, or the embedded detector]",
)
@data_options
@click.option(
    "--recipe",
    metavar="R",
    help="A recipe by name (for2sec_best …) or as a .toml file.  [default: a plain one]",
)
@click.option(
    "--few",
    is_flag=True,
    help="For 20 to 500 clips of your own: --train is split by who speaks, adapters and the head "
    "learn from it, and the result is calibrated.  [recipe: few]",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Folder of the run; the same command goes on after a stop.  [default: finetuned/RECIPE]",
)
@run_options
@options.json_option
@options.quiet_option
@click.pass_context
def finetune(context: click.Context, /, **_: object) -> None:
    """Fine-tune a detector on recordings of your own, and say what it gained and lost.

    A DATASET is what `earwitness evaluate` takes: a folder with Real/ and Fake/ in it, a corpus's
    root, or a CSV or TSV list. The epoch that is kept is chosen on --dev; with --keep, a set that
    must not be forgotten is scored, too, and the recipe's remedies may use it.

    FOLDER/detector is the result, for --model; its scores are raw until it is calibrated. The same
    command goes on after a stop, and ends with the weights that it would have had. Runs under
    torchrun and SLURM as it is.
    """
    from earwitness.apps.cli._finetuning_wishes import Wishes

    wishes = Wishes(**context.params)
    wishes.check()
    from earwitness.apps.cli._finetuning import run

    run(wishes)
