"""POST /v1/detect: what the library says, or a problem with a code."""

import io
import json
import math
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile

from earwitness import detector
from earwitness.apps.api.settings import ApiSettings
from earwitness.apps.api.uploads import label_of
from earwitness.apps.client.reading import verdict as read
from earwitness.records import Verdict
from earwitness.reporting import Finding, Part
from earwitness.reporting.as_json import table
from serving import TINY, Served, await_that, limits, serving

pytestmark = pytest.mark.serve

CLIP = "spoof_flite_rms.flac"


def rounded(verdict: Verdict) -> Verdict:
    """Round times as answers do: to a microsecond."""
    return replace(
        verdict,
        speech_s=round(verdict.speech_s, 6),
        segments=tuple(
            replace(
                one,
                start_s=round(one.start_s, 6),
                end_s=round(one.end_s, 6),
                speech_s=round(one.speech_s, 6),
                fresh_s=round(one.fresh_s, 6),
            )
            for one in verdict.segments
        ),
        stretches=tuple(
            replace(one, start_s=round(one.start_s, 6), end_s=round(one.end_s, 6))
            for one in verdict.stretches
        ),
        facts=replace(verdict.facts, duration_s=round(verdict.facts.duration_s, 6)),
    )


def problem(answer: httpx.Response, status: int) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, object] = answer.json()
    assert told["status"] == status
    assert told["type"] == f"urn:earwitness:problem:{told['code']}"
    return told


@pytest.mark.parametrize("name", [CLIP, "spoof_hibari_heart_2.m4a", "music.ogg", "silence.wav"])
def test_an_upload_is_answered_as_the_library_answers_the_file(
    http: httpx.Client, examples: Path, name: str
) -> None:
    with (examples / name).open("rb") as file:
        answer = http.post("/v1/detect", files={"file": (name, file)})
    assert answer.status_code == 200, answer.text
    own = detector.load(TINY).detect(examples / name)
    own = replace(own, facts=replace(own.facts, source=name))
    assert read(answer.json()) == rounded(own)


def test_an_answer_is_a_line_of_detect_json_and_a_little_more(
    http: httpx.Client, examples: Path
) -> None:
    answer = http.post("/v1/detect?name=a.flac", content=(examples / CLIP).read_bytes()).json()
    for segment in answer["segments"]:
        assert segment.pop("fresh_s") <= segment.pop("speech_s")
    own = detector.load(TINY).detect(examples / CLIP)
    assert answer == json.loads(json.dumps(table(Finding(own, Part("a.flac")))))


def test_a_question_moves_line_channel_and_range(http: httpx.Client, examples: Path) -> None:
    asked = {"prior": 0.01, "channel": 0, "start_s": 1, "end_s": 4}
    answer = http.post("/v1/detect", params=asked, content=(examples / CLIP).read_bytes()).json()
    assert answer["threshold"] == pytest.approx(math.log(0.01 / 0.99))
    assert (answer["channel"], answer["range_s"], answer["duration_s"]) == (0, [1, 4], 3)
    asked = {"operating_point": "accusation"}
    answer = http.post("/v1/detect", params=asked, content=(examples / CLIP).read_bytes()).json()
    assert (answer["threshold"], answer["operating_point"]) == (-2.0, "accusation")


@pytest.mark.parametrize(
    ("asked", "code", "told"),
    [
        ({"prior": 1}, "request.invalid", "prior"),
        ({"channel": "left"}, "request.invalid", "channel"),
        ({"start_s": -1}, "request.invalid", "start_s"),
        ({"start_s": 4, "end_s": 2}, "settings", "forwards"),
        ({"start_s": 400}, "audio.empty", "ends before 400 s"),
        ({"channel": 7}, "audio.empty", "has no channel 7"),
        ({"model": "../../etc"}, "name.unknown", "is not served here"),
        ({"operating_point": "guess"}, "name.unknown", "no operating point"),
    ],
)
def test_a_question_that_does_not_fit_is_a_problem(
    http: httpx.Client, examples: Path, asked: dict[str, str], code: str, told: str
) -> None:
    answer = http.post("/v1/detect", params=asked, content=(examples / CLIP).read_bytes())
    found = problem(answer, 422)
    assert found["code"] == code
    assert told in str(found["detail"])


