"""Long recordings pass through in constant memory, in a process of their own, with no network."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

TINY = Path(__file__).parents[1] / "data" / "tiny_detector"
LISTEN = """
import json, sys, threading
from pathlib import Path

import earwitness

verdict = earwitness.load(sys.argv[1]).detect(sys.argv[2])
peak = next(x for x in Path("/proc/self/status").read_text().splitlines() if x[:5] == "VmHWM")
print(json.dumps({
    "peak_mb": int(peak.split()[1]) / 1024,
    "windows": len(verdict.segments),
    "threads": threading.active_count(),
}))
"""
WITHOUT_SOCKETS = """
import socket

def refuse(*args, **kwargs):
    raise AssertionError("a socket was opened")

socket.socket = socket.create_connection = refuse
"""


def listen(path: Path, *, before: str = "") -> dict[str, float]:
    outcome = subprocess.run(
        [sys.executable, "-c", before + LISTEN, TINY, path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    return dict(json.loads(outcome.stdout))


def telephone_speech(examples: Path, path: Path, *, minutes: int) -> Path:
    voice, rate = soundfile.read(examples / "bonafide_pocketsphinx_librivox_1.flac")
    assert rate == 16000
    piece = np.resize(voice[::2], 60 * 8000)
    with soundfile.SoundFile(path, "w", 8000, 1, subtype="ULAW", format="WAV") as file:
        for _ in range(minutes):
            file.write(piece)
    return path


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak memory from /proc")
def test_two_hours_need_no_more_memory_than_ten_minutes(examples: Path, tmp_path: Path) -> None:
    short = listen(telephone_speech(examples, tmp_path / "short.wav", minutes=10))
    long = listen(telephone_speech(examples, tmp_path / "long.wav", minutes=120))
    assert long["windows"] > 10 * short["windows"]
    assert long["peak_mb"] < 1.2 * short["peak_mb"]
    assert long["peak_mb"] < 600


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak memory from /proc")
def test_no_socket_is_opened_and_no_thread_is_left(examples: Path) -> None:
    found = listen(examples / "bonafide_pocketsphinx_numbers.wav", before=WITHOUT_SOCKETS)
    assert found["windows"] == 1
    assert found["threads"] == 1
