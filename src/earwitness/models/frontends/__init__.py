"""Waveform → features: one file a front end, and the file name is the front end's name.

Each file holds a settings dataclass and ``build(settings)``, which gives a module that takes
(batch, samples) float32 at 16 kHz.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from torch import nn

from earwitness.registry import Registry

FrontEnd: TypeAlias = Callable[[Any], nn.Module]

FRONTENDS: Registry[FrontEnd] = Registry("front end", package=__name__)
