"""A trial → all that an audit knows of its clip, decoded once; several clips at a time."""

from __future__ import annotations

import hashlib
import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from earwitness.audio.read import open_recording
from earwitness.errors import AudioError
from earwitness.evaluation.audit.hearing.glance import glance
from earwitness.evaluation.audit.hearing.prints import FirstMinute, print_of
from earwitness.evaluation.audit.hearing.records import Heard
from earwitness.evaluation.audit.hearing.sound import SoundMeter
from earwitness.evaluation.records import Unread
from earwitness.records import Samples, Trial

_AT_ONCE = 16  # clips that a process takes at a time


def hear_all(
    trials: Iterable[Trial], *, workers: int = 1, on_done: Callable[[Trial], None] | None = None
) -> Iterator[Heard | Unread]:
    """Hear clips in order; what cannot be read does not stop the rest.

    Args:
        trials: the clips.
        workers: processes that hear clips at the same time. Threads would be slower than none:
            most of the work is many small steps, between which Python takes turns.
        on_done: is told of every clip.
    """
    for found in _found(list(trials), workers):
        if on_done is not None:
            on_done(found.trial)
        yield found


def hear(trial: Trial) -> Heard:
    """Hear one clip at its own sample rate, once.

    Raises:
        AudioError: it could not be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    with open_recording(trial.path, sample_rate=None) as recording:
        meter, minute = SoundMeter(recording.sample_rate), FirstMinute(recording.sample_rate)
        digest.update(recording.sample_rate.to_bytes(4, "little"))
        for block in recording.blocks():
            meter.hear(block)
            minute.hear(block)
            digest.update(np.ascontiguousarray(block).data)
        minute.hear(np.empty(0, np.float32), last=True)
        facts, notes = recording.facts(), recording.notes()
    return Heard(
        trial=trial,
        glance=glance(trial.path),
        facts=facts,
        notes=notes,
        sound=meter.facts(),
        digest=digest.hexdigest(),
        print=print_of(minute.samples()),
    )


def hear_again(trial: Trial) -> Samples | None:
    """Decode the first minute once more, at 8 kHz; None if that does not work any more."""
    try:
        with open_recording(trial.path, sample_rate=None) as recording:
            minute = FirstMinute(recording.sample_rate)
            for block in recording.blocks():
                minute.hear(block)
            minute.hear(np.empty(0, np.float32), last=True)
    except AudioError:
        return None
    return minute.samples()


def _found(trials: list[Trial], workers: int) -> Iterator[Heard | Unread]:
    if workers == 1:
        yield from map(_heard_or_unread, trials)
        return
    # "spawn" is the same on all systems, and safe beside threads.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_stopping_to_parent)
    try:
        yield from pool.map(_heard_or_unread, trials, chunksize=_AT_ONCE)
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_stopping_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _heard_or_unread(trial: Trial) -> Heard | Unread:
    try:
        return hear(trial)
    except AudioError as error:
        return Unread(trial, error.code, str(error))
