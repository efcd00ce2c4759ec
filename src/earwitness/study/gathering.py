"""What a finished study left in its folder → the records that its report is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

import earwitness
from earwitness.evaluation.curves import DetCurve, det_curve
from earwitness.evaluation.differences import Difference
from earwitness.evaluation.pools import Kin
from earwitness.evaluation.records import Measure, Scored, Unread
from earwitness.reporting.studies.records import (
    METRICS,
    REPORTED,
    ArmFigures,
    Choice,
    Epoch,
    Part,
    Seed,
    StudyFigures,
    Tried,
)
from earwitness.study.arms import BEFORE, INTERPOLATED, KNOWN, OURS, PLAIN, Arm
from earwitness.study.inputs import counted, differences
from earwitness.study.measuring import Heard, Measured, heard, measured, own_measures
from earwitness.study.places import read_json
from earwitness.study.running import Prepared, Study
from earwitness.study.splitting import CHOOSE, EVAL, MIX, NAMES
from earwitness.study.tasks import DEV, RESULT, results

Told = tuple[Scored | Unread, ...]
_USES = {
    "training": "learned from",
    "validation": "learning rate, epoch, interpolation and method chosen by",
    "testing": "only reported",
    EVAL: "only reported",
    MIX: "mixed into batches by arms that do so",
    CHOOSE: "interpolation and method chosen by; heard after every epoch",
}


@dataclass(frozen=True, eq=False)
class Table:
    """What all detectors of a study said of one set.

    Attributes:
        told: by each detector; the first one is before.
        rows: arm → numbers of its detectors.
        kin: columns by which clips belong together.
        found: the same on the trials that all scored, as arrays.
        measured: their figures.
    """

    told: tuple[Told, ...]
    rows: Mapping[str, tuple[int, ...]]
    kin: tuple[str, ...]
    found: Heard
    measured: Measured

    def own(self, row: int) -> dict[str, Measure]:
        """Measure one detector alone."""
        return {one.name: one for one in own_measures(self.told[row], self.kin)}

    def mean(self, arm: str) -> dict[str, Measure]:
        """Measure the mean over an arm's seeds."""
        return {name: self.measured.mean(name, self.rows[arm]) for name in METRICS}

    def changes(self, arm: str) -> dict[str, Difference]:
        """Compare the mean over an arm's seeds with before."""
        names = ("before", KNOWN[arm].title)
        return {
            name: self.measured.change(name, (0,), self.rows[arm], names=names) for name in METRICS
        }

    def curve(self, arm: str) -> DetCurve:
        """Trace the DET curve of an arm's first seed; without a band, for it would mislead."""
        scores = self.found.scores[self.rows[arm][0]]
        rng = np.random.default_rng(1)
        return det_curve(scores, self.found.is_bona_fide, None, rng=rng, rounds=1)


def gathered(study: Study) -> StudyFigures:
    """Measure all that was heard.

    Raises:
        SettingsError: something is missing or damaged.
        ProtocolError: one label has no trial that every detector scored.
    """
    prepared, merit = study.prepared, study.merit_before()
    tables = {name: table_of(study, name) for name in REPORTED}
    return StudyFigures(
        model=prepared.wishes.model,
        target=str(prepared.wishes.target),
        custom=str(prepared.wishes.custom),
        is_standin=bool(prepared.target.kin),
        counts_differ=differences(prepared.target.test),
        parts=tuple(_parts(prepared)),
        drawn={name: _drawn(table.found.kin) for name, table in tables.items()},
        left_out={name: table.found.left_out for name, table in tables.items()},
        before={name: table.own(0) for name, table in tables.items()},
        before_dev=merit.dev,
        before_adapt=merit.adapt,
        arms=tuple(_arm(study, arm, tables) for arm in prepared.arms),
        against_plain=_against_plain(prepared, tables),
        choices=tuple(_choices(study)),
        curves={
            name: {arm: table.curve(arm) for arm in table.rows} for name, table in tables.items()
        },
        links=tuple(_links(prepared)),
        command=prepared.wishes.command(),
        date=date.today().isoformat(),
        version=earwitness.__version__,
    )


def table_of(study: Study, asked: str) -> Table:
    """Read what all detectors said of one set."""
    prepared = study.prepared
    folders = [prepared.subject.places.before()]
    rows: dict[str, tuple[int, ...]] = {BEFORE: (0,)}
    for arm in prepared.arms:
        rows[arm.name] = tuple(range(len(folders), len(folders) + len(prepared.seeds)))
        folders += [study.folder(arm.name, seed) for seed in prepared.seeds]
    told = tuple(results(prepared.subject, run, asked) for run in folders)
    kin = prepared.subject.kin[asked]
    found = heard(told, kin)
    return Table(told, rows, kin, found, measured(found))


