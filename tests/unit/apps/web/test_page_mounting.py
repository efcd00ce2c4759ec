"""The page as a server sees it: what is shut, what is said in the head, what is never fetched."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.serve


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from earwitness.apps.web.mounting import mount
    from earwitness.apps.web.settings import PageSettings

    app = FastAPI()
    place = tmp_path_factory.mktemp("page")
    mount(app, PageSettings(folder=place, most_mb=1))
    with TestClient(app) as running:
        running.place = place
        yield running
    assert list(place.iterdir()) == []  # nothing is left when the server has ended


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=https://example.org/a.wav",
        "/gradio_api/file=HTTP://127.0.0.1/a.wav",
        "/gradio_api/proxy=https://example.org",
        "/gradio_api/info",
        "/gradio_api/openapi.json",
        "/gradio_api/run-history/records",
        "/gradio_api/vibe-code/",
        "/gradio_api/deep_link",
        "/monitoring",
    ],
)
def test_ways_that_the_page_does_not_need_are_shut(client: object, path: str) -> None:
    assert client.get(path).status_code == 404


def test_no_file_of_the_machine_is_served(client: object) -> None:
    for path in ("/etc/hostname", str(Path(__file__).resolve())):
        assert client.get(f"/gradio_api/file={path}").status_code == 403


def test_the_page_names_no_other_machine_but_in_words(client: object) -> None:
    page = client.get("/").text
    loaded = re.findall(r'(?:src|href)="(https?://[^"]+)"', page)
    assert [url for url in loaded if "testserver" not in url] == []
    assert "fonts.googleapis" not in page
    assert "window.ewNames" in page


def test_an_upload_that_is_too_large_is_refused(client: object) -> None:
    sent = client.post("/gradio_api/upload", files={"files": ("a.wav", bytes(2_000_000))})
    assert sent.status_code == 413


def test_a_name_in_a_request_is_never_fetched_or_opened(client: object) -> None:
    config = client.get("/config").json()
    listen = next(one for one in config["dependencies"] if len(one["inputs"]) == 4)
    for path in ("https://example.org/a.wav", "/etc/hostname"):
        file = {"path": path, "meta": {"_type": "gradio.FileData"}}
        body = {
            "data": [[file], None, "embedded", "balanced"],
            "fn_index": listen["id"],
            "session_hash": "s",
        }
        assert client.post("/gradio_api/queue/join", json=body).status_code == 200
        with client.stream("GET", "/gradio_api/queue/data?session_hash=s") as events:
            told = "".join(events.iter_text())
        assert '"success":false' in told.replace(" ", ""), told


def test_what_waits_in_the_queue_cannot_be_asked_for_directly(client: object) -> None:
    config = client.get("/config").json()
    listen = next(one for one in config["dependencies"] if len(one["inputs"]) == 4)
    body = {"data": [None, None, "embedded", "balanced"], "fn_index": listen["id"]}
    assert client.post("/gradio_api/run/predict", json=body).status_code >= 400


def test_gradio_is_quiet(client: object) -> None:
    from earwitness.apps.web.quiet import SILENCE, gr

    assert {name: os.environ[name] for name in SILENCE} == SILENCE
    assert not gr.analytics.analytics_enabled()
    config = client.get("/config").json()
    assert config["analytics_enabled"] is False
