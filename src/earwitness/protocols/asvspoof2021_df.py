"""ASVspoof 2021, deepfake (media codecs): ``trial_metadata.txt`` of the DF keys.

The columns stand in ``_asvspoof2021``. The audio lies in ``ASVspoof2021_DF_eval/flac``.
"""

from __future__ import annotations

from earwitness.protocols import PROTOCOLS, Protocol
from earwitness.protocols._asvspoof2021 import Keys
from earwitness.protocols._checks import checked, keyed


@PROTOCOLS.add
def protocol() -> Protocol:
    """Describe the corpus."""
    keys = Keys("DF")
    return Protocol(
        trials=checked(keys.listed, keys.partitions),
        partitions=keys.partitions,
        kin=("speaker",),
        groups=("attack", "codec", "source", "vocoder", "trim", "language", "speaker"),
        key=keyed(keys.listed, keys.partitions),
        title="ASVspoof 2021, deepfake (media codecs)",
        looks_for="trial_metadata.txt of the DF keys, in keys/DF/CM or as a file itself",
        complete=("eval", "progress", "hidden"),
    )
