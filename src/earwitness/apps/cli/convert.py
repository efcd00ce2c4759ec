"""``earwitness convert``: from a pickled checkpoint to safetensors and a card."""

from __future__ import annotations

import json
from pathlib import Path

import click

from earwitness.apps.cli import options
from earwitness.apps.cli._adding import card_options


@click.command(short_help="Turn a checkpoint into safetensors and a card.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    required=True,
    help="Folder to make; its name becomes the detector's.",
)
@card_options
@options.json_option
def convert(file: Path, out: Path, known: str | None, as_json: bool, **said: object) -> None:
    """Turn FILE, published weights (.pth), into a folder for --model that holds no pickle.

    The folder gets the weights as safetensors, under the names that they were published with, and
    a card. Nothing in FILE is run: one that wants to run code is refused. Torch gives the same
    scores as before, to the bit. For a network that runs without torch, see: earwitness export.
    """
    from earwitness.apps.cli import _adding

    added = _adding.made(file, out, "convert", known, said)
    if as_json:
        click.echo(json.dumps(_adding.table(added)))
        return
    for line in _adding.lines(added, file, model=str(out)):
        click.echo(line)
