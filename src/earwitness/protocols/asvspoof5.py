"""ASVspoof 5, track 1: one list a partition, ten columns.

``D_4461 D_0000000169 F - - - AC1 A14 spoof -``: speaker, utterance, gender, codec (``-`` for none),
its quality, the utterance that was coded, tag and name of the attack, key, and a reserved column.
Blanks stand between them, whatever the ending ``.tsv`` promises. The audio lies in ``flac_T``,
``flac_D`` and ``flac_E_eval``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from earwitness.protocols import PROTOCOLS, Protocol
from earwitness.protocols._asvspoof import Lists, lines_in
from earwitness.protocols._checks import checked, keyed
from earwitness.protocols._search import Sounds
from earwitness.records import Trial

_COLUMNS = 10
_LISTS = Lists(
    {
        "ASVspoof5.train.tsv": "train",
        "ASVspoof5.dev.track_1.tsv": "dev",
        "ASVspoof5.eval.track_1.tsv": "eval",
    },
    letters="",
    columns=_COLUMNS,
)
_FOLDERS = {
    "train": ("flac_T", "ASVspoof5_train/flac_T", "flac_T_*/flac_T"),
    "dev": ("flac_D", "ASVspoof5_dev/flac_D", "flac_D_*/flac_D"),
    "eval": ("flac_E_eval", "ASVspoof5_eval/flac_E_eval", "flac_E_*/flac_E_eval", "flac_E"),
}


@PROTOCOLS.add
def protocol() -> Protocol:
    """Describe the corpus."""
    return Protocol(
        trials=checked(_listed, _LISTS.partitions),
        partitions=_LISTS.partitions,
        kin=("speaker",),
        groups=("attack", "codec", "attack_tag", "codec_quality", "gender", "speaker"),
        key=keyed(_listed, _LISTS.partitions),
        title="ASVspoof 5, track 1 (stand-alone detection)",
        looks_for="ASVspoof5.train.tsv, ASVspoof5.dev.track_1.tsv or ASVspoof5.eval.track_1.tsv",
        complete=("train", "dev", "eval"),
    )


def _listed(root: Path, partition: str) -> Iterator[Trial]:
    listing = _LISTS.choose(root, partition)
    sounds = Sounds(listing, root, _FOLDERS[partition])
    for line, label in lines_in(listing, key=8, columns=(_COLUMNS,)):
        speaker, name, gender, codec, quality, coded, tag, attack, _, _ = line.texts
        meta = {
            "speaker": speaker,
            "gender": gender,
            "codec": codec,
            "codec_quality": quality,
            "coded_from": coded,
            "attack_tag": tag,
            "attack": attack,
        }
        yield Trial(name, sounds.path(name), label, partition, meta)
