"""One job on several processes of this machine: started here, or by torchrun or SLURM."""

from __future__ import annotations

import multiprocessing
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import TypeVar

import torch

from earwitness.errors import SettingsError
from earwitness.training.batches import Ranks

J = TypeVar("J")
R = TypeVar("R")
Tell = Callable[[str], None]
Run = Callable[[J, Tell], R]

_TORCHRUN, _SLURM = "WORLD_SIZE", "SLURM_NTASKS"


def own_ranks() -> Ranks:
    """Say which process this is, among those that torchrun, SLURM or ``spread`` started."""
    if int(os.environ.get(_TORCHRUN, "1")) > 1:
        return Ranks(int(os.environ["RANK"]), int(os.environ[_TORCHRUN]))
    if int(os.environ.get(_SLURM, "1")) > 1:
        return Ranks(int(os.environ["SLURM_PROCID"]), int(os.environ[_SLURM]))
    return Ranks()


def on_this_machine(devices: int) -> int:
    """Count the processes of this machine: what the launcher says, else what was asked for."""
    named = os.environ.get("LOCAL_WORLD_SIZE") or os.environ.get("SLURM_NTASKS_PER_NODE")
    return int(named) if named and own_ranks().ranks > 1 else devices


def spread(run: Run[J, R], job: J, *, devices: int, tell: Tell) -> R:
    """Run a job on several processes; this one is the first of them.

    Args:
        run: does the job on one process; a function of a module.
        job: can be pickled.
        devices: how many processes.
        tell: told by the first one only.

    Raises:
        SettingsError: another process failed.
    """
    if own_ranks().ranks > 1:
        return run(job, tell if own_ranks().is_first else _silent)
    if devices == 1:
        return run(job, tell)
    port = _free_port()
    spawning = multiprocessing.get_context("spawn")
    others = [
        spawning.Process(target=_other, args=(run, job, rank, devices, port), daemon=True)
        for rank in range(1, devices)
    ]
    try:
        for other in others:
            other.start()
        with _environment(0, devices, port):
            result = run(job, tell)
        _refuse_failed(others)
    finally:
        for other in others:
            other.kill()
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()
    return result


def _refuse_failed(others: Sequence[BaseProcess]) -> None:
    for other in others:
        other.join()
    failed = [other for other in others if other.exitcode]
    if failed:
        raise SettingsError(f"{len(failed)} of the processes failed; what they said stands above.")


def _other(run: Run[J, R], job: J, rank: int, devices: int, port: int) -> None:
    with _environment(rank, devices, port):
        run(job, _silent)
        torch.distributed.destroy_process_group()


@contextmanager
def _environment(rank: int, devices: int, port: int) -> Iterator[None]:
    """Say to Lightning what torchrun would say."""
    ours = {
        "RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": devices, "LOCAL_WORLD_SIZE": devices,
        "GROUP_RANK": 0, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port,
        "TORCHELASTIC_RUN_ID": "earwitness",
    }  # fmt: skip
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update({name: str(value) for name, value in ours.items()})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _silent(line: str) -> None:
    del line
