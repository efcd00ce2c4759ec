"""Features → raw score: one file a back end, and the file name is the back end's name.

Each file holds a settings dataclass and ``build(settings)``, which gives a module that returns
one raw score a row, (batch,); higher is more bona fide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from torch import nn

from earwitness.registry import Registry

BackEnd: TypeAlias = Callable[[Any], nn.Module]

BACKENDS: Registry[BackEnd] = Registry("back end", package=__name__)
