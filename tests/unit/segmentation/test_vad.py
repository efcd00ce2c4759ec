"""The vendored voice activity detector is the published one, and hears the same in any blocks."""

import hashlib
import itertools
from pathlib import Path

import numpy as np
import pytest

from earwitness.audio.read import open_recording
from earwitness.records import Samples, SpeechSpan
from earwitness.runtimes.onnx_runtime import open_session
from earwitness.segmentation.vad import (
    CHUNK,
    CONTEXT,
    NETWORK,
    SAMPLE_RATE,
    SHA256,
    SpeechNetwork,
    VoiceActivity,
)


def sound_of(path: Path) -> Samples:
    with open_recording(path, sample_rate=SAMPLE_RATE) as recording:
        return np.concatenate(list(recording.blocks()))


@pytest.fixture(scope="module")
def numbers(examples: Path) -> Samples:
    return sound_of(examples / "bonafide_pocketsphinx_numbers.wav")


def probabilities(sound: Samples, sizes: list[int]) -> Samples:
    network = SpeechNetwork(open_session(NETWORK))
    edges = np.cumsum([0, *sizes])
    blocks = [sound[a:b] for a, b in itertools.pairwise(edges)]
    return np.concatenate([*map(network.hear, [*blocks, sound[edges[-1] :]]), network.finish()])


def test_the_vendored_file_is_the_one_that_is_stated(root: Path) -> None:
    assert hashlib.sha256(NETWORK.read_bytes()).hexdigest() == SHA256
    assert SHA256 in (root / "NOTICE").read_text(encoding="utf-8")
    assert "Silero Team" in (NETWORK.parent / "LICENSE").read_text(encoding="utf-8")


def test_it_says_what_the_published_form_says_chunk_by_chunk(numbers: Samples) -> None:
    # Every eighth of 126 values of silero-vad 6.2.3, its silero_vad.onnx run chunk by chunk.
    published = [
        0.0242, 0.0071, 0.9254, 0.9989, 1.0, 0.9983, 0.9999, 0.9967, 0.9996, 0.9999, 1.0, 0.9453,
        1.0, 0.8607, 0.0058, 0.0021,
    ]  # fmt: skip
    heard = probabilities(numbers, [])
    assert heard.shape == (126,)
    assert heard[::8] == pytest.approx(published, abs=1e-3)


def test_many_chunks_in_one_call_are_what_they_are_one_by_one(numbers: Samples) -> None:
    session = open_session(NETWORK)
    padded = np.pad(numbers, (CONTEXT, -len(numbers) % CHUNK))
    hidden = cell = np.zeros((1, 1, 128), np.float32)
    alone = []
    for at in range(0, len(padded) - CONTEXT, CHUNK):
        window = padded[None, at : at + CONTEXT + CHUNK]
        probability, hidden, cell = session.run({"input": window, "h": hidden, "c": cell})
        alone.append(float(probability[0]))
    assert probabilities(numbers, []) == pytest.approx(alone, abs=1e-4)


@pytest.mark.parametrize("sizes", [[1, 511, 513], [7] * 50, [140000], [0, 64000, 0]], ids=str)
def test_it_hears_the_same_to_the_last_bit_in_any_blocks(
    numbers: Samples, sizes: list[int]
) -> None:
    sound = np.tile(numbers, 4)
    assert np.array_equal(probabilities(sound, sizes), probabilities(sound, []))


def test_the_rest_of_a_sound_is_filled_up_to_a_chunk(numbers: Samples) -> None:
    for length, chunks in [(0, 0), (1, 1), (512, 1), (513, 2)]:
        assert probabilities(numbers[:length], []).shape == (chunks,)


def test_all_the_examples_but_silence_and_music_are_speech(examples: Path) -> None:
    shares = {}
    for path in sorted(examples.glob("*.*")):
        if path.suffix in {".md", ".tsv"} or path.name.startswith("long"):
            continue
        sound, voice = sound_of(path), VoiceActivity()
        voice.hear(sound)
        voice.finish()
        shares[path.stem] = voice.speech_s / (len(sound) / SAMPLE_RATE)
    quiet = {name for name, share in shares.items() if share == 0}
    assert quiet == {"music", "silence"}
    assert min(share for name, share in shares.items() if name not in quiet) > 0.6


def test_the_words_of_a_clip_are_where_they_are(numbers: Samples) -> None:
    voice = VoiceActivity()
    spans = [*voice.hear(numbers), *voice.finish()]
    # silero-vad 6.2.3, get_speech_timestamps(speech_pad_ms=0), agrees within one chunk of 32 ms.
    assert spans[0].start_s == pytest.approx(0.512, abs=0.032)
    assert spans[-1].end_s == pytest.approx(3.36, abs=0.032)
    assert voice.speech_s == pytest.approx(sum(s.end_s - s.start_s for s in spans))


def test_speech_that_the_sound_ends_in_does_not_outlast_it(numbers: Samples) -> None:
    cut = numbers[: 2 * SAMPLE_RATE + 100]
    voice = VoiceActivity()
    spans: list[SpeechSpan] = [*voice.hear(cut), *voice.finish()]
    assert spans[-1].end_s == pytest.approx(len(cut) / SAMPLE_RATE)


def test_ten_times_quieter_speech_is_still_speech(numbers: Samples) -> None:
    voice = VoiceActivity()
    voice.hear(numbers * np.float32(0.1))
    voice.finish()
    assert voice.speech_s > 2.0
