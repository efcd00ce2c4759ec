"""A calibration → JSON, and lines for a terminal: what was fitted on what, and what it is worth."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from earwitness.config import plain as as_plain
from earwitness.evaluation.calibrating import ENOUGH, Calibrated
from earwitness.evaluation.records import Measure
from earwitness.reporting._words import visible
from earwitness.reporting.evaluations._numbers import plain, trials, written
from earwitness.weights.cards import Card

WIDTH = 88
_NO_ANSWER = 1.0  # bits that always answering "LLR 0" costs


def table(found: Calibrated, card: Card, *, left_out: int) -> dict[str, Any]:
    """Lay a calibration out for JSON; rates are fractions, Cllr is in bits."""
    return {
        "name": card.name,
        "calibration": as_plain(card.calibration),
        "operating_points": {name: as_plain(one) for name, one in found.points.items()},
        "left_out": left_out,
        "before": {"was_calibrated": found.was_calibrated, **_measure(found.before)},
        "cross_validated": {
            "folds": found.folds,
            "kept_together": found.kin.column,
            "measures": {one.name: _measure(one) for one in found.after},
        },
    }


def lines(found: Calibrated, card: Card, *, left_out: int) -> Iterator[str]:
    """Write what was fitted, what it is worth, and what to know of it."""
    yield from _wrapped(_fit(found, card))
    yield from _wrapped(
        f"What follows is by cross-validation in {found.folds} parts{_together(found)}: no trial "
        "is measured by a line that saw it."
    )
    yield from ("", *_figures(found), "")
    for name, point in found.points.items():
        yield f"  {name:<13}bona fide from an LLR of {_signed(point.threshold)}"
        yield from (f"{'':<15}{piece}" for piece in textwrap.wrap(point.purpose, WIDTH - 15))
    notes = list(_notes(found, left_out))
    yield from ["", *(piece for note in notes for piece in _wrapped(f"- {note}"))] if notes else []


def _fit(found: Calibrated, card: Card) -> str:
    line = found.line
    on = visible(card.calibration.fitted_on) if card.calibration else "?"
    sign = "−" if line.offset < 0 else "+"
    return (
        f"{visible(card.name)}: LLR = {line.scale:.4g} × raw score {sign} {abs(line.offset):.4g}, "
        f"fitted on {trials(found.before)} trials of {on}."
    )


def _together(found: Calibrated) -> str:
    return "" if found.kin.column is None else f", each {visible(found.kin.column)} whole"


def _figures(found: Calibrated) -> Iterator[str]:
    of = "by its calibration so far" if found.was_calibrated else "raw scores read as LLRs"
    rows = [("Cllr before", f"{written(found.before)} bits, {of}")]
    rows += [(_NAMES[one.name], f"{written(one)}{_UNITS[one.name]}") for one in found.after]
    return (f"  {name:<13}{text}" for name, text in rows)


def _notes(found: Calibrated, left_out: int) -> Iterator[str]:
    after = next(one for one in found.after if one.name == "cllr")
    if after.value is not None and (after.high or after.value) >= _NO_ANSWER:
        yield (
            "The Cllr after calibration is not clearly below 1 bit, which is what always answering "
            "'LLR 0' costs: this detector hears little in these recordings."
        )
    if min(found.n_bona_fide, found.n_spoof) < ENOUGH:
        yield (
            f"With fewer than {ENOUGH} trials of a label, thresholds for one error in a hundred "
            "rest on single recordings."
        )
    if found.kin.passed_over is not None:
        column, values = found.kin.passed_over
        yield (
            f"'{visible(column)}' has {values} value{'s' * (values != 1)} only, too few to keep "
            "together: recordings with one voice or channel may stand on both sides of a fold."
        )
    if left_out:
        yield f"{left_out:,} trials were left out: they could not be read, or hold no speech."


_NAMES = {"cllr": "Cllr after", "min_cllr": "min Cllr", "eer": "EER"}
_UNITS = {"cllr": " bits", "min_cllr": " bits, the least that a calibration can reach", "eer": ""}


def _measure(one: Measure) -> dict[str, Any]:
    return {"name": one.name, "value": one.value, "low": one.low, "high": one.high}


def _signed(value: float) -> str:
    return f"{'−' if value < 0 else '+'}{plain(abs(value), 2)}"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
