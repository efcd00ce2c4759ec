"""``earwitness export``: from a file of weights to a detector that runs without torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from earwitness.apps.cli.options import json_option

if TYPE_CHECKING:
    from earwitness.export.checkpoint import Exported


@click.command(short_help="Turn a file of weights into a detector that runs without torch.")
@click.argument("model", metavar="MODEL")
@click.option(
    "--to", type=click.Choice(["onnx"]), default="onnx", show_default=True, help="What to make."
)
@click.option(
    "--precision",
    type=click.Choice(["fp32", "fp16", "int8"]),
    default="fp32",
    show_default=True,
    help="fp16: weights take half the room. int8: large products are faster.",
)
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
    help="Recording, or folder of them, to compare the engines on; can be given again. "
    "Without: made sounds.",
)
@click.option("--title", help="One line for people, for the card of a file.")
@click.option("--licence", default="not stated", show_default=True, help="Of a file's weights.")
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
    metavar="T",
    help="How far the raw scores of the two engines may be apart.  [default: fp32 0.0001; "
    "of the scores' standard deviation fp16 a tenth, int8 a half, but 0.02 at least]",
)
@json_option
def export(
    model: str,
    to: str,
    precision: str,
    out: Path,
    clips: tuple[Path, ...],
    tolerance: float | None,
    as_json: bool,
    **facts: Any,  # noqa: ANN401 (click's)
) -> None:
    """Turn MODEL into a folder for --model with an ONNX network, which needs no torch.

    MODEL is a file of weights as they are published (.pth, .safetensors), or a detector that has
    one: a name from `earwitness models`, a folder, or hf:owner/name. It is read without running
    code in it. The folder appears when the ONNX network gives the same scores as the torch network;
    how far they are apart is written to parity.json. A calibration is kept in fp32 only.
    """
    del to  # there is one thing to choose so far
    from earwitness.errors import MissingExtra

    try:
        from earwitness.export.checkpoint import ALLOWED, Facts, export_checkpoint
    except ModuleNotFoundError as exc:
        raise MissingExtra("Exporting", extra="torch") from exc
    exported = export_checkpoint(
        model,
        out,
        facts=Facts(**facts),
        clips=clips,
        precision=next(known for known in ALLOWED if known == precision),
        tolerance=tolerance,
    )
    click.echo(json.dumps(_table(exported)) if as_json else _text(exported))


def _table(exported: Exported) -> dict[str, object]:
    parity = exported.parity
    return {
        "folder": str(exported.folder),
        "name": exported.card.name,
        "title": exported.card.title,
        "parameters": exported.card.parameters,
        "precision": exported.card.precision,
        "clips": len(parity.clips),
        "recorded_on": list(exported.recorded_on),
        "tolerance": parity.tolerance,
        "spread": parity.spread,
        "engines_apart": parity.engines_apart,
        "onnx_batch_apart": parity.onnx_batch_apart,
        "torch_batch_apart": parity.torch_batch_apart,
        "is_calibrated": exported.card.calibration is not None,
    }


def _text(exported: Exported) -> str:
    card, parity = exported.card, exported.parity
    told = [
        f"{exported.folder}: {card.title}, {card.parameters:,} parameters, {card.precision}.",
        f"On {len(parity.clips)} clips ONNX Runtime and torch are at most "
        f"{parity.engines_apart:.1e} apart ({parity.tolerance:.2g} is allowed; the scores' "
        f"standard deviation is {parity.spread:.2g}).",
    ]
    if exported.recorded_on:
        told.append(f"Scales were recorded on {len(exported.recorded_on)} other clips.")
    if exported.dropped_calibration:
        told.append("The calibration belongs to the unrounded weights, so it was left behind.")
    if card.calibration is None:
        told.append(
            "It is not calibrated: it answers with raw scores, which cannot be compared with "
            "another detector's. See: earwitness calibrate."
        )
    return "\n".join(told)
