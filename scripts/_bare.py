"""The bare environment: the core package as a wheel, pytest and hypothesis, and no torch."""

from __future__ import annotations

import hashlib
import os
import sys
import tomllib
from pathlib import Path

from _stages import ROOT

FOLDER = ROOT / ".venv-bare"
TEST_TOOLS = ["pytest>=8", "hypothesis>=6.100"]


def bare_commands() -> list[list[str | Path]]:
    """List what has to be run: make the environment if it is not there, then test in it.

    The packages it depends on are installed once, until pyproject.toml asks for others; the wheel
    of this tree is built and installed each time.
    """
    python = _python()
    wheel = [python, "-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", "."]
    no_torch = "import importlib.util, sys; sys.exit(bool(importlib.util.find_spec('torch')))"
    return [
        *([] if _stamp().exists() else _creation()),
        wheel,
        [python, "-c", no_torch],
        [python, "-m", "pytest", "-p", "no:cacheprovider", "-m", "not slow", "tests"],
    ]


def _creation() -> list[list[str | Path]]:
    packages = [*_core_dependencies(), *TEST_TOOLS]
    return [
        [sys.executable, "-m", "venv", "--clear", FOLDER],
        [_python(), "-m", "pip", "install", "--quiet", "-c", "constraints.txt", *packages],
        [_python(), "-c", f"open({str(_stamp())!r}, 'w').close()"],
    ]


def _python() -> Path:
    return FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _stamp() -> Path:
    wanted = "\n".join([sys.version, *_core_dependencies(), *TEST_TOOLS])
    return FOLDER / f"made-for-{hashlib.sha256(wanted.encode()).hexdigest()[:16]}"


def _core_dependencies() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return list(project["dependencies"])
