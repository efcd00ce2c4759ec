"""WS /v1/stream: running scores while the sound goes on, and its file's verdict at the end."""

import contextlib
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets.exceptions
from websockets.sync.client import ClientConnection, connect

import earwitness
from earwitness import detector
from earwitness.apps.api.settings import ApiSettings
from live_sound import opus, pcm16, pieces, sound_of
from serving import TINY, Served, await_that, limits, serving

pytestmark = pytest.mark.serve

CLIP = "spoof_flite_rms.flac"


def opened(served: Served, **query: Any) -> ClientConnection:
    asked = str(httpx.QueryParams(query))
    return connect(f"{served.url.replace('http', 'ws')}/v1/stream?{asked}", max_size=2**24)


def told(socket: ClientConnection) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    with contextlib.suppress(websockets.exceptions.ConnectionClosedError):
        found.extend(json.loads(text) for text in socket)
    return found


def end(socket: ClientConnection) -> None:
    socket.send(json.dumps({"type": "end"}))


def refused(socket: ClientConnection, code: str) -> None:
    [problem] = told(socket)
    assert (problem["type"], problem["code"]) == ("problem", code)


@pytest.mark.parametrize("form", ["webm", "ogg", "pcm_s16le", "pcm_f32le"])
def test_a_streams_verdict_is_its_files(served: Served, examples: Path, form: str) -> None:
    samples, rate = sound_of(examples / CLIP)
    query: dict[str, Any] = {"format": form}
    if form.startswith("pcm"):
        data = pcm16(samples) if form == "pcm_s16le" else samples.astype("<f4").tobytes()
        query["sample_rate"] = rate
        own = detector.load(TINY).detect(samples, sample_rate=rate)
    else:
        data = opus(samples, rate, form)
        own = detector.load(TINY).detect(data)
    with opened(served, **query) as socket:
        for piece in pieces(data, 60):
            socket.send(piece)
        end(socket)
        ready, *running, verdict = told(socket)
    assert (ready["type"], ready["model"]) == ("ready", "tiny")
    assert {one["type"] for one in running} == {"running"}
    assert (verdict["type"], verdict["ended"]) == ("verdict", "end")
    assert verdict["llr"] == pytest.approx(own.llr, abs=0.1)
    assert verdict["verdict"] == own.answer
    assert [one["start_s"] for one in verdict["segments"]] == pytest.approx(
        [one.start_s for one in own.segments], abs=0.05
    )
    if not form.startswith("pcm"):
        assert verdict["sha256"] == own.facts.sha256


def test_running_scores_are_never_half_a_second_behind_the_sound(
    served: Served, examples: Path
) -> None:
    samples, rate = sound_of(examples / CLIP)
    for form in ("pcm_s16le", "webm"):
        data = pcm16(samples) if form == "pcm_s16le" else opus(samples, rate, form)
        with opened(served, format=form, sample_rate=rate, every_s=0.1) as socket:
            heard_s = 0.0
            for number, piece in enumerate(pieces(data, 60), 1):
                socket.send(piece)
                sent_s = number / 60 * len(samples) / rate
                while heard_s < sent_s - 0.5:
                    message = json.loads(socket.recv(timeout=10))
                    heard_s = message.get("heard_s", 0.0)
            assert heard_s > len(samples) / rate - 0.6


def test_windows_are_told_once_each_and_are_the_verdicts(served: Served, examples: Path) -> None:
    samples, rate = sound_of(examples / "bonafide_pocketsphinx_numbers.wav")
    with opened(served, format="pcm_s16le", sample_rate=rate) as socket:
        for piece in pieces(pcm16(samples), 30):
            socket.send(piece)
        end(socket)
        _, *running, verdict = told(socket)
    early = [window for one in running for window in one["windows"]]
    keys = ("start_s", "end_s", "llr", "raw_score")
    final = [{key: window[key] for key in keys} for window in verdict["segments"]]
    assert early == final[: len(early)]
    assert running[0]["reasons"]


def test_pcm_in_two_channels_and_odd_pieces_is_put_together(served: Served, examples: Path) -> None:
    samples, rate = sound_of(examples / CLIP)
    both = pcm16(samples.repeat(2))
    with opened(served, format="pcm_s16le", sample_rate=rate, channels=2) as socket:
        for at in range(0, len(both), 9999):
            socket.send(both[at : at + 9999])
        end(socket)
        verdict = told(socket)[-1]
    assert verdict["duration_s"] == pytest.approx(len(samples) / rate)
    assert verdict["provenance"]["channels"] == 2
    assert verdict["llr"] == pytest.approx(
        detector.load(TINY).detect(samples, sample_rate=rate).llr, abs=0.1
    )


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"format": "mp5"}, "request.invalid"),
        ({"sample_rate": 3}, "request.invalid"),
        ({"colour": "red"}, "request.invalid"),
        ({"prior": 2}, "request.invalid"),
        ({"model": "other"}, "name.unknown"),
        ({"operating_point": "guess"}, "name.unknown"),
    ],
)
def test_an_address_that_does_not_fit_is_a_problem_in_words(
    served: Served, query: dict[str, Any], code: str
) -> None:
    with opened(served, **query) as socket:
        refused(socket, code)


