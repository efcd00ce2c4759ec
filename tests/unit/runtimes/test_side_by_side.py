"""Answers come in order, while they come, and stop when nobody waits for them."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError

import pytest

from earwitness.runtimes.side_by_side import Checkpoint, side_by_side


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_answers_come_in_order_whoever_is_ready_first(workers: int) -> None:
    def answer(number: int, _: Checkpoint) -> int:
        time.sleep(0.002 * (number % 3))
        return number * number

    assert list(side_by_side(answer, range(20), workers=workers)) == [n * n for n in range(20)]


def test_one_worker_needs_no_thread() -> None:
    names = list(side_by_side(lambda _, __: threading.current_thread(), [1, 2], workers=1))
    assert names == [threading.current_thread()] * 2


def test_many_work_at_the_same_time() -> None:
    meeting = threading.Barrier(3, timeout=5)
    assert len(list(side_by_side(lambda _, __: meeting.wait(), range(6), workers=3))) == 6


def test_things_are_taken_as_they_are_needed() -> None:
    taken = []

    def things() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    answers = side_by_side(lambda number, _: number, things(), workers=2)
    assert [next(answers), next(answers)] == [0, 1]
    assert len(taken) <= 5


def test_an_error_ends_the_row_and_whoever_still_works() -> None:
    ended, all_at_work = [], threading.Barrier(3)

    def answer(number: int, checkpoint: Checkpoint) -> int:
        all_at_work.wait(timeout=60)
        if number == 0:
            raise ValueError("the first one failed")
        try:
            for _ in range(500):
                time.sleep(0.01)
                checkpoint()
        except CancelledError:
            ended.append(number)
            raise
        return number

    with pytest.raises(ValueError, match="the first one failed"):
        list(side_by_side(answer, range(3), workers=3))
    assert sorted(ended) == [1, 2]
    assert not [t for t in threading.enumerate() if "ThreadPool" in t.name]


def test_one_worker_passes_every_checkpoint() -> None:
    def answer(number: int, checkpoint: Checkpoint) -> int:
        checkpoint()
        return number

    assert list(side_by_side(answer, [3, 4], workers=1)) == [3, 4]
