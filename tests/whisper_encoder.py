"""The published Whisper-base encoder, for the tests that need the real one."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def encoder_file() -> Path:
    """Take the file that ``EARWITNESS_ENCODER`` names, or fetch it once (134 MB) and keep it."""
    named = os.environ.get("EARWITNESS_ENCODER")
    if named:
        return Path(named)
    folder = Path(tempfile.gettempdir()) / "earwitness_encoder"
    script = ROOT / "scripts" / "fetch_encoder"
    done = subprocess.run(
        [script, folder],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return folder / "model.bin"
    reason = f"scripts/fetch_encoder ended with {done.returncode}: {done.stderr.strip()[-300:]}"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
