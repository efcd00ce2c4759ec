"""``earwitness detect``: recordings in, verdicts out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from earwitness.apps.cli import options

if TYPE_CHECKING:
    from earwitness.runtimes import Device, Precision

FORMS = ("details", "timeline", "json", "csv", "rttm", "audacity")


@click.command(short_help="Listen to recordings and say what they are.")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@options.model_option
@click.option(
    "--operating-point",
    metavar="NAME",
    help="Where the line is drawn: screening, balanced or accusation.  [default: balanced]",
)
@click.option(
    "--prior",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    metavar="P",
    help="Draw the line for this prior of a spoof, at equal costs, instead.",
)
@click.option(
    "--channel",
    type=options.ChannelType(),
    metavar="mix|each|N",
    default="mix",
    show_default=True,
    help="The mean of all channels, each of them in turn, or one, counted from 0.",
)
@options.form_options(*FORMS)
@options.out_option
@options.plot_option
@click.option(
    "--fail-on",
    type=click.Choice(["spoof", "suspicious_stretch"]),
    multiple=True,
    help="End with exit code 10 if there is one. May be given twice.",
)
@options.workers_option
@options.threads_option
@options.device_option
@options.precision_option
@options.quiet_option
def detect(
    paths: tuple[str, ...],
    model: str | None,
    operating_point: str | None,
    prior: float | None,
    channel: options.Channel,
    form: str | None,
    out: Path | None,
    plot: Path | None,
    fail_on: tuple[str, ...],
    workers: int,
    threads: int,
    device: Device | None,
    precision: Precision | None,
    quiet: bool,
) -> None:
    """Listen to recordings and say whether they are bona fide or a spoof.

    PATH is a file, a folder (searched to the bottom), - for standard input, or FILE#t=10,20 for a
    stretch of a file, in seconds or as m:ss. One recording is answered with all details, several
    with a table.

    Results go to standard output, everything else to standard error. Exit codes: 0 all answered,
    3 some recordings could not be read, 10 --fail-on found one.
    """
    if prior is not None and operating_point is not None:
        raise click.UsageError("Choose one of --prior and --operating-point.")
    from earwitness.apps.cli import _answering, _listening, _picture, _progress, _sources, _writing
    from earwitness.apps.cli._loading import loaded

    asked = _sources.requests(paths, channel)
    if form == "audacity" and len(asked) > 1:
        raise click.UsageError("Audacity labels belong to one recording. Give one, or use --rttm.")
    _writing.refuse_to_overwrite([one.source for one in asked], out, plot)
    picture = _picture.Picture(plot, asked, channel) if plot is not None else None
    is_one = len(asked) == 1 and channel != "each" and not Path(paths[0]).is_dir()
    form = form or ("details" if is_one else "table")
    detector = loaded(
        model,
        operating_point=operating_point,
        prior=prior,
        threads=threads,
        device=device,
        precision=precision,
    )
    with (
        _writing.only_our_words(),
        _writing.results(out) as stream,
        _progress.Shown(len(asked), is_wanted=not quiet) as shown,
    ):
        is_told = form in _answering.IN_WORDS and out is None
        watch = _answering.Watch(shown, fail_on=fail_on, is_told=is_told, is_quiet=quiet)
        findings = watch.over(_listening.Listener(detector, shown).findings(asked, workers=workers))
        findings = findings if picture is None else picture.over(findings)
        _answering.write(
            findings, stream, form=form, names=_sources.names(paths, asked), shown=shown
        )
    if out is not None and not quiet:
        click.echo(f"{' '.join(watch.tally.lines()[:1])} Written to {out}.", err=True)
    if picture is not None:
        picture.draw(is_quiet=quiet)
    raise click.exceptions.Exit(watch.exit_code)
