"""The Python client: records in, records out, and errors of our own classes."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from earwitness import detector
from earwitness.apps.api.settings import ApiSettings
from earwitness.apps.cli._serving import add_key
from earwitness.apps.client.streaming import Sound
from earwitness.client import Client, Update
from earwitness.errors import (
    EmptyAudio,
    ServerError,
    SettingsError,
    UnknownName,
    UnreadableAudio,
)
from earwitness.records import Failure, Verdict
from live_sound import opus, pcm16, pieces, sound_of
from serving import TINY, limits, serving

pytestmark = pytest.mark.serve

CLIP = "spoof_flite_rms.flac"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with serving() as served, Client(served.url + "/") as found:
        yield found


@pytest.mark.parametrize("form", ["path", "name", "bytes", "stream"])
def test_a_recording_in_any_form_gets_the_librarys_verdict(
    client: Client, examples: Path, form: str
) -> None:
    path = examples / CLIP
    source = {
        "path": path,
        "name": str(path),
        "bytes": path.read_bytes(),
        "stream": io.BytesIO(path.read_bytes()),
    }[form]
    found, own = client.detect(source), detector.load(TINY).detect(path)
    assert (found.llr, found.answer, found.quality) == (own.llr, own.answer, own.quality)
    assert found.facts.sha256 == own.facts.sha256
    assert found.facts.source == (CLIP if form in ("path", "name") else form)


def test_silence_comes_back_with_its_level_of_minus_infinity(
    client: Client, examples: Path
) -> None:
    own = detector.load(TINY).detect(examples / "silence.wav")
    found = client.detect(examples / "silence.wav")
    assert found.quality == own.quality
    assert replace(found.facts, source=own.facts.source) == own.facts


def test_questions_reach_the_server(client: Client, examples: Path) -> None:
    found = client.detect(
        examples / CLIP, operating_point="accusation", channel=0, time_range=(1.0, 3.0)
    )
    assert (found.operating_point, found.threshold) == ("accusation", -2.0)
    assert found.facts.duration_s == pytest.approx(2)
    with pytest.raises(TypeError, match="colour"):
        client.detect(examples / CLIP, colour="red")


@pytest.mark.parametrize(
    ("source", "question", "kind", "told"),
    [
        (b"no sound", {}, UnreadableAudio, "^bytes: no decoder makes sense of it"),
        (CLIP, {"time_range": (100.0, 101.0)}, EmptyAudio, "ends before 100 s"),
        (CLIP, {"time_range": (3.0, 1.0)}, SettingsError, "runs forwards"),
        (CLIP, {"model": "other"}, UnknownName, "is not served here"),
        (CLIP, {"prior": 2.0}, ServerError, "query prior"),
        ("not/there.wav", {}, UnreadableAudio, "cannot be opened"),
    ],
)
def test_what_goes_wrong_is_an_error_of_our_own(
    client: Client,
    examples: Path,
    source: str | bytes,
    question: dict[str, object],
    kind: type[Exception],
    told: str,
) -> None:
    sent = source if isinstance(source, bytes) else examples / source
    with pytest.raises(kind, match=told):
        client.detect(sent, **question)


def test_many_recordings_go_as_a_job_and_come_back_in_order(client: Client, examples: Path) -> None:
    verdict, failure = client.detect_many([examples / CLIP, b"no sound"])
    assert isinstance(verdict, Verdict)
    assert verdict.facts.source == CLIP
    assert isinstance(failure, Failure)
    assert failure.code == "audio.unreadable"


def test_a_job_can_be_asked_after_and_forgotten(client: Client, examples: Path) -> None:
    job = client.wait(client.submit([examples / CLIP]))
    assert (job.status, job.sources) == ("done", (CLIP,))
    client.cancel(job)
    with pytest.raises(ServerError, match="There is no such job") as gone:
        client.job(job.id)
    assert (gone.value.code, gone.value.status) == ("job.unknown", 404)


def test_the_detectors_are_listed(client: Client) -> None:
    [model] = client.models()
    assert (model.name, model.is_default, model.licence) == ("tiny", True, "Apache-2.0")
    assert set(model.operating_points) == {"balanced", "accusation"}


@pytest.mark.parametrize("form", ["container", "pcm_s16le"])
def test_a_stream_gives_updates_and_the_verdict_as_the_last(
    client: Client, examples: Path, form: str
) -> None:
    samples, rate = sound_of(examples / CLIP)
    data = opus(samples, rate, "webm") if form == "container" else pcm16(samples)
    sound = Sound(form, sample_rate=rate)  # type: ignore[arg-type]
    *updates, verdict = client.stream(pieces(data, 40), sound, prior=0.1)
    assert updates
    assert all(isinstance(one, Update) for one in updates)
    assert isinstance(verdict, Verdict)
    assert verdict.prior == 0.1
    with pytest.raises(UnknownName, match="is not served here"):
        list(client.stream(pieces(data, 40), sound, model="other"))


def test_a_key_is_shown_with_every_request(tmp_path: Path, examples: Path) -> None:
    key = add_key(tmp_path / "keys", "me", as_json=False)
    samples, rate = sound_of(examples / CLIP)
    with serving(ApiSettings(limits(), keys=tmp_path / "keys")) as served:
        with Client(served.url, key=key) as client:
            assert client.detect(examples / CLIP).model == "tiny"
            sound = Sound("pcm_s16le", sample_rate=rate)
            assert list(client.stream([pcm16(samples)], sound))[-1].llr is not None
        with Client(served.url) as stranger:
            with pytest.raises(ServerError, match="wants an API key"):
                stranger.models()
            with pytest.raises(ServerError, match="takes in no stream"):
                list(stranger.stream([b""], Sound("pcm_s16le")))


def answering(*answers: httpx.Response) -> Client:
    left = list(answers)
    return Client("http://nowhere", transport=httpx.MockTransport(lambda _: left.pop(0)))


def test_a_busy_server_is_asked_again_when_it_says() -> None:
    busy = {"code": "server.busy", "detail": "Full."}
    client = answering(
        httpx.Response(429, json=busy, headers={"Retry-After": "0"}),
        httpx.Response(200, json={"models": []}),
    )
    assert client.models() == ()


def test_a_server_that_stays_busy_is_given_up() -> None:
    busy = {"code": "server.busy", "detail": "Full."}
    client = answering(httpx.Response(429, json=busy, headers={"Retry-After": "600"}))
    with pytest.raises(ServerError, match="Full") as error:
        client.models()
    assert (error.value.code, error.value.retry_after_s) == ("server.busy", 600)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (httpx.Response(502, text="<html>"), "answered with status 502"),
        (httpx.Response(200, json={"verdict": "spoof"}), "The server's answer is no verdict"),
    ],
)
def test_another_kind_of_server_is_told_from_ours(answer: httpx.Response, told: str) -> None:
    with pytest.raises(ServerError, match=told):
        answering(answer).detect(b"sound")


def test_a_server_that_is_not_there_is_an_error_that_says_so() -> None:
    with pytest.raises(ServerError, match=r"did not answer .* Is it running there") as error:
        Client("http://127.0.0.1:1").models()
    assert error.value.code == "server.unreachable"
    with pytest.raises(ServerError, match="takes in no stream"):
        list(Client("http://127.0.0.1:1").stream([b""]))
