"""Does it sound like music? Partials that stand still, and none of the dips of speech.

What a note adds to the spectrum stays in its place for as long as the note is held, while the
partials of a voice move all the time. So the fine structure of a spectrum is compared with the one
that comes 0.2 s later. Noise and speech are near 0.25, chords at 0.5 and beyond. Singing and drums
go unseen: this measure is meant to err on the side of speech.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earwitness.records import Samples

STEADY = 0.4  # correlation of the fine structure; one second in a hundred of speech reaches it
MOST_DIPS_DB = 8.0  # deviation of the level; nine seconds in ten of speech lie above
LEAST_DB = -25.0  # below the loudest second of the recording: silence, as far as music goes

_LAG, _WINDOW = 6, 32  # frames: 0.19 s and 1.02 s
_FIRST_BIN, _LAST_BIN = 8, 96  # 250 to 3000 Hz
_FAR, _WIDE = 4, 3  # a bin is compared with the 3 from 4 to 2 bins below it, and above it
_LEAST_POWER = 1e-12
_LEVELS = np.arange(-130.0, 31.0)  # in dB


class MusicMeter:
    """Listens to spectra as they pass by, in constant memory."""

    def __init__(self) -> None:
        self._fine: Samples | None = None  # of the last frames, for the lag
        self._steady = np.empty(0, np.float32)
        self._level = np.empty(0, np.float32)
        self._all = np.zeros(len(_LEVELS))
        self._music = np.zeros(len(_LEVELS))

    def hear(self, powers: Samples) -> None:
        """Take in power spectra, shape (frames, bins), of ``Framer``."""
        if powers.shape[1] <= _LAST_BIN + _FAR:
            return  # at 6 kHz and below, no telling
        fine = _fine_structure(powers)
        held = fine if self._fine is None else np.concatenate([self._fine, fine])
        self._fine = held[-_LAG:]
        steady = _correlation(held[_LAG:], held[:-_LAG])
        level = 10 * np.log10(powers[:, 2:].sum(axis=1) + _LEAST_POWER)
        self._steady = np.concatenate([self._steady, steady])
        self._level = np.concatenate([self._level, level[len(level) - len(steady) :]])
        self._judge_whole_windows()

    def share(self) -> float:
        """Give the share of the time that is not silent and looks like music, 0 to 1."""
        heard = np.flatnonzero(self._all)
        if not len(heard):
            return 0.0
        is_loud = _LEVELS[heard[-1]] + LEAST_DB <= _LEVELS
        return float(self._music[is_loud].sum() / self._all[is_loud].sum())

    def _judge_whole_windows(self) -> None:
        whole = len(self._steady) // _WINDOW * _WINDOW
        steady = self._steady[:whole].reshape(-1, _WINDOW)
        level = self._level[:whole].reshape(-1, _WINDOW)
        self._steady, self._level = self._steady[whole:], self._level[whole:]
        is_music = (np.quantile(steady, 0.5, axis=1) > STEADY) & (level.std(axis=1) < MOST_DIPS_DB)
        at = np.clip(np.rint(level.mean(axis=1) - _LEVELS[0]).astype(int), 0, len(_LEVELS) - 1)
        np.add.at(self._all, at, 1)
        np.add.at(self._music, at, is_music)


def _fine_structure(powers: Samples) -> Samples:
    """Give by how many dB a bin sticks out on both sides: the edge of a band does not."""
    first, last = _FIRST_BIN - _FAR, _LAST_BIN + _FAR
    level = 10 * np.log10(powers[:, first:last] + np.float32(_LEAST_POWER))
    sums = np.cumsum(np.pad(level, ((0, 0), (1, 0))), axis=1, dtype=np.float64)
    means = (sums[:, _WIDE:] - sums[:, :-_WIDE]) / _WIDE
    bins = _LAST_BIN - _FIRST_BIN
    around = np.maximum(means[:, :bins], means[:, -bins:])
    return np.asarray(np.maximum(level[:, _FAR:-_FAR] - around, 0), np.float32)


def _correlation(here: NDArray[np.float32], there: NDArray[np.float32]) -> Samples:
    both = np.einsum("ij,ij->i", here, there)
    each = np.einsum("ij,ij->i", here, here) * np.einsum("ij,ij->i", there, there)
    return np.asarray(both / np.sqrt(each + np.float32(1e-12)), np.float32)
