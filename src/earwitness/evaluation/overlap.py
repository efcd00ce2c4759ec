"""Was a detector trained on what it is measured on? Its card says on what it was trained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from earwitness.evaluation.records import Remark

_ALL = "all"


def overlaps(trained_on: Sequence[str], protocol: str, partition: str) -> Iterator[Remark]:
    """Tell each entry of a card that covers the trials of this partition.

    Args:
        trained_on: as ``PROTOCOL/PARTITION``, or ``PROTOCOL`` for all of it.
        protocol: name of the protocol that is measured on.
        partition: of it.

    Example:
        >>> [remark.facts["trained_on"] for remark in overlaps(["pages/train"], "pages", "train")]
        ['pages/train']
        >>> list(overlaps(["pages/train"], "pages", "dev"))
        []
    """
    for entry in trained_on:
        name, _, part = entry.partition("/")
        if name != protocol:
            continue
        if part in ("", partition, _ALL) or partition == _ALL:
            facts = {"trained_on": entry, "protocol": protocol, "partition": partition}
            yield Remark("overlap", facts)
