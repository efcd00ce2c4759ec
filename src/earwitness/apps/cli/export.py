"""``earwitness export``: from a published checkpoint to a detector's folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from earwitness.apps.cli.options import json_option

if TYPE_CHECKING:
    from earwitness.export.checkpoint import Exported


@click.command(short_help="Turn a published checkpoint into a detector's folder.")
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    required=True,
    help="Folder to make; its name becomes the detector's.",
)
@click.option(
    "--clip",
    "clips",
    type=click.Path(path_type=Path),
    metavar="FILE",
    multiple=True,
    help="Recording to compare the engines on; can be given again. Without: made sounds.",
)
@click.option("--title", help="One line for people, for the card.")
@click.option("--licence", default="not stated", show_default=True, help="Of the weights.")
@click.option("--origin", help="Who made the weights, and where they were published.")
@click.option(
    "--training-data", default="not stated", show_default=True, help="What they were trained on."
)
@click.option(
    "--trained-on",
    metavar="PROTOCOL/PARTITION",
    multiple=True,
    help="The same for `earwitness evaluate`, which warns of an overlap; can be given again.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0.0),
    default=1e-4,
    show_default=True,
    help="How far the raw scores of the two engines may be apart.",
)
@json_option
def export(
    checkpoint: Path,
    out: Path,
    clips: tuple[Path, ...],
    title: str | None,
    licence: str,
    origin: str | None,
    training_data: str,
    trained_on: tuple[str, ...],
    tolerance: float,
    as_json: bool,
) -> None:
    """Turn CHECKPOINT, a published file of weights, into a folder for --model.

    Known are AASIST and AASIST-L as clovaai/aasist publishes them (.pth). The file is read without
    running code in it. The folder appears when the ONNX network gives the same scores as the torch
    network. It has no calibration: such a detector answers "uncalibrated", with a raw score.
    """
    from earwitness.errors import MissingExtra

    try:
        from earwitness.export.checkpoint import Facts, export_checkpoint
    except ModuleNotFoundError as exc:
        raise MissingExtra("Exporting", extra="torch") from exc
    facts = Facts(title, licence, origin, training_data, trained_on)
    exported = export_checkpoint(checkpoint, out, facts=facts, clips=clips, tolerance=tolerance)
    click.echo(json.dumps(_table(exported)) if as_json else _text(exported))


def _table(exported: Exported) -> dict[str, object]:
    parity = exported.parity
    return {
        "folder": str(exported.folder),
        "name": exported.card.name,
        "title": exported.card.title,
        "parameters": exported.card.parameters,
        "clips": len(parity.clips),
        "tolerance": parity.tolerance,
        "engines_apart": parity.engines_apart,
        "onnx_batch_apart": parity.onnx_batch_apart,
        "torch_batch_apart": parity.torch_batch_apart,
    }


def _text(exported: Exported) -> str:
    card, parity = exported.card, exported.parity
    return (
        f"{exported.folder}: {card.title}, {card.parameters:,} parameters.\n"
        f"On {len(parity.clips)} clips ONNX Runtime and torch are at most "
        f"{parity.engines_apart:.1e} apart ({parity.tolerance:g} is allowed).\n"
        "It is not calibrated: it answers with raw scores, which cannot be compared with another "
        "detector's."
    )
