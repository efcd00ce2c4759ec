"""Who started this process, and what becomes of a job on several of them."""

from __future__ import annotations

import os

import pytest

from earwitness.errors import SettingsError
from earwitness.training.batches import Ranks
from earwitness.training.fitting_ranks import on_this_machine, own_ranks, spread

pytestmark = [pytest.mark.torch, pytest.mark.train]

LAUNCHERS = ("RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "SLURM_NTASKS", "SLURM_PROCID")


@pytest.fixture(autouse=True)
def _nobody_launched_us(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*LAUNCHERS, "SLURM_NTASKS_PER_NODE"):
        monkeypatch.delenv(name, raising=False)


def told(job: dict[str, int], tell: object) -> dict[str, int]:
    """What each process does here: say who it is; one of them may fail."""
    ranks = own_ranks()
    if ranks.rank == job.get("fails", -1):
        os._exit(3)
    tell(f"rank {ranks.rank} of {ranks.ranks}")  # type: ignore[operator]
    return {"rank": ranks.rank, "ranks": ranks.ranks, "here": on_this_machine(1)}


def test_a_process_of_its_own_is_the_only_one() -> None:
    assert own_ranks() == Ranks(0, 1)
    assert on_this_machine(4) == 4


def test_torchrun_says_who_we_are(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"RANK": "5", "WORLD_SIZE": "8", "LOCAL_WORLD_SIZE": "4"}.items():
        monkeypatch.setenv(name, value)
    assert own_ranks() == Ranks(5, 8)
    assert not own_ranks().is_first
    assert on_this_machine(1) == 4


def test_slurm_says_who_we_are(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"SLURM_PROCID": "1", "SLURM_NTASKS": "2", "SLURM_NTASKS_PER_NODE": "2"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert own_ranks() == Ranks(1, 2)
    assert on_this_machine(1) == 2


def test_only_the_first_of_launched_processes_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    for rank in ("0", "1"):
        monkeypatch.setenv("RANK", rank)
        monkeypatch.setenv("WORLD_SIZE", "2")
        assert spread(told, {}, devices=1, tell=said.append)["rank"] == int(rank)
    assert said == ["rank 0 of 2"]


def test_a_job_for_one_device_stays_in_this_process() -> None:
    said: list[str] = []
    assert spread(told, {}, devices=1, tell=said.append) == {"rank": 0, "ranks": 1, "here": 1}
    assert said == ["rank 0 of 1"]


@pytest.mark.slow
def test_a_process_that_fails_is_told() -> None:
    before = dict(os.environ)
    with pytest.raises(SettingsError, match="1 of the processes failed"):
        spread(told, {"fails": 1}, devices=2, tell=lambda _: None)
    assert dict(os.environ) == before
