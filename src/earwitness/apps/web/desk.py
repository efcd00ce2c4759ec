"""What the page does with what it is given. Goes out: replies, as they come. Knows no Gradio."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from earwitness.apps.web import pieces
from earwitness.apps.web.comparing import against
from earwitness.apps.web.evaluating import evaluated
from earwitness.apps.web.following import Stopped, followed
from earwitness.apps.web.hearing import Ask, Hear, hear
from earwitness.apps.web.keeping import Room
from earwitness.apps.web.settings import PageSettings
from earwitness.apps.web.unpacking import Limits
from earwitness.errors import EarwitnessError
from earwitness.records import Failure
from earwitness.reporting import Finding, Part, visible
from earwitness.reporting.as_json import table
from earwitness.reporting.evaluations._page import Markup
from earwitness.reporting.verdicts import page

_LOG = logging.getLogger(__name__)
JSON, REPORT, ARCHIVE = (
    "earwitness-verdict.json",
    "earwitness-verdict.html",
    "earwitness-report.zip",
)
_MORE_THAN_TRIALS = 50  # files of an archive that are no recordings: lists, licences


@dataclass(frozen=True)
class Reply:
    """What is shown, and what can be downloaded with it."""

    html: str
    files: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Choice:
    """The detector and the operating point that were chosen."""

    model: str | None = None
    operating_point: str = "balanced"


@dataclass(frozen=True)
class Given:
    """A file that was given, and what it is called."""

    path: Path
    name: str


def given(path: str | Path, *, name: str = "") -> Given:
    """Take a file; its name is its last part, made safe to be shown."""
    return Given(Path(path), visible(name or Path(path).name))


class Desk:
    """Answers what the page is asked.

    Args:
        settings: limits.
        room: where files lie meanwhile.
        hear: listens to one file.
    """

    def __init__(self, settings: PageSettings, room: Room, hear: Hear = hear) -> None:
        self._settings = settings
        self._room = room
        self._hear = hear

    def listen(
        self, files: Sequence[Given], choice: Choice, is_stopped: Callable[[], bool] = lambda: False
    ) -> Iterator[Reply]:
        """Hear recordings one after the other; reports can be had when all are heard.

        Args:
            files: the recordings.
            choice: of the detector.
            is_stopped: nobody wants to know any more.
        """
        if not files:
            yield _wrong(
                "There is no recording yet: choose one and wait until it is uploaded, or record "
                "something."
            )
            return
        if len(files) > self._settings.most_files:
            yield _wrong(
                f"{len(files)} recordings are more than the {self._settings.most_files} that are "
                "heard in one go. Choose fewer, or use the command line: earwitness detect FOLDER."
            )
            return
        yield from _guarded(self._listened(files, choice, is_stopped))

    def compare(self, first: Given | None, second: Given | None, choice: Choice) -> Iterator[Reply]:
        """Hear two recordings, and set them side by side."""
        if first is None or second is None:
            yield _wrong(
                "Two recordings are needed: choose both, and wait until they are uploaded."
            )
            return
        yield from _guarded(self._compared(first, second, choice))

    def evaluate(self, archive: Given | None, choice: Choice) -> Iterator[Reply]:
        """Measure a detector on an archive of bona fide and spoofed recordings."""
        if archive is None:
            yield _wrong(
                "There is no archive yet: choose a .zip with the folders Real and Fake, and wait "
                "until it is uploaded."
            )
            return
        yield from _guarded(self._evaluated(archive, choice))

    def _listened(
        self, files: Sequence[Given], choice: Choice, is_stopped: Callable[[], bool]
    ) -> Iterator[Reply]:
        done: list[page.Shown] = []
        for number, file in enumerate(files):
            which = f" ({number + 1} of {len(files)})" if len(files) > 1 else ""
            before = [page.results(done)] if done else []
            what = f"Listening to {file.name}{which} …"
            done.append((yield from self._one(file, choice, what, before, is_stopped)))
        said = " ".join(one.words().aloud() for one in done)
        html = pieces.joined(pieces.said(said), page.results(done), page.caution())
        yield Reply(html, self._reports(done, choice))

    def _one(
        self,
        file: Given,
        choice: Choice,
        what: str,
        before: Sequence[Markup] = (),
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> Generator[Reply, None, page.Shown]:
        yield Reply(pieces.joined(pieces.working(what), *before))
        playable = self._room.place("recording.wav")
        ask = self._ask(file, choice, playable)
        work = followed(partial(self._hear, file.path, ask))
        told: float | None = None
        while True:
            try:
                share = next(work)
            except StopIteration as end:
                heard = end.value
                break
            if is_stopped():
                work.close()
                raise Stopped
            if share is not None and (told is None or share - told >= 0.01):
                told = share
                yield Reply(pieces.joined(pieces.working(what, share), *before))
        finding = Finding(heard.found, Part(file.name))
        audio = "" if isinstance(heard.found, Failure) else link(playable)
        return page.Shown(finding, heard.sound, audio, heard.heard_at)

    def _compared(self, first: Given, second: Given, choice: Choice) -> Iterator[Reply]:
        what = "Listening to the {}, {} …"
        one = yield from self._one(first, choice, what.format("first", first.name))
        other = yield from self._one(second, choice, what.format("second", second.name))
        both = against(one, other)
        verdicts = [page.verdict(one), page.verdict(other)]
        shown = pieces.pair(both.sentences, (first.name, second.name), both.rows, verdicts)
        html = pieces.joined(pieces.said(" ".join(both.sentences)), shown, page.caution())
        yield Reply(html, self._reports([one, other], choice))

    def _evaluated(self, archive: Given, choice: Choice) -> Iterator[Reply]:
        what = f"Listening to the recordings in {archive.name} …"
        yield Reply(pieces.joined(pieces.working(what)))
        limits = Limits(
            self._settings.most_trials + _MORE_THAN_TRIALS,
            self._settings.most_unpacked_mb * 1_000_000,
        )
        files = self._room.place(ARCHIVE)
        ask = self._ask(archive, choice, None)
        work = followed(partial(evaluated, archive.path, ask, limits, files))
        while True:
            try:
                share = next(work)
            except StopIteration as end:
                found = end.value
                break
            if share is not None:
                yield Reply(pieces.joined(pieces.working(what, share)))
        shown = pieces.sheet(found.headline, found.page)
        report = self._written(self._room.place("report.html"), found.page)
        yield Reply(pieces.joined(pieces.said(found.headline), shown), (report, found.files))

    def _ask(self, file: Given, choice: Choice, playable: Path | None) -> Ask:
        return Ask(
            name=file.name,
            model=choice.model,
            operating_point=choice.operating_point,
            threads=self._settings.threads,
            most_s=self._settings.most_s,
            playable=playable,
        )

    def _reports(self, shown: Sequence[page.Shown], choice: Choice) -> tuple[Path, ...]:
        tables = [table(one.finding) for one in shown]
        lines = json.dumps(tables[0] if len(tables) == 1 else tables, indent=2, allow_nan=False)
        asked = [
            ("Detector", choice.model or "embedded"),
            ("Operating point", choice.operating_point),
        ]
        return (
            self._written(self._room.place(JSON), f"{lines}\n"),
            self._written(self._room.place(REPORT), page.report(shown, asked=asked)),
        )

    def _written(self, file: Path, text: str) -> Path:
        file.write_text(text, "utf-8")
        return file


def link(file: Path) -> str:
    """Say where a page gets a file of the room from, wherever the page is mounted."""
    return f"gradio_api/file={file.as_posix()}"


def _wrong(text: str) -> Reply:
    return Reply(pieces.joined(pieces.alert(text)))


def _guarded(replies: Iterator[Reply]) -> Iterator[Reply]:
    """Tell what is wrong in one sentence, whatever it is."""
    try:
        yield from replies
    except Stopped:
        yield Reply(pieces.joined(pieces.empty("Stopped.")))
    except EarwitnessError as error:
        yield _wrong(str(error))
    except Exception:
        _LOG.exception("a question of the page was not answered")
        yield _wrong("Something went wrong on this side; it was noted. Try again, please.")
