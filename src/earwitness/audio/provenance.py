"""Facts about the container, beside the verdict and never part of it."""

from __future__ import annotations

from earwitness.audio.formats import Format
from earwitness.audio.headers.header import Header
from earwitness.records import Provenance


def provenance(header: Header, form: Format, bandwidth_hz: float | None) -> Provenance:
    """Put together what the bytes, the decoder and the sound itself tell."""
    return Provenance(
        container=header.container or form.container,
        codec=form.codec,
        encoder=header.encoder or form.encoder,
        sample_rate=form.sample_rate,
        channels=form.channels,
        bandwidth_hz=bandwidth_hz,
        c2pa=header.c2pa,
    )
