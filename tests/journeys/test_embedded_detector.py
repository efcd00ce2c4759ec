"""The detector inside the package, from file to verdict, on the clips of the repository."""

import csv
import io
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

import earwitness
from earwitness import Answer, Detector, Reason, Verdict
from earwitness.records import Waveform

MOST_BYTES = 30_000_000
SHORT = [
    "bonafide_pocketsphinx_numbers.wav",
    "bonafide_asterisk_ru_2.wav",
    "spoof_hibari_heart_1.wav",
    "spoof_flite_rms.flac",
]


@pytest.fixture(scope="module")
def detector() -> Detector:
    return earwitness.load()


@pytest.fixture(scope="module")
def verdicts(detector: Detector, examples: Path) -> dict[str, Verdict]:
    return {name: detector.detect(examples / name) for name in SHORT}


def sound(path: Path) -> tuple[np.ndarray, int]:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return samples[:, 0], rate


def as_m4a(samples: np.ndarray, rate: int, codec: str) -> bytes:
    """Put into an M4A file, with or without loss."""
    file = io.BytesIO()
    with av.open(file, mode="w", format="mp4") as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        if codec == "aac":
            stream.bit_rate = 160_000
        form = stream.codec_context.format or ("s16p" if codec == "alac" else "fltp")
        frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.sample_rate = rate
        to_form = av.AudioResampler(form, "mono", rate)
        for piece in [*to_form.resample(frame), *to_form.resample(None), None]:
            container.mux(stream.encode(piece))
    return file.getvalue()


def test_every_example_is_answered(detector: Detector, examples: Path) -> None:
    with (examples / "labels.tsv").open(encoding="utf-8", newline="") as table:
        names = [row["file"] for row in csv.DictReader(table, delimiter="\t")]
    answers = list(detector.detect_many([examples / name for name in names]))
    assert all(isinstance(answer, Verdict) for answer in answers)
    assert all(answer.answer in Answer for answer in answers)
    assert len(answers) == 16


def test_silence_and_music_get_the_third_answer_with_its_reason(
    detector: Detector, examples: Path
) -> None:
    silence = detector.detect(examples / "silence.wav")
    music = detector.detect(examples / "music.ogg")
    assert (silence.answer, silence.reasons) == (Answer.INCONCLUSIVE, (Reason.NO_SPEECH,))
    assert (music.answer, music.reasons) == (Answer.INCONCLUSIVE, (Reason.MUSIC,))


def test_it_is_calibrated_and_has_its_three_operating_points(detector: Detector) -> None:
    assert detector.calibration is not None
    points = detector.card.operating_points
    assert points["accusation"].threshold <= 0.0 == points["balanced"].threshold
    assert points["screening"].threshold >= 0.0


def test_it_fits_into_the_wheel(root: Path) -> None:
    folder = root / "src" / "earwitness" / "weights" / "catalog" / "embedded"
    assert sum(path.stat().st_size for path in folder.iterdir()) <= MOST_BYTES


@pytest.mark.parametrize("name", SHORT)
def test_the_same_sound_as_m4a_says_the_same(
    detector: Detector, verdicts: dict[str, Verdict], examples: Path, name: str
) -> None:
    """Priming and edit list are honoured: not one sample is moved."""
    verdict = detector.detect(as_m4a(*sound(examples / name), "alac"))
    assert verdict.llr == pytest.approx(verdicts[name].llr, abs=1e-3)


@pytest.mark.parametrize("name", SHORT)
def test_the_same_clip_after_aac_says_nearly_the_same(
    detector: Detector, verdicts: dict[str, Verdict], examples: Path, name: str
) -> None:
    """The aim is 0.3; on these clips it is up to 0.4, for the windows start elsewhere (lab log)."""
    verdict = detector.detect(as_m4a(*sound(examples / name), "aac"))
    assert verdict.llr == pytest.approx(verdicts[name].llr, abs=0.5)


@pytest.mark.parametrize("name", SHORT)
def test_the_same_samples_in_another_container_say_the_same(
    detector: Detector, verdicts: dict[str, Verdict], examples: Path, name: str
) -> None:
    samples, rate = sound(examples / name)
    verdict = detector.detect(Waveform(samples, rate))
    assert verdict.llr == pytest.approx(verdicts[name].llr, abs=1e-4)
    assert verdict.answer == verdicts[name].answer


@pytest.mark.parametrize("name", SHORT)
@pytest.mark.parametrize("gain_db", [-12.0, 3.0])
def test_loudness_hardly_matters(
    detector: Detector, verdicts: dict[str, Verdict], examples: Path, name: str, gain_db: float
) -> None:
    samples, rate = sound(examples / name)
    louder = Waveform((samples * 10 ** (gain_db / 20)).astype(np.float32), rate)
    assert detector.detect(louder).llr == pytest.approx(verdicts[name].llr, abs=0.5)


@pytest.mark.parametrize("name", SHORT)
def test_silence_in_front_hardly_matters(
    detector: Detector, verdicts: dict[str, Verdict], examples: Path, name: str
) -> None:
    samples, rate = sound(examples / name)
    later = Waveform(np.concatenate([np.zeros(3 * rate, np.float32), samples]), rate)
    assert detector.detect(later).llr == pytest.approx(verdicts[name].llr, abs=0.7)


@pytest.mark.torch
def test_its_graph_holds_no_operator_for_short_time_spectra(root: Path) -> None:
    import onnx

    folder = root / "src" / "earwitness" / "weights" / "catalog" / "embedded"
    graph = onnx.load(folder / "network.onnx").graph
    operators = {node.op_type for node in graph.node}
    assert operators & {"STFT", "DFT", "MelWeightMatrix", "HannWindow"} == set()
    assert "Conv" in operators
