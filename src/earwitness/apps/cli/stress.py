"""``earwitness stress``: the same trials under many conditions, each against clean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from earwitness.apps.cli import options

if TYPE_CHECKING:
    from earwitness.runtimes import Device, Precision


def _list_conditions(ctx: click.Context, param: click.Parameter, is_given: bool) -> None:
    del param
    if is_given and not ctx.resilient_parsing:
        from earwitness.apps.cli import _stressing

        for line in _stressing.conditions():
            click.echo(line)
        ctx.exit()


@click.command(short_help="Measure how a detector holds when the sound gets worse.")
@click.argument("model", metavar="MODEL")
@click.argument("dataset", metavar="DATASET", type=click.Path(path_type=Path))
@click.option("--protocol", metavar="NAME", help="How the trials are listed, if it is not clear.")
@click.option(
    "--partition", metavar="P", help="train, dev, eval …  [default: eval, else dev, else the only]"
)
@click.option(
    "--conditions",
    metavar="LIST",
    default="",
    help="Conditions or families of them, separated by commas.  [default: all]",
)
@click.option(
    "--list", "is_listing", is_flag=True, is_eager=True, expose_value=False,
    callback=_list_conditions, help="List all conditions and families, and stop.",
)  # fmt: skip
@click.option(
    "--limit",
    type=click.IntRange(min=2),
    metavar="N",
    help="Take N trials only, as many of both labels, spread over pages or speakers.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of all that is drawn."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write report, figure and answers to DIR. Run again to go on after a stop.",
)
@click.option("--restart", is_flag=True, help="Begin again, whatever lies in DIR.")
@click.option(
    "--accept-inverted", is_flag=True, help="Scores below chance are meant; the report says so."
)
@options.json_option
@options.workers_option
@options.threads_option
@options.device_option
@options.precision_option
@options.quiet_option
def stress(
    model: str,
    dataset: Path,
    protocol: str | None,
    partition: str | None,
    conditions: str,
    limit: int | None,
    seed: int,
    out: Path | None,
    restart: bool,
    accept_inverted: bool,
    as_json: bool,
    workers: int,
    threads: int,
    device: Device | None,
    precision: Precision | None,
    quiet: bool,
) -> None:
    """Measure the EER of MODEL on DATASET under many conditions, each against clean.

    Codecs and bit rates, telephones, noise, rooms, loudspeakers, level, clipping, duration,
    bandwidth, resampling, speed, denoising, silence: each is applied to every recording, both
    labels alike, before the detector hears it. DATASET is what evaluate takes.

    Exit codes: 0 done, 3 some recordings could not be read, 6 the scores point the wrong way.
    """
    from earwitness.apps.cli import _stressing

    wishes = _stressing.Wishes(
        model, dataset, protocol, partition, tuple(filter(None, conditions.split(","))), limit,
        seed, device, precision,
    )  # fmt: skip
    place = _stressing.Place(out, restart=restart, workers=workers, is_quiet=quiet)
    test = _stressing.run(wishes, place, threads=threads, accepts_inverted=accept_inverted)
    _stressing.tell(test, place, as_json=as_json)
    raise click.exceptions.Exit(_stressing.exit_code(test))
