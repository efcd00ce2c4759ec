"""``earwitness serve`` as a newsroom starts it, looked at in a real Chromium, and stopped."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chromium import chromium, program

pytestmark = [pytest.mark.slow, pytest.mark.serve]


def test_the_served_page_answers_and_leaves_nothing_when_it_is_stopped(
    tmp_path: Path, examples: Path
) -> None:
    program()  # skips before a server is started
    place, profile = tmp_path / "tmp", tmp_path / "profile"
    place.mkdir()
    profile.mkdir()
    command = [sys.executable, "-m", "earwitness", "serve", "--port", "0", "--json"]
    server = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(place)},
    )
    try:
        url = json.loads(server.stdout.readline())["url"]
        with chromium(profile) as tab:
            tab.look(width=900)
            tab.go(url)
            tab.until("document.querySelector('#ew-files input[type=file]')")
            tab.choose("#ew-files input[type=file]", examples / "spoof_flite_rms.flac")
            tab.until("document.querySelector('#ew-files .file-preview')")
            tab.click("#ew-listen")
            said = tab.until("(document.querySelector('.ew-headline') || {}).innerText")
            assert said == "Spoof: sounds like synthetic or altered speech"
            assert list(place.rglob("spoof_flite_rms.flac"))
            assert tab.foreign() == []
            server.send_signal(signal.SIGTERM)  # while the page is open
            assert server.wait(60) == 0
        assert not [path for path in place.rglob("*") if path.is_file()]
    finally:
        server.kill()
        server.communicate()
        shutil.rmtree(profile, ignore_errors=True)
