"""The card of a detector: what it is, and all the settings that can change a score.

A detector is a folder with ``card.toml``, the network, and a LICENSE where it is vendored. Tables
that belong to rooms above this one (windows, policy) are plain here; ``detector`` fits them.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from earwitness import config
from earwitness.errors import SettingsError

CARD = "card.toml"
CHECKPOINTS = (".pth", ".pt", ".ckpt", ".safetensors")  # of files of weights that torch runs
PRECISIONS_OF_ONNX = ("fp32", "fp16", "int8")
PRECISIONS_BY_TORCH = ("fp32", "bf16")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TRAINED_ON = re.compile(r"\w+(/\w+)?")


@dataclass(frozen=True)
class CalibrationTable:
    """The line from raw score to LLR, and what it was fitted on.

    Attributes:
        scale, offset: LLR = scale * raw score + offset.
        fitted_on: the set of trials.
        trials: how many they were.
        date: when, as YYYY-MM-DD.
        bona_fide, spoof: how many of each label; 0 where nobody noted it.
        trials_hash: of the list of trials, by which ``evaluate`` knows them again.
    """

    scale: float
    offset: float
    fitted_on: str = ""
    trials: int = 0
    date: str = ""
    bona_fide: int = 0
    spoof: int = 0
    trials_hash: str = ""


@dataclass(frozen=True)
class PointTable:
    """An operating point: bona fide where the LLR is at least ``threshold``.

    Attributes:
        threshold: an LLR.
        prior: the spoof prior that it was made for; None where an error rate set it.
        purpose: what it is for, in a few words.
    """

    threshold: float
    prior: float | None = None
    purpose: str = ""


@dataclass(frozen=True)
class Card:
    """What is known of a detector.

    Attributes:
        name: as in ``--model``, and the name of its folder.
        title: one line for people.
        licence: of the weights, as SPDX where there is one.
        origin: who made it, from what.
        network: name of the network's file in the same folder.
        sha256: of that file, lower-case hex.
        sample_rate: that it wants, in Hz.
        parameters: how many the network has.
        training_data: what it was trained on.
        windows: settings of ``segmentation``.
        version: of these weights.
        calibration: None for a detector that gives raw scores only.
        operating_points: by name.
        policy: settings of ``decision``.
        quality: measured figures, as ``earwitness models`` shows them.
        trained_on: the same as ``training_data`` for programs: PROTOCOL or PROTOCOL/PARTITION each.
        proof: how far the network was compared with the published one ("scores", "code",
            "structure only"); empty for what was not published by others.
        precision: of large products. For a file of weights "fp32" or "bf16"; for an ONNX file that
            in which it was exported: "fp32", "fp16" (weights stored as halves) or "int8".
    """

    name: str
    title: str
    licence: str
    origin: str
    network: str
    sha256: str
    sample_rate: int
    parameters: int
    training_data: str
    windows: dict[str, Any]
    version: str = "1"
    calibration: CalibrationTable | None = None
    operating_points: dict[str, PointTable] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)
    quality: dict[str, Any] = field(default_factory=dict)
    trained_on: tuple[str, ...] = ()
    proof: str = ""
    precision: str = "fp32"

    def __post_init__(self) -> None:
        if not _SHA256.fullmatch(self.sha256):
            raise SettingsError(f"sha256 is 64 lower-case hex digits, but got '{self.sha256}'.")
        if Path(self.network).name != self.network or not self.network:
            raise SettingsError(f"network names a file beside the card, but got '{self.network}'.")
        if self.sample_rate < 1:
            raise SettingsError(f"sample_rate must be positive, but got {self.sample_rate}.")
        allowed = PRECISIONS_BY_TORCH if self.network.endswith(CHECKPOINTS) else PRECISIONS_OF_ONNX
        if self.precision not in allowed:
            raise SettingsError(
                f"precision of {self.network} is one of {', '.join(allowed)}, "
                f"but got '{self.precision}'."
            )
        for one in self.trained_on:
            if not _TRAINED_ON.fullmatch(one):
                raise SettingsError(f"trained_on lists PROTOCOL/PARTITION, but got '{one}'.")


def read_card(path: Path) -> Card:
    """Read a card.

    Raises:
        SettingsError: it cannot be read, or a key does not fit.
    """
    return config.load(Card, path)


def card_text(card: Card) -> str:
    """Write a card as TOML; reading it back gives the same card.

    Raises:
        SettingsError: a value is of a kind that TOML cannot hold.
    """
    return "\n".join(_table(_without_none(config.plain(card)), path=())).strip() + "\n"


def _without_none(table: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in table.items() if value is not None}
    return {k: _without_none(v) if isinstance(v, Mapping) else v for k, v in kept.items()}


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    inner = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    plain = {key: value for key, value in table.items() if key not in inner}
    if path and (plain or not inner):
        yield f"\n[{'.'.join(map(_key, path))}]"
    yield from (f"{_key(key)} = {_value(value)}" for key, value in plain.items())
    for key, value in inner.items():
        yield from _table(value, (*path, key))


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _string(key)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _string(str(value))
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return _number(float(value))
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    raise SettingsError(f"A card cannot hold {value!r}: TOML has no such kind.")


def _number(value: float) -> str:
    return repr(value) if math.isfinite(value) else str(value)


def _string(text: str) -> str:
    # A JSON string is a TOML string, but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
