"""ASVspoof 2019, logical access: one list a partition, five columns.

``LA_0079 LA_T_1138215 - A01 spoof``: speaker, utterance, environment (``-``: it belongs to
physical access), attack (``-`` for bona fide), key. The lists lie in
``ASVspoof2019_LA_cm_protocols``, the audio in ``ASVspoof2019_LA_{train,dev,eval}/flac``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from earwitness.protocols import PROTOCOLS, Protocol
from earwitness.protocols._asvspoof import Lists, lines_in
from earwitness.protocols._checks import checked, keyed
from earwitness.protocols._search import Sounds
from earwitness.records import Trial

_COLUMNS = 5
_LISTS = Lists(
    {
        "ASVspoof2019.LA.cm.train.trn.txt": "train",
        "ASVspoof2019.LA.cm.dev.trl.txt": "dev",
        "ASVspoof2019.LA.cm.eval.trl.txt": "eval",
    },
    letters="LA_",
    columns=_COLUMNS,
)


@PROTOCOLS.add
def protocol() -> Protocol:
    """Describe the corpus."""
    return Protocol(
        trials=checked(_listed, _LISTS.partitions),
        partitions=_LISTS.partitions,
        kin=("speaker",),
        groups=("attack", "speaker"),
        key=keyed(_listed, _LISTS.partitions),
        title="ASVspoof 2019, logical access",
        looks_for="ASVspoof2019.LA.cm.eval.trl.txt or its sisters, or one of them itself",
        complete=("train", "dev", "eval"),
    )


def _listed(root: Path, partition: str) -> Iterator[Trial]:
    listing = _LISTS.choose(root, partition)
    folder = f"ASVspoof2019_LA_{partition}/flac"
    sounds = Sounds(listing, root, [folder, f"LA/{folder}"])
    for line, label in lines_in(listing, key=4, columns=(_COLUMNS,)):
        speaker, name, _, attack, _ = line.texts
        meta = {"speaker": speaker, "attack": attack}
        yield Trial(name, sounds.path(name), label, partition, meta)
