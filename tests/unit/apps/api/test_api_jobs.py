"""Jobs: taken in, asked after, stopped, and forgotten after a stated time."""

import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from earwitness import detector
from earwitness.apps.api.desk import Asked, Desk, Upload
from earwitness.apps.api.jobs import Jobs
from earwitness.apps.api.problems import Problem
from earwitness.apps.api.settings import ApiSettings
from earwitness.apps.cli._serving import add_key
from earwitness.detector import Detector
from earwitness.records import Failure
from serving import TINY, Served, await_that, limits, serving

pytestmark = pytest.mark.serve

CLIP = "spoof_flite_rms.flac"


class Gate:
    """A network that waits until it may answer."""

    at_once = 1

    def __init__(self) -> None:
        self.open = threading.Event()
        self.is_waiting = threading.Event()

    def scores(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        self.is_waiting.set()
        assert self.open.wait(30)
        return np.ones(len(samples), np.float32)

    def detectors(self) -> dict[str, Detector]:
        tiny = detector.load(TINY)
        return {"tiny": Detector(tiny.card, self, tiny.point)}  # type: ignore[arg-type]


def batch(examples: Path, *names: str) -> list[tuple[str, tuple[str, bytes]]]:
    found = {name: (examples / name).read_bytes() for name in names if (examples / name).exists()}
    return [("file", (name, found.get(name, b"no sound"))) for name in names]


def test_a_batch_is_answered_in_order_and_what_fails_stops_nothing(
    http: httpx.Client, served: Served, examples: Path
) -> None:
    taken = http.post("/v1/jobs", files=batch(examples, CLIP, "not there.wav", "music.ogg"))
    assert taken.status_code == 202
    assert taken.headers["Location"] == f"/v1/jobs/{taken.json()['id']}"
    done = http.get(taken.headers["Location"], params={"wait_s": 30}).json()
    assert done["status"] == "done"
    assert [one["status"] for one in done["files"]] == ["done", "failed", "done"]
    first, second, third = done["results"]
    alone = http.post(f"/v1/detect?name={CLIP}", content=(examples / CLIP).read_bytes()).json()
    assert first == alone
    assert second["error"]["code"] == "audio.unreadable"
    assert second["error"]["message"].startswith("not there.wav: no decoder makes sense of it")
    assert third["source"] == "music.ogg"
    assert served.left_files == []


def test_results_of_a_job_that_is_over_can_be_forgotten_before_their_time(
    http: httpx.Client, examples: Path
) -> None:
    place = http.post("/v1/jobs", files=batch(examples, CLIP)).headers["Location"]
    done = http.get(place, params={"wait_s": 30}).json()
    kept_s = datetime.fromisoformat(done["expires_at"]) - datetime.fromisoformat(done["created_at"])
    assert kept_s.total_seconds() == pytest.approx(3600, abs=20)
    assert http.delete(place).status_code == 204
    gone = http.get(place)
    assert (gone.status_code, gone.json()["code"]) == (404, "job.unknown")


def test_a_job_that_runs_is_stopped_and_its_files_are_removed(examples: Path) -> None:
    gate = Gate()
    with serving(detectors=gate.detectors()) as served, httpx.Client(base_url=served.url) as http:
        place = http.post("/v1/jobs", files=batch(examples, CLIP, CLIP)).headers["Location"]
        assert gate.is_waiting.wait(20)
        running = http.get(place).json()
        assert (running["status"], running["expires_at"]) == ("running", None)
        assert [one["status"] for one in running["files"]] == ["listening", "waiting"]
        assert running["files"][0]["total_s"] == pytest.approx(6.16)
        stopped = http.delete(place).json()
        assert stopped["status"] == "cancelled"
        assert [one["status"] for one in stopped["files"]] == ["stopped", "stopped"]
        assert served.left_files == []
        gate.open.set()
        assert http.get(place).json()["status"] == "cancelled"


def test_only_so_many_jobs_wait(examples: Path) -> None:
    gate = Gate()
    settings = ApiSettings(limits(jobs=1))
    with (
        serving(settings, detectors=gate.detectors()) as served,
        httpx.Client(base_url=served.url) as http,
    ):
        http.post("/v1/jobs", files=batch(examples, CLIP))
        refused = http.post("/v1/jobs", files=batch(examples, CLIP))
        assert (refused.status_code, refused.json()["code"]) == (429, "server.busy")
        gate.open.set()


def test_a_server_that_stops_finishes_the_job_that_runs_and_hands_back_those_that_wait(
    examples: Path,
) -> None:
    gate = Gate()
    with serving(detectors=gate.detectors()) as served, httpx.Client(base_url=served.url) as http:
        first = http.post("/v1/jobs", files=batch(examples, CLIP)).json()
        assert gate.is_waiting.wait(20)
        second = http.post("/v1/jobs", files=batch(examples, CLIP)).json()
        jobs = served.built.jobs
        served.server.should_exit = True
        await_that(lambda: jobs.find(second["id"], None).status == "cancelled")
        assert jobs.find(first["id"], None).status == "running"
        gate.open.set()
        await_that(lambda: jobs.find(first["id"], None).status == "done")


def test_a_job_belongs_to_the_key_that_made_it(tmp_path: Path, examples: Path) -> None:
    mine, yours = (add_key(tmp_path / "keys", name, as_json=False) for name in ("me", "you"))
    with (
        serving(ApiSettings(limits(), keys=tmp_path / "keys")) as served,
        httpx.Client(base_url=served.url) as http,
    ):
        taken = http.post(
            "/v1/jobs", files=batch(examples, CLIP), headers={"Authorization": f"Bearer {mine}"}
        )
        place = taken.headers["Location"]
        others = http.get(place, headers={"Authorization": f"Bearer {yours}"})
        assert (others.status_code, others.json()["code"]) == (404, "job.unknown")
        own = http.get(place, headers={"Authorization": f"Bearer {mine}"})
        assert own.status_code == 200


@pytest.mark.parametrize(
    ("question", "sent", "code"),
    [
        ({}, {"files": [("file", (str(n), b"x")) for n in range(101)]}, "request.invalid"),
        ({"model": "other"}, {"files": [("file", ("a", b"x"))]}, "name.unknown"),
        ({}, {"files": [("sound", ("a", b"x"))]}, "request.invalid"),
    ],
)
def test_a_job_that_does_not_fit_is_refused_and_leaves_no_file(
    http: httpx.Client, served: Served, question: Any, sent: Any, code: str
) -> None:
    answer = http.post("/v1/jobs", params=question, **sent)
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] == code
    assert served.left_files == []


