"""The recordings that were scored worst, with their sound where it may and can go into the page."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from earwitness.errors import AudioError
from earwitness.evaluation.records import Evaluation, Scored
from earwitness.records import Reason

EACH = 5
SAMPLE_RATE = 16_000
LONGEST_S = 15.0
MOST_BYTES = 4_500_000  # of all sound in a page: base64 makes six million of it


@dataclass(frozen=True)
class Clip:
    """A recording that was scored badly.

    Attributes:
        scored: what was said of it.
        flac: its sound (or the start of it); None where it is not in the page.
        link: to the file, as a relative reference; None where there is none.
        note: what is to be said about the sound.
    """

    scored: Scored
    flac: bytes | None = None
    link: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Worst:
    """Bona fide recordings with the lowest scores, and spoofs with the highest; worst first."""

    bona_fide: tuple[Clip, ...]
    spoof: tuple[Clip, ...]


def worst(evaluation: Evaluation, *, embed_audio: bool, folder: Path | None = None) -> Worst:
    """Pick the recordings that were scored worst.

    Args:
        evaluation: with its trials.
        embed_audio: put their sound into the page; off for corpora that may not be passed on.
        folder: where the page will lie, for links to the files; None for no links.
    """
    told = [one for one in evaluation.scored if _is_telling(one)]
    ours = sorted((one for one in told if one.is_bona_fide), key=lambda one: _key(one, 1))
    theirs = sorted((one for one in told if not one.is_bona_fide), key=lambda one: _key(one, -1))
    left = MOST_BYTES
    clips: list[Clip] = []
    for one in (*ours[:EACH], *theirs[:EACH]):
        clip = _clip(one, left if embed_audio else None, folder)
        left -= len(clip.flac or b"")
        clips.append(clip)
    many = len(ours[:EACH])
    return Worst(tuple(clips[:many]), tuple(clips[many:]))


def _is_telling(one: Scored) -> bool:
    return one.score is not None and Reason.NO_SPEECH not in one.reasons


def _key(one: Scored, sign: int) -> tuple[float, str]:
    return sign * (one.score or 0.0), one.trial.id


def _clip(one: Scored, left: int | None, folder: Path | None) -> Clip:
    path = one.trial.path
    if not path.is_file():
        return Clip(one, note="The recording is not on this machine.")
    link = None if folder is None else _link(path, folder)
    if left is None:
        return Clip(one, link=link)
    try:
        flac, is_whole = _sound(path)
    except AudioError:
        return Clip(one, link=link, note="The recording cannot be played.")
    if len(flac) > left:
        return Clip(one, link=link, note="The page would become too large with its sound.")
    note = "" if is_whole else f"The first {LONGEST_S:g} seconds."
    return Clip(one, flac=flac, link=link, note=note)


def _link(path: Path, folder: Path) -> str | None:
    """Lead from the page to a file, by no folder but those that the user named.

    From one drive of Windows to another there is no such way; and a page in another tree than the
    recordings would tell what the folders above them are called.
    """
    try:
        relative = os.path.relpath(path, folder)
    except ValueError:
        return None
    named = [part for part in Path(relative).parts if part != os.pardir]
    if named != list(Path(os.path.normpath(path)).parts)[-len(named) :]:
        return None
    return quote(relative.replace(os.sep, "/"), errors="surrogateescape")


def _sound(path: Path) -> tuple[bytes, bool]:
    """Read the start of a recording as FLAC; and say whether that is all of it."""
    import numpy as np

    from earwitness.audio.codecs import as_flac
    from earwitness.audio.read import open_recording

    most = round(LONGEST_S * SAMPLE_RATE)
    blocks, read = [], 0
    with open_recording(path, sample_rate=SAMPLE_RATE) as recording:
        for block in recording.blocks():
            blocks.append(block)
            read += len(block)
            if read > most:
                break
    samples = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    return as_flac(samples[:most], SAMPLE_RATE), read <= most
