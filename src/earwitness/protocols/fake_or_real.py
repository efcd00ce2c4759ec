"""Fake-or-Real (FoR): ``training``, ``validation``, ``testing``, each with ``real`` and ``fake``.

One recording comes in four variants: for-original, for-norm, for-2sec (for-2seconds) and for-rerec
(for-rerecorded). They are evaluated one at a time. Base names repeat across ``real`` and ``fake``,
so ids are paths below the variant's folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from earwitness.errors import ProtocolError
from earwitness.protocols import PROTOCOLS, Protocol
from earwitness.protocols._checks import checked
from earwitness.protocols._folders import (
    folders_in,
    label_folders,
    linked_folders,
    trials_in,
)
from earwitness.protocols._labels import in_order, no_such_partition
from earwitness.records import Trial

_FOLDERS = {"training": "train", "validation": "dev", "testing": "eval"}
_VARIANTS = {
    **dict.fromkeys(("fororiginal", "fororig"), "original"),
    **dict.fromkeys(("fornorm", "fornormalized", "fornormalised"), "norm"),
    **dict.fromkeys(("for2sec", "for2seconds", "for2s"), "2sec"),
    **dict.fromkeys(("forrerec", "forrerecorded"), "rerecorded"),
}
_DEPTH = 3  # data set / for-2sec / for-2seconds


@PROTOCOLS.add
def protocol() -> Protocol:
    """Describe the corpus."""
    return Protocol(
        trials=checked(_listed, partitions),
        partitions=partitions,
        groups=("variant",),
        remarks=_linked,
        title="Fake-or-Real: original, norm, 2sec or rerecorded",
        looks_for="training, validation and testing, each with real and fake; or for-norm … above",
        complete=("train", "dev", "eval"),
    )


def partitions(root: Path) -> tuple[str, ...]:
    """List the partitions of the variants at this root."""
    return in_order({name for folder in _variants(root) for name in _parts(folder)})


def _listed(root: Path, partition: str) -> Iterator[Trial]:
    variants = _variants(root)
    if not variants:
        raise ProtocolError(f"{root}: has no folders training, validation and testing in it.")
    if len(variants) > 1:
        names = ", ".join(folder.relative_to(root).as_posix() for folder in variants)
        raise ProtocolError(
            f"{root}: holds the same recordings in several variants ({names}). Give the folder of "
            "one of them."
        )
    folder = variants[0]
    parts = _parts(folder)
    if partition not in parts:
        raise no_such_partition(folder, partition, in_order(parts))
    for trial in trials_in(parts[partition], folder, partition):
        yield replace(trial, meta={**trial.meta, "variant": _variant(folder)})


def _linked(root: Path) -> tuple[str, ...]:
    """Tell of links to folders, which are not followed."""
    parts = [part for variant in _variants(root) for part in _parts(variant).values()]
    return linked_folders(
        [one for part in parts for found in label_folders(part).values() for one in found], root
    )


def _variants(root: Path) -> list[Path]:
    """Find the folders that hold training, validation and testing: the root, or some below it."""
    level = [root]
    for _ in range(_DEPTH):
        found = [folder for folder in level if _parts(folder)]
        if found:
            return found
        level = [one for folder in level for one in folders_in(folder) if _word(one) in _VARIANTS]
    return []


def _parts(folder: Path) -> dict[str, Path]:
    return {
        _FOLDERS[one.name.casefold()]: one
        for one in folders_in(folder)
        if one.name.casefold() in _FOLDERS and label_folders(one)
    }


def _variant(folder: Path) -> str:
    """Name the variant after the folder or the one above; "unknown" where both were renamed."""
    words = [_word(one) for one in (folder.absolute(), folder.absolute().parent)]
    return next((_VARIANTS[word] for word in words if word in _VARIANTS), "unknown")


def _word(folder: Path) -> str:
    return re.sub(r"[-_\s]", "", folder.name).casefold()
