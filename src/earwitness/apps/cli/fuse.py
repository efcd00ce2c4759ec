"""``earwitness fuse``: score files of several detectors into one file of LLRs."""

from __future__ import annotations

import json
from pathlib import Path

import click

from earwitness.apps.cli import options

_THERE = click.Path(exists=True, path_type=Path)


@click.command(short_help="Fuse score files of several detectors into LLRs.")
@click.argument("scores", metavar="SCORES SCORES...", nargs=-1, required=True, type=_THERE)
@click.option(
    "--dev",
    metavar="KEY",
    required=True,
    type=_THERE,
    help="Labels of the development trials, on which the weights are fitted.",
)
@click.option("--protocol", metavar="NAME", help="What kind of key it is.  [found out]")
@click.option(
    "--apply",
    metavar="SCORES",
    multiple=True,
    type=_THERE,
    help="Scores of new trials, one file for each detector, in the same order.",
)
@click.option(
    "--cross-fitted",
    is_flag=True,
    help="Write development trials, too, each fused with weights that did not see it.",
)
@click.option(
    "--common", is_flag=True, help="Use the trials that all files score, where they differ."
)
@options.out_option
@options.json_option
@options.quiet_option
def fuse(
    scores: tuple[Path, ...],
    dev: Path,
    protocol: str | None,
    apply: tuple[Path, ...],
    cross_fitted: bool,
    common: bool,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Fuse the scores of several detectors into LLRs, by logistic regression.

    SCORES are score files, or folders that `earwitness evaluate --out` wrote, one for each
    detector. The weights are fitted on the trials of --dev; how good they are is measured by
    cross-validation, never on the trials that they were fitted on. What is fused are the trials of
    --apply, or all trials of SCORES that are not in KEY.

    --out holds one LLR a trial, for `earwitness evaluate --scores OUT --key KEY --llr`; OUT with
    .fusion.json behind its name says what the weights are and what they were fitted on. Exit codes:
    0 done, 5 too few trials, 6 files do not match, or scores point the wrong way.
    """
    if len(scores) < 2:
        raise click.UsageError("Give at least two score files, one for each detector.")
    if apply and len(apply) != len(scores):
        raise click.UsageError(
            f"Give --apply once for each detector: {len(scores)} times, not {len(apply)}."
        )
    from earwitness.apps.cli import _fusing
    from earwitness.reporting.evaluations import fusions

    wishes = _fusing.Wishes(scores, dev, protocol, apply, cross_fitted, common, out)
    _fusing.check(wishes)
    found = _fusing.fused(wishes)
    if out is not None:  # before anything is told: who reads that may stop reading (| head)
        _fusing.write(found, out)
    if as_json:
        click.echo(json.dumps(fusions.as_table(found.fusion, found.around), allow_nan=False))
    else:
        for line in fusions.as_lines(found.fusion):
            click.echo(line)
    if out is not None and not quiet:
        click.echo(
            f"earwitness: {found.around.trials:,} LLRs are in {out}; what the weights were "
            f"fitted on is in {_fusing.record_of(out).name}.",
            err=True,
        )
