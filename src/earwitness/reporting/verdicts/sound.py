"""What a picture of a recording is drawn from: its envelope and its spectrum over time."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY_AND_ALPHA = 4


@dataclass(frozen=True)
class Sound:
    """A recording as it was heard, small enough to be drawn.

    Attributes:
        duration_s: of all of it.
        peaks: largest absolute sample of each column, 0 to 1, in order; columns are equally long.
        spectrum: the bytes of one picture, a column wide as in ``peaks`` and ``rows`` high, the
            highest frequency first; 0 is silence, 255 the loudest place.
        rows: of the picture.
        top_hz: frequency at its upper edge.
    """

    duration_s: float
    peaks: tuple[float, ...]
    spectrum: bytes
    rows: int
    top_hz: float

    def outline(self) -> str:
        """Write the envelope as an SVG path, 100 high, one unit a column.

        Example:
            >>> Sound(1.0, (0.5, 1.0), b"", 0, 8000.0).outline()
            'M0 25 1 25 1 0 2 0 2 100 1 100 1 75 0 75Z'
        """
        upper = list(_steps(self.peaks))
        lower = [(x, 100 - y) for x, y in reversed(upper)]
        return "M" + " ".join(f"{x} {y:g}" for x, y in (*upper, *lower)) + "Z"

    def picture(self) -> str:
        """Write the spectrum as a PNG in a data URI: loudness is its opacity, colour is black."""
        columns = len(self.peaks)
        lines = (
            b"\0" + b"".join(b"\0" + bytes([at]) for at in self.spectrum[row : row + columns])
            for row in range(0, self.rows * columns, columns)
        )
        header = struct.pack(">IIBBBBB", columns, self.rows, 8, _GREY_AND_ALPHA, 0, 0, 0)
        body = zlib.compress(b"".join(lines), 9)
        chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", body), _chunk(b"IEND", b""))
        encoded = base64.b64encode(_SIGNATURE + b"".join(chunks)).decode("ascii")
        return f"data:image/png;base64,{encoded}"


def _steps(peaks: tuple[float, ...]) -> Iterator[tuple[int, float]]:
    for at, peak in enumerate(peaks):
        height = round(50 - 50 * min(1.0, peak), 1)
        yield at, height
        yield at + 1, height


def _chunk(kind: bytes, content: bytes) -> bytes:
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))
