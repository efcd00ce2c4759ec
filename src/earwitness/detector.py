"""The main path: open a recording, split it, score the pieces, decide.

This is the page to start from. Everything else that answers questions about recordings (command
line, evaluation) calls it, and none of them does a step of it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from earwitness import config
from earwitness.audio.read import AudioSource, Channel, open_recording
from earwitness.audio.recording import Readable
from earwitness.audio.resample import QUALITY
from earwitness.audio.source import given, name_of
from earwitness.calibration.affine import AffineCalibration
from earwitness.decision import OperatingPoint, Policy, decide, point_of_name, point_of_prior
from earwitness.errors import AudioError, SettingsError
from earwitness.records import Failure, Progress, Samples, Verdict
from earwitness.runtimes import Device, Engine, Precision, Runtime
from earwitness.runtimes.opening import open_model
from earwitness.runtimes.scoring import score
from earwitness.runtimes.side_by_side import Checkpoint, side_by_side
from earwitness.segmentation import vad
from earwitness.segmentation.spans import SpanSettings
from earwitness.segmentation.windows import WindowSettings, split
from earwitness.weights.cards import Card

Source = AudioSource | NDArray[Any]
OnProgress = Callable[[Progress], None]


class Detector:
    """A countermeasure with all that turns its scores into verdicts. Safe to share by threads.

    Args:
        card: its windows, calibration and policy.
        runtime: runs its network.
        point: where the line between bona fide and spoof is drawn.
    """

    def __init__(self, card: Card, runtime: Runtime, point: OperatingPoint) -> None:
        where = f"card of '{card.name}'"
        self.card = card
        self.sample_rate = card.sample_rate
        self.windows = config.settings(WindowSettings, card.windows, where=f"{where}: windows")
        self.policy = config.settings(Policy, card.policy, where=f"{where}: policy")
        table = card.calibration
        self.calibration = AffineCalibration(table.scale, table.offset) if table else None
        self.point = point if table else replace(point, threshold=None, prior=None)
        self.runtime = runtime

    def detect(
        self,
        source: Source,
        *,
        sample_rate: int | None = None,
        channel: Channel = "mix",
        time_range: tuple[float, float] | None = None,
        on_progress: OnProgress | None = None,
    ) -> Verdict:
        """Listen to one recording and say what it is.

        Args:
            source: a path, the bytes of a file, a binary stream, a waveform, or an array.
            sample_rate: of an array, in Hz; no other source may have one.
            channel: "mix" for the mean of all channels, or one of them, counted from 0.
            time_range: start and end in seconds; None for all of it.
            on_progress: is called after every block.

        Raises:
            AudioError: the recording cannot be read.
            SettingsError: an array without its sample rate.
        """
        with open_recording(
            given(source, sample_rate),
            sample_rate=self.sample_rate,
            channel=channel,
            time_range=time_range,
        ) as recording:
            start_s = time_range[0] if time_range else 0.0
            return self.judge(recording, channel=channel, start_s=start_s, on_progress=on_progress)

    def judge(
        self,
        recording: Readable,
        *,
        channel: Channel = "mix",
        start_s: float = 0.0,
        on_progress: OnProgress | None = None,
    ) -> Verdict:
        """Say what a recording is that is open already, at this detector's sample rate."""
        voice = vad.VoiceActivity()
        blocks = _telling(recording, on_progress)
        segments = split(blocks, self.windows, voice, sample_rate=self.sample_rate)
        return decide(
            tuple(score(segments, self.runtime, self.calibration, start_s=start_s)),
            speech_s=voice.speech_s,
            facts=recording.facts(),
            quality=recording.notes(),
            policy=self.policy,
            point=self.point,
            model=self.card.name,
            settings_hash=self.settings_hash(channel),
        )

    def at(self, point: str = "balanced", *, prior: float | None = None) -> Detector:
        """Draw the line elsewhere, with the same network: by an operating point or a prior."""
        drawn = point_of_name(self.card, point) if prior is None else point_of_prior(prior)
        return Detector(self.card, self.runtime, drawn)

    def detect_many(
        self, sources: Iterable[AudioSource], *, workers: int = 1, channel: Channel = "mix"
    ) -> Iterator[Verdict | Failure]:
        """Answer one recording after the other, in order, while they come.

        Args:
            sources: paths, bytes, streams or waveforms (an array as a ``Waveform``, with its rate).
            workers: how many recordings are listened to at the same time.
            channel: as for ``detect``.

        Returns:
            Verdicts, and a failure in the place of each recording that cannot be read.
        """
        if workers < 1:
            raise SettingsError(f"workers must be at least 1, but got {workers}.")
        if isinstance(sources, str | bytes):
            raise SettingsError("detect_many takes a list of recordings; use detect for one.")

        def answer(source: AudioSource, checkpoint: Checkpoint) -> Verdict | Failure:
            try:
                return self.detect(source, channel=channel, on_progress=lambda _: checkpoint())
            except AudioError as exc:
                return Failure(name_of(source), exc.code, str(exc))

        return side_by_side(answer, sources, workers=workers)

    def settings_hash(self, channel: Channel = "mix") -> str:
        """Hash all that can change a score."""
        heard = {"channel": channel, "resampler": QUALITY, "voice": vad.SHA256}
        network = {"sha256": self.card.sha256, "sample_rate": self.sample_rate}
        if self.card.precision != "fp32":
            network["precision"] = self.card.precision
        line = config.plain(self.calibration) if self.calibration else None
        return config.digest(self.windows, self.policy, SpanSettings(), heard, network, line)


def load(
    model: str | Path | None = None,
    *,
    operating_point: str = "balanced",
    prior: float | None = None,
    threads: int = 1,
    device: Device = "auto",
    precision: Precision = "auto",
) -> Detector:
    """Find a detector, check it, and make it ready.

    Args:
        model: its name, the path of its folder or of a checkpoint, or hf:owner/name for the hub;
            None for the one that came with the package.
        operating_point: one that is stored with the detector.
        prior: how likely a spoof is before anyone listens; takes the operating point's place.
        threads: how many threads one window may use.
        device: where the network runs.
        precision: in what it computes large products; other precisions give other scores.

    Raises:
        WeightsMissing: there is no such detector on this machine.
        WeightsCorrupt: it is not what its card says.
        UnknownName: it has no such operating point.
        SettingsError: the prior is no probability, or the network cannot be run so here.
        MissingExtra: a checkpoint needs torch.
    """
    if threads < 1:
        raise SettingsError(f"threads must be at least 1, but got {threads}.")
    opened = open_model(model, Engine(threads, device, precision))
    card = opened.card
    point = point_of_name(card, operating_point) if prior is None else point_of_prior(prior)
    return Detector(card, opened.runtime, point)


def _telling(recording: Readable, on_progress: OnProgress | None) -> Iterator[Samples]:
    heard = 0
    for block in recording.blocks():
        yield block
        heard += len(block)
        if on_progress is not None:
            done_s = heard / recording.sample_rate
            on_progress(Progress(recording.source, done_s, recording.expected_s))
