"""The layout of github.com/TakHemlata/SSL_Anti-spoofing: XLS-R and AASIST, spelled by fairseq."""

from __future__ import annotations

from earwitness.models.backends.ssl_aasist import SslAasist, SslAasistSettings
from earwitness.models.frontends.ssl import SslSettings
from earwitness.models.layouts import LAYOUTS, Layout
from earwitness.models.layouts._aasist_names import published_key as aasist_key
from earwitness.models.layouts._fairseq import BehindXlsr

_PARTS = {"project": "LL", "encoded_norm": "first_bn1", "attention": "attention"}


def back_end(settings: SslSettings) -> SslAasist:
    """Build the back end behind this encoder."""
    return SslAasist(SslAasistSettings(features=settings.width))


def back_end_key(our: str) -> str:
    """Translate one key of ``backends.ssl_aasist`` into the published one."""
    part, _, rest = our.partition(".")
    return f"{_PARTS[part]}.{rest}" if part in _PARTS else aasist_key(our)


NETWORK = BehindXlsr("XLS-R + AASIST", back_end, back_end_key)


@LAYOUTS.add
def layout() -> Layout:
    """Describe the layout."""
    return NETWORK.layout(proof="code")
