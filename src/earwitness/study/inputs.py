"""The two data sets of a study: for-2seconds, whose testing part is counted, and the custom set."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from earwitness.errors import ProtocolError
from earwitness.evaluation.questions import Questions, questions
from earwitness.protocols import PROTOCOLS
from earwitness.records import Label, Trial

TESTING_EACH = 544  # clips of each label in the testing part of for-2seconds, as published
PARTS = {"train": "training", "dev": "validation", "eval": "testing"}
ORIGIN = "origin.tsv"
CLIP = "clip"


@dataclass(frozen=True)
class Target:
    """for-2seconds.

    Attributes:
        root: its folder.
        train, dev, test: the clips of its three parts.
        kin: columns by which clips belong together; none where nobody knows.
    """

    root: Path
    train: tuple[Trial, ...]
    dev: tuple[Trial, ...]
    test: tuple[Trial, ...]
    kin: tuple[str, ...] = ()

    @property
    def parts(self) -> Mapping[str, tuple[Trial, ...]]:
        """Give the clips of each part, by FoR's own names."""
        return {"training": self.train, "validation": self.dev, "testing": self.test}


def read_target(root: Path, *, accepts_counts: bool = False) -> Target:
    """Read for-2seconds, and see to it that its testing part is the published one.

    A table ``origin.tsv`` beside the folder (columns path and clip) says which files were cut from
    one recording; they are then drawn together in every interval.

    Args:
        root: the folder with training, validation and testing.
        accepts_counts: other counts are meant.

    Raises:
        ProtocolError: it is not FoR, a part is missing, or the testing part differs.
    """
    read = PROTOCOLS.get("fake_or_real")()
    there = read.partitions(root)
    missing = [PARTS[name] for name in PARTS if name not in there]
    if missing:
        raise ProtocolError(
            f"{root}: has no {' and no '.join(missing)} part with real and fake in it. A study "
            "needs for-2seconds whole: training, validation and testing."
        )
    origin = root.absolute().parent / ORIGIN
    clips = read_origin(origin) if origin.is_file() else {}
    train, dev, test = (_known(tuple(read.trials(root, name)), clips) for name in PARTS)
    odd = differences(test)
    if odd and not accepts_counts:
        raise ProtocolError(
            f"{root}: {odd} If another data set is meant, say so with --accept-counts."
        )
    return Target(root, train, dev, test, kin=(CLIP,) if clips else ())


def read_custom(root: Path) -> Questions:
    """Read the custom set: two folders, or a list.

    Raises:
        ProtocolError: it is no data set, or one label is absent.
    """
    return questions(root)


def differences(testing: Sequence[Trial]) -> str:
    """Say how a testing part differs from the published one; empty if it does not.

    Example:
        >>> from pathlib import Path
        >>> differences([Trial("a", Path("a"), Label.SPOOF, "eval")])
        'testing has 0 real and 1 fake clips, where for-2seconds as published has 544 and 544.'
    """
    real, fake = counted(testing)
    if (real, fake) == (TESTING_EACH, TESTING_EACH):
        return ""
    return (
        f"testing has {real:,} real and {fake:,} fake clips, where for-2seconds as published has "
        f"{TESTING_EACH:,} and {TESTING_EACH:,}."
    )


def counted(trials: Sequence[Trial]) -> tuple[int, int]:
    """Count bona fide and spoof."""
    counts = Counter(trial.label for trial in trials)
    return counts[Label.BONA_FIDE], counts[Label.SPOOF]


def read_origin(path: Path) -> dict[str, str]:
    """Read which recording each file was cut from: absolute path → name of the recording.

    Raises:
        ProtocolError: the table has other columns.
    """
    head, *rows = path.read_text(encoding="utf-8").splitlines() or [""]
    columns = head.split("\t")
    if not {"path", CLIP} <= set(columns):
        raise ProtocolError(f"{path}: expected the columns path and clip, but got '{head}'.")
    return dict(_pairs(rows, columns, path))


def _pairs(rows: Sequence[str], columns: Sequence[str], path: Path) -> Iterator[tuple[str, str]]:
    for number, row in enumerate(rows, start=2):
        cells = row.split("\t")
        if len(cells) != len(columns):
            raise ProtocolError(
                f"{path}, line {number}: has {len(cells)} cells for {len(columns)} columns."
            )
        told = dict(zip(columns, cells, strict=True))
        yield _place(path.absolute().parent / told["path"]), told[CLIP]


def _known(trials: tuple[Trial, ...], clips: Mapping[str, str]) -> tuple[Trial, ...]:
    """Note what each file was cut from, where that is known."""
    found = (clips.get(_place(trial.path)) for trial in trials)
    return tuple(
        trial if clip is None else replace(trial, meta={**trial.meta, CLIP: clip})
        for trial, clip in zip(trials, found, strict=True)
    )


def _place(path: Path) -> str:
    return os.path.normpath(path.absolute())
