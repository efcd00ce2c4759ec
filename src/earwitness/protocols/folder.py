"""Two folders, one of bona fide and one of spoofed recordings: ``Real/`` and ``Fake/``.

The names may be real, bonafide, bona-fide, genuine, human or original, and fake, spoof, spoofed,
synthetic, deepfake or generated, in any case. Each is searched to the bottom. A pair of folders
right at the root is the partition "eval"; pairs may also lie in folders that are called like
partitions (``train/real``, ``test/fake``). A subfolder of a label's folder is the column "source".
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from earwitness.audio.suffixes import audio_files
from earwitness.errors import ProtocolError
from earwitness.protocols import PROTOCOLS, Protocol
from earwitness.protocols._checks import checked
from earwitness.protocols._folders import (
    SOURCE,
    label_folders,
    linked_folders,
    partition_folders,
    trials_in,
)
from earwitness.protocols._labels import in_order, no_such_partition
from earwitness.records import Trial

_PLAIN = "eval"
_FEW = 3


@PROTOCOLS.add
def protocol() -> Protocol:
    """Describe the two folders."""
    return Protocol(
        trials=checked(_listed, partitions),
        partitions=partitions,
        kin=(SOURCE,),
        groups=(SOURCE,),
        remarks=_left_out,
        is_general=True,
        title="two folders, one of bona fide recordings and one of spoofs",
        looks_for="Real or bonafide or genuine … beside Fake or spoof or synthetic …, in any case",
        complete=(_PLAIN,),
    )


def partitions(root: Path) -> tuple[str, ...]:
    """List the partitions: "eval" where label folders lie at the root, else those with names."""
    return (_PLAIN,) if label_folders(root) else in_order(set(partition_folders(root)))


def _listed(root: Path, partition: str) -> Iterator[Trial]:
    there = partitions(root)
    if not there:
        raise ProtocolError(f"{root}: has no folders called Real and Fake in it, nor alike.")
    if partition not in there:
        raise no_such_partition(root, partition, there)
    if label_folders(root):
        yield from trials_in(root, root, partition)
        return
    for folder in partition_folders(root)[partition]:
        yield from trials_in(folder, root, partition)


def _left_out(root: Path) -> tuple[str, ...]:
    """Tell of what lies at the root and was not taken."""
    pairs = [root, *chain.from_iterable(partition_folders(root).values())]
    inside = [one for pair in pairs for one in chain.from_iterable(label_folders(pair).values())]
    return (*_outside(root, inside), *linked_folders(inside, root))


def _outside(root: Path, inside: list[Path]) -> tuple[str, ...]:
    """Tell of recordings that lie in no label's folder: nobody knows what they are."""
    outside = [path for path in _recordings(root) if not any(map(path.is_relative_to, inside))]
    if not outside:
        return ()
    shown = ", ".join(path.relative_to(root).as_posix() for path in outside[:_FEW])
    rest = ", …" if len(outside) > _FEW else ""
    return (
        f"{len(outside):,} recordings lie outside of the folders of bona fide and spoofed "
        f"recordings, and are left out: {shown}{rest}",
    )


def _recordings(root: Path) -> Iterator[Path]:
    return map(Path, audio_files(str(root), onerror=lambda error: error))
