"""The field's many words for two labels and three partitions → ours."""

from __future__ import annotations

import re
from collections.abc import Collection

from earwitness.errors import ProtocolError
from earwitness.records import Label

_LABELS = {
    **dict.fromkeys(("bonafide", "real", "genuine", "human", "original"), Label.BONA_FIDE),
    **dict.fromkeys(
        ("spoof", "spoofed", "fake", "synthetic", "deepfake", "generated"), Label.SPOOF
    ),
}
_PARTITIONS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("dev", "development", "val", "valid", "validation"), "dev"),
    **dict.fromkeys(("eval", "evaluation", "test", "testing"), "eval"),
}
_ORDER = ("train", "dev", "eval", "progress", "hidden")


def label_named(word: str) -> Label | None:
    """Find the label that a word stands for, whatever its case, dashes and spaces.

    Example:
        >>> label_named("Bona-Fide"), label_named("FAKE"), label_named("unsure")
        (<Label.BONA_FIDE: 'bonafide'>, <Label.SPOOF: 'spoof'>, None)
    """
    found = _LABELS.get(word)  # as most lists spell it, and some have a million lines
    return found or _LABELS.get(re.sub(r"[-_\s]", "", word).casefold())


def label_of(word: str, *, where: str) -> Label:
    """Read a label, or say where there is none.

    Raises:
        ProtocolError: the word is no label.
    """
    label = label_named(word)
    if label is not None:
        return label
    if word in ("0", "1"):
        raise ProtocolError(
            f"{where}: label '{word}' does not say which of the two it is: the field writes 1 for "
            "bona fide and for spoof. Rename the column to 'is_bonafide' or 'is_spoof', or write "
            "the words bonafide and spoof."
        )
    raise ProtocolError(f"{where}: label {word!r} is neither 'bonafide' nor 'spoof'.")


def partition_named(word: str) -> str | None:
    """Find the partition that a word stands for.

    Example:
        >>> partition_named("Validation"), partition_named("Testing"), partition_named("real")
        ('dev', 'eval', None)
    """
    return _PARTITIONS.get(word.casefold())


def in_order(partitions: Collection[str]) -> tuple[str, ...]:
    """List partitions as people expect them, each once.

    Example:
        >>> in_order(["eval", "mine", "train", "eval"])
        ('train', 'eval', 'mine')
    """
    known = [name for name in _ORDER if name in partitions]
    return (*known, *sorted(set(partitions) - set(_ORDER)))


def no_such_partition(where: object, partition: str, there: tuple[str, ...]) -> ProtocolError:
    """Say that a partition is not there, and which are."""
    names = " or ".join(there) or "nothing: there is no trial in it"
    return ProtocolError(f"{where}: there is no partition '{partition}'. Use {names}.")
