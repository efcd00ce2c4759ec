"""``earwitness compare``: runs of ``evaluate`` on the same trials, and which is better."""

from __future__ import annotations

import json
from pathlib import Path

import click

from earwitness.apps.cli import options

_RUN = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(short_help="Say which of several evaluated detectors is better.")
@click.argument("folders", metavar="RUN RUN...", nargs=-1, required=True, type=_RUN)
@click.option(
    "--common",
    is_flag=True,
    help="Compare on the trials that all runs were asked, where they are not the same.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Write the report there: comparison.html, .md, .json and figures.",
)
@options.json_option
@options.quiet_option
def compare(
    folders: tuple[Path, ...], common: bool, out: Path | None, as_json: bool, quiet: bool
) -> None:
    """Compare detectors that were evaluated on the same trials.

    RUN is a folder that `earwitness evaluate --out` wrote. Differences are paired, with 95 %
    intervals: better, worse, or not distinguishable by these trials. Of detectors that are not
    calibrated, only how well they tell the labels apart is compared. Scores that point the wrong
    way are named and never turned round.

    Exit codes: 0 done, 6 trials, keys or partitions differ, or the scores of a run point the wrong
    way (and nobody accepted that with evaluate --accept-inverted).
    """
    if len(folders) < 2:
        raise click.UsageError("Give at least two runs: folders that evaluate --out wrote.")
    from earwitness.apps.cli import _comparing, _exits
    from earwitness.evaluation.comparing import compare as compared
    from earwitness.reporting.evaluations import comparisons

    if out is not None:
        _comparing.refuse_to_overwrite(out)
    found = compared(_comparing.runs(folders), is_common_enough=common)
    if out is not None:  # before anything is told: who reads that may stop reading (| head)
        _comparing.write(found, out)
    if as_json:
        click.echo(json.dumps(comparisons.as_table(found), allow_nan=False))
    else:
        for line in comparisons.as_lines(found):
            click.echo(line)
    if out is not None and not quiet:
        click.echo(f"earwitness: the report is in {out}.", err=True)
    raise click.exceptions.Exit(_exits.INVERTED if found.has_unaccepted_inversion else _exits.DONE)
