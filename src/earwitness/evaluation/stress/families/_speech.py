"""Where a clip's speech is, and how loud: what several families measure by."""

from __future__ import annotations

import numpy as np

from earwitness.evaluation.stress.families import Clip
from earwitness.records import Samples


def extent(clip: Clip) -> tuple[int, int]:
    """Say at which samples the first word starts and the last one ends; all of it without any."""
    if not clip.speech:
        return 0, len(clip.samples)
    start, end = clip.speech[0].start_s, clip.speech[-1].end_s
    return round(start * clip.sample_rate), min(round(end * clip.sample_rate), len(clip.samples))


def is_speech(clip: Clip) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Say of each sample whether it is speech, shape (samples,)."""
    heard = np.zeros(len(clip.samples), np.bool_)
    for span in clip.speech:
        heard[round(span.start_s * clip.sample_rate) : round(span.end_s * clip.sample_rate)] = True
    return heard


def spoken(clip: Clip) -> Samples:
    """Give the speech without the pauses; all of the sound where there is no speech."""
    heard = clip.samples[is_speech(clip)]
    return heard if len(heard) else clip.samples
