"""``earwitness protocols``: which data sets are known by name, and what each looks like."""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click

from earwitness.apps.cli import options

if TYPE_CHECKING:
    from earwitness.protocols import Protocol

WIDTH, LABEL = 80, 12


@click.command(short_help="List the data sets that can be evaluated by name.")
@options.json_option
def protocols(as_json: bool) -> None:
    """List the data sets that can be evaluated by name, and how each is told.

    With --json, one object a line.
    """
    from earwitness.protocols import PROTOCOLS

    for at, name in enumerate(PROTOCOLS.names()):
        protocol = PROTOCOLS.get(name)()
        if as_json:
            click.echo(json.dumps(_table(name, protocol)))
        else:
            click.echo(("\n" if at else "") + "\n".join(_card(name, protocol)))


def _table(name: str, protocol: Protocol) -> dict[str, Any]:
    return {
        "name": name,
        "title": protocol.title,
        "looks_for": protocol.looks_for,
        "partitions": list(protocol.complete),
        "kin": list(protocol.kin),
        "groups": list(protocol.groups),
    }


def _card(name: str, protocol: Protocol) -> Iterator[str]:
    yield f"{name}: {protocol.title}"
    for label, text in _points(protocol):
        for at, piece in enumerate(wrap(text, WIDTH - LABEL - 2, break_on_hyphens=False)):
            yield f"  {'' if at else label:<{LABEL}}{piece}"


def _points(protocol: Protocol) -> Iterator[tuple[str, str]]:
    yield "looks for", protocol.looks_for
    yield "partitions", ", ".join(protocol.complete) or "as the data name them"
    yield "columns", ", ".join(protocol.groups)
    if protocol.kin:
        yield "kin by", f"{' or '.join(protocol.kin)}: recordings that are resampled together"
