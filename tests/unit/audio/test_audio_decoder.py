"""The decoder process: it may crash, hang or be left alone, and that costs one file."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from recordings import babble, encode, encode_film, hear, lag

from earwitness.audio import _decoder_process, decoder
from earwitness.audio.decoder import POOL, DecodedStream, Decoder, DecoderGone, DecoderPool
from earwitness.audio.read import open_recording
from earwitness.audio.source import stored
from earwitness.errors import EmptyAudio, UnreadableAudio

SOUND = babble(3.0)
needs_signals = pytest.mark.skipif(
    not hasattr(signal, "SIGSTOP"), reason="this system cannot stop a process"
)


@pytest.fixture(scope="module")
def long_m4a(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("decoder") / "long.m4a"
    return encode(path, babble(60.0), 16000, codec="aac", container="ipod")


@pytest.fixture(autouse=True)
def fresh_pool():
    POOL.close()
    yield
    POOL.close()


def idle_pid() -> int:
    (idle,) = POOL._idle
    return idle._process.pid


def test_one_process_decodes_one_file_after_another(m4a):
    hear(m4a)
    first = idle_pid()
    with pytest.raises(UnreadableAudio):
        hear(b"not a recording at all")
    hear(m4a.read_bytes())
    assert idle_pid() == first


def test_two_recordings_that_are_open_at_once_have_a_process_each(m4a):
    with (
        open_recording(m4a, sample_rate=16000) as one,
        open_recording(m4a, sample_rate=16000) as other,
    ):
        pairs = list(zip(one.blocks(), other.blocks(), strict=True))
    assert len(POOL._idle) == 2
    assert all(np.array_equal(a, b) for a, b in pairs)


def test_many_threads_decode_side_by_side(m4a):
    heard: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: heard.append(hear(m4a).samples)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == 4
    assert all(np.array_equal(samples, heard[0]) for samples in heard)


def test_a_recording_that_is_closed_unread_gives_its_process_back(m4a):
    with open_recording(m4a, sample_rate=16000) as recording:
        assert recording.channels == 1
    assert len(POOL._idle) == 1
    assert abs(lag(hear(m4a).samples, SOUND)) <= 2


def test_a_recording_that_is_left_in_the_middle_ends_its_process(long_m4a, m4a):
    with open_recording(long_m4a, sample_rate=16000) as recording:
        next(recording.blocks())
    assert POOL._idle == []
    assert len(hear(m4a).samples) == pytest.approx(len(SOUND), abs=40)


def test_a_stream_that_is_closed_gives_nothing_more(m4a):
    stream = DecodedStream(stored(m4a))
    stream.close()
    stream.close()
    assert list(stream.blocks(0, None)) == []


@pytest.mark.parametrize("when", ["idle", "unread"])
def test_a_process_that_died_unnoticed_is_replaced(m4a, when):
    hear(m4a)
    if when == "idle":
        _kill(idle_pid())
    else:
        with open_recording(m4a, sample_rate=16000) as recording:
            _kill(recording._stream._decoder._process.pid)
    assert abs(lag(hear(m4a).samples, SOUND)) <= 2


def test_a_crash_before_the_first_sample_is_an_error_with_the_remedy(m4a):
    with open_recording(m4a, sample_rate=16000) as recording:
        _kill(recording._stream._decoder._process.pid)
        with pytest.raises(
            UnreadableAudio,
            match=r"clip\.m4a: the decoder was lost .*it crashed.*convert it to WAV",
        ):
            list(recording.blocks())
    assert abs(lag(hear(m4a).samples, SOUND)) <= 2


def test_a_crash_while_the_file_is_handed_over_is_an_error_too(m4a, monkeypatch):
    class Dying(Decoder):
        def send(self, request, data=b""):
            _kill(self._process.pid)
            super().send(request, data)

    monkeypatch.setattr(POOL, "borrow", Dying)
    with pytest.raises(UnreadableAudio, match=r"bytes: the decoder was lost on this file"):
        hear(m4a.read_bytes() * 100)


def test_a_crash_in_the_middle_keeps_what_was_heard_and_marks_it(long_m4a):
    with open_recording(long_m4a, sample_rate=16000) as recording:
        blocks = recording.blocks()
        seconds = len(next(blocks)) / 16000
        _kill(recording._stream._decoder._process.pid)
        seconds += sum(len(block) for block in blocks) / 16000
        assert 5 < seconds < 55
        assert recording.facts().truncated is True
        assert recording.facts().duration_s == pytest.approx(seconds, abs=0.1)


@needs_signals
def test_a_process_that_hangs_at_the_start_is_given_up(m4a, monkeypatch):
    hear(m4a)
    os.kill(idle_pid(), signal.SIGSTOP)
    monkeypatch.setattr(decoder, "TIMEOUT_S", 0.2)
    with pytest.raises(UnreadableAudio, match=r"clip\.m4a: .*it gave no sign of life for 0\.2 s"):
        hear(m4a)
    monkeypatch.undo()
    assert abs(lag(hear(m4a).samples, SOUND)) <= 2


@needs_signals
def test_a_process_that_hangs_in_the_middle_keeps_what_was_heard(long_m4a, monkeypatch):
    monkeypatch.setattr(decoder, "TIMEOUT_S", 0.5)
    with open_recording(long_m4a, sample_rate=16000) as recording:
        blocks = recording.blocks()
        next(blocks)
        os.kill(recording._stream._decoder._process.pid, signal.SIGSTOP)
        rest = sum(len(block) for block in blocks)
        assert rest < 45 * 16000
        assert recording.facts().truncated is True


@needs_signals
def test_the_pool_does_not_wait_for_ever_for_a_process_that_hangs(m4a, monkeypatch):
    hear(m4a)
    pid = idle_pid()
    os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr(decoder, "_FAREWELL_S", 0.1)
    POOL.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_pool_that_is_closed_has_ended_its_processes():
    pool = DecoderPool()
    lent = pool.borrow()
    pool.give_back(lent)
    pool.close()
    assert lent._process.returncode == 0
    assert not lent.is_alive()


def test_the_processes_end_with_the_program(m4a):
    script = (
        "import sys, pathlib; from earwitness.audio.read import open_recording\n"
        "with open_recording(sys.argv[1], sample_rate=16000) as r: n = sum(map(len, r.blocks()))\n"
        "from earwitness.audio.decoder import POOL; print(n, POOL._idle[0]._process.pid)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(m4a)], capture_output=True, text=True, check=True
    )
    count, pid = map(int, done.stdout.split())
    assert count == pytest.approx(len(SOUND), abs=40)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert done.stderr == ""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_after_a_fork_parent_and_child_do_not_share_a_process(m4a):
    expected = hear(m4a).samples
    pid = os.fork()
    if pid == 0:  # the child: whatever happens, it must not go on with the tests
        try:
            same = POOL._idle == [] and np.array_equal(hear(m4a).samples, expected)
            POOL.close()
            os._exit(0 if same else 1)
        finally:
            os._exit(2)
    assert os.waitpid(pid, 0)[1] == 0
    assert np.array_equal(hear(m4a).samples, expected)


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="only Linux tells limits")
def test_the_process_may_not_take_all_the_memory(m4a):
    hear(m4a)
    limits = Path(f"/proc/{idle_pid()}/limits").read_text(encoding="ascii")
    (line,) = [line for line in limits.splitlines() if line.startswith("Max address space")]
    assert int(line.split()[3]) <= _decoder_process.MEMORY_LIMIT


def answers_to(requests: bytes) -> list[tuple[bytes, bytes]]:
    """Serve requests in this very process, and take the answer apart."""
    feed, answers = io.BytesIO(requests), io.BytesIO()
    request = json.loads(feed.readline())
    data = feed.read(request["bytes"])
    _decoder_process._serve(request, data, feed, answers)
    answers.seek(0)
    messages = []
    while head := answers.read(_decoder_process.HEADER.size):
        kind, length = _decoder_process.HEADER.unpack(head)
        messages.append((kind, answers.read(length)))
    return messages


def test_the_process_answers_with_format_sound_and_end(m4a):
    request = json.dumps({"path": f"file:{m4a}", "bytes": 0}) + "\n"
    messages = answers_to(request.encode() + b'{"start": 1000, "stop": 3000}\n')
    assert [kind for kind, _ in messages] == [b"F", b"S", b"E"]
    assert json.loads(messages[0][1])["sample_rate"] == 16000
    assert len(messages[1][1]) == 4 * 2000
    assert json.loads(messages[2][1]) == {"broke_off": False}


def test_the_process_answers_with_the_format_alone_where_nobody_asks_for_sound(m4a):
    request = json.dumps({"path": f"file:{m4a}", "bytes": 0}) + "\nnull\n"
    assert [kind for kind, _ in answers_to(request.encode())] == [b"F"]


@pytest.mark.parametrize(("data", "kind"), [(b"nothing", "unreadable"), (None, "empty")])
def test_the_process_answers_with_a_reason_where_there_is_no_sound(tmp_path, data, kind):
    if data is None:
        data = encode_film(
            tmp_path / "film.mp4", SOUND, 16000, codec=None, container="mp4"
        ).read_bytes()
    request = json.dumps({"path": None, "bytes": len(data)}) + "\n"
    ((letter, payload),) = answers_to(request.encode() + data)
    assert letter == b"X"
    assert json.loads(payload)["kind"] == kind


def test_the_process_goes_when_nobody_reads_its_answers():
    class Gone(io.RawIOBase):
        def write(self, data):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        _decoder_process._serve({"path": None, "bytes": 1}, b"x", io.BytesIO(), Gone())


def test_a_process_says_that_it_is_alive_while_it_skips(long_m4a, monkeypatch):
    from earwitness.audio import codecs

    monkeypatch.setattr(codecs, "_HEARTBEAT_S", 0.0)
    decoding = codecs.Decoding(f"file:{long_m4a}")
    pieces = list(decoding.blocks(59 * 16000, None))
    decoding.close()
    assert pieces.count(b"") > 10
    assert sum(map(len, pieces)) == pytest.approx(4 * 16000, abs=4 * 64)


def test_signs_of_life_are_not_taken_for_sound(monkeypatch):
    class Scripted:
        answers = iter([
            (b"F", b'{"sample_rate": 8000, "channels": 1}'), (b"S", b""),
            (b"S", np.ones(4, "f4").tobytes()), (b"X", b'{"why": "broken", "kind": "unreadable"}'),
        ])  # fmt: skip

        def send(self, request, data=b""):
            pass

        def receive(self):
            return next(self.answers)

    monkeypatch.setattr(POOL, "borrow", Scripted)
    monkeypatch.setattr(POOL, "give_back", lambda lent: None)
    stream = DecodedStream(stored(b"anything"))
    assert [block.tolist() for block in stream.blocks(0, None)] == [[[1.0]] * 4]
    assert stream.broke_off is True


def test_a_decoder_that_is_gone_cannot_be_asked():
    lost = Decoder()
    lost.kill()
    with pytest.raises((DecoderGone, ValueError)):
        lost.send(None)


def test_an_empty_film_is_told_apart_from_a_broken_one(tmp_path):
    film = encode_film(tmp_path / "film.mkv", SOUND, 16000, codec=None, container="matroska")
    with pytest.raises(EmptyAudio, match="no audio stream"):
        hear(film)
    film.write_bytes(film.read_bytes()[:30])
    with pytest.raises(UnreadableAudio, match="no decoder makes sense"):
        hear(film)


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:  # until it is a zombie, so that its pipes are closed
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
        except OSError:
            time.sleep(0.1)
            return
        if state.split()[0] in "ZX":
            return
        time.sleep(0.005)
