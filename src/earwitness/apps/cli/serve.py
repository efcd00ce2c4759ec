"""``earwitness serve``: the REST API, live streams and the page, in one process on one port."""

from __future__ import annotations

from pathlib import Path

import click

from earwitness.apps.cli import options


@click.command(short_help="Serve the page and the REST API.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=7860,
    show_default=True,
    help="Port to listen on; 0 for any that is free.",
)
@click.option(
    "--model",
    "models",
    metavar="NAME",
    multiple=True,
    help="Detector, as for detect. May be given several times; the first one is the usual one.",
)
@click.option(
    "--operating-point",
    metavar="NAME",
    default="balanced",
    show_default=True,
    help="Where the line is drawn if nobody asks for another.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    help="Recordings that are listened to at the same time.",
)
@options.threads_option
@click.option("--queue", type=click.IntRange(min=0), help="Requests that may wait.  [default: 16]")
@click.option("--max-mb", type=click.FloatRange(min=0.001), help="Largest upload.  [default: 100]")
@click.option(
    "--max-seconds",
    type=click.FloatRange(min=1),
    help="Longest recording that is answered at once.  [default: 600; in a job: 14400]",
)
@click.option(
    "--rate",
    type=click.IntRange(min=0),
    help="Requests a minute of one client, 0 for any number.  [default: 120]",
)
@click.option(
    "--keys",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Let in only who has one of the keys whose hashes stand in FILE.",
)
@click.option("--new-key", metavar="NAME", help="Make a key, put its hash into --keys, and end.")
@click.option("--allow-host", multiple=True, metavar="HOST", help="Name of this server.")
@click.option("--allow-origin", multiple=True, metavar="URL", help="Site that may use it.")
@click.option("--page/--no-page", default=True, show_default=True, help="Serve the page, too.")
@click.option(
    "--grace",
    type=click.FloatRange(min=0),
    default=20.0,
    show_default=True,
    help="Seconds in which answers under way are finished when it is told to stop.",
)
@options.json_option
@options.quiet_option
def serve(
    keys: Path | None, new_key: str | None, as_json: bool, quiet: bool, **wishes: object
) -> None:
    """Serve the page at /, the REST API under /v1, and live streams at /v1/stream.

    It can be reached from this machine only, unless --host says otherwise. Nothing that is sent is
    kept: uploads are removed when they were answered, results of jobs after an hour. /docs
    describes the API; /healthz, /readyz and /metrics are for whoever runs it. With --json, a line
    with the address is written to standard output once it is ready. Needs the [serve] extra.
    """
    from earwitness.apps.cli import _serving

    if new_key is not None:
        if keys is None:
            raise click.UsageError("--new-key needs --keys FILE, where its hash is kept.")
        click.echo(_serving.add_key(keys, new_key, as_json=as_json))
        return
    asked = _serving.Wishes(keys=keys, **wishes)  # type: ignore[arg-type]
    _serving.serve(asked, as_json=as_json, quiet=quiet)
