"""What ``stress`` does: choose trials and conditions, listen, measure, write the report."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from earwitness.apps.cli import _exits
from earwitness.apps.cli._loading import loaded
from earwitness.apps.cli._progress import Shown
from earwitness.apps.cli._writing import beside, only_our_words
from earwitness.detector import Detector
from earwitness.errors import SettingsError
from earwitness.evaluation import journal, setups
from earwitness.evaluation.overlap import overlaps
from earwitness.evaluation.questions import Questions, questions
from earwitness.evaluation.records import Direction, Unread
from earwitness.evaluation.stress.conditions import chosen, conditions_of, families
from earwitness.evaluation.stress.measuring import Asked, stress_test
from earwitness.evaluation.stress.records import StressTest, Tried
from earwitness.evaluation.stress.running import Plan, stress
from earwitness.evaluation.stress.sampling import kin_of, subset
from earwitness.reporting import visible
from earwitness.reporting.evaluations import stresses
from earwitness.runtimes import Device, Precision


@dataclass(frozen=True)
class Wishes:
    """What is asked; see the command's options."""

    model: str
    dataset: Path
    protocol: str | None
    partition: str | None
    conditions: tuple[str, ...]
    limit: int | None
    seed: int
    device: Device | None = None
    precision: Precision | None = None

    def command(self, found: Questions) -> str:
        """Write the command line that repeats this."""
        words = ["earwitness", "stress", self.model, str(self.dataset)]
        words += ["--protocol", found.protocol, "--partition", found.partition]
        words += ["--conditions", ",".join(self.conditions)] if self.conditions else []
        words += ["--limit", str(self.limit)] if self.limit is not None else []
        words += ["--device", self.device] if self.device else []
        words += ["--precision", self.precision] if self.precision else []
        return shlex.join([*words, "--seed", str(self.seed)])


@dataclass(frozen=True)
class Place:
    """Where results go, and how the work is done.

    Attributes:
        out: folder of the report; None for none.
        restart: forget what was heard before.
        workers: trials that are listened to at the same time.
        is_quiet: no progress, no remarks.
    """

    out: Path | None
    restart: bool
    workers: int
    is_quiet: bool

    @property
    def journal(self) -> Path | None:
        """Name the file of answers."""
        return None if self.out is None else self.out / journal.NAME

    def prepare(self) -> None:
        """See to it that nothing foreign is written over, before hours are spent.

        Raises:
            SettingsError: something else lies there.
        """
        if self.out is None:
            if self.restart:
                raise click.UsageError("--restart belongs to --out: without it nothing is kept.")
            return
        there = sorted(path.name for path in self.out.iterdir()) if self.out.exists() else []
        if there and not {journal.NAME, stresses.JSON} & set(there):
            raise SettingsError(
                f"{self.out}: holds other things ({', '.join(there[:3])}). Name a folder that is "
                "not there, or is empty."
            )


def conditions() -> Iterator[str]:
    """List families and their conditions, for people."""
    for name, family in families().items():
        yield f"{name}: {family.title}. {family.told}"
        for condition in family.conditions:
            missing = f"  ({condition.missing})" if condition.missing else ""
            yield f"  {condition.name:<20}{condition.title}{missing}"


def run(wishes: Wishes, place: Place, *, threads: int, accepts_inverted: bool) -> StressTest:
    """Listen and measure; what was heard before is taken from the journal."""
    picked = chosen(wishes.conditions)
    found = questions(wishes.dataset, protocol=wishes.protocol, partition=wishes.partition)
    kin = kin_of(found.trials, found.kin)
    trials = (
        found.trials
        if wishes.limit is None
        else subset(found.trials, wishes.limit, kin_of=kin, seed=wishes.seed)
    )
    detector = loaded(
        wishes.model, threads=threads, device=wishes.device, precision=wishes.precision
    )
    place.prepare()
    here = [condition for condition in conditions_of(picked) if not condition.missing]
    outcomes = _heard(detector, Plan(trials, here, kin, wishes.seed), place)
    setup = setups.of_detector(
        detector, found, command=wishes.command(found), date=date.today().isoformat()
    )
    asked = Asked(
        picked, wishes.seed, len(found.trials), wishes.limit, found.kin,
        remarks=tuple(overlaps(detector.card.trained_on, found.protocol, found.partition)),
        accepts_inverted=accepts_inverted,
    )  # fmt: skip
    return stress_test(setup, outcomes, asked)


def tell(test: StressTest, place: Place, *, as_json: bool) -> None:
    """Write the report where it was asked for, and results to standard output."""
    for line in stresses.remarks(test):
        click.echo(f"earwitness: {line}", err=True)
    if as_json:
        click.echo(json.dumps(stresses.as_table(test)))
    else:
        for line in stresses.as_lines(test):
            click.echo(visible(line))
    if place.out is not None:
        write(test, place.out)
        if not place.is_quiet:
            click.echo(f"Written to {place.out}.", err=True)


def write(test: StressTest, out: Path) -> None:
    """Write report and figure; each file appears when it is complete.

    Raises:
        SettingsError: the folder cannot be written.
    """
    drawn = stresses.draw(test)
    texts = {
        stresses.HTML: stresses.as_html(test, drawn),
        stresses.MARKDOWN: stresses.as_markdown(test),
        stresses.JSON: json.dumps(stresses.as_table(test), indent=2) + "\n",
    }
    files = {name: text.encode("utf-8", "surrogateescape") for name, text in texts.items()}
    files |= {f"{stresses.FIGURES}/{drawn.name}.{form}": getattr(drawn, form) for form in _FORMS}
    try:
        (out / stresses.FIGURES).mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            with beside(out / name) as part:
                part.write_bytes(content)
    except OSError as error:
        raise SettingsError(f"{out}: cannot be written ({error.strerror}).") from error


_FORMS = ("png", "svg")


def exit_code(test: StressTest) -> int:
    """What a script has to know."""
    guard = test.guard
    if guard is not None and guard.direction is Direction.INVERTED and not guard.is_accepted:
        return _exits.INVERTED
    return _exits.UNREADABLE if test.unread else _exits.DONE


def _heard(detector: Detector, plan: Plan, place: Place) -> Sequence[Tried | Unread]:
    count, ways = len(plan.trials), len(plan.conditions) + 1
    if not place.is_quiet:
        told = f"{count:,} trials, each heard {ways:,} times: clean and under every condition."
        click.echo(told, err=True)
    outcomes: list[Tried | Unread] = []
    with only_our_words(), Shown(count, is_wanted=not place.is_quiet) as shown:
        for outcome in stress(
            detector, plan, workers=place.workers, journal=place.journal, restart=place.restart
        ):
            outcomes.append(outcome)
            shown.counts()
            if isinstance(outcome, Unread):
                with shown.aside():
                    click.echo(f"earwitness: {visible(outcome.message)}", err=True)
    return outcomes
