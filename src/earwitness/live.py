"""The main path for a sound that is still going on: fed piece by piece, asked at any time.

``so_far`` is the verdict as if the sound ended now; ``finish`` is the one of the whole. Both take
the same windows as ``Detector.detect`` would, so a stream's verdict is its recording's, but for
rounding. The sound that is held is what a window may still touch, some seconds of it; beyond that
grow only the scores, one for every two seconds of speech.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from earwitness import config
from earwitness.audio.formats import Format
from earwitness.audio.live import Digest, LiveSound
from earwitness.decision import decide
from earwitness.detector import Detector
from earwitness.errors import IncompatibleWeights
from earwitness.records import Samples, Segment, SegmentScore, SpeechSpan, Verdict
from earwitness.runtimes.scoring import score
from earwitness.segmentation.vad import VoiceActivity
from earwitness.segmentation.windows import Cutter

CHUNKS_A_CALL = 4  # of 32 ms: how long the sound waits until it is known to be speech


@dataclass(frozen=True)
class Running:
    """How it looks while it is going on.

    Attributes:
        heard_s: how much was heard.
        verdict: as if it ended now.
        fresh: windows that have become certain since the last time.
    """

    heard_s: float
    verdict: Verdict
    fresh: tuple[SegmentScore, ...]


class Listening:
    """A detector that listens to one stream. Not to be shared by threads.

    Args:
        detector: who listens.
        form: how the sound comes.
        source: what to call it.
        digest: of the bytes as they are sent, kept by whoever takes them in.

    Raises:
        SettingsError: the rate or the number of channels cannot be meant.
        IncompatibleWeights: the detector wants another rate than speech is found at.
    """

    def __init__(
        self,
        detector: Detector,
        form: Format,
        *,
        source: str = "stream",
        digest: Digest | None = None,
    ) -> None:
        self.sound = LiveSound(form, sample_rate=detector.sample_rate, source=source, digest=digest)
        self._detector = detector
        self._voice = VoiceActivity(chunks_a_call=CHUNKS_A_CALL)
        if detector.sample_rate != self._voice.sample_rate:
            raise IncompatibleWeights(
                f"The model wants sound at {detector.sample_rate} Hz, but the voice activity "
                f"detector hears {self._voice.sample_rate} Hz only."
            )
        self._cutter = Cutter(detector.windows, detector.sample_rate)
        self._scores: list[SegmentScore] = []

    @property
    def speech_s(self) -> float:
        """How much speech was heard for certain, in seconds."""
        return self._voice.speech_s

    def feed(self, block: Samples) -> list[SegmentScore]:
        """Take in the next samples, and give the windows that have become certain.

        Args:
            block: shape (frames, channels), float32.
        """
        return self._hear(self.sound.feed(block))

    def so_far(self) -> Verdict:
        """Give the verdict as if the sound ended now. Scores one window or two again each time."""
        spans = self._voice.still_open()
        rest = self._scored(self._cutter.would_finish(spans))
        return self._verdict([*self._scores, *rest], spans, truncated=False)

    def running(self, blocks: Iterable[Samples], *, every_s: float) -> Iterator[Running]:
        """Listen to blocks as they come, and say now and then how it looks.

        Args:
            blocks: shape (frames, channels) each.
            every_s: of sound. A slow network is asked less often, so that it takes half the time.
        """
        fresh: list[SegmentScore] = []
        next_s = every_s
        for block in blocks:
            fresh += self.feed(block)
            heard_s = self.sound.heard_s
            if heard_s < next_s:
                continue
            before = time.perf_counter()
            verdict = self.so_far()
            cost_s = time.perf_counter() - before
            yield Running(heard_s, verdict, tuple(fresh))
            fresh, next_s = [], heard_s + max(every_s, 2 * cost_s)

    def finish(self, *, truncated: bool = False) -> Verdict:
        """Say that nothing follows, and give the verdict.

        Args:
            truncated: it broke off, so more was to come.
        """
        self._hear(self.sound.finish())
        spans = self._voice.finish()
        self._scores += self._scored(self._cutter.finish(spans))
        return self._verdict(self._scores, [], truncated=truncated)

    def settings_hash(self) -> str:
        """Hash all that can change a score; another one than the file's, for rounding differs."""
        return config.digest(self._detector.settings_hash(), {"live": CHUNKS_A_CALL})

    def _hear(self, samples: Samples) -> list[SegmentScore]:
        spans = self._voice.hear(samples)
        decided = round(self._voice.decided_s * self._detector.sample_rate)
        fresh = self._scored(self._cutter.feed(samples, spans, decided))
        self._scores += fresh
        return fresh

    def _scored(self, segments: Iterable[Segment]) -> list[SegmentScore]:
        return list(score(segments, self._detector.runtime, self._detector.calibration))

    def _verdict(
        self, scores: list[SegmentScore], still_open: list[SpeechSpan], *, truncated: bool
    ) -> Verdict:
        open_s = sum(span.end_s - span.start_s for span in still_open)
        return decide(
            scores,
            speech_s=self._voice.speech_s + open_s,
            facts=self.sound.facts(truncated=truncated),
            quality=self.sound.notes(),
            policy=self._detector.policy,
            point=self._detector.point,
            model=self._detector.card.name,
            settings_hash=self.settings_hash(),
        )
