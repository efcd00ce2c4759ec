"""What is known of every clip → columns: sound, file, and what the manifest says of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from earwitness.evaluation.audit.asking.columns import Column, Kind, of_numbers, of_words
from earwitness.evaluation.audit.hearing.glance import Glance
from earwitness.evaluation.audit.hearing.records import Heard
from earwitness.evaluation.audit.hearing.sound import SILENT_DBFS
from earwitness.evaluation.audit.records import COPIES
from earwitness.records import Label, Provenance, Trial

# What manifests write where a column does not apply: such a column is the key in other words.
PLACEHOLDERS = {
    "", "-", "–", "none", "n/a", "na", "nan", "null", "bonafide", "bona-fide", "bona_fide", "real",
    "genuine", "human", "original",
}  # fmt: skip
_MOST_VALUES = 50
_CLIPS_A_VALUE = 4
_MOST_NUMBERS = 20

Number: TypeAlias = float | int | None


@dataclass(frozen=True)
class Feature:
    """One thing that is measured of every clip.

    Attributes:
        name: with its unit.
        kind: where it comes from.
        read: gives a number, or a word; None for "not known".
        is_number: more and less of it mean something.
    """

    name: str
    kind: Kind
    read: Callable[[Heard], Number | str]
    is_number: bool = True


FEATURES = (
    Feature("duration_s", Kind.SOUND, lambda one: one.facts.duration_s),
    Feature("leading_silence_s", Kind.SOUND, lambda one: one.sound.leading_silence_s),
    Feature("trailing_silence_s", Kind.SOUND, lambda one: one.sound.trailing_silence_s),
    Feature("zero_share", Kind.SOUND, lambda one: one.sound.zero_share),
    Feature("level_dbfs", Kind.SOUND, lambda one: max(SILENT_DBFS, one.notes.level_dbfs)),
    Feature("peak_dbfs", Kind.SOUND, lambda one: _dbfs(one.notes.peak)),
    Feature("clipped_share", Kind.SOUND, lambda one: one.notes.clipped_share),
    Feature("dc_offset_dbfs", Kind.SOUND, lambda one: one.sound.dc_offset_dbfs),
    Feature("noise_floor_dbfs", Kind.SOUND, lambda one: one.sound.noise_floor_dbfs),
    Feature("snr_db", Kind.SOUND, lambda one: one.notes.snr_db),
    Feature("bandwidth_hz", Kind.SOUND, lambda one: one.notes.bandwidth_hz),
    Feature("used_bits", Kind.SOUND, lambda one: _bits(one), is_number=False),
    Feature("container", Kind.FILE, lambda one: _origin(one).container, is_number=False),
    Feature("codec", Kind.FILE, lambda one: _origin(one).codec, is_number=False),
    Feature("sample_rate", Kind.FILE, lambda one: _origin(one).sample_rate, is_number=False),
    Feature("bit_depth", Kind.FILE, lambda one: one.glance.bit_depth, is_number=False),
    Feature("channels", Kind.FILE, lambda one: _origin(one).channels, is_number=False),
    Feature("encoder", Kind.FILE, lambda one: _origin(one).encoder, is_number=False),
    Feature("bit_rate_kbps", Kind.FILE, lambda one: bit_rate(one.glance, one.facts.duration_s)),
)


def of_clips(heard: Sequence[Heard], copies: Sequence[int]) -> list[Column]:
    """Make the columns of sound and file; those in which all clips are alike are left out.

    Args:
        heard: the clips.
        copies: for each clip, how many other clips hold the same recording.
    """
    columns = [
        (of_numbers if one.is_number else of_words)(
            one.name,
            one.kind,
            [one.read(clip) for clip in heard],  # type: ignore[misc]
        )
        for one in FEATURES
    ]
    columns.append(of_numbers(COPIES, Kind.SOUND, list(copies)))
    return [column for column in columns if not column.is_constant]


def of_headers(glances: Sequence[Glance]) -> list[Column]:
    """Make the columns that headers alone can fill."""
    words = ("container", "codec", "sample_rate", "bit_depth", "channels", "encoder")
    columns = [of_words(w, Kind.FILE, [getattr(one, w) for one in glances]) for w in words]
    columns.append(of_numbers("duration_s", Kind.FILE, [one.duration_s for one in glances]))
    rates = [bit_rate(one, one.duration_s) for one in glances]
    columns.append(of_numbers("bit_rate_kbps", Kind.FILE, rates))
    return [column for column in columns if not column.is_constant]


def of_manifest(trials: Sequence[Trial]) -> tuple[list[Column], tuple[str, ...]]:
    """Make columns of the manifest's other columns.

    Returns:
        The columns, and the names of those that were left out because bona fide clips have nothing
        in them (attack, system): they are the key in other words.
    """
    names = dict.fromkeys(name for trial in trials for name in trial.meta)
    columns, left_out = [], []
    for name in names:
        words = [trial.meta.get(name, "") for trial in trials]
        if is_key_in_other_words(trials, words):
            left_out.append(name)
        elif _is_telling_apart(words):
            columns.append(of_words(name, Kind.MANIFEST, words))
    return [column for column in columns if not column.is_constant], tuple(left_out)


def is_key_in_other_words(trials: Sequence[Trial], words: Sequence[str]) -> bool:
    """Say whether a column is empty for one label and filled for the other."""
    pairs = list(zip(trials, words, strict=True))
    for label in Label:
        own = {word.casefold() for trial, word in pairs if trial.label is label}
        other = {word.casefold() for trial, word in pairs if trial.label is not label}
        if own and other and own <= PLACEHOLDERS and not own & other:
            return True
    return False


def bit_rate(seen: Glance, duration_s: float | None) -> float | None:
    """Give the kbit/s of a file.

    Example:
        >>> bit_rate(Glance(size=32_000), 1.0)
        256.0
    """
    return round(seen.size * 8 / duration_s / 1000, 1) if duration_s else None


def _is_telling_apart(words: Sequence[str]) -> bool:
    """Leave out what names single clips, and measurements such as seconds."""
    values = set(words)
    most = max(_MOST_VALUES, len(words) // _CLIPS_A_VALUE)
    is_measured = len(values) > _MOST_NUMBERS and all(_is_number(value) for value in values)
    return 1 < len(values) <= most and not is_measured


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _origin(one: Heard) -> Provenance:
    return one.facts.provenance


def _bits(one: Heard) -> Number | str:
    return "no grid" if one.sound.used_bits is None else one.sound.used_bits


def _dbfs(peak: float) -> float:
    return max(SILENT_DBFS, 20 * math.log10(peak)) if peak > 0 else SILENT_DBFS
