"""What more than one test of the audio room asks for."""

from pathlib import Path

import pytest
from recordings import babble, encode


@pytest.fixture(scope="session")
def m4a(tmp_path_factory) -> Path:
    """Three seconds of AAC, which the decoder process reads."""
    path = tmp_path_factory.mktemp("audio") / "clip.m4a"
    return encode(path, babble(3.0), 16000, codec="aac", container="ipod")
