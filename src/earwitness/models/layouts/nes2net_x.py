"""The layout of github.com/Liu-Tianchi/Nes2Net_ASVspoof_ITW: XLS-R and Nes2Net-X."""

from __future__ import annotations

import re

from earwitness.models.backends.nes2net_x import Nes2NetSettings, Nes2NetX
from earwitness.models.frontends.ssl import SslSettings
from earwitness.models.layouts import LAYOUTS, Layout
from earwitness.models.layouts._fairseq import BehindXlsr

_CUT = 64  # groups times slices: other widths cannot be cut so, and then no shape fits

_PARTS = (
    (r"blocks\.(\d)\.enter\.", r"Build_in_Res2Nets.\1.conv1."),
    (r"blocks\.(\d)\.enter_norm\.", r"Build_in_Res2Nets.\1.bn1."),
    (r"blocks\.(\d)\.convolutions\.", r"Build_in_Res2Nets.\1.convs."),
    (r"blocks\.(\d)\.norms\.", r"Build_in_Res2Nets.\1.bns."),
    (r"blocks\.(\d)\.mixes\.", r"Build_in_Res2Nets.\1.weighted_sum."),
    (r"blocks\.(\d)\.leave\.", r"Build_in_Res2Nets.\1.conv3."),
    (r"blocks\.(\d)\.leave_norm\.", r"Build_in_Res2Nets.\1.bn3."),
    (r"blocks\.(\d)\.gate\.", r"Build_in_Res2Nets.\1.se.se."),
    (r"norms\.", "bns."),
    (r"norm\.", "bn."),
    (r"out\.", "fc."),
)


def back_end(settings: SslSettings) -> Nes2NetX:
    """Build the back end behind this encoder."""
    return Nes2NetX(Nes2NetSettings(features=max(settings.width // _CUT, 1) * _CUT))


def back_end_key(our: str) -> str:
    """Translate one key of ``backends.nes2net_x`` into the published one."""
    for pattern, theirs in _PARTS:
        if re.match(pattern, our):
            return "Nested_Res2Net_TDNN." + re.sub(f"^{pattern}", theirs, our)
    raise KeyError(our)


NETWORK = BehindXlsr("XLS-R + Nes2Net-X", back_end, back_end_key)


@LAYOUTS.add
def layout() -> Layout:
    """Describe the layout."""
    return NETWORK.layout(proof="structure only")
