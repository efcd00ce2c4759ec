"""What there is to choose from: detectors on this machine, their operating points, clips to try."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from earwitness.reporting._words import number
from earwitness.weights.cards import CHECKPOINTS, Card
from earwitness.weights.store import DEFAULT, installed, locate

# Clips that come with the repository, what they are, and how the button calls them.
CLIPS = (
    ("bonafide_pocketsphinx_librivox_1.flac", "A person reading aloud (English)"),
    ("bonafide_asterisk_it_2.flac", "A person, telephone prompt (Italian)"),
    ("spoof_flite_rms.flac", "A machine, older synthesis (English)"),
    ("spoof_hibari_heart_2.m4a", "A machine, neural synthesis (English)"),
    ("long_bonafide_it_with_one_spliced_sentence.ogg", "A person, with one machine-made sentence"),
    ("music.ogg", "No speech at all: music"),
)


@dataclass(frozen=True)
class Point:
    """An operating point: its name, and what it is for."""

    name: str
    purpose: str


@dataclass(frozen=True)
class Offer:
    """A detector that may be chosen.

    Attributes:
        name: as the library knows it.
        title: as the page calls it.
        points: its operating points; none for one without a calibration.
    """

    name: str
    title: str
    points: tuple[Point, ...]

    def point(self, wanted: str) -> str:
        """Give the wanted operating point if there is one of that name, else "balanced"."""
        return wanted if wanted in {point.name for point in self.points} else "balanced"

    def purpose(self, chosen: str) -> str:
        """Say what an operating point is for."""
        if not self.points:
            return "This detector has no calibration: it gives a raw score and no verdict."
        return next((point.purpose for point in self.points if point.name == chosen), "")


@dataclass(frozen=True)
class Clip:
    """A recording to try."""

    path: Path
    title: str


def offers(wanted: str | None = None) -> tuple[Offer, ...]:
    """List the detectors that can run here, the wanted one first.

    Args:
        wanted: a name or a path; None for the default one.

    Raises:
        WeightsMissing: there is no such detector.
    """
    first = wanted or DEFAULT
    found = sorted(installed(), key=lambda one: one.card.name)
    there = {one.card.name: one.card for one in found if _runs_here(one.card)}
    there = {first: there.get(first) or locate(wanted).card} | there
    return tuple(_offer(name, card) for name, card in there.items())


def clips(folder: Path | None) -> tuple[Clip, ...]:
    """List the recordings to try that are there.

    Args:
        folder: where they lie; None for those that came with the package or lie beside its source.
    """
    here = Path(__file__).resolve()
    places = [folder] if folder else [here.parent / "examples", here.parents[4] / "examples"]
    place = next((one for one in places if one is not None and one.is_dir()), None)
    if place is None:
        return ()
    there = ((place / name, title) for name, title in CLIPS)
    return tuple(Clip(path, title) for path, title in there if path.is_file())


def _runs_here(card: Card) -> bool:
    return not card.network.endswith(CHECKPOINTS) or find_spec("torch") is not None


def _offer(name: str, card: Card) -> Offer:
    is_calibrated = card.calibration is not None
    whose = " (comes with Earwitness)" if name == DEFAULT else ""
    note = "" if is_calibrated else " – raw scores only"
    points = tuple(
        Point(called, f"Bona fide from LLR {number(at.threshold)} up. {_sentence(at.purpose)}")
        for called, at in card.operating_points.items()
    )
    if not points:
        points = (Point("balanced", "Bona fide from LLR 0.0 up: even odds, equal costs."),)
    return Offer(name, f"{card.name}{whose}{note}", points if is_calibrated else ())


def _sentence(text: str) -> str:
    told = f"{text[:1].upper()}{text[1:]}"
    return told if not told or told.endswith(".") else f"{told}."
