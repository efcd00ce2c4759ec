"""The Python client of a server: ``from earwitness.client import Client``.

It needs the [serve] extra, but no detector and no server on this machine.
"""

from __future__ import annotations

from earwitness.errors import MissingExtra

try:
    from earwitness.apps.client.calling import Client
    from earwitness.apps.client.reading import Job, ServedModel, Update
except ModuleNotFoundError as exc:
    if exc.name is None or exc.name.startswith("earwitness"):
        raise
    raise MissingExtra("The client", extra="serve") from exc

__all__ = ["Client", "Job", "ServedModel", "Update"]
