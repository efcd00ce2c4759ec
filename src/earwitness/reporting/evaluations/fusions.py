"""A fusion → JSON (the record that stands beside its scores), and lines for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import earwitness
from earwitness.evaluation.differences import Difference
from earwitness.evaluation.fusing import FUSED, Ear, Fusion
from earwitness.evaluation.records import Measure
from earwitness.reporting._words import columns, visible
from earwitness.reporting.evaluations import _sentences
from earwitness.reporting.evaluations._numbers import plain, signed, written
from earwitness.reporting.evaluations._sentences import listed

SCHEMA_VERSION = 1
KIND = "earwitness fusion"
WIDTH = 100


@dataclass(frozen=True)
class Origin:
    """A file that something was read from: its name as given, and the SHA-256 of its bytes."""

    file: str
    sha256: str


@dataclass(frozen=True)
class Circumstances:
    """What a fusion is to be read with, beside its figures.

    Attributes:
        scores: the score files, in the order of the weights.
        key: the development key.
        applied_to: score files of the new trials; empty where those were in ``scores``.
        trials: how many trials got an LLR.
        cross_fitted: how many of them are development trials, each with weights that did not see
            it.
        command: the command line that repeats this.
        date: as YYYY-MM-DD.
    """

    scores: tuple[Origin, ...]
    key: Origin
    applied_to: tuple[Origin, ...]
    trials: int
    cross_fitted: int
    command: str
    date: str


def as_table(fusion: Fusion, around: Circumstances) -> dict[str, Any]:
    """Lay a fusion out for JSON; rates are fractions, Cllr is in bits."""
    return {
        "kind": KIND,
        "schema_version": SCHEMA_VERSION,
        "detectors": [
            {**_ear(ear), **asdict(origin)}
            for ear, origin in zip(fusion.ears, around.scores, strict=True)
        ],
        "offset": fusion.line.offset,
        "converged": fusion.line.has_converged,
        "fitted_on": {
            **asdict(around.key),
            "n_bona_fide": fusion.n_bona_fide,
            "n_spoof": fusion.n_spoof,
            "left_out": fusion.left_out,
        },
        "cross_validation": {
            "folds": fusion.folds,
            "kept_together": fusion.kin.column,
            "measures": _measures(fusion.measures),
        },
        "output": {
            "trials": around.trials,
            "cross_fitted": around.cross_fitted,
            "applied_to": [asdict(one) for one in around.applied_to],
        },
        "findings": list(findings(fusion)),
        "remarks": list(remarks(fusion)),
        "command": around.command,
        "date": around.date,
        "version": earwitness.__version__,
    }


def as_lines(fusion: Fusion) -> Iterator[str]:
    """Write weights, what they are worth, and what to know of them."""
    names = ", ".join(visible(ear.name) for ear in fusion.ears)
    together = "" if fusion.kin.column is None else f", each {visible(fusion.kin.column)} in one"
    yield from _wrapped(
        f"Fused {names} on {fusion.n_bona_fide:,} bona fide + {fusion.n_spoof:,} spoof development "
        f"trials. Every figure is by cross-validation in {fusion.folds} parts{together}: no trial "
        "is measured by weights that saw it. Each detector alone was calibrated in the same way."
    )
    yield ""
    yield from _grid(list(_rows(fusion)))
    yield ""
    yield from _wrapped(_formula(fusion))
    for sentence in findings(fusion):
        yield from _wrapped(sentence)
    for sentence in remarks(fusion):
        yield from _wrapped(f"- {sentence}")


def findings(fusion: Fusion) -> Iterator[str]:
    """Say what the fusion gains over each detector alone."""
    for ear in fusion.ears:
        headline, *others = ear.differences
        told = _sentences.tally([(_sentences.name(one.measure), one) for one in others])
        yield f"{_sentences.comparison(headline)} By the other measures: {told}."


def remarks(fusion: Fusion) -> Iterator[str]:
    """Say what may mislead."""
    negative = [ear.name for ear in fusion.ears if ear.weight < 0]
    if negative:
        yield (
            f"Negative weight: {listed(negative)}. Given what the others say, a higher score there "
            "speaks for a spoof. That happens where detectors hear much the same; see whether the "
            "fusion does as well without."
        )
    if fusion.left_out:
        yield f"{fusion.left_out:,} trials of the key are left out: not every file scores them."
    if not fusion.line.has_converged:
        yield "The fit did not come to rest: take these weights as rough."


def _ear(ear: Ear) -> dict[str, Any]:
    return {
        "name": ear.name,
        "weight": ear.weight,
        "alone": _measures(ear.measures),
        "fusion_against_it": [_difference(one) for one in ear.differences],
    }


def _measures(measures: Sequence[Measure]) -> dict[str, Any]:
    return {one.name: {"value": one.value, "low": one.low, "high": one.high} for one in measures}


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "measure": one.measure, "value": one.value, "low": one.low, "high": one.high,
        "outcome": one.outcome.value,
    }  # fmt: skip


def _rows(fusion: Fusion) -> Iterator[tuple[str, ...]]:
    measured = [_sentences.name(one.name) for one in fusion.measures]
    yield ("", "weight", *measured)
    for ear in fusion.ears:
        yield (visible(ear.name), signed(ear.weight, 3), *map(written, ear.measures))
    yield (FUSED, "", *map(written, fusion.measures))


def _formula(fusion: Fusion) -> str:
    terms = [
        f"{'−' if ear.weight < 0 else '+'} {plain(abs(ear.weight), 4)} × {visible(ear.name)}"
        for ear in fusion.ears
    ]
    offset = fusion.line.offset
    terms.append(f"{'−' if offset < 0 else '+'} {plain(abs(offset), 4)}")
    return f"LLR = {' '.join(terms).removeprefix('+ ')}"


def _grid(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(columns(row[at]) for row in rows) for at in range(len(rows[0]))]
    for name, *cells in rows:
        told = [
            " " * (width - columns(cell)) + cell
            for cell, width in zip(cells, widths[1:], strict=True)
        ]
        yield "  ".join([name + " " * (widths[0] - columns(name)), *told]).rstrip()


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
