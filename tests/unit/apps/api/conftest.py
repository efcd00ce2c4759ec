"""A server for the tests of this folder, and a client to speak with it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

if find_spec("fastapi"):
    import httpx

    from serving import Served, serving

    @pytest.fixture(scope="session")
    def served() -> Iterator[Served]:
        """A server with the usual limits and no rate."""
        with serving() as running:
            yield running

    @pytest.fixture
    def http(served: Served) -> Iterator[httpx.Client]:
        """A client of it."""
        with httpx.Client(base_url=served.url, timeout=60) as client:
            yield client
