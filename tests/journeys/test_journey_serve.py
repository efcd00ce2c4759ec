"""``earwitness serve`` and ``earwitness listen`` as people start and stop them."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from street import COMMAND, earwitness

from earwitness.client import Client
from live_sound import opus, pcm16, sound_of

pytestmark = [pytest.mark.serve, pytest.mark.slow]

CLIP = "spoof_flite_rms.flac"


@contextmanager
def started(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a server of its own process, without the page."""
    command = [*COMMAND, "serve", "--port", "0", "--no-page", "--json", "--rate", "0", *words]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert server.stdout is not None
    line = server.stdout.readline()
    try:
        yield server, json.loads(line)["url"] if line else ""
    finally:
        if server.poll() is None:
            server.terminate()
        server.communicate(timeout=60)


def test_a_server_answers_as_the_command_does_and_ends_with_code_0(examples: Path) -> None:
    own = json.loads(earwitness("detect", "--json", examples / CLIP).stdout)
    with started() as (server, url):
        with Client(url) as client:
            assert client.detect(examples / CLIP).llr == own["llr"]
            assert client.models()[0].name == "embedded"
        server.send_signal(signal.SIGTERM)
        _, err = server.communicate(timeout=30)
    assert server.returncode == 0, err
    assert "is at http://127.0.0.1:" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_answers_what_is_under_way_and_leaves_no_file_and_no_process(
    examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: signal.Signals
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    from concurrent.futures import ThreadPoolExecutor

    long = examples / "long_bonafide_it_with_one_spliced_sentence.ogg"
    with started("--grace", "60") as (server, url), ThreadPoolExecutor(1) as people:
        with Client(url) as client:
            under_way = people.submit(client.detect, long)
            until = time.monotonic() + 20
            while "earwitness_listening 1" not in httpx.get(f"{url}/metrics").text:
                assert time.monotonic() < until
                time.sleep(0.02)
            server.send_signal(stop)
            assert under_way.result().facts.duration_s > 60
        assert server.wait(30) == 0
    left = [path.name for path in tmp_path.iterdir() if path.name.startswith("earwitness")]
    assert left == []
    time.sleep(0.5)
    group = subprocess.run(
        ["ps", "-o", "pid=", "-g", str(server.pid)], capture_output=True, text=True, check=False
    )
    assert group.stdout.strip() == ""


def test_a_port_that_is_taken_is_told_in_a_sentence() -> None:
    with started() as (_, url):
        port = url.rpartition(":")[2]
        done = earwitness("serve", "--no-page", "--port", port)
    assert done.returncode == 5
    assert re.match(r"earwitness: Cannot listen on 127\.0\.0\.1, port \d+: .* Choose", done.stderr)


def test_a_key_is_made_once_and_lets_in(tmp_path: Path, examples: Path) -> None:
    keys = tmp_path / "keys.txt"
    key = earwitness("serve", "--keys", keys, "--new-key", "desk").stdout.strip()
    assert key.startswith("ew_")
    assert earwitness("serve", "--keys", keys, "--new-key", "desk").returncode == 5
    assert earwitness("serve", "--new-key", "desk").returncode == 2
    with started("--keys", str(keys)) as (_, url):
        assert httpx.get(f"{url}/v1/models").status_code == 401
        with Client(url, key=key) as client:
            assert client.models()


def test_a_detector_or_a_file_of_keys_that_is_not_there_is_told_before_anything_is_served(
    tmp_path: Path,
) -> None:
    done = earwitness("serve", "--no-page", "--port", "0", "--model", "no_such")
    assert done.returncode == 4
    done = earwitness("serve", "--no-page", "--port", "0", "--keys", tmp_path / "none")
    assert (done.returncode, "cannot be read as a file of keys" in done.stderr) == (5, True)


def curl_examples(root: Path) -> list[str]:
    text = (root / "docs/reference/rest-api.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.startswith("curl ")]


def test_the_curl_examples_of_the_reference_work(root: Path) -> None:
    found = curl_examples(root)
    assert len(found) >= 8
    with started() as (_, url):
        for line in found:
            words = shlex.split(line.replace("http://127.0.0.1:7860", url))
            done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
            assert done.returncode == 0, (line, done.stderr)
            if "metrics" in line:
                assert "earwitness_verdicts_total" in done.stdout
                continue
            told = json.loads(done.stdout)
            is_problem = "README.md" in line
            assert ("code" in told) is is_problem, (line, told)


def test_the_python_example_of_the_reference_works(root: Path) -> None:
    text = (root / "docs/reference/rest-api.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```py\n(.*?)```", text, re.DOTALL)
    with started() as (_, url):
        done = subprocess.run(
            [sys.executable, "-c", code.replace("http://127.0.0.1:7860", url)],
            cwd=root, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith("spoof -")
    assert "no_speech" in done.stdout


def test_listen_says_of_a_stream_what_detect_says_of_its_file(
    examples: Path, tmp_path: Path
) -> None:
    data = opus(*sound_of(examples / CLIP), "webm")
    (tmp_path / "clip.webm").write_bytes(data)
    own = json.loads(earwitness("detect", "--json", tmp_path / "clip.webm").stdout)
    *running, verdict = map(
        json.loads, earwitness("listen", "-", "--json", stdin=data).stdout.splitlines()
    )
    assert {one["type"] for one in running} == {"running"}
    assert verdict["type"] == "verdict"
    assert verdict["llr"] == pytest.approx(own["llr"], abs=0.1)
    assert verdict["sha256"] == own["sha256"]
    told = earwitness("listen", "-", "--seconds", "3", stdin=data)
    assert "verdict     " in told.stdout
    assert "of sound" in told.stdout


def test_listen_records_with_a_program_that_is_here(examples: Path, tmp_path: Path) -> None:
    samples, rate = sound_of(examples / CLIP)
    assert rate == 16000
    (tmp_path / "sound.raw").write_bytes(pcm16(samples))
    recorder = tmp_path / "arecord"
    recorder.write_text(f"#!/bin/sh\nexec cat {tmp_path}/sound.raw\n")
    recorder.chmod(0o755)
    env = {"PATH": f"{tmp_path}{os.pathsep}/bin"}
    done = earwitness("listen", env=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("microphone")
    recorder.unlink()
    nobody = earwitness("listen", env={"PATH": str(tmp_path)})
    assert nobody.returncode == 3
    assert "none of the programs parec, arecord, rec" in nobody.stderr


def test_listen_ends_with_the_verdict_when_it_is_stopped(examples: Path) -> None:
    samples, rate = sound_of(examples / CLIP)
    form = ["--format", "pcm_s16le", "--sample-rate", str(rate)]
    process = subprocess.Popen(
        [*COMMAND, "listen", "-", "--json", "--every", "0.2", *form],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(pcm16(samples[: 3 * rate]))
    process.stdin.flush()
    while json.loads(process.stdout.readline())["heard_s"] < 2.5:
        pass
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    verdict = json.loads(out.splitlines()[-1])
    assert verdict["type"] == "verdict"
    assert verdict["duration_s"] == pytest.approx(3, abs=0.3)


def test_listen_to_nothing_or_nonsense_is_told_in_a_sentence() -> None:
    done = earwitness("listen", "-", stdin=b"")
    assert done.returncode == 3
    done = earwitness("listen", "-", "--format", "pcm_s16le", stdin=b"")
    assert (done.returncode, "not one sample came" in done.stderr) == (3, True)
    assert earwitness("listen", "file.wav").returncode == 2


@contextmanager
def with_page(*words: str) -> Iterator[str]:
    """Start a server with its page."""
    command = [*COMMAND, "serve", "--port", "0", "--json", *words]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert server.stdout is not None
    try:
        yield json.loads(server.stdout.readline())["url"]
    finally:
        server.terminate()
        server.communicate(timeout=60)
        assert server.returncode == 0


def test_page_and_api_share_a_port_and_the_guards(examples: Path) -> None:
    with with_page("--max-mb", "1", "--rate", "6") as url:
        page = httpx.get(url)
        assert (page.status_code, "gradio" in page.text.lower()) == (200, True)
        assert httpx.get(f"{url}/v1/models").json()["models"][0]["name"] == "embedded"
        assert httpx.get(f"{url}/docs").status_code == 200
        sent = {"files": ("a.wav", bytes(1_200_000))}
        large = httpx.post(f"{url}/gradio_api/upload", files=sent)
        assert (large.status_code, large.json()["code"]) == (413, "request.too_large")
        other = httpx.post(
            f"{url}/gradio_api/upload", files=sent, headers={"Origin": "http://evil.example"}
        )
        assert (other.status_code, other.json()["code"]) == (403, "request.origin")
        codes = [
            httpx.post(f"{url}/gradio_api/upload", files={"files": ("a", b"x")}).status_code
            for _ in range(8)
        ]
        assert codes[0] == 200
        assert codes[-1] == 429


@pytest.mark.parametrize(
    ("missing", "code", "told"),
    [
        ("fastapi", "-m earwitness serve", "Serving needs an extra"),
        ("gradio", "-m earwitness serve --port 0", "The page needs an extra"),
        ("httpx", "-c import earwitness.client", "The client needs an extra"),
    ],
)
def test_a_missing_extra_is_named(tmp_path: Path, missing: str, code: str, told: str) -> None:
    absent = f"raise ModuleNotFoundError(\"No module named '{missing}'\", name='{missing}')\n"
    (tmp_path / f"{missing}.py").write_text(absent)
    first, _, rest = code.partition(" ")
    words = [rest] if first == "-c" else rest.split()
    done = subprocess.run(
        [sys.executable, first, *words], env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == (7 if first == "-m" else 1)
    assert f"{told}: pip install 'earwitness[serve]'" in done.stderr
