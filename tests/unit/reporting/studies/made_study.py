"""A study's figures, made of drawn scores: as good before and after as a test asks for."""

from pathlib import Path

import numpy as np

from earwitness.evaluation.curves import DetCurve, det_curve
from earwitness.evaluation.records import Scored
from earwitness.records import Label, Trial
from earwitness.reporting.studies.records import (
    METRICS,
    ArmFigures,
    Choice,
    Epoch,
    Part,
    Seed,
    StudyFigures,
    Tried,
)
from earwitness.study.measuring import Heard, Measured, heard, measured, own_measures

SEPARATIONS = {  # distance of the means of both labels on testing and on custom-eval
    "before": (0.5, 2.2),
    "as_published": (0.8, 2.1),
    "plain": (3.5, 1.0),
    "mixing": (3.4, 2.4),
    "ours": (3.4, 2.6),
}
TITLES = {"as_published": "as published", "plain": "plain", "mixing": "mixing", "ours": "ours"}
SETS = ("test", "eval")
SEEDS = 2
ROUNDS = 60


def study(
    separations: dict[str, tuple[float, float]] | None = None, *, each: int = 320, seed: int = 1
) -> StudyFigures:
    """Make a study whose detectors part the labels as far as is asked for."""
    separations = separations or SEPARATIONS
    tables = {
        name: _table([s[at] for s in separations.values()], each, seed + at)
        for at, name in enumerate(SETS)
    }
    arms = [name for name in separations if name != "before"]
    return StudyFigures(
        model="starter",
        target="data/for-2seconds",
        custom="data/custom",
        is_standin=True,
        counts_differ="",
        parts=(
            Part("for-2seconds, training", 1000, 1000, "learned from"),
            Part("for-2seconds, testing", each, each, "only reported"),
            Part("custom-eval", each, each, "only reported", 32),
        ),
        drawn={"test": "640 single clips", "eval": "32 sources"},
        left_out={"test": 0, "eval": 3},
        before={name: _own(told[0]) for name, (told, _, _) in tables.items()},
        before_dev=0.4,
        before_adapt=0.13,
        arms=tuple(_arm(name, at, tables) for at, name in enumerate(arms)),
        against_plain=_against_plain(arms, tables),
        choices=(
            Choice(
                "Learning rate of plain", "the lowest EER on validation, of one seed",
                (Tried("1e-06", 0.35), Tried("0.0001", 0.05, is_chosen=True)),
            ),
            Choice(
                "Interpolation of plain", "the least forgotten of those that learnt enough",
                (Tried("50 % new", 0.15, 0.14), Tried("80 % new", 0.06, 0.15, is_chosen=True)),
            ),
        ),
        curves={name: _curves(arms, found) for name, (_, found, _) in tables.items()},
        links=(("Commit", "0123456789ab"),),
        command="earwitness study --for-2seconds data/for-2seconds --custom data/custom",
        date="2026-11-25",
        version="0.1.0",
    )  # fmt: skip


def _table(
    separations: list[float], each: int, seed: int
) -> tuple[list[list[Scored]], Heard, Measured]:
    """Draw what detectors say of the same trials; all but the first have two seeds."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=2 * each)
    is_bona_fide = np.arange(2 * each) < each
    distances = [separations[0], *(d for d in separations[1:] for _ in range(SEEDS))]
    told = []
    for distance in distances:
        scores = 0.7 * shared + 0.7 * rng.normal(size=2 * each) + distance * is_bona_fide
        told.append([_scored(n, each, score) for n, score in enumerate(scores)])
    found = heard(told, ("source",))
    return told, found, measured(found, rounds=ROUNDS)


def _scored(number: int, each: int, score: float) -> Scored:
    label = Label.BONA_FIDE if number < each else Label.SPOOF
    name = f"{number:04d}.wav"
    return Scored(
        Trial(name, Path(name), label, "eval", {"source": f"s{number % 32}"}), float(score), None
    )


def _own(told: list[Scored]) -> dict:
    return {one.name: one for one in own_measures(told, ("source",), rounds=ROUNDS)}


def _rows(number: int) -> list[int]:
    return [1 + SEEDS * number + at for at in range(SEEDS)]


def _curves(arms: list[str], found: Heard) -> dict[str, DetCurve]:
    rows = {"before": 0} | {arm: _rows(number)[0] for number, arm in enumerate(arms)}
    rng = np.random.default_rng(1)
    return {
        arm: det_curve(found.scores[row], found.is_bona_fide, None, rng=rng, rounds=1)
        for arm, row in rows.items()
    }


def _arm(name: str, number: int, tables: dict) -> ArmFigures:
    rows, is_blended = _rows(number), name == "ours"
    return ArmFigures(
        name=name,
        title=TITLES[name],
        told="What it does, in a sentence.",
        seeds=tuple(_seed(name, at + 1, row, tables) for at, row in enumerate(rows)),
        means={s: {m: t[2].mean(m, rows) for m in METRICS} for s, t in tables.items()},
        changes={
            s: {m: t[2].change(m, (0,), rows, names=("before", TITLES[name])) for m in METRICS}
            for s, t in tables.items()
        },
        dev_eer=0.05,
        adapt_eer=0.14,
        best_seed=1,
        made_of="mixing" if is_blended else "",
        alpha=0.8 if is_blended else None,
    )  # fmt: skip


def _seed(name: str, seed: int, row: int, tables: dict) -> Seed:
    figures = {s: _own(told[row]) for s, (told, _, _) in tables.items()}
    folder = f"runs/{name}/seed-{seed}/detector"
    if name == "ours":
        return Seed(seed, figures, detector=folder)
    start = Epoch(0, None, 0.7, 0.4, 0.12)
    curve = tuple(Epoch(n, 0.6 / n, 0.7 / n, 0.4 / n, 0.1 * n) for n in range(1, 4))
    return Seed(seed, figures, 1e-4, 3, (start, *curve), folder)


def _against_plain(arms: list[str], tables: dict) -> dict:
    if not {"plain", "ours"} <= set(arms):
        return {}
    rows = [_rows(arms.index(name)) for name in ("plain", "ours")]
    return {s: t[2].change("eer", *rows, names=("plain", "ours")) for s, t in tables.items()}
