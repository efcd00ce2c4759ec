"""``earwitness models``: which detectors are on this machine, and what is known of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from earwitness.apps.cli import options
from earwitness.apps.cli._adding import card_options

if TYPE_CHECKING:
    from earwitness.weights.store import Found


@click.group(short_help="List the detectors on this machine.", invoke_without_command=True)
@click.option("--known", is_flag=True, help="Tell of published weights that are known by name.")
@options.json_option
@click.pass_context
def models(context: click.Context, known: bool, as_json: bool) -> None:
    """List the detectors on this machine: licence, training data, windows, measured quality.

    After them stand published detectors whose weights are not here; --known says where they come
    from. With --json, one object a line. EARWITNESS_WEIGHTS may name more folders to look in.
    """
    if context.invoked_subcommand is not None:
        if known or as_json:
            raise click.UsageError("--known and --json of the list stand alone.", context)
        return
    from earwitness.weights.store import DEFAULT, installed

    found = sorted(installed(), key=lambda one: one.card.name != DEFAULT)
    if known:
        _tell_known(found, as_json=as_json)
    else:
        _tell_installed(found, as_json=as_json)


@models.command(short_help="Add a file of published weights.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", metavar="NAME", help="What to call it.  [default: KNOWN, or the file's]")
@click.option("--link", is_flag=True, help="Leave the file where it is, and link to it.")
@click.option("--convert", is_flag=True, help="Keep it as safetensors, which cannot hold code.")
@card_options
@options.json_option
def add(
    file: Path,
    name: str | None,
    link: bool,
    convert: bool,
    known: str | None,
    as_json: bool,
    **said: object,
) -> None:
    """Add FILE, published weights (.pth or .safetensors), to the detectors of this machine.

    It is found out which network the weights belong to: every name and every shape has to fit. Its
    SHA-256 is recorded, and a folder with a card appears in the first folder of EARWITNESS_WEIGHTS,
    or among your own data. Nothing in FILE is run. Needs the [torch] extra.
    """
    if link and convert:
        raise click.UsageError("Choose one of --link and --convert.")
    from earwitness.apps.cli import _adding
    from earwitness.weights.places import own_place

    called = _adding.name_for(file, name, known)
    way = _adding.way(link=link, convert=convert)
    added = _adding.made(file, own_place() / called, way, known, said)
    if as_json:
        click.echo(json.dumps(_adding.table(added)))
        return
    for line in _adding.lines(added, file, model=called):
        click.echo(line)


def _tell_installed(found: Sequence[Found], *, as_json: bool) -> None:
    from earwitness.apps.cli import _listing
    from earwitness.errors import WeightsMissing
    from earwitness.weights.store import DEFAULT

    if not found:
        raise WeightsMissing("There is no detector on this machine. Install earwitness again.")
    for at, one in enumerate(found):
        is_default = one.card.name == DEFAULT
        if as_json:
            click.echo(json.dumps(_listing.table(one, is_default=is_default)))
        else:
            click.echo(("\n" if at else "") + "\n".join(_listing.card(one, is_default=is_default)))
    absent = [one for one, is_here in _listing.known_ones(found) if not is_here]
    if absent and not as_json:
        click.echo("\n" + "\n".join(_listing.absent(absent)))


def _tell_known(found: Sequence[Found], *, as_json: bool) -> None:
    from earwitness.apps.cli import _listing

    for at, (one, is_here) in enumerate(_listing.known_ones(found)):
        if as_json:
            click.echo(json.dumps(_listing.known_table(one, is_here=is_here)))
        else:
            click.echo(("\n" if at else "") + "\n".join(_listing.known_card(one, is_here=is_here)))
