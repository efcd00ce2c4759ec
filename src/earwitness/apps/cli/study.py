"""``earwitness study``: all six tasks of the mission, from one command."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from earwitness.apps.cli.options import json_option, quiet_option

ANY = click.Path(path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(short_help="Fine-tune on for-2seconds, and say what that did elsewhere.")
@click.option(
    "--for-2seconds", "target", type=FOLDER, required=True, metavar="ROOT",
    help="Folder with training, validation and testing, each with real and fake.",
)  # fmt: skip
@click.option(
    "--custom", type=ANY, required=True, metavar="DATASET",
    help="Real and Fake with a folder for each source in them, or a list with a column for it.",
)  # fmt: skip
@click.option("--model", required=True, metavar="NAME", help="Detector to start from.")
@click.option(
    "--out", type=FOLDER, default=Path("study"), show_default=True,
    help="Folder of the study; run again to go on.",
)  # fmt: skip
@click.option("--seeds", type=click.IntRange(1, 20), default=3, show_default=True)
@click.option(
    "--processes", type=click.IntRange(min=1), default=2, show_default=True,
    help="Steps at a time, each with a thread of its own.",
)  # fmt: skip
@click.option(
    "--arms", metavar="NAME,...",
    help="Only these, and plain and as_published beside them.  [default: all]",
)  # fmt: skip
@click.option(
    "--wandb", type=click.Choice(["off", "offline", "online"]), default="off", show_default=True,
    help="Log trainings to Weights & Biases; offline keeps them in the runs' folders.",
)  # fmt: skip
@click.option(
    "--accept-counts", is_flag=True,
    help="The testing part has other counts than 544 + 544, and that is meant.",
)  # fmt: skip
@click.option("--demo", metavar="ADDRESS", help="Of a demo, for the report's header.")
@json_option
@quiet_option
def study(
    target: Path, custom: Path, model: str, out: Path, seeds: int, processes: int,
    arms: str | None, wandb: Literal["off", "offline", "online"], accept_counts: bool,
    demo: str | None, as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Fine-tune a detector on for-2seconds in several ways, and report what it gained and lost.

    The custom set is divided once, by source: one half may be used to keep what the detector knew
    and to choose how, the other is only reported. Every way to fine-tune is run with several seeds.
    The learning rate, the interpolation and the method are chosen on for-2seconds' validation part
    and the custom set's first half; then testing and the second half are heard, once.

    Each step leaves what it made in the study's folder, so the same command goes on after a stop.
    """
    import json

    from earwitness.apps.cli import _studying
    from earwitness.study.wishes import Wishes

    names = tuple(name.strip() for name in (arms or "").split(",") if name.strip())
    links = (("Demo", demo),) if demo else ()
    wishes = Wishes(
        target=target, custom=custom, model=model, out=out, seeds=seeds, processes=processes,
        arms=names, wandb=wandb, accepts_counts=accept_counts, links=links,
    )  # fmt: skip
    found = _studying.run(wishes, is_quiet=quiet)
    if as_json:
        click.echo(json.dumps(found.table, allow_nan=False))
        return
    for line in found.lines:
        click.echo(line)
