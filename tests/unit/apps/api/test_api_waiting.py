"""Full desks, slow answers and stops: nobody waits without end, and nothing is lost in silence."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from earwitness import detector
from earwitness.apps.api.settings import ApiSettings, Limits
from earwitness.audio.apart import READERS
from earwitness.detector import Detector
from earwitness.errors import SettingsError
from serving import TINY, Served, await_that, limits, serving

pytestmark = pytest.mark.serve

CLIP = "spoof_flite_rms.flac"


class Gate:
    """A network that waits until it may answer."""

    at_once = 1

    def __init__(self) -> None:
        self.open = threading.Event()
        self.waiting = 0

    def scores(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        self.waiting += 1
        assert self.open.wait(30)
        return np.ones(len(samples), np.float32)


@pytest.fixture
def gate() -> Iterator[Gate]:
    found = Gate()
    yield found
    found.open.set()


def behind(gate: Gate) -> dict[str, Detector]:
    tiny = detector.load(TINY)
    return {"tiny": Detector(tiny.card, gate, tiny.point)}  # type: ignore[arg-type]


def ask(served: Served, clip: bytes) -> httpx.Response:
    return httpx.post(f"{served.url}/v1/detect", content=clip, timeout=30)


def test_a_full_desk_says_when_to_come_again_and_loses_nobody_who_waits(
    gate: Gate, examples: Path
) -> None:
    clip = (examples / CLIP).read_bytes()
    settings = ApiSettings(limits(workers=1, queue=2))
    with serving(settings, detectors=behind(gate)) as served, ThreadPoolExecutor(3) as people:
        waiting = [people.submit(ask, served, clip) for _ in range(3)]
        await_that(lambda: served.built.desk._taken == 3)
        refused = ask(served, clip)
        assert (refused.status_code, refused.json()["code"]) == (429, "server.busy")
        assert int(refused.headers["Retry-After"]) >= 1
        assert httpx.get(f"{served.url}/healthz").status_code == 200
        gate.open.set()
        assert [one.result().status_code for one in waiting] == [200] * 3
        assert ask(served, clip).status_code == 200


def test_an_answer_that_takes_too_long_is_given_up(gate: Gate, examples: Path) -> None:
    settings = ApiSettings(limits(answer_s=0.3))
    with serving(settings, detectors=behind(gate)) as served:
        late = ask(served, (examples / CLIP).read_bytes())
        assert (late.status_code, late.json()["code"]) == (504, "server.timeout")
        gate.open.set()
        await_that(lambda: served.built.desk.is_idle)
        assert served.left_files == []


def test_a_server_that_stops_answers_what_it_has_and_takes_in_nothing_new(
    gate: Gate, examples: Path
) -> None:
    clip = (examples / CLIP).read_bytes()
    with serving(detectors=behind(gate)) as served, ThreadPoolExecutor(1) as people:
        under_way = people.submit(ask, served, clip)
        await_that(lambda: gate.waiting)
        served.server.should_exit = True
        await_that(lambda: served.built.desk.is_stopping)
        refused = ask(served, clip)
        assert (refused.status_code, refused.json()["code"]) == (503, "server.stopping")
        assert httpx.get(f"{served.url}/readyz").status_code == 503
        assert httpx.get(f"{served.url}/healthz").status_code == 200
        gate.open.set()
        assert under_way.result().status_code == 200


@pytest.mark.slow
def test_a_reader_that_is_killed_costs_its_own_recording_only(
    gate: Gate, examples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lent = []
    borrow = READERS.borrow
    monkeypatch.setattr(READERS, "borrow", lambda: lent.append(borrow()) or lent[-1])
    long = (examples / "long_bonafide_it_with_one_spliced_sentence.ogg").read_bytes()
    with (
        serving(ApiSettings(limits(workers=3)), detectors=behind(gate)) as served,
        ThreadPoolExecutor(3) as people,
    ):
        asked = []
        for number in range(3):
            asked.append(people.submit(ask, served, long))
            await_that(lambda number=number: gate.waiting > number)
        os.kill(lent[1].pid, signal.SIGKILL)
        gate.open.set()
        statuses = [one.result().status_code for one in asked]
        assert statuses == [200, 422, 200]
        told = asked[1].result().json()
        assert told["code"] == "audio.unreadable"
        assert "the process that decodes was lost" in told["detail"]
        assert ask(served, long).status_code == 200


def test_a_mistake_of_the_servers_is_a_problem_without_its_insides(examples: Path) -> None:
    class Broken:
        at_once = 1

        def scores(self, samples: object) -> object:
            raise RuntimeError("the secret of the house")

    tiny = detector.load(TINY)
    broken = {"tiny": Detector(tiny.card, Broken(), tiny.point)}  # type: ignore[arg-type]
    with serving(detectors=broken) as served:
        answer = ask(served, (examples / CLIP).read_bytes())
        assert (answer.status_code, answer.json()["code"]) == (500, "server.failed")
        assert "secret" not in answer.text
        await_that(lambda: served.built.desk.is_idle)


@pytest.mark.parametrize("name", ["workers", "upload_mb", "decode_s"])
def test_limits_of_nothing_are_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} of a server must be larger than 0"):
        Limits(**{name: 0})  # type: ignore[arg-type]


def test_the_event_loop_is_free_while_a_network_works(gate: Gate, examples: Path) -> None:
    clip = (examples / CLIP).read_bytes()
    with (
        serving(ApiSettings(limits(workers=1)), detectors=behind(gate)) as served,
        ThreadPoolExecutor(1) as people,
    ):
        under_way = people.submit(ask, served, clip)
        await_that(lambda: gate.waiting)
        began = time.monotonic()
        for _ in range(8):
            assert httpx.get(f"{served.url}/healthz").status_code == 200
        assert time.monotonic() - began < 10
        gate.open.set()
        assert under_way.result().status_code == 200
