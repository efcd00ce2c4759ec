"""A room: first the reflections from six walls, each from its place, then a tail that dies away.

The image-source method in a shoebox (Allen & Berkley 1979) up to a mixing time, after which single
reflections are too many to be told apart: from there on noise of the same energy stands for them.
Walls take up as much as Eyring's formula says for the drawn RT60. Beside ``reverb``, which is
quicker and knows no places, this one has the comb of a near wall and a talker who is near or far.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from earwitness.augmentation import AUGMENTATIONS, Effect
from earwitness.augmentation._chance import Range, check_range, log_uniform, seed, uniform
from earwitness.augmentation._spectra import (
    at_level,
    filtered,
    frequencies,
    good_length,
    rms,
    sound,
    spectrum,
)
from earwitness.records import Samples

Place: TypeAlias = tuple[float, float, float]

_SPEED_OF_SOUND = 343.0  # m/s at 20 °C
_MIXING_S = 0.05
_LONGEST_S = 1.0  # the answer is cut off here at the latest
_DECAY = 6 * np.log(10)  # energy falls by 60 dB: a millionth, over RT60
_LOWEST_HZ = np.float32(80.0)  # reflections of one sign pile up at 0 Hz, as none do in air
_FROM_WALLS_M, _TRIES = 0.3, 20


@dataclass(frozen=True)
class RoomSettings:
    """Which rooms.

    Attributes:
        long_m, wide_m, high_m: ranges of the room's sides.
        distance_m: from talker to microphone; any that a room has where it has none of these.
        rt60_s: the time in which the sound falls by 60 dB.
        damping_hz: above it, all that is reflected gets darker.
    """

    long_m: Range = (3.0, 10.0)
    wide_m: Range = (2.5, 7.0)
    high_m: Range = (2.3, 4.0)
    distance_m: Range = (0.3, 3.0)
    rt60_s: Range = (0.15, 0.8)
    damping_hz: Range = (3000.0, 8000.0)

    def __post_init__(self) -> None:
        check_range("long_m", self.long_m, least=1, most=100)
        check_range("wide_m", self.wide_m, least=1, most=100)
        check_range("high_m", self.high_m, least=1, most=100)
        check_range("distance_m", self.distance_m, least=0.05)
        check_range("rt60_s", self.rt60_s, least=0.05, most=10)
        check_range("damping_hz", self.damping_hz, least=100)


@dataclass(frozen=True)
class RoomDraw:
    """One talker and one microphone in one room; lengths and places in metres."""

    size: Place
    talker: Place
    microphone: Place
    rt60_s: float
    damping_hz: float
    seed: int


def draw(rng: np.random.Generator, settings: RoomSettings) -> RoomDraw:
    """Draw a room and two places in it, not too near to its walls."""
    sides = (settings.long_m, settings.wide_m, settings.high_m)
    size = (uniform(rng, sides[0]), uniform(rng, sides[1]), uniform(rng, sides[2]))
    talker = _place(rng, size)
    microphone = _away_from(talker, uniform(rng, settings.distance_m), rng, size)
    rt60_s, damping_hz = log_uniform(rng, settings.rt60_s), log_uniform(rng, settings.damping_hz)
    return RoomDraw(size, talker, microphone, rt60_s, damping_hz, seed(rng))


def apply(samples: Samples, parameters: RoomDraw, sample_rate: int) -> Samples:
    """Let the room answer; loudness stays, and the tail behind the end is cut off."""
    answer = response(parameters, sample_rate)
    length = good_length(len(samples) + len(answer))
    hz = frequencies(length, sample_rate)
    walls = spectrum(answer, length) / np.sqrt(1 + (hz / np.float32(parameters.damping_hz)) ** 2)
    wet = sound(spectrum(samples, length) * (1 + walls), length, len(samples))
    return at_level(wet, rms(samples))


@AUGMENTATIONS.add
def build(settings: RoomSettings) -> Effect[RoomDraw]:
    """Build the effect."""
    return Effect(partial(draw, settings=settings), apply)


def response(room: RoomDraw, sample_rate: int) -> Samples:
    """Make what the walls answer to a click: 0 is when its direct sound, of size 1, arrives.

    Returns:
        Shape (samples,), without the direct sound and without damping.
    """
    longest_s = min(room.rt60_s, _LONGEST_S)
    answer = np.zeros(max(2, round(longest_s * sample_rate)), np.float64)
    direct_m = float(np.linalg.norm(np.subtract(room.talker, room.microphone)))
    metres, sizes = _images(room, direct_m + _SPEED_OF_SOUND * min(_MIXING_S, longest_s))
    late = np.round((metres - direct_m) / _SPEED_OF_SOUND * sample_rate).astype(np.intp)
    inside = late < len(answer)
    answer += np.bincount(late[inside], sizes[inside] * direct_m, len(answer))
    _add_tail(answer, room, direct_m, sample_rate)
    length = good_length(len(answer))
    hz = frequencies(length, sample_rate)
    return filtered(answer.astype(np.float32), hz**2 / (hz**2 + _LOWEST_HZ**2), length)


def _images(room: RoomDraw, farthest_m: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mirror the talker in all walls: how far each image is, and how loud, 1 at one metre."""
    kept = np.sqrt(1 - absorption(room))
    axes = []
    for side, talker, microphone in zip(room.size, room.talker, room.microphone, strict=True):
        most = int(farthest_m / (2 * side)) + 1
        rooms = np.arange(-most, most + 1)
        straight, mirrored = 2 * rooms * side + talker, 2 * rooms * side - talker
        metres = np.concatenate([straight, mirrored]) - microphone
        bounces = np.concatenate([np.abs(2 * rooms), np.abs(2 * rooms - 1)])
        axes.append((metres**2, bounces))
    (x, a), (y, b), (z, c) = axes
    squares = x[:, None, None] + y[:, None] + z
    bounces = a[:, None, None] + b[:, None] + c
    is_near = (squares < farthest_m**2) & (bounces > 0)
    metres = np.sqrt(squares[is_near])
    return metres, kept ** bounces[is_near] / metres


