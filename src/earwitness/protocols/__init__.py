"""Corpora → trials: one file a corpus, and the file name is the protocol's name.

Each file registers ``trials(root, partition)``, an iterator of ``Trial``. Its parser is the only
code that knows the corpus's columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from earwitness.records import Trial
from earwitness.registry import Registry

Protocol: TypeAlias = Callable[[Path, str], Iterator[Trial]]

PROTOCOLS: Registry[Protocol] = Registry("protocol", package=__name__)
