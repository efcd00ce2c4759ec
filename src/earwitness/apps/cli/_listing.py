"""``models``: the cards of detectors that are here, and of known ones that are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from textwrap import wrap
from typing import Any

from earwitness.apps.cli._adding import proof_in_words
from earwitness.weights import publications
from earwitness.weights.publications import Publication
from earwitness.weights.store import Found

WIDTH, LABEL = 80, 14


def table(found: Found, *, is_default: bool) -> dict[str, Any]:
    """Give a card for programs."""
    return {"default": is_default, "folder": str(found.folder), **asdict(found.card)}


def card(found: Found, *, is_default: bool) -> Iterator[str]:
    """Give a card for people."""
    yield f"{found.card.name}{' (default)' if is_default else ''}: {found.card.title}"
    yield from _listed(_points(found))


def known_ones(found: Sequence[Found]) -> list[tuple[Publication, bool]]:
    """List what is known of published weights, and whether a detector here was made of them."""
    origins = [one.card.origin for one in found]
    names = {one.card.name.replace("-", "_") for one in found}
    return [
        (one, one.name in names or any(origin.startswith(one.origin()) for origin in origins))
        for one in publications.known().values()
    ]


def absent(known: Sequence[Publication]) -> Iterator[str]:
    """Name what is known and not here, one line each, and say what to do."""
    width = max(len(one.name) for one in known) + 2
    yield "Known, and not here: whoever has the file of weights adds it."
    for one in known:
        what, *_ = wrap(one.title, WIDTH - width - 2)
        yield f"  {one.name:<{width}}{what}{' …' if what != one.title else ''}"
    yield "  earwitness models --known    says where each comes from and what to do"


def known_table(one: Publication, *, is_here: bool) -> dict[str, Any]:
    """Give what is known of weights, for programs."""
    return {**asdict(one), "installed": is_here, "what_to_do": one.what_to_do()}


def known_card(one: Publication, *, is_here: bool) -> Iterator[str]:
    """Give what is known of weights, for people."""
    yield f"{one.name}{' (is here)' if is_here else ''}: {one.title}"
    yield from _listed(_facts(one))


def _listed(points: Iterator[tuple[str, str]]) -> Iterator[str]:
    for label, text in points:
        pieces = wrap(text, WIDTH - LABEL - 2, break_on_hyphens=False, break_long_words=False)
        for at, piece in enumerate(pieces):
            yield f"  {'' if at else label:<{LABEL}}{piece}"


def _facts(one: Publication) -> Iterator[tuple[str, str]]:
    yield "from", f"{one.repository}: {one.place}"
    size = f", {one.size_mb:,.4g} MB ({one.size_is})" if one.size_mb else ""
    yield "file", f"{one.file or 'its name is not known here'}{size}"
    yield "licence", f"of the code: {one.code_licence}; of the weights: {one.weights_licence}"
    yield "trained on", one.training_data
    yield "compared", proof_in_words(one.proof) or "no network here runs these weights"
    yield "SHA-256", one.sha256 or "not known: nobody here has seen the file"
    yield from (("published EER", str(figure)) for figure in one.figures)
    if one.note:
        yield "note", one.note
    yield "what to do", one.what_to_do()


def _points(found: Found) -> Iterator[tuple[str, str]]:
    card = found.card
    yield "version", card.version
    yield "licence", card.licence
    yield "origin", card.origin
    yield "trained on", card.training_data
    if card.proof:
        yield "compared", proof_in_words(card.proof)
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
    counts = f" ({line.bona_fide:,} bona fide, {line.spoof:,} spoof)" if line.bona_fide else ""
    dated = f", {line.date}" if line.date else ""
    scale = f"LLR = {line.scale:.4g} × raw score {line.offset:+.4g}"
    yield "calibration", f"{scale}{fitted}{counts}{dated}"
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
