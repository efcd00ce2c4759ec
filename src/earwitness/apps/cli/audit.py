"""``earwitness audit``: what gives the key away without listening to the voice."""

from __future__ import annotations

from pathlib import Path

import click

from earwitness.apps.cli import options


@click.command(short_help="Find what gives the labels of a data set away.")
@click.argument("dataset", metavar="DATASET", type=click.Path(path_type=Path))
@click.option("--protocol", metavar="NAME", help="How the trials are listed, if it is not clear.")
@click.option("--partition", metavar="P", help="train, dev, eval …  [default: all that are there]")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the report to DIR: audit.html, .md, .json and figures.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["leak", "warning"]),
    help="End with exit code 10 if there is one; a leak is a warning, too.",
)
@options.json_option
@options.workers_option
@options.quiet_option
def audit(
    dataset: Path,
    protocol: str | None,
    partition: str | None,
    out: Path | None,
    fail_on: str | None,
    as_json: bool,
    workers: int,
    quiet: bool,
) -> None:
    """Find what tells bona fide from spoof in DATASET without listening to the voice.

    Silence at the ends, duration, level, noise, bandwidth, format, codec, source: how well each
    tells the labels apart alone, and all together, on clips that it was not fitted to. Copies of
    one recording, within and across partitions and labels; speakers and sources that partitions
    share. A leak is told only where shuffled labels do not give as much.

    DATASET is what evaluate takes. Exit codes: 0 done, 3 done and some recordings could not be
    read, 10 --fail-on found what it looks for.
    """
    from earwitness.apps.cli import _auditing

    wishes = _auditing.Wishes(dataset, protocol, partition, out, workers, quiet)
    report = _auditing.run(wishes)
    _auditing.tell(report, wishes, as_json=as_json)
    raise click.exceptions.Exit(_auditing.exit_code(report, fail_on))