def _arm(study: Study, arm: Arm, tables: Mapping[str, Table]) -> ArmFigures:
    merit = study.merit(arm.name)
    folders = [study.folder(arm.name, seed) for seed in study.prepared.seeds]
    dev = [study.eer(folder, DEV) for folder in folders]
    is_blended = arm.name in (INTERPOLATED, OURS)
    made_of = "" if not is_blended else PLAIN if arm.name == INTERPOLATED else study.remedy()
    return ArmFigures(
        name=arm.name,
        title=arm.title,
        told=arm.told,
        seeds=tuple(
            _seed(study, folder, seed, {n: t.own(t.rows[arm.name][at]) for n, t in tables.items()})
            for at, (folder, seed) in enumerate(zip(folders, study.prepared.seeds, strict=True))
        ),
        means={name: table.mean(arm.name) for name, table in tables.items()},
        changes={name: table.changes(arm.name) for name, table in tables.items()},
        dev_eer=merit.dev,
        adapt_eer=merit.adapt,
        best_seed=study.prepared.seeds[int(np.argmin(dev))],
        made_of=made_of and KNOWN[made_of].title,
        alpha=study.alpha(arm.name) if is_blended else None,
    )


def _seed(
    study: Study, folder: Path, seed: int, figures: Mapping[str, Mapping[str, Measure]]
) -> Seed:
    table = read_json(folder / RESULT)
    shown = (folder / "detector").relative_to(study.prepared.subject.places.out).as_posix()
    if "curve" not in table:
        return Seed(seed, figures, detector=shown)
    curve = tuple(Epoch(**row) for row in table["curve"])
    return Seed(seed, figures, table["rate"], table["chosen_epoch"], curve, shown)


def _against_plain(prepared: Prepared, tables: Mapping[str, Table]) -> dict[str, Difference]:
    if not prepared.has(OURS):
        return {}
    names = (KNOWN[PLAIN].title, KNOWN[OURS].title)
    return {
        name: table.measured.change("eer", table.rows[PLAIN], table.rows[OURS], names=names)
        for name, table in tables.items()
    }


def _parts(prepared: Prepared) -> Iterator[Part]:
    for name, clips in prepared.target.parts.items():
        yield Part(f"for-2seconds, {name}", *counted(clips), _USES[name])
    for name in (MIX, CHOOSE, EVAL):
        clips = prepared.split.of(prepared.custom.trials, name)
        sources = len(prepared.split.sources(name)) if prepared.split.column else None
        yield Part(NAMES[name], *counted(clips), _USES[name], sources)


def _choices(study: Study) -> Iterator[Choice]:
    places = study.prepared.subject.places
    table = read_json(places.choice("rate"))
    rates = [
        Tried(name, eer, is_chosen=float(name) == table["rate"])
        for name, eer in table["dev_eer"].items()
    ]
    yield Choice(
        "Learning rate of plain", "the lowest EER on validation, of one seed", tuple(rates)
    )
    names = {INTERPOLATED: "Interpolation of plain", "remedy": "The remedy that ours is made of",
             OURS: "Interpolation of that remedy"}  # fmt: skip
    for name, title in names.items():
        if places.choice(name).exists() and study.prepared.has(OURS if name == "remedy" else name):
            yield _choice(title, read_json(places.choice(name)))


def _choice(title: str, table: Mapping[str, object]) -> Choice:
    eers, alpha = table["eers"], table.get("alpha")
    assert isinstance(eers, dict)
    found = []
    for name, one in eers.items():
        is_chosen = float(name) == alpha if alpha is not None else name == table.get("arm")
        told = (
            f"{float(name):.0%} new".replace("%", " %") if alpha is not None else KNOWN[name].title
        )
        found.append(Tried(told, one[DEV], one[CHOOSE], is_chosen))
    return Choice(title, str(table["reason"]), tuple(found))


def _drawn(kin: Kin) -> str:
    """Say what is drawn again and again for the intervals of a set."""
    if kin.column is None:
        return f"{kin.clusters:,} single clips"
    word = {"clip": "recordings that clips were cut from", "source": "sources"}.get(
        kin.column, f"values of '{kin.column}'"
    )
    return f"{kin.clusters:,} {word}"


def _links(prepared: Prepared) -> Iterator[tuple[str, str]]:
    commit = _commit(Path(__file__).parent)
    if commit:
        yield "Commit", commit
    told = {"online": "online, project earwitness", "offline": "offline, in runs/*/seed-*/wandb"}
    if prepared.wishes.wandb != "off":
        yield "Weights & Biases", told[prepared.wishes.wandb]
    yield from prepared.wishes.links


def _commit(folder: Path) -> str:
    """Read which commit the sources are at; empty in an installed package."""
    for place in (folder, *folder.parents):
        head = place / ".git" / "HEAD"
        if not head.is_file():
            continue
        told = head.read_text(encoding="utf-8").strip()
        reference = place / ".git" / told.removeprefix("ref: ")
        if told.startswith("ref: ") and reference.is_file():
            return reference.read_text(encoding="utf-8").strip()[:12]
        return "" if told.startswith("ref: ") else told[:12]
    return ""
