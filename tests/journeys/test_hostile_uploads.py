"""A server meets uploads that mean harm: no crash, no leak, no hang."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from earwitness.apps.api.metrics import resident_bytes
from earwitness.apps.api.settings import ApiSettings
from hostile_uploads import NAMES, UPLOADS, leaked, tone
from serving import Served, limits, serving

pytestmark = [pytest.mark.serve, pytest.mark.slow]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving(ApiSettings(limits(duration_s=600, decode_s=30))) as found:
        yield found


def sound_still_gets_its_answer(served: Served) -> None:
    answer = httpx.post(f"{served.url}/v1/detect", content=tone("WAV"), timeout=30)
    assert answer.status_code == 200
    assert served.left_files == []


QUICK = [name for name in UPLOADS if "hours" not in name and "damaged" not in name]


@pytest.mark.parametrize("name", QUICK)
def test_one_upload_that_means_harm_costs_one_request(served: Served, name: str) -> None:
    began = time.monotonic()
    answer = httpx.post(f"{served.url}/v1/detect", content=UPLOADS[name](), timeout=60)
    assert time.monotonic() - began < 40
    assert answer.status_code in (200, 413, 422), answer.text
    if answer.status_code != 200:
        assert answer.json()["code"] in ("audio.unreadable", "audio.empty", "audio.too_long")
    assert not leaked(answer.text, served.built.spool.path)
    sound_still_gets_its_answer(served)


@pytest.mark.parametrize("name", [name for name in UPLOADS if name not in QUICK])
def test_bombs_and_damage_are_ended_too(served: Served, name: str) -> None:
    data = UPLOADS[name]()
    before = resident_bytes()
    answer = httpx.post(f"{served.url}/v1/detect", content=data, timeout=120)
    assert answer.status_code in (200, 413, 422), answer.text
    if "hours" in name:
        assert answer.json()["code"] == "audio.too_long"
    assert resident_bytes() - before < 200 * 2**20
    sound_still_gets_its_answer(served)


def test_names_are_labels_and_write_nothing_anywhere(served: Served, tmp_path: Path) -> None:
    for name in NAMES:
        answer = httpx.post(
            f"{served.url}/v1/detect", params={"name": name}, content=tone("WAV"), timeout=30
        )
        assert answer.status_code == 200
        label = answer.json()["source"]
        assert 0 < len(label) <= 120
        assert "/" not in label
        assert "\\" not in label
        assert label.isprintable()
    assert served.left_files == []


def test_many_of_them_at_once_leave_nothing_behind(served: Served) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def send(name: str) -> int:
        url = f"{served.url}/v1/detect"
        return httpx.post(url, content=UPLOADS[name](), timeout=120).status_code

    with ThreadPoolExecutor(8) as people:
        found = list(people.map(send, QUICK * 2))
    assert set(found) <= {200, 413, 422, 429}
    sound_still_gets_its_answer(served)
