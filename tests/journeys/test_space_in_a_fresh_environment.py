"""The hosted demo starts where nothing is installed but what its folder asks for."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from http.client import HTTPConnection
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.serve]


@pytest.fixture(scope="module")
def space(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the space, beside an environment made by its own list."""
    folder = tmp_path_factory.mktemp("space")
    wheels = folder / "wheels"
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", wheels, root)
    shutil.copytree(root / "deploy" / "space", folder / "app")
    run(sys.executable, "-m", "venv", folder / "venv")
    python = folder / "venv" / "bin" / "python"
    there = {"PIP_FIND_LINKS": str(wheels)}
    wanted = ["-r", folder / "app" / "requirements.txt", "-c", root / "constraints.txt"]
    run(python, "-m", "pip", "install", "-q", *wanted, env=there)
    return folder


def run(*command: object, env: dict[str, str] | None = None) -> None:
    words = [str(word) for word in command]
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        words, env=clean | (env or {}), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


def asked(port: int, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, text


def test_a_space_serves_the_page_and_the_api(space: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    python = space / "venv" / "bin" / "python"
    alone = {"PATH": os.environ["PATH"], "HOME": str(space), "PORT": str(port)}
    log = (space / "log").open("w")
    process = subprocess.Popen([python, "app.py"], cwd=space / "app", env=alone, stderr=log)
    try:
        end = time.monotonic() + 120
        while True:
            assert process.poll() is None, (space / "log").read_text()
            assert time.monotonic() < end, (space / "log").read_text()
            try:
                status, page = asked(port, "/")
                break
            except OSError:
                time.sleep(0.2)
        assert status == 200
        assert "Earwitness" in page
        assert "A person reading aloud (English)" in page  # clips to try come in the wheel
        assert asked(port, "/healthz")[0] == 200
        assert "embedded" in asked(port, "/v1/models")[1]
    finally:
        process.terminate()
        assert process.wait(60) == 0
        log.close()


def test_the_card_names_the_versions_that_are_installed(root: Path) -> None:
    card = (root / "deploy" / "space" / "README.md").read_text("utf-8")
    head = dict(re.findall(r"^(\w+): (.+)$", card.split("---")[1], re.MULTILINE))
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = (root / "deploy" / "space" / "requirements.txt").read_text("utf-8").split()
    assert wanted == [f"earwitness[serve]=={project['version']}"]
    assert (head["sdk"], head["app_file"]) == ("gradio", "app.py")
    assert head["license"].casefold() == project["license"].casefold()
    import gradio

    assert head["sdk_version"].split(".")[0] == gradio.__version__.split(".")[0]
