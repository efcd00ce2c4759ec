"""Earwitness tells bona fide (human) speech from spoofed speech, and says how sure it is.

The names below are all there is at the front door. They are resolved on first use, so that
importing costs next to nothing. ``earwitness.detector`` is the page to start reading from.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from earwitness.detector import Detector, load
    from earwitness.errors import EarwitnessError
    from earwitness.records import Answer, Reason, Verdict, Waveform

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Detector",
    "EarwitnessError",
    "Reason",
    "Verdict",
    "Waveform",
    "__version__",
    "load",
]

_ROOMS = {
    "Answer": "records",
    "Detector": "detector",
    "EarwitnessError": "errors",
    "Reason": "records",
    "Verdict": "records",
    "Waveform": "records",
    "load": "detector",
}


def __getattr__(name: str) -> object:
    """Find a public name in its room, once it is asked for."""
    if name not in _ROOMS:
        raise AttributeError(f"earwitness has no name '{name}'. There are: {', '.join(__all__)}.")
    thing: object = getattr(import_module(f"earwitness.{_ROOMS[name]}"), name)
    globals()[name] = thing
    return thing


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
