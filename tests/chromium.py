"""A real Chromium, driven by its DevTools protocol: no driver package, and no way off loopback."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--mute-audio", "--hide-scrollbars", "--autoplay-policy=no-user-gesture-required",
    "--remote-debugging-port=0", "--remote-allow-origins=*", "--lang=en-GB",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
)  # fmt: skip
_LOCAL = {"127.0.0.1", "localhost", ""}
_INSIDE = ("data:", "blob:", "about:", "chrome:", "chrome-error:", "devtools:")


def program() -> str:
    """Find Chromium, or skip with the reason; where CI is set it has to be there."""
    wanted = os.environ.get("EARWITNESS_CHROMIUM")
    found = wanted or next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if found is None:
        reason = f"no Chromium on this machine (looked for {', '.join(PROGRAMS)})"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return found


class Tab:
    """One page that is open.

    Attributes:
        asked: URLs of all requests that it made, workers included.
        said: exceptions that nothing in it caught.
        downloads: where its downloads go, if a test says so.
    """

    downloads: Path

    def __init__(self, port: int) -> None:
        from websockets.sync.client import connect

        where = f"ws://127.0.0.1:{port}/devtools/page/{_first_target(port)}"
        self._open = ExitStack()
        self._socket = self._open.enter_context(connect(where, max_size=None))
        self._number = 0
        self._loaded = False
        self.asked: list[str] = []
        self.said: list[str] = []
        for domain in ("Page", "Runtime", "Network", "DOM", "Log", "Accessibility"):
            self.send(f"{domain}.enable")
        watch = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": True}
        self.send("Target.setAutoAttach", **watch)

    def send(self, method: str, *, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Give a command and wait for its answer; events that come meanwhile are noted."""
        self._number += 1
        asked = {"id": self._number, "method": method, "params": params}
        if session:
            asked["sessionId"] = session
        self._socket.send(json.dumps(asked))
        mine = self._number
        while True:
            told = json.loads(self._socket.recv(timeout=60))
            if told.get("id") == mine:
                if "error" in told:
                    raise RuntimeError(f"{method}: {told['error']['message']}")
                return told["result"]
            self._note(told)

    def go(self, url: str) -> None:
        """Open an address and wait until it is loaded."""
        self._loaded = False
        self.send("Page.navigate", url=url)
        self.until("document.readyState === 'complete'")

    def look(self, *, width: int, height: int = 900, dark: bool = False) -> None:
        """Be a screen of this size, light or dark."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 500,
        )  # fmt: skip
        value = "dark" if dark else "light"
        self.send(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": value}],
        )

    def run(self, script: str) -> Any:
        """Evaluate an expression in the page."""
        told = self.send(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True,
            userGesture=True,
        )  # fmt: skip
        if "exceptionDetails" in told:
            raise RuntimeError(f"{script[:120]}: {told['exceptionDetails']}")
        return told["result"].get("value")

    def until(self, script: str, *, seconds: float = 60) -> Any:
        """Wait until an expression is true, and give its value."""
        end = time.monotonic() + seconds
        asked = f"(found => found instanceof Node ? true : found)({script})"
        while not (value := self.run(asked)):
            assert time.monotonic() < end, f"waited {seconds:g} s for {script}"
            time.sleep(0.1)
        return value

    def click(self, selector: str) -> None:
        """Click in the middle of what a selector finds, as a mouse does."""
        node = f"document.querySelector({selector!r})"
        middle = (
            f"(b => [b.left + b.width / 2, b.top + b.height / 2])({node}.getBoundingClientRect())"
        )
        self.until(node)
        self.run(f"{node}.scrollIntoView({{block: 'center', behavior: 'instant'}})")
        before, box = None, self.run(middle)
        while before != box:  # whatever still moves is waited for
            time.sleep(0.1)
            before, box = box, self.run(middle)
        self.click_at(*box)

    def click_at(self, x: float, y: float) -> None:
        """Click at a place of the screen."""
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str) -> None:
        """Press a key: Tab, Enter, ArrowRight …"""
        codes = {"Tab": 9, "Enter": 13, " ": 32, "ArrowRight": 39, "ArrowLeft": 37, "Home": 36}
        text = {"Enter": "\r", " ": " "}.get(key, "")
        what = {"key": key, "windowsVirtualKeyCode": codes[key]}
        self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **what)
        self.send("Input.dispatchKeyEvent", type="keyUp", **what)

    def choose(self, selector: str, *files: Path) -> None:
        """Choose files in an input of a form."""
        root = self.send("DOM.getDocument")["root"]["nodeId"]
        node = self.send("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        assert node, f"there is no {selector}"
        self.send("DOM.setFileInputFiles", nodeId=node, files=[str(file) for file in files])

    def shoot(self, file: Path, *, whole: bool = True) -> None:
        """Take a picture."""
        told = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(told["data"]))

    def spoken(self) -> list[tuple[str, str]]:
        """List role and name of what a screen reader finds, in its order."""
        nodes = self.send("Accessibility.getFullAXTree")["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes
            if not node.get("ignored") and "role" in node
        ]

    def foreign(self) -> list[str]:
        """List requests that leave this machine."""
        self.run("1")  # lets events that are on their way come in
        return [url for url in self.asked if _is_foreign(url)]

    def close(self) -> None:
        """Let go."""
        self._open.close()

    def _note(self, told: dict[str, Any]) -> None:
        params = told.get("params", {})
        if told.get("method") == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])
        elif told.get("method") == "Network.webSocketCreated":
            self.asked.append(params["url"])
        elif told.get("method") == "Target.attachedToTarget":
            self._number += 1
            session = params["sessionId"]
            asked = {"id": self._number, "method": "Network.enable", "sessionId": session}
            self._socket.send(json.dumps(asked))
        elif told.get("method") == "Runtime.exceptionThrown":
            self.said.append(json.dumps(params["exceptionDetails"])[:400])


@contextmanager
def chromium(folder: Path, *more: str) -> Iterator[Tab]:
    """Start Chromium with a profile in ``folder``; more flags may follow."""
    command = [program(), *FLAGS, f"--user-data-dir={folder}", *more, "about:blank"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, start_new_session=True, **quiet)
    try:
        tab = Tab(_port(folder, process))
        try:
            yield tab
        finally:
            tab.close()
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port(folder: Path, process: subprocess.Popen[bytes]) -> int:
    told = folder / "DevToolsActivePort"
    end = time.monotonic() + 60
    while not (told.exists() and told.read_text().strip()):
        assert process.poll() is None, f"Chromium ended with {process.returncode}"
        assert time.monotonic() < end, "Chromium did not start within a minute"
        time.sleep(0.1)
    return int(told.read_text().split()[0])


def _first_target(port: int) -> str:
    from http.client import HTTPConnection

    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/json/list")
    targets = json.loads(connection.getresponse().read())
    connection.close()
    return next(one["id"] for one in targets if one["type"] == "page")


def _is_foreign(url: str) -> bool:
    return not url.startswith(_INSIDE) and (urlsplit(url).hostname or "") not in _LOCAL
