"""Our own layout of AASIST with a head of cosines: as published, but for its last layer.

What ``finetune`` writes for a loss that needs cosines. ``out_layer.directions`` stands where
published files have ``out_layer.weight`` and ``out_layer.bias``.
"""

from __future__ import annotations

from dataclasses import replace

from earwitness.models.backends.ssl_aasist import SslAasist, SslAasistSettings
from earwitness.models.frontends.ssl import SslSettings
from earwitness.models.layouts import LAYOUTS, Layout, Published, Weights, clovaai
from earwitness.models.layouts._fairseq import BehindXlsr
from earwitness.models.layouts._fitting import misfits
from earwitness.models.layouts.ssl_anti_spoofing import back_end_key

ENDING = " (cosines)"
NETWORKS = {
    f"{name}{ENDING}": replace(published, head="cosine")
    for name, published in clovaai.NETWORKS.items()
}


def back_end(settings: SslSettings) -> SslAasist:
    """Build the back end behind this encoder."""
    usual = SslAasistSettings(features=settings.width)
    return SslAasist(replace(usual, aasist=replace(usual.aasist, head="cosine")))


BEHIND_XLSR = BehindXlsr(f"XLS-R + AASIST{ENDING}", back_end, back_end_key)


@LAYOUTS.add
def layout() -> Layout:
    """Describe the layout."""
    return Layout((*NETWORKS, BEHIND_XLSR.name), problems, build)


def problems(name: str, weights: Weights) -> list[str]:
    """List what keeps weights from being this network."""
    if name not in NETWORKS:
        return BEHIND_XLSR.problems(name, weights)
    return misfits(weights, clovaai.published_shapes(NETWORKS[name]))


def build(name: str, weights: Weights) -> Published:
    """Build the network that these weights belong to, and load them strictly."""
    if name not in NETWORKS:
        return BEHIND_XLSR.build(name, weights)
    return Published(name, clovaai.network_of(NETWORKS[name], weights))
