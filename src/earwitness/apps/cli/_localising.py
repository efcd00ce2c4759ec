"""``evaluate --segments REF.rttm``: the reference, what was heard beside it, and where it goes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from earwitness.apps.cli._evaluating_wishes import Wishes
from earwitness.apps.cli._progress import Shown
from earwitness.apps.cli._writing import beside, only_our_words
from earwitness.detector import Detector
from earwitness.errors import SettingsError
from earwitness.evaluation.localising import inside, localise
from earwitness.evaluation.located import Localisation
from earwitness.evaluation.questions import Questions
from earwitness.evaluation.records import Remark, Setup, Unread
from earwitness.evaluation.rttm import Marked, mark, read_rttm
from earwitness.evaluation.timelines import Outcome, listen, timeline_of
from earwitness.records import Trial, Verdict
from earwitness.reporting.evaluations import localisations

_KIND = "kind"  # the column by which stretches are told apart where none was asked for
_SEED = 1


class Segments:
    """A reference beside the trials, and the timelines of those that were listened to.

    Args:
        path: of the reference.
        marked: where each trial is spoofed.
        asked: the trials.
        wishes: of the command.
    """

    def __init__(self, path: Path, marked: Marked, asked: Questions, wishes: Wishes) -> None:
        self._path = path
        self._marked = marked
        self._asked = asked
        self._wishes = wishes
        self._known: dict[str, Outcome] = {}

    @classmethod
    def read(cls, wishes: Wishes, asked: Questions) -> Segments | None:
        """Read what was asked for, before hours are spent; None if nothing was.

        Raises:
            ProtocolError: the reference cannot be read, or does not fit the trials.
        """
        if wishes.segments is None:
            return None
        marked = mark(read_rttm(wishes.segments), asked.trials)
        return cls(wishes.segments, marked, asked, wishes)

    def keep(self, trial: Trial, verdict: Verdict) -> None:
        """Take in what was said of a trial.

        Raises:
            ProtocolError: its recording ends before its spoof begins.
        """
        timeline = timeline_of(trial, verdict)
        inside(timeline, self._marked.spoof[trial.id], segments=str(self._path))
        self._known[trial.id] = timeline

    def located(
        self,
        detector: Detector,
        setup: Setup,
        unread: Sequence[Unread],
        remarks: Sequence[Remark] = (),
    ) -> Localisation:
        """Measure how well spoof is located.

        Trials whose scores came out of the journal of a former run are listened to again: it
        holds no timelines.

        Args:
            detector: who listens.
            setup: what the figures are to be read with.
            unread: trials that need not be tried again.
            remarks: to be kept with the figures.
        """
        self._known |= {one.trial.id: one for one in unread}
        missing = [trial for trial in self._asked.trials if trial.id not in self._known]
        with only_our_words(), Shown(len(missing), is_wanted=not self._wishes.quiet) as shown:
            for outcome in listen(
                detector,
                missing,
                workers=self._wishes.workers or 1,
                on_done=lambda _: shown.counts(),
            ):
                self._known[outcome.trial.id] = outcome
        told = localise(
            [self._known[trial.id] for trial in self._asked.trials],
            self._marked,
            setup=setup,
            segments=str(self._path),
            kin=self._asked.kin,
            column=self._column(),
            rng=np.random.default_rng(_SEED),
        )
        return replace(told, remarks=tuple(remarks))

    def _column(self) -> str:
        there = {name for trial in self._asked.trials for name in trial.meta}
        wanted = (*self._wishes.by, _KIND)
        return next((column for column in wanted if column in there), "")


def lines(located: Localisation | None) -> Iterator[str]:
    """Tell it on a terminal, below the rest."""
    if located is not None:
        yield ""
        yield from localisations.as_lines(located)


def table(located: Localisation | None) -> dict[str, Any]:
    """Lay it out for JSON, beside the rest."""
    return {} if located is None else {"localisation": localisations.as_table(located)}


def write(located: Localisation, out: Path) -> Path:
    """Write page, text, figure and numbers; each file appears when it is complete.

    Returns:
        The page.

    Raises:
        SettingsError: the folder cannot be written.
    """
    drawn = localisations.draw(located)
    told = json.dumps(localisations.as_json(located), indent=1, allow_nan=False) + "\n"
    contents = {
        localisations.HTML: _encoded(localisations.as_html(located, drawn)),
        localisations.MARKDOWN: _encoded(localisations.as_markdown(located, drawn)),
        localisations.JSON: _encoded(told),
    }
    if drawn is not None:
        contents[f"{localisations.FIGURES}/{drawn.name}.png"] = drawn.png
        contents[f"{localisations.FIGURES}/{drawn.name}.svg"] = drawn.svg
    try:
        for name, content in contents.items():
            (out / name).parent.mkdir(exist_ok=True)
            with beside(out / name) as part:
                part.write_bytes(content)
    except OSError as error:
        raise SettingsError(f"{out}: cannot be written ({error.strerror}).") from error
    return out / localisations.HTML


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
