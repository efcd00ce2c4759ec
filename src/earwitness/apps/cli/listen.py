"""``earwitness listen``: the microphone, or a sound that another program sends, while it lasts."""

from __future__ import annotations

import click

from earwitness.apps.cli import options


@click.command(short_help="Listen to the microphone or to a stream while it lasts.")
@click.argument("source", metavar="[-]", required=False, type=click.Choice(["-"]))
@options.model_option
@click.option(
    "--operating-point",
    metavar="NAME",
    default="balanced",
    show_default=True,
    help="Where the line is drawn.",
)
@click.option(
    "--format",
    "encoding",
    type=click.Choice(["container", "pcm_s16le", "pcm_f32le"]),
    default="container",
    show_default=True,
    help="Of standard input: a container such as WebM or Ogg, or bare samples.",
)
@click.option(
    "--sample-rate",
    type=click.IntRange(1000, 768_000),
    default=16000,
    show_default=True,
    help="Of bare samples, in Hz.",
)
@click.option(
    "--channels",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Of bare samples.",
)
@click.option(
    "--every",
    type=click.FloatRange(0.1, 60),
    default=0.5,
    show_default=True,
    help="How often to say how it looks so far, in seconds of sound.",
)
@click.option("--seconds", type=click.FloatRange(min=0.1), help="Stop after so much sound.")
@options.threads_option
@options.json_option
@options.quiet_option
def listen(
    source: str | None,
    model: str | None,
    operating_point: str,
    encoding: str,
    sample_rate: int,
    channels: int,
    every: float,
    seconds: float | None,
    threads: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Listen to the microphone, or with - to standard input, and say how it looks meanwhile.

    Ctrl-C, or the end of the input, brings the verdict; it is the one that a recording of the same
    sound would get. With --json, each running score and the verdict are an object on a line. The
    microphone needs one of the programs parec, arecord, rec (SoX) or ffmpeg.
    """
    from typing import cast

    from earwitness.apps.cli import _hearing, _writing
    from earwitness.apps.cli._loading import loaded
    from earwitness.audio.feeds import Encoding, open_feed

    detector = loaded(model, operating_point=operating_point, threads=threads)
    told = _hearing.Told(as_json=as_json, is_quiet=quiet)
    with _writing.only_our_words(), _hearing.opened(source) as sound:
        if source is None:
            encoding, sample_rate, channels = _hearing.MICROPHONE
        feed = open_feed(cast(Encoding, encoding), sample_rate=sample_rate, channels=channels)
        name = "-" if source else "microphone"
        _hearing.hear(
            detector, sound, feed, told, every_s=every, most_s=seconds or float("inf"), name=name
        )
