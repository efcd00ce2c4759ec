"""How the custom set was divided: tables that ``earwitness evaluate`` reads, and sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from earwitness.corpus.kinship import kin_pairs
from earwitness.records import Trial
from earwitness.study.inputs import Target, counted
from earwitness.study.places import (
    CUSTOM_ADAPT,
    CUSTOM_EVAL,
    KIN,
    SPLIT,
    Places,
    read_json,
    write_json,
    write_text,
)
from earwitness.study.splitting import CHOOSE, EVAL, MIX, NAMES, PARTS, Split

_HEAD = "id\tpath\tlabel\tsource\tpart\n"


def write(places: Places, trials: Sequence[Trial], split: Split) -> None:
    """Write the division, whole and by part; what is there already is what would be written."""
    tables = {SPLIT: PARTS, CUSTOM_EVAL: (EVAL,), CUSTOM_ADAPT: (MIX, CHOOSE)}
    for name, parts in tables.items():
        if not (places.out / name).exists():
            write_text(places.out / name, _HEAD + "".join(_rows(trials, split, parts)))


def kin_pairs_of(
    places: Places, trials: Sequence[Trial], tell: Callable[[str], None]
) -> list[tuple[int, int]]:
    """Find which clips of the custom set hold the same recording; heard once, and kept.

    Args:
        places: the study's folder.
        trials: the custom set.
        tell: says a line.
    """
    file = places.out / KIN
    if not file.exists():
        tell(f"hearing {len(trials):,} clips of the custom set: which hold the same recording?")
        found = kin_pairs(trials, skips_unreadable=True)
        write_json(file, {"pairs": [[trials[one].id, trials[other].id] for one, other in found]})
    number = {trial.id: at for at, trial in enumerate(trials)}
    return [(number[one], number[other]) for one, other in read_json(file)["pairs"]]


def _rows(trials: Sequence[Trial], split: Split, parts: Sequence[str]) -> Iterator[str]:
    for trial in split.of(trials, *parts):
        cells = (
            trial.id, str(trial.path.absolute()), trial.label.value, split.source_of[trial.id],
            split.part_of[trial.id],
        )  # fmt: skip
        yield "\t".join(cells) + "\n"


def told(target: Target, trials: Sequence[Trial], split: Split) -> Iterator[str]:
    """Say how many clips there are of what."""
    for name, clips in target.parts.items():
        yield f"for-2seconds, {name}: {_count(clips)}"
    for part in PARTS:
        yield (
            f"{NAMES[part]}: {_count(split.of(trials, part))}, of {len(split.sources(part)):,} "
            "sources that no other part has"
        )


def _count(trials: Sequence[Trial]) -> str:
    real, fake = counted(trials)
    return f"{real:,} real and {fake:,} fake clips"
