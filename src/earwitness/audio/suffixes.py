"""The names under which audio and video is kept, and the search for such files in a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

# A file that is given itself may have any name.
_SUFFIXES = (
    ".3g2 .3ga .3gp .aac .ac3 .aif .aifc .aiff .amr .ape .asf .au .avi .awb .caf .dts .eac3 .flac"
    " .flv .m2ts .m4a .m4b .m4r .m4v .mka .mkv .mov .mp2 .mp3 .mp4 .mpc .mpeg .mpg .mts .oga .ogg"
    " .ogv .opus .qta .rf64 .snd .spx .sph .ra .rm .tak .tta .vob"
    " .voc .w64 .wav .wave .weba .webm .wma .wmv .wv"
)
SUFFIXES = frozenset(_SUFFIXES.split())


def audio_files(folder: str, *, onerror: Callable[[OSError], object]) -> Iterator[str]:
    """Search a folder to the bottom, in order; what is hidden stays hidden.

    Args:
        folder: where to start; what is found begins with it.
        onerror: is told of every folder that cannot be searched.
    """
    for place, folders, names in os.walk(folder, onerror=onerror):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            has_name = Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")
            if has_name and not _keeps_waiting(Path(place, name)):
                yield os.path.join(place, name)


def _keeps_waiting(path: Path) -> bool:
    """Say whether it is a pipe or a device: nobody meant it who named the folder."""
    return path.is_fifo() or path.is_socket() or path.is_char_device() or path.is_block_device()
