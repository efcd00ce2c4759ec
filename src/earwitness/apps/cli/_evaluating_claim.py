"""``evaluate --claim``: can a published pair of EER and AUC be true? Needs no data."""

from __future__ import annotations

import json

import click

from earwitness.apps.cli import _exits
from earwitness.evaluation.claims import check_claim, parse
from earwitness.reporting.evaluations import as_claim


def of_claim(text: str, *, as_json: bool) -> int:
    """Check a claim; gives the exit code."""
    claim = check_claim(parse(text))
    if as_json:
        click.echo(json.dumps(as_claim.table(claim)))
    else:
        for line in as_claim.lines(claim):
            click.echo(line)
    return _exits.DONE if claim.is_possible else _exits.INVERTED
