"""The layout of github.com/QiShanZhang/SLSforASVspoof-2021-DF: XLS-R and SLS."""

from __future__ import annotations

from earwitness.models.backends.sls import Sls, SlsSettings
from earwitness.models.frontends.ssl import SslSettings
from earwitness.models.layouts import LAYOUTS, Layout
from earwitness.models.layouts._fairseq import BehindXlsr

_PARTS = {"weigh": "fc0", "norm": "first_bn", "hidden": "fc1", "out": "fc3"}


def back_end(settings: SslSettings) -> Sls:
    """Build the back end behind this encoder."""
    return Sls(SlsSettings(features=settings.width))


def back_end_key(our: str) -> str:
    """Translate one key of ``backends.sls`` into the published one."""
    part, _, leaf = our.partition(".")
    return f"{_PARTS[part]}.{leaf}"


NETWORK = BehindXlsr("XLS-R + SLS", back_end, back_end_key, layer="all")


@LAYOUTS.add
def layout() -> Layout:
    """Describe the layout."""
    return NETWORK.layout(proof="structure only")