@pytest.mark.parametrize("name", ["nothing", "a" * 65, "%2e%2e"])
def test_a_job_that_is_not_there_is_a_problem(http: httpx.Client, name: str) -> None:
    for answer in (http.get(f"/v1/jobs/{name}"), http.delete(f"/v1/jobs/{name}")):
        assert answer.status_code in (404, 422)
        assert answer.json()["code"] in ("job.unknown", "request.invalid")


def heard(jobs: Jobs, path: Path) -> str:
    job = jobs.add(Asked(), [Upload(path, "clip")], None)
    await_that(lambda: job.is_over)
    return job.id


def test_results_are_forgotten_after_their_time_and_the_oldest_when_they_are_too_many(
    tmp_path: Path,
) -> None:
    now = 0.0
    desk = Desk({"tiny": detector.load(TINY)}, limits(results=2, keep_results_s=10))
    jobs = Jobs(desk, clock=lambda: now)
    ids = []
    for _ in range(3):
        now += 1
        ids.append(heard(jobs, tmp_path / "gone.wav"))
    with pytest.raises(Problem, match=r"no such job\. Results are kept for 10 s"):
        jobs.find(ids[0], None)
    found = jobs.find(ids[1], None).files[0].found
    assert isinstance(found, Failure)
    assert found.message.startswith("clip: there is no such file")
    now = 12.5
    assert jobs.find(ids[2], None).is_over
    with pytest.raises(Problem, match="no such job"):
        jobs.find(ids[1], None)
    jobs.close()
    desk.close()


def test_a_recording_that_brings_the_network_down_is_a_failure_of_its_own(examples: Path) -> None:
    class Broken:
        at_once = 1

        def scores(self, samples: object) -> object:
            raise RuntimeError("the secret of the house")

    tiny = detector.load(TINY)
    broken = {"tiny": Detector(tiny.card, Broken(), tiny.point)}  # type: ignore[arg-type]
    with serving(detectors=broken) as served, httpx.Client(base_url=served.url) as http:
        place = http.post("/v1/jobs", files=batch(examples, CLIP, "silence.wav")).headers[
            "Location"
        ]
        first, second = http.get(place, params={"wait_s": 30}).json()["results"]
        assert first["error"]["code"] == "server.failed"
        assert "secret" not in first["error"]["message"]
        assert second["verdict"] == "inconclusive"
