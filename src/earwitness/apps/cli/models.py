"""``earwitness models``: which detectors are on this machine, and what is known of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click

from earwitness.apps.cli import options

if TYPE_CHECKING:
    from earwitness.weights.store import Found

WIDTH, LABEL = 80, 14


@click.command(short_help="List the detectors on this machine.")
@options.json_option
def models(as_json: bool) -> None:
    """List the detectors on this machine: licence, training data, windows, measured quality.

    With --json, one object a line. EARWITNESS_WEIGHTS may name more folders to look in.
    """
    from earwitness.errors import WeightsMissing
    from earwitness.weights.store import DEFAULT, installed

    found = sorted(installed(), key=lambda one: one.card.name != DEFAULT)
    if not found:
        raise WeightsMissing("There is no detector on this machine. Install earwitness again.")
    for at, one in enumerate(found):
        is_default = one.card.name == DEFAULT
        if as_json:
            click.echo(json.dumps(_table(one, is_default=is_default)))
        else:
            click.echo(("\n" if at else "") + "\n".join(_card(one, is_default=is_default)))


def _table(found: Found, *, is_default: bool) -> dict[str, Any]:
    from dataclasses import asdict

    return {"default": is_default, "folder": str(found.folder), **asdict(found.card)}


def _card(found: Found, *, is_default: bool) -> Iterator[str]:
    card = found.card
    yield f"{card.name}{' (default)' if is_default else ''}: {card.title}"
    for label, text in _points(found):
        pieces = wrap(text, WIDTH - LABEL - 2, break_on_hyphens=False, break_long_words=False)
        for at, piece in enumerate(pieces):
            yield f"  {'' if at else label:<{LABEL}}{piece}"


def _points(found: Found) -> Iterator[tuple[str, str]]:
    card = found.card
    yield "version", card.version
    yield "licence", card.licence
    yield "origin", card.origin
    yield "trained on", card.training_data
    yield "parameters", f"{card.parameters:,}"
    yield "sample rate", f"{card.sample_rate} Hz"
    yield "windows", _settings(card.windows)
    yield from _line(found)
    for name, value in card.quality.items():
        yield ("quality", f"{name.replace('_', ' ')}: {_quality(value)}")
    yield "folder", str(found.folder)


def _line(found: Found) -> Iterator[tuple[str, str]]:
    line = found.card.calibration
    if line is None:
        yield "calibration", "none: it answers uncalibrated, with a raw score and no LLR"
        return
    fitted = f", fitted on {line.fitted_on}" if line.fitted_on else ""
    dated = f", {line.date}" if line.date else ""
    yield "calibration", f"LLR = {line.scale:.4g} × raw score {line.offset:+.4g}{fitted}{dated}"
    for name, point in found.card.operating_points.items():
        prior = "" if point.prior is None else f" (prior of a spoof {point.prior:g})"
        purpose = f": {point.purpose}" if point.purpose else ""
        yield name, f"bona fide where the LLR is at least {point.threshold:+.2f}{prior}{purpose}"


def _settings(table: dict[str, Any]) -> str:
    return ", ".join(f"{key} = {value}" for key, value in table.items()) or "as usual"


def _quality(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_quality(inner)}" for key, inner in value.items())
    return f"{value:.4g}" if isinstance(value, float) else str(value)
