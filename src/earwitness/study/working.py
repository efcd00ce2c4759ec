"""Steps → processes, several at a time; says how far the study is and how long it will take.

A process that ends badly ends the study, with its message; the others are stopped. Processes whose
study was killed end by themselves, so that nobody writes into the folder of the next one.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from queue import Empty
from typing import TYPE_CHECKING, Any, TypeAlias

from earwitness import errors
from earwitness.errors import EarwitnessError
from earwitness.study.tasks import Task

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

    Messages: TypeAlias = Queue[tuple[str, str, str]]

POLL_S = 0.5
WORTH_TELLING = 0.01  # of all work: less says nothing of how long the rest will take
TOLD, REACHED, FAILED = "told", "reached", "failed"
Tell: TypeAlias = Callable[[str], None]


@dataclass
class Meter:
    """How much is done of all that there is to do, in what steps cost.

    Attributes:
        total: cost of all steps that are not done when the study starts.
        tell: says a line.
        clock: seconds.
    """

    total: float
    tell: Tell
    clock: Callable[[], float] = time.monotonic
    done: float = 0.0
    _partly: dict[str, float] = field(default_factory=dict)
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.clock()

    def says(self, text: str) -> None:
        """Say something, with how far the study is before it."""
        self.tell(f"[{self._how_far()}] {text}")

    def reaches(self, task: Task, share: float) -> None:
        """Count a step as done in part."""
        self._partly[task.name] = share * task.cost

    def finishes(self, task: Task) -> None:
        """Count a step."""
        self._partly.pop(task.name, None)
        self.done += task.cost
        self.says(f"{task.name}: done")

    def _how_far(self) -> str:
        done = self.done + sum(self._partly.values())
        share = min(1.0, done / self.total) if self.total else 1.0
        told = f"{100 * share:3.0f} %"
        if WORTH_TELLING < share < 1:
            left = (self.clock() - self._began) * (1 - share) / share
            told += f", {left_words(left)} left"
        return told


def left_words(seconds: float) -> str:
    """Say how long it will take, roughly.

    Example:
        >>> left_words(20), left_words(600), left_words(9000)
        ('under a minute', 'about 10 min', 'about 2 h 30 min')
    """
    minutes = round(seconds / 60)
    if minutes < 1:
        return "under a minute"
    hours, minutes = divmod(minutes, 60)
    return f"about {hours} h {minutes:02d} min" if hours else f"about {minutes} min"


def work(tasks: Sequence[Task], *, processes: int, meter: Meter) -> None:
    """Do the steps that are not done, in their order, several at a time.

    Args:
        tasks: that do not need each other.
        processes: how many at a time; 1 does them in this process.
        meter: counts and tells.

    Raises:
        EarwitnessError: a step failed; its message.
    """
    waiting = [task for task in tasks if not task.is_done()]
    if processes == 1:
        for task in waiting:
            _do_here(task, meter)
        return
    running: dict[BaseProcess, Task] = {}
    context = multiprocessing.get_context("spawn")
    messages: Messages = context.Queue()
    try:
        while waiting or running:
            while waiting and len(running) < processes:
                task = waiting.pop(0)
                arguments = (task, messages, os.getpid())
                process: BaseProcess = context.Process(target=_do_there, args=arguments)
                process.start()
                running[process] = task
                meter.says(f"{task.name} …")
            _listen(messages, running, meter)
            _reap(running, messages, meter)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.join()


def _do_here(task: Task, meter: Meter) -> None:
    meter.says(f"{task.name} …")
    task.do(
        lambda text: meter.says(f"{task.name}: {text}"), lambda share: meter.reaches(task, share)
    )
    meter.finishes(task)


def _listen(messages: Messages, running: dict[BaseProcess, Task], meter: Meter) -> None:
    """Pass on what processes tell; raise what they failed with."""
    wait_s = POLL_S
    while True:
        try:
            kind, who, text = messages.get(timeout=wait_s)
        except Empty:
            return
        wait_s = 0.0
        if kind == TOLD:
            meter.says(f"{who}: {text}")
        elif kind == REACHED:
            for task in [one for one in running.values() if one.name == who]:
                meter.reaches(task, float(text))
        else:
            raise _error(kind, f"{who}: {text}")


def _reap(running: dict[BaseProcess, Task], messages: Messages, meter: Meter) -> None:
    for process in [one for one in running if one.exitcode is not None]:
        task = running.pop(process)
        process.join()
        if process.exitcode:
            _listen(messages, running, meter)  # what it said at last says more than its code
            raise EarwitnessError(
                f"{task.name}: its process ended with code {process.exitcode} (-9: it was killed, "
                "often for want of memory). The same command goes on from here."
            )
        meter.finishes(task)


def _error(kind: str, text: str) -> EarwitnessError:
    """Make an error of its own family again, so that the exit code is that family's."""
    family: Any = getattr(errors, kind, EarwitnessError)
    if family is errors.MissingExtra or not issubclass(family, EarwitnessError):
        family = EarwitnessError
    found: EarwitnessError = family(text)
    return found


def _do_there(task: Task, messages: Messages, parent: int) -> None:
    """Do a step in a process of its own."""
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    try:
        task.do(
            lambda text: messages.put((TOLD, task.name, text)),
            lambda share: messages.put((REACHED, task.name, str(share))),
        )
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except EarwitnessError as error:
        messages.put((type(error).__name__, task.name, str(error)))
        raise SystemExit(1) from None
    except Exception as error:
        told = "".join(traceback.format_exception(error)).strip()
        messages.put((FAILED, task.name, told))
        raise SystemExit(1) from None


def _end_with(parent: int) -> None:
    """End this process when the study that started it is gone."""
    while os.getppid() == parent:
        time.sleep(POLL_S)
    os._exit(1)
