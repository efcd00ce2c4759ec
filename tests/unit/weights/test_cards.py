"""A card is read strictly, and written so that it reads the same."""

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earwitness.errors import SettingsError
from earwitness.weights.cards import CalibrationTable, Card, PointTable, card_text, read_card

PLAIN: dict[str, Any] = {
    "name": "plain", "title": "A plain one", "licence": "MIT", "origin": "made up",
    "network": "network.onnx", "sha256": "0" * 64, "sample_rate": 16000, "parameters": 12,
    "training_data": "none", "windows": {},
}  # fmt: skip


def round_trip(card: Card, folder: Path) -> Card:
    path = folder / "card.toml"
    path.write_text(card_text(card), encoding="utf-8")
    return read_card(path)


def test_a_full_card_reads_as_it_was_written(tmp_path: Path) -> None:
    card = Card(
        **PLAIN
        | {
            "title": 'Quotes " and \\ and\nlines, Ünïcode, \x7f',
            "windows": {"length_s": 4.0, "hop_s": 2, "padding": "tile"},
            "version": "2",
            "calibration": CalibrationTable(1.5, -0.25, "out-of-fold trials", 6000, "2026-11-24"),
            "operating_points": {
                "balanced": PointTable(0.0, 0.5, "a first look"),
                "screening": PointTable(1.25),
            },
            "policy": {"min_speech_s": 1.0, "stretch_windows": 2},
            "trained_on": ("pages/train", "in_the_wild"),
            "quality": {"eer": 0.051, "sets": ["a", "b"], "by kind": {"tts": 0.04, "vc": [1, 2]}},
        }
    )
    assert round_trip(card, tmp_path) == card


def test_a_card_without_calibration_reads_as_it_was_written(tmp_path: Path) -> None:
    assert round_trip(Card(**PLAIN), tmp_path) == Card(**PLAIN)


TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
).filter(lambda value: not has_table_in_list(value))


def has_table_in_list(value: object, *, inside: bool = False) -> bool:
    if isinstance(value, dict):
        return inside or any(has_table_in_list(v) for v in value.values())
    return isinstance(value, list) and any(has_table_in_list(v, inside=True) for v in value)


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_whatever_stands_in_a_table_reads_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, Any]
) -> None:
    card = Card(**PLAIN | {"quality": table})
    assert round_trip(card, tmp_path_factory.mktemp("card")) == card


def test_infinity_and_nan_can_be_written(tmp_path: Path) -> None:
    card = round_trip(Card(**PLAIN | {"quality": {"a": -math.inf, "b": math.nan}}), tmp_path)
    assert card.quality["a"] == -math.inf
    assert math.isnan(card.quality["b"])


def test_what_is_none_is_left_out(tmp_path: Path) -> None:
    card = round_trip(Card(**PLAIN | {"quality": {"a": None, "b": {"c": None}}}), tmp_path)
    assert card.quality == {"b": {}}


def test_a_value_that_toml_cannot_hold_is_refused() -> None:
    with pytest.raises(SettingsError, match="TOML has no such kind"):
        card_text(Card(**PLAIN | {"quality": {"path": Path("x")}}))


def test_a_key_that_is_not_known_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "card.toml"
    path.write_text(card_text(Card(**PLAIN)).replace("licence", "license"), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"card\.toml: unknown key 'license'.* 'licence'"):
        read_card(path)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("sha256", "ABC", "64 lower-case hex digits, but got 'ABC'"),
        ("network", "../network.onnx", "beside the card"),
        ("network", "", "beside the card"),
        ("sample_rate", 0, "must be positive, but got 0"),
        ("trained_on", ("pages, train",), "lists PROTOCOL/PARTITION, but got 'pages, train'"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(key: str, value: object, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        Card(**PLAIN | {key: value})
