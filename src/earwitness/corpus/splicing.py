"""Clips → one recording: cut at pauses, brought to one level and band, joined with cross-fades.

Every piece goes through the same steps, whatever its label, and the whole gets one floor of noise,
so that neither a join nor a change of level, band or background tells what was spliced in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from earwitness.errors import SettingsError
from earwitness.metrics.localisation import Region
from earwitness.records import Samples

QUIET_DB = 18.0
"""A pause lies this far below the level of the speech beside it."""

FADE_S = 0.02
_HOP_S, _FRAME_S, _APART_S = 0.005, 0.02, 0.15
_SPEECH_QUANTILE, _LEAST_SPEECH = 0.9, 0.5
_LEVEL_DB, _FLOOR_DB, _PEAK = -26.0, -60.0, 0.95
_BAND_HZ, _EDGE = (80.0, 7000.0), 0.1


@dataclass(frozen=True)
class Spliced:
    """Pieces in a row.

    Attributes:
        samples: shape (samples,).
        spans: of each piece, from the middle of the cross-fade before it to that behind it.
    """

    samples: Samples
    spans: tuple[Region, ...]


def pauses(sound: Samples, sample_rate: int) -> NDArray[np.intp]:
    """Find where a sound can be cut: the quietest samples of its pauses, its ends among them.

    Args:
        sound: shape (samples,).
        sample_rate: in Hz.

    Example:
        >>> speech = np.random.default_rng(1).normal(0, 0.1, 16000).astype(np.float32)
        >>> speech[8000:9600] = 0
        >>> len(pauses(speech, 16000))
        1
    """
    levels, hop = _levels(sound, sample_rate)
    if not len(levels):
        return np.empty(0, np.intp)
    quiet = levels < np.quantile(levels, _SPEECH_QUANTILE) - QUIET_DB
    apart = round(_APART_S / _HOP_S)
    found: list[int] = []
    for at in np.argsort(levels, kind="stable"):
        if quiet[at] and all(abs(at - other) >= apart for other in found):
            found.append(int(at))
    frame = round(_FRAME_S * sample_rate)
    return np.array(sorted(found), np.intp) * hop + frame // 2


def between_pauses(
    sound: Samples, sample_rate: int, *, least_s: float, most_s: float
) -> list[tuple[int, int]]:
    """List the stretches of a sound that begin and end in a pause and are speech for the most part.

    Args:
        sound: shape (samples,).
        sample_rate: in Hz.
        least_s: how long they are at least.
        most_s: how long they are at most.

    Returns:
        First sample and the one behind the last, the longest stretches first.
    """
    cuts = pauses(sound, sample_rate).tolist()
    levels, hop = _levels(sound, sample_rate)
    speech = np.quantile(levels, _SPEECH_QUANTILE) - QUIET_DB if len(levels) else 0.0
    stretches = [
        (start, end)
        for at, start in enumerate(cuts)
        for end in cuts[at + 1 :]
        if least_s <= (end - start) / sample_rate <= most_s
        and (levels[start // hop : end // hop] > speech).mean() >= _LEAST_SPEECH
    ]
    return sorted(stretches, key=lambda stretch: (stretch[0] - stretch[1], stretch))


def levelled(piece: Samples, sample_rate: int) -> Samples:
    """Bring a piece to the level and the band that all pieces have.

    Raises:
        SettingsError: it is silent.
    """
    spectrum = np.fft.rfft(piece.astype(np.float64))
    hertz = np.fft.rfftfreq(len(piece), 1 / sample_rate)
    low, high = _BAND_HZ
    rise = np.clip((hertz - low * (1 - _EDGE)) / (low * _EDGE), 0, 1)
    fall = np.clip((high * (1 + _EDGE) - hertz) / (high * _EDGE), 0, 1)
    heard = np.fft.irfft(spectrum * rise * fall, len(piece))
    levels, _ = _levels(heard, sample_rate)
    speech_db = float(np.quantile(levels, _SPEECH_QUANTILE)) if len(levels) else -np.inf
    if speech_db < _FLOOR_DB:
        raise SettingsError("A silent piece cannot be spliced.")
    scaled = heard * 10 ** ((_LEVEL_DB - speech_db) / 20)
    return np.asarray(scaled * min(1.0, _PEAK / np.abs(scaled).max()), np.float32)


def spliced(pieces: Sequence[Samples], sample_rate: int, *, rng: np.random.Generator) -> Spliced:
    """Join pieces, each to the next one by a cross-fade of 20 ms, over one floor of noise.

    Args:
        pieces: from ``levelled``, each of them longer than two cross-fades.
        sample_rate: in Hz.
        rng: the noise comes from here.

    Raises:
        SettingsError: a piece is too short.

    Example:
        >>> tone = np.full(1600, 0.1, np.float32)
        >>> spliced([tone, tone], 16000, rng=np.random.default_rng(1)).spans
        (Region(start_s=0.0, end_s=0.09), Region(start_s=0.09, end_s=0.18))
    """
    fade = round(FADE_S * sample_rate)
    if any(len(piece) <= 2 * fade for piece in pieces):
        raise SettingsError(f"A piece must be longer than two cross-fades of {FADE_S:g} s.")
    rise = np.sin(np.linspace(0, np.pi / 2, fade)) ** 2
    length = sum(len(piece) - fade for piece in pieces) + fade
    whole, at, edges = np.zeros(length), 0, [0]
    for piece in pieces:
        shape = np.ones(len(piece))
        shape[:fade], shape[-fade:] = rise, rise[::-1]
        whole[at : at + len(piece)] += piece * shape
        at += len(piece) - fade
        edges.append(at + fade // 2)
    edges[-1] = length
    whole += rng.normal(0, 10 ** (_FLOOR_DB / 20), length)
    return Spliced(
        samples=np.asarray(np.clip(whole, -1, 1), np.float32),
        spans=tuple(
            Region(start / sample_rate, end / sample_rate) for start, end in pairwise(edges)
        ),
    )


def _levels(sound: NDArray[np.floating], sample_rate: int) -> tuple[NDArray[np.float64], int]:
    """Give the level of each frame in dB below full scale, and the samples between two frames."""
    hop, frame = round(_HOP_S * sample_rate), round(_FRAME_S * sample_rate)
    if len(sound) < frame:
        return np.empty(0), hop
    energy = np.concatenate([[0.0], np.cumsum(sound.astype(np.float64) ** 2)])
    starts = np.arange(0, len(sound) - frame + 1, hop)
    power = np.maximum(energy[starts + frame] - energy[starts], 0) / frame
    return 10 * np.log10(power + 1e-12), hop
