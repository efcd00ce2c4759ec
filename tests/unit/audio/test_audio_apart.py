"""Recordings that nobody trusts: the same sound from a process that may be lost."""

import io
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from earwitness.audio._reader_process import MEMORY_LIMIT
from earwitness.audio.apart import READERS, open_apart
from earwitness.audio.read import open_recording
from earwitness.errors import EmptyAudio, SettingsError, UnreadableAudio

CLIPS = ["spoof_hibari_heart_2.m4a", "bonafide_pocketsphinx_librivox_2.mp3", "silence.wav"]


@pytest.mark.parametrize("name", CLIPS)
@pytest.mark.parametrize("time_range", [None, (0.5, 1.25)])
def test_the_sound_is_the_same_to_the_last_bit(
    examples: Path, name: str, time_range: tuple[float, float] | None
) -> None:
    asked: Any = {"sample_rate": 16000, "time_range": time_range}
    with open_recording(examples / name, **asked) as own:
        sound = np.concatenate(list(own.blocks()))
    with open_apart(examples / name, name=str(examples / name), **asked) as apart:
        assert (apart.expected_s, apart.channels) == (own.expected_s, own.channels)
        assert np.array_equal(np.concatenate(list(apart.blocks())), sound)
        assert apart.facts() == own.facts()
        assert apart.notes() == own.notes()


@pytest.mark.parametrize(
    ("channel", "time_range", "kind", "told"),
    [
        ("mix", (99.0, 100.0), EmptyAudio, "^clip: ends before 99 s"),
        (5, None, EmptyAudio, "^clip: has no channel 5"),
        ("mix", (2.0, 1.0), SettingsError, "runs forwards"),
    ],
)
def test_errors_are_those_of_the_library_with_the_label_for_the_path(
    examples: Path, channel: int, time_range: tuple[float, float], kind: type, told: str
) -> None:
    with (
        pytest.raises(kind, match=told) as error,
        open_apart(
            examples / CLIPS[1],
            sample_rate=16000,
            channel=channel,
            time_range=time_range,
            name="clip",
        ) as recording,
    ):
        list(recording.blocks())
    assert str(examples) not in str(error.value)


def test_what_is_no_sound_is_refused_by_its_label(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"no sound")
    with (
        pytest.raises(UnreadableAudio, match=r"^upload: no decoder makes sense of it"),
        open_apart(tmp_path / "x", sample_rate=16000, name="upload"),
    ):
        pass


def long_silence(path: Path, hours: float) -> Path:
    with soundfile.SoundFile(path, "w", 48000, 1, "PCM_16", format="FLAC") as file:
        minute = np.zeros(48000 * 60, np.int16)
        for _ in range(int(hours * 60)):
            file.write(minute)
    return path


def test_a_process_that_is_killed_is_told_as_an_unreadable_file_and_replaced(
    tmp_path: Path, examples: Path
) -> None:
    path = long_silence(tmp_path / "long.flac", 0.2)
    with open_apart(path, sample_rate=16000) as recording:
        blocks = recording.blocks()
        next(blocks)
        assert recording._reader is not None
        os.kill(recording._reader.pid, signal.SIGKILL)
        told = re.escape("the process that decodes was lost on this file (it crashed")
        with pytest.raises(UnreadableAudio, match=told):
            list(blocks)
    with open_apart(examples / CLIPS[2], sample_rate=16000) as recording:
        assert sum(map(len, recording.blocks())) > 0


def test_decoding_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    path = long_silence(tmp_path / "long.flac", 0.5)
    began = time.monotonic()
    with (
        pytest.raises(UnreadableAudio, match=r"no sign of life .* it may take 0\.05 s in all"),
        open_apart(path, sample_rate=16000, time_limit_s=0.05) as recording,
    ):
        list(recording.blocks())
    assert time.monotonic() - began < 20


def test_a_recording_that_is_left_in_the_middle_costs_the_process(tmp_path: Path) -> None:
    path = long_silence(tmp_path / "long.flac", 0.2)
    with open_apart(path, sample_rate=16000) as recording:
        next(recording.blocks())
        reader = recording._reader
    assert reader is not None
    assert not reader.is_alive()


def test_a_process_is_lent_again_after_a_whole_recording(examples: Path) -> None:
    lent = []
    for _ in range(2):
        with open_apart(examples / CLIPS[2], sample_rate=16000) as recording:
            assert recording._reader is not None
            lent.append(recording._reader.pid)
            list(recording.blocks())
    assert lent[0] == lent[1]
    READERS.close()


@pytest.mark.parametrize("name", ["silence.wav", "spoof_hibari_heart_2.m4a"])
def test_processes_that_decode_have_a_limit_of_memory_and_so_have_their_children(
    examples: Path, name: str
) -> None:
    if not Path("/proc/self/limits").exists():
        pytest.skip("this system does not tell the limits of its processes")
    with open_apart(examples / name, sample_rate=16000) as recording:
        assert recording._reader is not None
        reader = recording._reader.pid
        children = Path(f"/proc/{reader}/task/{reader}/children").read_text().split()
        limits = [Path(f"/proc/{pid}/limits").read_text() for pid in [reader, *children]]
        list(recording.blocks())
    assert len(limits) >= (2 if name.endswith("m4a") else 1)
    for told in limits:
        [line] = [one for one in told.splitlines() if one.startswith("Max address space")]
        assert line.split()[3:5] == [str(MEMORY_LIMIT)] * 2


def test_a_header_that_claims_65535_channels_is_refused(tmp_path: Path) -> None:
    # One second of 65,535 channels that a header claims: blocks are small all the same.
    head = io.BytesIO()
    soundfile.write(head, np.zeros((10, 2), np.int16), 48000, format="WAV")
    lying = bytearray(head.getvalue())
    lying[22:24] = (0xFFFF).to_bytes(2, "little")
    lying[40:44] = (0xFFFFFF00).to_bytes(4, "little")
    path = tmp_path / "wide.wav"
    path.write_bytes(bytes(lying))
    with (
        pytest.raises((UnreadableAudio, EmptyAudio), match=r"^wide: "),
        open_apart(path, sample_rate=16000, name="wide") as recording,
    ):
        list(recording.blocks())
