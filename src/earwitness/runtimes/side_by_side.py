"""Many things → their answers, several at a time on threads, in order, while they come."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from threading import Event
from typing import TypeAlias, TypeVar

Thing = TypeVar("Thing")
Answer = TypeVar("Answer")
Checkpoint: TypeAlias = Callable[[], None]


def side_by_side(
    answer: Callable[[Thing, Checkpoint], Answer], things: Iterable[Thing], *, workers: int
) -> Iterator[Answer]:
    """Answer things in order; at most one more than there are workers is taken ahead.

    Args:
        answer: gives the answer to one thing. It calls the checkpoint now and then, which ends it
            by ``CancelledError`` once nobody waits for answers any more.
        things: are taken as they come.
        workers: how many are answered at the same time; one needs no thread.

    Example:
        >>> list(side_by_side(lambda number, _: number * number, [1, 2, 3], workers=2))
        [1, 4, 9]
    """
    if workers == 1:
        yield from (answer(thing, _go_on) for thing in things)
        return
    is_over = Event()

    def checkpoint() -> None:
        if is_over.is_set():
            raise CancelledError

    waiting: deque[Future[Answer]] = deque()
    pool = ThreadPoolExecutor(workers)
    try:
        for thing in things:
            waiting.append(pool.submit(answer, thing, checkpoint))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        is_over.set()
        pool.shutdown(cancel_futures=True)


def _go_on() -> None:
    pass