def absorption(room: RoomDraw) -> float:
    """Find the share of energy that each wall takes up, by Eyring's formula.

    Example:
        >>> small = RoomDraw((4.0, 3.0, 2.5), (1, 1, 1), (2, 2, 1), 0.3, 8000.0, 0)
        >>> round(absorption(small), 2)
        0.24
    """
    x, y, z = room.size
    walls = 2 * (x * y + y * z + x * z)
    return float(1 - np.exp(-4 * _DECAY * x * y * z / (_SPEED_OF_SOUND * room.rt60_s * walls)))


def _add_tail(
    answer: NDArray[np.float64], room: RoomDraw, direct_m: float, sample_rate: int
) -> None:
    """Go on after the mixing time with noise of the energy that images would have had.

    Images at a distance between r and r + dr are 4 pi r^2 dr / V, each with an energy of 1 / r^2
    before the walls take their share: as many a second at any time.
    """
    since_s = np.arange(len(answer)) / sample_rate
    arrived_s = since_s + direct_m / _SPEED_OF_SOUND
    density = 4 * np.pi * _SPEED_OF_SOUND / np.prod(room.size) * direct_m**2
    energy = density / sample_rate * np.exp(-_DECAY * arrived_s / room.rt60_s)
    first = round(_MIXING_S * sample_rate)
    rng = np.random.Generator(np.random.PCG64(room.seed))
    noise = rng.standard_normal(len(answer))
    answer[first:] += (noise * np.sqrt(energy))[first:]


def _place(rng: np.random.Generator, size: Place) -> Place:
    x, y, z = (uniform(rng, (_FROM_WALLS_M, side - _FROM_WALLS_M)) for side in size)
    return x, y, z


def _away_from(talker: Place, distance_m: float, rng: np.random.Generator, size: Place) -> Place:
    for _ in range(_TRIES):
        way = rng.standard_normal(3)
        place = np.asarray(talker) + way * (distance_m / np.linalg.norm(way))
        if ((place >= _FROM_WALLS_M) & (place <= np.asarray(size) - _FROM_WALLS_M)).all():
            x, y, z = place.tolist()
            return x, y, z
    return _place(rng, size)
