"""Steps run in processes of their own; what fails ends the study with its message."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from earwitness.errors import EarwitnessError, ProtocolError, SettingsError
from earwitness.study.working import Meter, left_words, work


@dataclass(frozen=True)
class Touch:
    """Leaves a file; its name says how it ends."""

    folder: Path
    name: str
    cost: float = 1.0

    def is_done(self) -> bool:
        return (self.folder / self.name).exists()

    def do(self, tell: Callable[[str], None], reached: Callable[[float], None]) -> None:
        tell(f"in process {os.getpid()}")
        reached(0.5)
        if self.name == "refused":
            raise ProtocolError("no such label.")
        if self.name == "odd":
            raise ValueError("what is this?")
        if self.name == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.name == "slow":
            time.sleep(60)
        (self.folder / self.name).touch()


def meter(lines: list[str], total: float = 2.0) -> Meter:
    return Meter(total, lines.append)


@pytest.mark.parametrize("processes", [1, 2])
def test_every_step_is_done_and_told(tmp_path: Path, processes: int) -> None:
    lines: list[str] = []
    tasks = [Touch(tmp_path, "a"), Touch(tmp_path, "b")]
    work(tasks, processes=processes, meter=meter(lines))
    assert all(task.is_done() for task in tasks)
    assert sum(line.endswith(": done") for line in lines) == 2
    told = {line.rpartition(" ")[2] for line in lines if "in process" in line}
    assert (told == {str(os.getpid())}) is (processes == 1)


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    (tmp_path / "refused").touch()
    lines: list[str] = []
    work([Touch(tmp_path, "refused")], processes=2, meter=meter(lines))
    assert lines == []


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("refused", ProtocolError, "refused: no such label"),
        ("odd", EarwitnessError, "ValueError: what is this"),
        ("killed", EarwitnessError, "ended with code -9"),
    ],
)
def test_a_step_that_fails_ends_the_study_and_stops_the_others(
    tmp_path: Path, name: str, kind: type[Exception], says: str
) -> None:
    began = time.monotonic()
    with pytest.raises(kind, match=says):
        work([Touch(tmp_path, "slow"), Touch(tmp_path, name)], processes=2, meter=meter([]))
    assert not (tmp_path / "slow").exists()
    assert time.monotonic() - began < 50


def test_in_one_process_errors_are_those_of_the_step(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="no such label"):
        work([Touch(tmp_path, "refused")], processes=1, meter=meter([]))


def test_the_remaining_time_follows_from_what_is_done() -> None:
    now = [0.0]
    lines: list[str] = []
    found = Meter(10.0, lines.append, clock=lambda: now[0])
    found.says("begin")
    now[0] = 600.0
    found.reaches(Touch(Path(), "a", 5.0), 0.5)  # 2.5 of 10 in 10 minutes
    found.says("on the way")
    found.finishes(Touch(Path(), "a", 5.0))
    assert lines[0] == "[  0 %] begin"
    assert lines[1] == "[ 25 %, about 30 min left] on the way"
    assert lines[2] == "[ 50 %, about 10 min left] a: done"


def test_long_times_are_told_in_hours() -> None:
    assert left_words(2 * 3600 + 60) == "about 2 h 01 min"


def test_settings_errors_keep_their_family() -> None:
    from earwitness.study.working import _error

    assert isinstance(_error("SettingsError", "x"), SettingsError)
    assert type(_error("MissingExtra", "x")) is EarwitnessError
    assert type(_error("failed", "x")) is EarwitnessError
