"""Networks out of the workshop: checkpoint in, detector folder out, with proof that they agree."""

from __future__ import annotations

from earwitness.errors import MissingExtra

try:
    import torch  # noqa: F401
except ImportError as exc:
    raise MissingExtra("Exporting a checkpoint", extra="torch") from exc
