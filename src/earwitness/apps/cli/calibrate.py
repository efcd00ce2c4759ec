"""``earwitness calibrate``: raw scores into LLRs, fitted on recordings whose answer is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from earwitness.apps.cli import options

if TYPE_CHECKING:
    from earwitness.runtimes import Device, Precision


@click.command(short_help="Calibrate a detector on recordings of your own.")
@click.argument("model", metavar="MODEL")
@click.argument("dataset", metavar="DATASET", type=click.Path(path_type=Path))
@click.option("--protocol", metavar="NAME", help="What kind of data set it is.  [found out]")
@click.option("--partition", metavar="NAME", help="train, dev …  [default: dev, else the only one]")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Folder to make; its name becomes the detector's.  [default: MODEL_calibrated, found by "
    "that name]",
)
@click.option("--link", is_flag=True, help="Link to the network instead of copying it.")
@click.option("--few", is_flag=True, help="Make do with 10 to 49 trials of a label.")
@click.option(
    "--allow-eval", is_flag=True, help="Calibrate on a partition that is for reporting results."
)
@options.json_option
@options.workers_option
@options.threads_option
@options.device_option
@options.precision_option
@options.quiet_option
def calibrate(
    model: str,
    dataset: Path,
    protocol: str | None,
    partition: str | None,
    out: Path | None,
    link: bool,
    few: bool,
    allow_eval: bool,
    as_json: bool,
    workers: int,
    threads: int,
    device: Device | None,
    precision: Precision | None,
    quiet: bool,
) -> None:
    """Make a calibrated detector of MODEL, with recordings of DATASET whose answer is known.

    A straight line is fitted that turns raw scores into LLRs, and three operating points are set:
    screening, balanced, accusation. What they are worth is measured by cross-validation, never on
    the trials that they were fitted on. DATASET is what evaluate takes; take recordings like those
    that will be asked about, and others than those that results are reported on.

    A new folder appears, with the same network and a card that says what was fitted on what, in
    which precision; `earwitness evaluate --model FOLDER` warns when it meets a recording of DATASET
    again. Exit codes: 0 done, 3 done and some recordings could not be read, 5 too few trials, 6 the
    scores point the wrong way.
    """
    from earwitness.apps.cli import _calibrating

    wishes = _calibrating.Wishes(
        model, dataset, protocol, partition, out, link, few, allow_eval, workers, threads, device,
        precision, quiet,
    )  # fmt: skip
    raise click.exceptions.Exit(_calibrating.run(wishes, as_json=as_json))
