"""ASVspoof 2021, logical access (telephone codecs): ``trial_metadata.txt`` of the LA keys.

The columns stand in ``_asvspoof2021``. The audio lies in ``ASVspoof2021_LA_eval/flac``.
"""

from __future__ import annotations

from earwitness.protocols import PROTOCOLS, Protocol
from earwitness.protocols._asvspoof2021 import Keys
from earwitness.protocols._checks import checked, keyed


@PROTOCOLS.add
def protocol() -> Protocol:
    """Describe the corpus."""
    keys = Keys("LA")
    return Protocol(
        trials=checked(keys.listed, keys.partitions),
        partitions=keys.partitions,
        kin=("speaker",),
        groups=("attack", "codec", "transmission", "trim", "speaker"),
        key=keyed(keys.listed, keys.partitions),
        title="ASVspoof 2021, logical access (telephone codecs)",
        looks_for="trial_metadata.txt of the LA keys, in keys/LA/CM or as a file itself",
        complete=("eval", "progress", "hidden"),
    )
