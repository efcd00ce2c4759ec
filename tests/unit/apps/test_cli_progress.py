"""The progress bar shows itself in a terminal only, and steps aside for results."""

import io
import sys
import time

import pytest

from earwitness.apps.cli import _progress
from earwitness.apps.cli._progress import Shown
from earwitness.records import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def a_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Put a terminal in the place of standard error; in the test, for pytest sets it before."""
    monkeypatch.setattr(_progress, "PATIENCE_S", 0.0)
    monkeypatch.setattr(_progress, "EVERY_S", 0.0)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    return shown


def test_the_bar_tells_the_file_and_how_far_it_was_heard(monkeypatch) -> None:
    terminal = a_terminal(monkeypatch)
    name = "a long name of a recording somewhere.wav"
    with Shown(2, is_wanted=True) as shown:
        shown.hears(Progress(name, 65.0, 130.0))
    assert f"…{name[-31:]} 1:05 of 2:10" in terminal.getvalue()


def test_a_length_that_nobody_knows_is_not_told(monkeypatch) -> None:
    terminal = a_terminal(monkeypatch)
    with Shown(2, is_wanted=True) as shown:
        shown.hears(Progress("-", 65.0, None))
    assert "- 1:05 " in terminal.getvalue()
    assert " of " not in terminal.getvalue()


def test_the_bar_is_gone_while_a_result_is_written(monkeypatch) -> None:
    terminal = a_terminal(monkeypatch)
    with Shown(2, is_wanted=True) as shown:
        shown.hears(Progress("a.wav", 1.0, 2.0))
        with shown.aside():
            before = len(terminal.getvalue())
            assert terminal.getvalue().endswith("\x1b[2K") or "\x1b[?25h" in terminal.getvalue()
            time.sleep(0.15)
            assert len(terminal.getvalue()) == before
        shown.answered()
        shown.hears(Progress("b.wav", 1.0, 2.0))
        assert "b.wav" in terminal.getvalue()[before:]


def test_nothing_is_shown_where_nobody_looks(monkeypatch) -> None:
    monkeypatch.setattr(_progress, "PATIENCE_S", 0.0)
    for stream, is_wanted in ((io.StringIO(), True), (Terminal(), False)):
        monkeypatch.setattr(sys, "stderr", stream)
        with Shown(1, is_wanted=is_wanted) as shown:
            shown.hears(Progress("a.wav", 1.0, 2.0))
        assert stream.getvalue() == ""


def test_what_is_quick_needs_no_bar(monkeypatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with Shown(1, is_wanted=True) as shown:
        shown.hears(Progress("a.wav", 1.0, 2.0))
    assert stream.getvalue() == ""
