"""What each column of an audit is called, and what to do where it leaks."""

from __future__ import annotations

from collections.abc import Sequence

from earwitness.evaluation.audit.asking.columns import Kind
from earwitness.evaluation.audit.asking.records import JOINT, Telling
from earwitness.evaluation.audit.records import COPIES
from earwitness.reporting._words import visible

TITLES = {
    JOINT: "all together",
    COPIES: "copies in the set",
    "duration_s": "duration, s",
    "leading_silence_s": "leading silence, s",
    "trailing_silence_s": "trailing silence, s",
    "zero_share": "share of zero samples",
    "level_dbfs": "level, dBFS",
    "peak_dbfs": "peak, dBFS",
    "clipped_share": "share of clipped samples",
    "dc_offset_dbfs": "DC offset, dBFS",
    "noise_floor_dbfs": "noise floor, dBFS",
    "snr_db": "loud above quiet, dB",
    "bandwidth_hz": "bandwidth, Hz",
    "used_bits": "bits in use",
    "container": "container",
    "codec": "codec",
    "sample_rate": "sample rate, Hz",
    "bit_depth": "bits a sample",
    "channels": "channels",
    "encoder": "encoder tag",
    "bit_rate_kbps": "bit rate, kbit/s",
}
_LONGEST = 18
_SILENCE = (
    "Trim both ends of all clips by the same voice activity detector, or give both labels the same "
    "pauses; then see what 'earwitness stress --conditions silence' says"
)
_CODING = (
    "Code both labels alike: the same codecs and bit rates, drawn without regard to the label. "
    "Writing all as WAV does not take the traces out of the samples"
)
_LEVEL = "Bring both labels to the same level, or draw a gain for every clip while training"
_GRID = "Write all clips with the same sample rate and bits, from float, with dither"
ADVICE = {
    "duration_s": (
        "Cut both labels to the same lengths, or draw the lengths of one from those of the other; "
        "report errors by duration"
    ),
    "leading_silence_s": _SILENCE,
    "trailing_silence_s": _SILENCE,
    "zero_share": (
        "Digital silence is a trace of an editor or a synthesiser: trim it, or fill it with faint "
        "noise, in both labels"
    ),
    "level_dbfs": _LEVEL,
    "peak_dbfs": _LEVEL,
    "clipped_share": "Leave clipped clips out, or clip both labels alike",
    "dc_offset_dbfs": "Take the mean out of every clip (a high-pass at 20 Hz)",
    "noise_floor_dbfs": (
        "Record or choose both labels with the same noise, or add noise of the same kinds and "
        "levels to both"
    ),
    "snr_db": "Add noise of the same kinds and levels to both labels",
    "bandwidth_hz": (
        "Low-pass both labels at the lowest band that they have in common, or draw the band "
        "without regard to the label"
    ),
    "used_bits": _GRID,
    "bit_depth": _GRID,
    "sample_rate": (
        "Resample both labels to the lowest rate and low-pass them alike: resampling alone leaves "
        "the band as it was"
    ),
    "container": _CODING,
    "codec": _CODING,
    "encoder": _CODING,
    "bit_rate_kbps": _CODING,
    "channels": "Mix all clips to one channel, or take the same one of each",
    COPIES: "Keep one clip of each recording",
}
_MANIFEST = (
    "No detector reads it, but it hears what goes with it: balance it over the labels, keep each "
    "of its values in one fold, and report figures within its values"
)


def title(name: str) -> str:
    """Name a column for people.

    Example:
        >>> title("level_dbfs"), title("source_corpus")
        ('level, dBFS', 'source corpus')
    """
    return TITLES.get(name) or visible(name.replace("_", " "))


def unitless(name: str) -> str:
    """Name a column within a sentence.

    Example:
        >>> unitless("level_dbfs")
        'level'
    """
    return title(name).partition(",")[0]


def advice(told: Telling) -> str:
    """Say what to do where a column leaks."""
    if told.kind is Kind.MANIFEST:
        return _MANIFEST
    return ADVICE.get(told.name, _MANIFEST)


def counted(number: int, what: str) -> str:
    """Count things.

    Example:
        >>> counted(1, "clip"), counted(1200, "clip")
        ('1 clip', '1,200 clips')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def listed(words: Sequence[str]) -> str:
    """Join words as people do.

    Example:
        >>> listed(["a", "b", "c"])
        'a, b and c'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""


def short_value(value: str) -> str:
    """Show a value, cut where it is long."""
    value = visible(value)
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"


def plain_value(value: float) -> str:
    """Write a number with four digits.

    Example:
        >>> plain_value(-23.1984)
        '−23.2'
    """
    return f"{value:.4g}".replace("-", "−")


def share(value: float) -> str:
    """Write a share in per cent.

    Example:
        >>> share(0.0), share(0.034), share(0.25)
        ('0 %', '3.4 %', '25 %')
    """
    return f"{100 * value:.0f} %" if value == 0 or value >= 0.1 else f"{100 * value:.1f} %"
