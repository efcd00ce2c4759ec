"""Hosts, origins, keys, rates and sizes: they hold for every route, a mounted page's too."""

import base64
import re
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from earwitness import detector
from earwitness.apps.api.guards.keys import new_key, read_keys
from earwitness.apps.api.guards.rates import Buckets, client_of
from earwitness.apps.api.settings import ApiSettings
from earwitness.apps.cli._serving import add_key
from earwitness.errors import SettingsError
from serving import TINY, Served, await_that, limits, serving

pytestmark = pytest.mark.serve


async def _page(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{len(await request.body())} bytes")


def with_page(served: Served) -> None:
    """Mount what stands for the page, after the guards are there."""
    page = Starlette(routes=[Route("/{path:path}", _page, methods=["GET", "POST"])])
    served.built.app.mount("/", page)


def test_another_hosts_name_is_refused(http: httpx.Client) -> None:
    answer = http.get("/v1/models", headers={"Host": "rebound.example"})
    assert (answer.status_code, answer.json()["code"]) == (421, "request.host")
    assert http.get("/v1/models", headers={"Host": "localhost:1234"}).status_code == 200


def test_other_sites_pages_may_neither_post_nor_open_streams(
    http: httpx.Client, served: Served
) -> None:
    for origin in ("http://evil.example", "null"):
        answer = http.post("/v1/detect", content=b"x", headers={"Origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "request.origin")
    own = http.post("/v1/detect", content=b"x", headers={"Origin": served.url})
    assert own.json()["code"] == "audio.unreadable"
    where = f"{served.url.replace('http', 'ws')}/v1/stream"
    with pytest.raises(InvalidStatus, match="403"):
        connect(where, origin="http://evil.example")  # type: ignore[arg-type]


def test_no_other_site_may_read_answers_unless_it_is_named(served: Served) -> None:
    asked = {"Origin": "https://press.example", "Access-Control-Request-Method": "POST"}
    closed = httpx.options(f"{served.url}/v1/detect", headers=asked)
    assert "access-control-allow-origin" not in closed.headers
    settings = ApiSettings(limits(), origins=("https://press.example",))
    with serving(settings) as open_to_one:
        told = httpx.options(f"{open_to_one.url}/v1/detect", headers=asked)
        assert told.headers["access-control-allow-origin"] == "https://press.example"
        answer = httpx.post(f"{open_to_one.url}/v1/detect", content=b"x", headers=asked)
        assert answer.json()["code"] == "audio.unreadable"


@pytest.fixture
def keyed(tmp_path: Path) -> Iterator[tuple[Served, str]]:
    file = tmp_path / "keys"
    key = add_key(file, "desk-1", as_json=False)
    add_key(file, "desk-2", as_json=False)
    with serving(ApiSettings(limits(), keys=file)) as served:
        with_page(served)
        yield served, key


def test_without_a_key_nothing_is_answered_but_health(keyed: tuple[Served, str]) -> None:
    served, key = keyed
    for path in ("/v1/models", "/metrics", "/docs", "/openapi.json", "/", "/gradio_api/upload"):
        answer = httpx.get(f"{served.url}{path}")
        assert (answer.status_code, answer.json()["code"]) == (401, "request.key"), path
        assert "Basic" in answer.headers["WWW-Authenticate"]
    assert httpx.get(f"{served.url}/healthz").status_code == 200
    wrong = {"Authorization": f"Bearer {key[:-1]}"}
    assert httpx.get(f"{served.url}/v1/models", headers=wrong).status_code == 401
    assert httpx.get(f"{served.url}/v1/models", headers={"X-API-Key": ""}).status_code == 401


@pytest.mark.parametrize("way", ["bearer", "own header", "basic"])
def test_a_key_may_be_shown_in_three_ways(keyed: tuple[Served, str], way: str) -> None:
    served, key = keyed
    pair = base64.b64encode(f"anybody:{key}".encode()).decode()
    headers = {
        "bearer": {"Authorization": f"Bearer {key}"},
        "own header": {"X-API-Key": key},
        "basic": {"Authorization": f"Basic {pair}"},
    }[way]
    assert httpx.get(f"{served.url}/v1/models", headers=headers).status_code == 200


def test_a_stream_may_show_its_key_as_a_subprotocol(keyed: tuple[Served, str]) -> None:
    served, key = keyed
    where = f"{served.url.replace('http', 'ws')}/v1/stream?format=pcm_s16le"
    protocols = ["earwitness.v1", f"key.{key}"]
    with connect(where, subprotocols=protocols) as socket:  # type: ignore[arg-type]
        assert socket.subprotocol == "earwitness.v1"
    with pytest.raises(InvalidStatus, match="401"):
        connect(where)


@pytest.mark.parametrize("value", ["Basic ???", "Basic " + "//79", "Bearer", "Digest x"])
def test_nonsense_in_the_place_of_a_key_is_no_key(keyed: tuple[Served, str], value: str) -> None:
    answer = httpx.get(f"{keyed[0].url}/v1/models", headers={"Authorization": value})
    assert answer.status_code == 401


def test_a_file_of_keys_holds_hashes_for_its_owners_eyes(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    key = add_key(file, "one", as_json=False)
    assert key not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(read_keys(file)) == ["one"]
    with pytest.raises(SettingsError, match="has a key 'one' already"):
        add_key(file, "one", as_json=False)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has no key in it"),
        ("# nobody\n\n", "has no key in it"),
        ("one secret\n", "line 1: is not 'NAME SHA256'"),
        (f"one {'0' * 64}\none {'1' * 64}\n", "line 2: is there twice"),
    ],
)
def test_a_file_of_keys_that_does_not_fit_is_refused(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "keys").write_text(text)
    with pytest.raises(SettingsError, match=re.escape(told)):
        read_keys(tmp_path / "keys")
    with pytest.raises(SettingsError, match="cannot be read as a file of keys"):
        read_keys(tmp_path)


def test_a_keys_name_stays_on_its_line() -> None:
    with pytest.raises(SettingsError, match="A key's name has up to 64 letters"):
        new_key("two\nlines")


def test_a_client_that_asks_too_often_is_asked_to_wait_on_every_route() -> None:
    with serving(ApiSettings(limits(rate=3))) as served:
        with_page(served)
        with httpx.Client(base_url=served.url) as http:
            for _ in range(3):
                assert http.post("/gradio_api/upload", content=b"x").status_code == 200
            refused = http.post("/gradio_api/upload", content=b"x")
            assert (refused.status_code, refused.json()["code"]) == (429, "request.rate")
            assert 1 <= int(refused.headers["Retry-After"]) <= 20
            assert http.get("/").status_code == 200, "looking is cheap"
            assert all(http.get("/healthz").status_code == 200 for _ in range(8))


def test_buckets_fill_again_and_are_forgotten_oldest_first() -> None:
    now = 0.0
    buckets = Buckets(60, clock=lambda: now)
    assert [buckets.wait_s("me") for _ in range(60)] == [0.0] * 60
    assert buckets.wait_s("me") == pytest.approx(1)
    assert buckets.wait_s("you") == 0
    now = 0.5
    assert buckets.wait_s("me") == pytest.approx(0.5)
    now = 2.0
    assert buckets.wait_s("me") == 0
    for number in range(10_001):
        buckets.wait_s(f"crowd {number}")
    assert len(buckets._held) == 10_000
    assert "me" not in buckets._held


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_client_is_its_address_or_the_network_of_its_home(host: str, client: str) -> None:
    assert client_of({"client": (host, 1)}) == client
    assert client_of({"client": None}) == "unknown"


@pytest.fixture
def small() -> Iterator[Served]:
    with serving(ApiSettings(limits(upload_mb=0.1, idle_s=0.5, uploads=2))) as served:
        with_page(served)
        yield served


@pytest.mark.parametrize("path", ["/v1/detect", "/v1/jobs", "/gradio_api/upload"])
def test_a_body_that_is_too_large_is_refused_by_its_header_and_by_its_bytes(
    small: Served, path: str
) -> None:
    body = bytes(150_000)
    answer = httpx.post(f"{small.url}{path}", content=body)
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")

    def pieces() -> Iterator[bytes]:
        for at in range(0, len(body), 10_000):
            yield body[at : at + 10_000]

    unsaid = httpx.post(f"{small.url}{path}", content=pieces())
    assert (unsaid.status_code, unsaid.json()["code"]) == (413, "request.too_large")
    await_that(lambda: small.left_files == [])


def raw(served: Served, *lines: str) -> socket.socket:
    host, _, port = served.url.removeprefix("http://").rpartition(":")
    found = socket.create_connection((host, int(port)), timeout=10)
    head = [*lines, f"Host: {host}:{port}", "", ""]
    found.sendall("\r\n".join(head).encode())
    return found


def test_a_body_that_stops_coming_is_given_up_and_makes_room(small: Served) -> None:
    lines = ("POST /v1/detect HTTP/1.1", "Content-Length: 1000")
    slow = [raw(small, *lines), raw(small, *lines)]
    for one in slow:
        one.sendall(b"abc")
    answers = [one.makefile("rb").read() for one in slow]
    assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in answers), answers
    assert all(b"request.slow" in answer for answer in answers)
    after = httpx.post(f"{small.url}/v1/detect", content=b"x")
    assert after.json()["code"] == "audio.unreadable"
    await_that(lambda: small.left_files == [])
    for one in slow:
        one.close()


def test_only_so_many_bodies_come_in_at_a_time(small: Served) -> None:
    lines = ("POST /v1/detect HTTP/1.1", "Content-Length: 1000")
    slow = [raw(small, *lines), raw(small, *lines)]
    for one in slow:
        one.sendall(b"abc")
    codes = set()
    for _ in range(20):
        codes.add(httpx.post(f"{small.url}/v1/detect", content=b"x").json()["code"])
        if "server.busy" in codes:
            break
    assert "server.busy" in codes
    for one in slow:
        one.close()


def test_a_line_on_which_nobody_asks_anything_is_hung_up() -> None:
    with serving(silence_s=0.3) as served:
        host, _, port = served.url.removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=10) as silent:
            silent.sendall(b"GET /healthz HTTP/1.1\r\nHost: local")
            assert silent.recv(100) == b""
        with httpx.Client(base_url=served.url) as http:
            assert http.get("/healthz").status_code == 200
            time.sleep(0.6)
            assert http.get("/healthz").status_code == 200


def test_answers_carry_headers_that_keep_browsers_from_guessing(http: httpx.Client) -> None:
    headers = http.get("/v1/models").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


def test_the_usual_detector_is_the_first_one() -> None:
    tiny = detector.load(TINY)
    with serving(detectors={"one": tiny, "other": tiny.at("accusation")}) as served:
        models = httpx.get(f"{served.url}/v1/models").json()["models"]
        assert [(one["name"], one["default"]) for one in models] == [
            ("one", True),
            ("other", False),
        ]