def test_bytes_that_are_no_sound_are_a_problem_and_end_the_stream(served: Served) -> None:
    with opened(served, format="webm") as socket:
        socket.send(b"no sound at all " * 1000)
        end(socket)
        refused(socket, "audio.unreadable")


def test_a_text_that_is_not_the_end_is_a_problem(served: Served) -> None:
    with opened(served, format="pcm_s16le") as socket:
        socket.send("are you there?")
        assert told(socket)[-1]["code"] == "request.invalid"
    await_that(lambda: served.built.streams.is_idle)


def test_an_empty_stream_has_a_verdict_too(served: Served) -> None:
    with opened(served, format="pcm_s16le") as socket:
        end(socket)
        assert told(socket)[-1]["reasons"] == ["no_speech"]


@pytest.mark.parametrize("form", ["pcm_s16le", "webm"])
def test_a_client_that_leaves_frees_its_place(served: Served, examples: Path, form: str) -> None:
    samples, rate = sound_of(examples / CLIP)
    data = pcm16(samples) if form == "pcm_s16le" else opus(samples, rate, form)
    with opened(served, format=form, sample_rate=rate) as socket:
        socket.send(data[: len(data) // 2])
        socket.recv(timeout=10)
    await_that(lambda: served.built.streams.is_idle)


def test_limits_of_streams_hold(examples: Path) -> None:
    samples, rate = sound_of(examples / CLIP)
    settings = ApiSettings(limits(streams=1, stream_s=2, idle_s=2))
    with serving(settings) as served:
        with opened(served, format="pcm_s16le", sample_rate=rate) as first:
            assert json.loads(first.recv(timeout=10))["type"] == "ready"
            with opened(served, format="pcm_s16le") as second:
                refused(second, "server.busy")
            for piece in pieces(pcm16(samples), 30):
                first.send(piece)
            verdict = told(first)[-1]
            assert verdict["ended"] == "limit"
            assert 2 <= verdict["duration_s"] < 3
        await_that(lambda: served.built.streams.is_idle)
        with opened(served, format="pcm_s16le", sample_rate=rate) as silent:
            silent.send(pcm16(samples[:rate]))
            assert told(silent)[-1]["ended"] == "idle"


def test_a_server_that_stops_hands_out_verdicts_of_what_was_heard(examples: Path) -> None:
    samples, rate = sound_of(examples / CLIP)
    with serving() as served, opened(served, format="pcm_s16le", sample_rate=rate) as socket:
        socket.send(pcm16(samples[: 3 * rate]))
        while json.loads(socket.recv(timeout=10)).get("heard_s", 0) < 2.5:
            pass
        served.server.should_exit = True
        verdict = told(socket)[-1]
        assert (verdict["type"], verdict["ended"]) == ("verdict", "stopping")
        assert verdict["duration_s"] == pytest.approx(3)


def test_a_client_that_does_not_read_gets_the_newest_scores_and_the_verdict(
    served: Served, examples: Path
) -> None:
    samples, rate = sound_of(examples / CLIP)
    with opened(served, format="pcm_s16le", sample_rate=rate, every_s=0.1) as socket:
        for piece in pieces(pcm16(samples) * 4, 200):
            socket.send(piece)
        end(socket)
        time.sleep(1)
        assert told(socket)[-1]["type"] == "verdict"


@pytest.mark.slow
@pytest.mark.parametrize("form", ["webm", "ogg"])
@pytest.mark.parametrize("name", ["bonafide_asterisk_ru_1.ogg", "spoof_kokoro_if_sara.ogg", CLIP])
def test_the_default_detectors_streams_agree_with_its_files(
    examples: Path, name: str, form: str
) -> None:
    default = earwitness.load()
    data = opus(*sound_of(examples / name), form)
    with serving(detectors={"embedded": default}) as served, opened(served, format=form) as socket:
        for piece in pieces(data, 40):
            socket.send(piece)
        end(socket)
        verdict = told(socket)[-1]
    assert verdict["llr"] == pytest.approx(default.detect(data).llr, abs=0.1)


def test_a_stream_that_trickles_is_ended_by_the_clock() -> None:
    settings = ApiSettings(limits(stream_s=0.3, idle_s=5))
    with serving(settings) as served, opened(served, format="pcm_s16le") as socket:
        with contextlib.suppress(websockets.exceptions.ConnectionClosed):
            for _ in range(40):
                socket.send(bytes(2))
                time.sleep(0.05)
        assert told(socket)[-1]["ended"] == "limit"
