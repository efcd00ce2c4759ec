"""A recording → a clip with its speech found; and the crowd that babble is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from earwitness.audio.read import open_recording
from earwitness.errors import AudioError
from earwitness.evaluation.stress.families import Clip
from earwitness.evaluation.stress.families._speech import spoken
from earwitness.evaluation.stress.sampling import in_turns
from earwitness.records import Label, Samples, Trial
from earwitness.segmentation.vad import VoiceActivity

CROWD = 24
_LONGEST_VOICE_S, _SHORTEST_VOICE_S = 30.0, 1.0


def read_clip(
    path: Path,
    *,
    sample_rate: int,
    others: tuple[Samples, ...] = (),
    longest_s: float | None = None,
) -> Clip:
    """Read a recording to its end and find its speech.

    Args:
        path: of the recording.
        sample_rate: that it is read at, in Hz.
        others: voices of other kin.
        longest_s: read no more than this; None for all of it.

    Raises:
        AudioError: it cannot be read.
    """
    time_range = None if longest_s is None else (0.0, longest_s)
    with open_recording(path, sample_rate=sample_rate, time_range=time_range) as recording:
        samples = np.concatenate([np.empty(0, np.float32), *recording.blocks()])
    ears = VoiceActivity()
    return Clip(samples, sample_rate, (*ears.hear(samples), *ears.finish()), others)


@dataclass(frozen=True)
class Voice:
    """A bona fide speaker: whose kin, and speech without pauses, shape (samples,)."""

    kin: str
    samples: Samples


@dataclass(frozen=True)
class Crowd:
    """People who can be heard behind a clip."""

    voices: tuple[Voice, ...] = ()

    def around(self, kin: str) -> tuple[Samples, ...]:
        """Give the voices that are of other kin."""
        return tuple(voice.samples for voice in self.voices if voice.kin != kin)


def gather(
    trials: Sequence[Trial], kin_of: Callable[[Trial], str], *, sample_rate: int, seed: int
) -> Crowd:
    """Find up to ``CROWD`` bona fide voices among the trials, spread over kin.

    Args:
        trials: to find them in; one that cannot be read, or has little speech, is passed by.
        kin_of: trial → what it shares with its kin.
        sample_rate: in Hz.
        seed: the same one finds the same voices.
    """
    bona_fide = [trial for trial in trials if trial.label is Label.BONA_FIDE]
    voices: list[Voice] = []
    for trial in in_turns(bona_fide, kin_of, np.random.default_rng(seed)):
        voice = _voice(trial.path, sample_rate)
        if voice is not None:
            voices.append(Voice(kin_of(trial), voice))
        if len(voices) == CROWD:
            break
    return Crowd(tuple(voices))


def _voice(path: Path, sample_rate: int) -> Samples | None:
    try:
        clip = read_clip(path, sample_rate=sample_rate, longest_s=_LONGEST_VOICE_S)
    except AudioError:
        return None
    speech = spoken(clip)
    is_enough = bool(clip.speech) and len(speech) >= _SHORTEST_VOICE_S * sample_rate
    return speech if is_enough else None
