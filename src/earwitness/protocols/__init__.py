"""Corpora → trials: one file a corpus, and the file name is the protocol's name.

Each file registers ``protocol()``, which gives a ``Protocol``: what lies at a root, and the trials
of one partition. Its parser is the only code that knows the corpus's columns.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from earwitness.errors import ProtocolError
from earwitness.protocols._labels import label_named
from earwitness.protocols._tables import first_line, text_of
from earwitness.records import Trial
from earwitness.registry import Registry

__all__ = ["PROTOCOLS", "Protocol", "label_named", "recognise", "text_of"]


def _nothing(root: Path) -> tuple[str, ...]:
    del root
    return ()


@dataclass(frozen=True)
class Protocol:
    """How the trials of one corpus are found.

    Attributes:
        trials: root (a folder, or the list of trials itself) and partition → its trials, in the
            corpus's own order. Refuses what is malformed or there twice, and a root where not one
            recording can be found; a single recording that is missing is left to whoever reads it.
            The partition "all" stands for every partition that is there.
        partitions: the partitions that lie at a root, in order; () where this is not such a
            corpus. Cheap, and raises nothing.
        kin: columns of ``Trial.meta`` by which trials belong together, best first.
        groups: columns of ``Trial.meta`` that are worth a breakdown, best first.
        key: all trials of a list, whether or not there is audio beside it; None where the corpus
            has no list.
        remarks: sentences on what lies at the root and belongs to no trial.
        is_general: fits so much that any other protocol that fits, too, is the one that is meant.
        title: the corpus, in a few words.
        looks_for: what tells such a corpus, in a few words.
        complete: the partitions of a complete copy; () where the data themselves name them.
    """

    trials: Callable[[Path, str], Iterator[Trial]]
    partitions: Callable[[Path], tuple[str, ...]]
    kin: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    key: Callable[[Path], Iterator[Trial]] | None = None
    remarks: Callable[[Path], tuple[str, ...]] = _nothing
    is_general: bool = False
    title: str = ""
    looks_for: str = ""
    complete: tuple[str, ...] = ()


PROTOCOLS: Registry[Callable[[], Protocol]] = Registry("protocol", package=__name__)


def recognise(root: Path) -> str:
    """Name the one protocol whose corpus lies at this root.

    Raises:
        ProtocolError: there is nothing at the root, none fits, or several do.
    """
    if not os.path.exists(root):
        raise ProtocolError(f"{root}: there is no such file or folder.")
    known = {name: PROTOCOLS.get(name)() for name in PROTOCOLS.names()}
    fitting = [name for name, protocol in known.items() if protocol.partitions(root)]
    fitting = [name for name in fitting if not known[name].is_general] or fitting
    if not fitting:
        raise ProtocolError(_unknown(root))
    if len(fitting) > 1:
        raise ProtocolError(
            f"{root}: could be {' or '.join(fitting)}. Say which with --protocol, or give the "
            "folder of one of them."
        )
    return fitting[0]


def _unknown(root: Path) -> str:
    hint = "`earwitness protocols` says what each data set looks like."
    if os.path.isdir(root):
        return f"{root}: has no folders Real and Fake in it, nor a corpus that is known. {hint}"
    return (
        f"{root}: is no list of trials that is known. A CSV or TSV needs columns for path and "
        f"label; the first line here is '{first_line(root).strip()[:_SHOWN]}'. {hint}"
    )


_SHOWN = 80  # characters