def test_what_no_decoder_reads_is_a_problem_that_names_the_label_and_no_path(
    http: httpx.Client, served: Served
) -> None:
    files = {"file": ("../../etc/speech.wav", b"RIFF" + bytes(200))}
    found = problem(http.post("/v1/detect", files=files), 422)
    assert found["code"] == "audio.unreadable"
    assert str(found["detail"]).startswith("speech.wav: no decoder makes sense of it")
    assert str(served.built.spool.path) not in str(found)


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"content": b""}, 422, "audio.empty"),
        ({"json": {"file": "x"}}, 415, "request.media_type"),
        ({"files": {"file": ("a", b"")}}, 422, "audio.empty"),
        ({"files": {"sound": ("a", b"x")}}, 422, "request.invalid"),
        ({"files": {"file": ("a", b"x")}, "data": {"model": "tiny"}}, 422, "request.invalid"),
        ({"files": [("file", ("a", b"x")), ("file", ("b", b"y"))]}, 400, "request.invalid"),
        (
            {"content": b"--x\r\n", "headers": {"content-type": "multipart/form-data"}},
            400,
            "request.invalid",
        ),
    ],
)
def test_a_body_that_is_no_recording_is_a_problem(
    http: httpx.Client, sent: dict[str, object], status: int, code: str
) -> None:
    answer = http.post("/v1/detect", **sent)  # type: ignore[arg-type]
    assert problem(answer, status)["code"] == code


def test_pages_that_are_not_there_and_methods_that_do_not_fit_are_problems(
    http: httpx.Client,
) -> None:
    assert problem(http.get("/v1/nothing"), 404)["code"] == "request.no_such_page"
    assert problem(http.get("/v1/detect"), 405)["code"] == "request.method"


def test_nothing_is_left_of_what_was_answered_or_refused(
    http: httpx.Client, served: Served, examples: Path
) -> None:
    http.post("/v1/detect", content=(examples / CLIP).read_bytes())
    http.post("/v1/detect", files={"file": ("a", b"no sound")})
    assert served.left_files == []


def test_a_recording_that_is_too_long_is_refused_for_what_it_holds_not_what_it_claims(
    examples: Path,
) -> None:
    with serving(ApiSettings(limits(duration_s=3))) as served:
        answer = httpx.post(f"{served.url}/v1/detect", content=(examples / CLIP).read_bytes())
        found = problem(answer, 413)
        assert found["code"] == "audio.too_long"
        claims = io.BytesIO()
        soundfile.write(claims, np.zeros(16000, np.int16), 16000, format="WAV")
        lying = bytearray(claims.getvalue())
        lying[40:44] = (2_000_000_000).to_bytes(4, "little")
        answer = httpx.post(f"{served.url}/v1/detect", content=bytes(lying))
        assert answer.json()["reasons"] == ["no_speech", "truncated"]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        (None, "upload"),
        ("", "upload"),
        ("....", "upload"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\x00b\x1b[31m.wav", "ab[31m.wav"),
        ("x" * 500, "x" * 120),
        ("речь.wav", "речь.wav"),
    ],
)
def test_a_file_name_is_a_harmless_label(name: str | None, label: str) -> None:
    assert label_of(name) == label


def test_the_detectors_that_are_served_are_listed_without_their_place(
    http: httpx.Client,
) -> None:
    [model] = http.get("/v1/models").json()["models"]
    assert (model["name"], model["default"], model["is_calibrated"]) == ("tiny", True, True)
    assert set(model["operating_points"]) == {"balanced", "accusation"}
    assert str(TINY.parent) not in json.dumps(model)


def test_counts_tell_routes_and_answers_but_no_names(http: httpx.Client, examples: Path) -> None:
    http.post("/v1/detect?name=secret.wav", content=(examples / CLIP).read_bytes())
    answer = http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'earwitness_requests_total{route="/v1/detect",status="200"}' in answer.text
    assert 'earwitness_request_seconds_bucket{route="/v1/detect",le="+Inf"}' in answer.text
    assert "earwitness_verdicts_total{answer=" in answer.text
    assert "secret" not in answer.text


def test_the_manual_has_every_route_and_loads_nothing(http: httpx.Client) -> None:
    page = http.get("/docs").text
    for route in ("POST /v1/detect", "DELETE /v1/jobs/{job_id}", "GET /metrics"):
        assert route in page
    assert "<script" not in page
    assert "http://" not in page.replace(http.base_url.host, "")


def test_health_is_told_to_anybody(http: httpx.Client) -> None:
    assert http.get("/healthz", headers={"Host": "anything"}).json()["status"] == "ok"
    assert http.get("/readyz").status_code == 200


def test_a_client_that_leaves_stops_the_work(examples: Path) -> None:
    with serving() as served:
        long = examples / "long_bonafide_it_with_one_spliced_sentence.ogg"
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(
                f"{served.url}/v1/detect",
                content=long.read_bytes(),
                timeout=httpx.Timeout(20, read=0.2),
            )
        await_that(lambda: served.built.desk.is_idle)
        assert served.left_files == []
        assert "earwitness_verdicts_total{" not in served.built.desk.metrics.text()
