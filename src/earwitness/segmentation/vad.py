"""Blocks of sound → where speech is: Silero VAD (MIT), as a vendored network.

The network hears chunks of 512 samples at 16 kHz, each with the 64 samples before it, and says for
each how likely it is speech. It is the sequence form: one call hears many chunks and hands on the
state of its memory. Calls always hear the same number of chunks, so that the outcome is the same to
the last bit however the sound was cut into blocks. Short calls answer sooner, as live streams want
it; their outcome differs by rounding.
"""

from __future__ import annotations

from copy import copy
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earwitness.records import Samples, SpeechSpan
from earwitness.runtimes.onnx_runtime import Session, open_session
from earwitness.segmentation.spans import SpanFinder, SpanSettings

NETWORK = Path(__file__).parent / "silero_vad" / "silero_vad.onnx"
SHA256 = "9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85"
SAMPLE_RATE = 16000
CHUNK = 512
CONTEXT = 64
CHUNKS_A_CALL = 256
_MEMORY = (1, 1, 128)


class VoiceActivity:
    """Listens to one recording, block by block.

    Args:
        settings: when a row of probabilities is speech.
        session: the network; the vendored one if None.
        chunks_a_call: how many chunks of 32 ms are waited for and heard at a time.

    Example:
        >>> ears = VoiceActivity()
        >>> ears.hear(np.zeros(16000, np.float32)) + ears.finish()
        []
        >>> ears.speech_s
        0.0
    """

    sample_rate = SAMPLE_RATE

    def __init__(
        self,
        settings: SpanSettings | None = None,
        *,
        session: Session | None = None,
        chunks_a_call: int = CHUNKS_A_CALL,
    ) -> None:
        self._network = SpeechNetwork(session or _vendored(), chunks_a_call)
        self._finder = SpanFinder(settings or SpanSettings(), chunk_s=CHUNK / SAMPLE_RATE)
        self._samples = 0
        self.speech_s = 0.0

    @property
    def decided_s(self) -> float:
        """Up to which time it is certain where speech is and where it is not."""
        return self._finder.decided_s

    def hear(self, block: Samples) -> list[SpeechSpan]:
        """Take in the next samples and give the speech that has become certain, in order.

        Speech that goes on for long comes in pieces that touch each other.
        """
        self._samples += len(block)
        return self._counted(self._finder.feed(self._network.hear(block)))

    def still_open(self) -> list[SpeechSpan]:
        """Give the speech that would be given if nothing followed; more may follow, though."""
        return copy(self._finder).finish([], self._samples / SAMPLE_RATE)

    def finish(self) -> list[SpeechSpan]:
        """Say that nothing follows, and give the speech that was still open."""
        end_s = self._samples / SAMPLE_RATE
        return self._counted(self._finder.finish(self._network.finish(), end_s))

    def _counted(self, spans: list[SpeechSpan]) -> list[SpeechSpan]:
        self.speech_s += sum(span.end_s - span.start_s for span in spans)
        return spans


class SpeechNetwork:
    """Gives the probability of speech for each chunk of a sound that comes in blocks.

    Args:
        session: the network, in the sequence form.
        chunks_a_call: how many chunks one call hears.
    """

    def __init__(self, session: Session, chunks_a_call: int = CHUNKS_A_CALL) -> None:
        self._session = session
        self._at_once = chunks_a_call
        self._hidden = np.zeros(_MEMORY, np.float32)
        self._cell = np.zeros(_MEMORY, np.float32)
        self._waiting = np.zeros(CONTEXT, np.float32)  # what was heard last, then what was not yet

    def hear(self, block: Samples) -> NDArray[np.float32]:
        """Take in the next samples, shape (samples,); gives (chunks,) of those that are ready."""
        self._waiting = np.concatenate([self._waiting, np.asarray(block, np.float32)])
        heard = []
        while len(self._waiting) >= CONTEXT + self._at_once * CHUNK:
            heard.append(self._run(self._at_once))
        return np.concatenate(heard) if heard else np.empty(0, np.float32)

    def finish(self) -> NDArray[np.float32]:
        """Hear the rest; a last chunk that is not full is filled up with zeros."""
        rest = len(self._waiting) - CONTEXT
        if rest == 0:
            return np.empty(0, np.float32)
        self._waiting = np.pad(self._waiting, (0, -rest % CHUNK))
        return self._run((len(self._waiting) - CONTEXT) // CHUNK)

    def _run(self, count: int) -> NDArray[np.float32]:
        stretch = self._waiting[: CONTEXT + count * CHUNK]
        chunks = np.lib.stride_tricks.sliding_window_view(stretch, CONTEXT + CHUNK)[::CHUNK]
        feeds = {"input": np.ascontiguousarray(chunks), "h": self._hidden, "c": self._cell}
        probabilities, self._hidden, self._cell = self._session.run(feeds)
        self._waiting = self._waiting[count * CHUNK :]
        return np.asarray(probabilities, np.float32).reshape(-1)


@cache
def _vendored() -> Session:
    return open_session(NETWORK)
