"""The keys of ASVspoof 2021, ``trial_metadata.txt``: one file for all partitions.

LA has eight columns, ``LA_0009 LA_E_9332881 alaw ita_tx A07 spoof notrim eval``; DF has five more,
``LA_0023 DF_E_2000011 nocodec asvspoof A14 spoof notrim progress traditional_vocoder - - - -``. The
lists that come with the audio hold ids only; the keys are a download of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from earwitness.errors import ProtocolError
from earwitness.protocols._asvspoof import first_fields, lines_in, only
from earwitness.protocols._labels import in_order, no_such_partition
from earwitness.protocols._search import Sounds, files_named
from earwitness.protocols._tables import fields_of
from earwitness.records import Trial

KEYS = "trial_metadata.txt"
_SUBSETS = {"eval": "eval", "progress": "progress", "hidden": "hidden", "hidden_track": "hidden"}
_KEY, _SUBSET = 5, 7
_LA = ("speaker", "", "codec", "transmission", "attack", "", "trim", "")
_DF = ("speaker", "", "codec", "source", "attack", "", "trim", "")
_DF_MORE = ("vocoder", "task", "team", "gender_pair", "language")
_NAMES = {"LA": _LA, "DF": (*_DF, *_DF_MORE)}


class Keys:
    """The keys of one track.

    Args:
        track: "LA" or "DF".
    """

    def __init__(self, track: str) -> None:
        self._track = track
        self._names = _NAMES[track]

    def partitions(self, root: Path) -> tuple[str, ...]:
        """List the subsets that the keys name; () where there are no keys of this track."""
        try:
            lines = [line for path in self._paths(root) for line in fields_of(path, *self._columns)]
        except ProtocolError:  # told where the trials are asked for
            return tuple(dict.fromkeys(_SUBSETS.values()))
        return in_order({_SUBSETS.get(line.texts[_SUBSET], "eval") for line in lines})

    def listed(self, root: Path, partition: str) -> Iterator[Trial]:
        """List the trials of one subset.

        Raises:
            ProtocolError: no keys, or malformed ones, or no such subset.
        """
        paths = self._paths(root)
        if not paths:
            raise ProtocolError(
                f"{root}: has no {KEYS} of the {self._track} track in it. The keys of ASVspoof "
                "2021 are a download of their own; unpack them beside the audio."
            )
        found = list(self._trials(only(paths, root), root))
        there = in_order({trial.partition for trial in found})
        if partition not in there:
            raise no_such_partition(paths[0], partition, there)
        return (trial for trial in found if trial.partition == partition)

    def _trials(self, path: Path, root: Path) -> Iterator[Trial]:
        folder = f"ASVspoof2021_{self._track}_eval"
        sounds = Sounds(path, root, [f"{folder}/flac", f"{folder}_part*/{folder}/flac", "flac"])
        for line, label in lines_in(path, key=_KEY, columns=self._columns):
            name, told = line.texts[1], line.texts[_SUBSET]
            subset = _SUBSETS.get(told)
            if subset is None:
                raise ProtocolError(
                    f"{line.where}: subset {told!r} is none of {', '.join(_SUBSETS)}."
                )
            pairs = zip(self._names, line.texts, strict=False)
            meta = {column: text for column, text in pairs if column}
            yield Trial(name, sounds.path(name), label, subset, meta)

    def _paths(self, root: Path) -> list[Path]:
        return [path for path in files_named(root, {KEYS}) if self._is_mine(first_fields(path))]

    def _is_mine(self, fields: list[str]) -> bool:
        return len(fields) in self._columns and fields[1].startswith(f"{self._track}_")

    @property
    def _columns(self) -> tuple[int, ...]:
        return (len(_LA),) if self._track == "LA" else (len(_NAMES["DF"]), len(_DF))
