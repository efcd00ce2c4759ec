"""A detector that was trained on what it is measured on is told."""

import pytest

from earwitness.evaluation.overlap import overlaps
from earwitness.protocols import PROTOCOLS
from earwitness.weights.cards import read_card
from earwitness.weights.store import CATALOG


@pytest.mark.parametrize(
    ("entry", "protocol", "partition", "is_told"),
    [
        ("pages/train", "pages", "train", True),
        ("pages/train", "pages", "dev", False),
        ("pages/train", "pages", "all", True),
        ("pages", "pages", "dev", True),
        ("pages/all", "pages", "dev", True),
        ("pages/train", "folder", "train", False),
        ("asvspoof2019_la/train", "asvspoof2021_la", "train", False),
    ],
)
def test_an_overlap_is_the_same_protocol_and_a_partition_in_common(
    entry: str, protocol: str, partition: str, is_told: bool
) -> None:
    found = list(overlaps([entry], protocol, partition))
    assert bool(found) is is_told
    for remark in found:
        assert remark.code == "overlap"
        assert remark.facts == {
            "trained_on": entry, "protocol": protocol, "partition": partition,
        }  # fmt: skip


def test_each_entry_is_told() -> None:
    found = list(overlaps(["pages/train", "in_the_wild", "pages/dev"], "pages", "all"))
    assert [remark.facts["trained_on"] for remark in found] == ["pages/train", "pages/dev"]


def test_every_detector_of_the_catalog_names_protocols_that_there_are() -> None:
    cards = [read_card(path) for path in sorted(CATALOG.glob("*/card.toml"))]
    assert cards
    for card in cards:
        assert card.trained_on, card.name
        for entry in card.trained_on:
            assert entry.partition("/")[0] in PROTOCOLS.names()
