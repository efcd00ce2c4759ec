"""A run learns the right way round, and a run that was stopped ends where it would have ended."""

import csv
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from made_runs import COARSE, FINE, RATE, easy_clips, hiss, recipe, rumble

from earwitness.errors import IncompatibleWeights
from earwitness.models.branches import Branches
from earwitness.runtimes.torch_runtime import TorchRuntime
from earwitness.training.fit import FITTED, LAST, EpochData, Start, Workplace, fit, new_network
from earwitness.training.module import OnStep
from earwitness.training.settings import TrainingSettings

pytestmark = [pytest.mark.torch, pytest.mark.train]

CLIPS = easy_clips(24)
SAME = 1e-5


class Stopped(Exception):
    """What ends a run in the middle."""


def stop_at(epoch: int, step: int) -> OnStep:
    def on_step(at_epoch: int, at_step: int, _steps: int, _loss: float) -> None:
        if (at_epoch, at_step) == (epoch, step):
            raise Stopped

    return on_step


def place(folder: Path, on_step: OnStep | None = None, *, workers: int = 0) -> Workplace:
    return Workplace(folder, threads=1, workers=workers, on_step=on_step)


def apart(one: Branches, other: Branches) -> float:
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    """Say how far weights are apart at most; not to the bit, since alignment decides on sums."""
    return max(float((a.double() - b.double()).abs().max()) for a, b in pairs)


@pytest.fixture(scope="module")
def never_stopped(tmp_path_factory: pytest.TempPathFactory) -> Branches:
    return fit(recipe(), CLIPS, Start(), place(tmp_path_factory.mktemp("whole")))


@pytest.mark.parametrize("where", [(0, 2), (1, 1), (1, 3)], ids=["epoch 1", "epoch 2", "its end"])
def test_a_run_that_was_stopped_ends_with_the_weights_of_one_that_was_not(
    where: tuple[int, int], never_stopped: Branches, tmp_path: Path
) -> None:
    with pytest.raises(Stopped):
        fit(recipe(), CLIPS, Start(), place(tmp_path, stop_at(*where)))
    assert (tmp_path / LAST).exists() is (where[0] == 1)
    assert not (tmp_path / FITTED).exists()
    assert apart(fit(recipe(), CLIPS, Start(), place(tmp_path)), never_stopped) < SAME


def test_a_run_that_goes_on_does_not_repeat_what_it_has_done(tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        fit(recipe(), CLIPS, Start(), place(tmp_path, stop_at(1, 1)))
    steps: list[tuple[int, int, int]] = []
    fit(recipe(), CLIPS, Start(), place(tmp_path, lambda e, s, n, _loss: steps.append((e, s, n))))
    assert steps == [(1, 1, 4), (1, 2, 4), (1, 3, 4), (1, 4, 4)]


def test_a_run_that_is_done_gives_what_it_has(never_stopped: Branches, tmp_path: Path) -> None:
    fit(recipe(), CLIPS, Start(), place(tmp_path))
    again = fit(recipe(), CLIPS, Start(), place(tmp_path, stop_at(0, 1)))
    assert apart(again, never_stopped) < SAME
    assert not again.training


def test_batches_made_by_another_process_are_the_same_batches(
    never_stopped: Branches, tmp_path: Path
) -> None:
    assert apart(fit(recipe(), CLIPS, Start(), place(tmp_path, workers=1)), never_stopped) < SAME


def test_another_seed_ends_elsewhere(never_stopped: Branches, tmp_path: Path) -> None:
    assert apart(fit(recipe(seed=4), CLIPS, Start(), place(tmp_path)), never_stopped) > 1e-3


def test_bona_fide_scores_higher_after_training(tmp_path: Path) -> None:
    """Swapped labels, targets or signs anywhere between clip and score turn this round."""
    network = fit(recipe(epochs=6), CLIPS, Start(), place(tmp_path))
    rng = np.random.default_rng(99)
    unheard = [np.stack([make(rng, 0.5) for _ in range(8)]) for make in (rumble, hiss)]
    runtime = TorchRuntime(network)
    bona_fide, spoof = (runtime.scores(sound.astype(np.float32) / 2**15) for sound in unheard)
    assert bona_fide.min() > spoof.max()
    assert bona_fide.min() > 0.0 > spoof.max()


def test_losses_are_kept_beside_the_run_and_fall(tmp_path: Path) -> None:
    fit(recipe(epochs=6), CLIPS, Start(), place(tmp_path))
    with (tmp_path / "losses" / "metrics.csv").open(encoding="utf-8") as table:
        losses = [float(row["loss"]) for row in csv.DictReader(table) if row["loss"]]
    assert len(losses) == 6
    assert losses[-1] < 0.5 * losses[0]


def test_the_library_is_silent_while_it_trains(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    fit(recipe(epochs=1), CLIPS, Start(), place(tmp_path))
    shown = capfd.readouterr()
    assert (shown.out, shown.err) == ("", "")


def test_a_new_network_is_drawn_from_the_seed() -> None:
    assert apart(new_network(recipe(), Start()), new_network(recipe(), Start())) == 0.0
    assert apart(new_network(recipe(), Start()), new_network(recipe(seed=9), Start())) > 0.01


def whisper(**more: int) -> dict[str, object]:
    return {
        "frontend": "whisper",
        "backend": "moments",
        "frontend_settings": {"width": 64, "layers": 1, **more},
        "backend_settings": {"layers": 2, "width": 64, "hidden": 4},
    }


def test_pretrained_weights_go_to_the_front_end_of_their_name() -> None:
    told = recipe(branches=[FINE, whisper(), COARSE])
    plain = new_network(told, Start())
    front = plain.branches[1].get_submodule("0")
    weights = {name: torch.full_like(value, 0.25) for name, value in front.state_dict().items()}
    network = new_network(told, Start({"whisper": weights}))
    state = network.branches[1].get_submodule("0").state_dict()
    assert all(bool((value == 0.25).all()) for value in state.values())
    untouched = [network.branches[n].state_dict() for n in (0, 2)]
    for found, n in zip(untouched, (0, 2), strict=True):
        expected = plain.branches[n].state_dict()
        assert all(torch.equal(found[name], expected[name]) for name in expected)


def encoder_of(told: TrainingSettings, start: Start) -> torch.nn.Module:
    return new_network(told, start).branches[0].get_submodule("0")


def test_a_front_end_for_short_windows_takes_the_first_positions_of_the_encoder() -> None:
    whole, short = (recipe(branches=[whisper(**p)]) for p in ({}, {"positions": 60}))
    torch.manual_seed(1)
    drawn = encoder_of(whole, Start()).state_dict()
    weights = {name: torch.randn_like(value) for name, value in drawn.items()}
    assert weights["pos"].shape == (1500, 64)
    start = Start({"whisper": weights})
    long, few = encoder_of(whole, start).eval(), encoder_of(short, start).eval()
    assert torch.equal(few.pos, weights["pos"][:60])
    second = torch.randn(1, RATE)
    with torch.inference_mode():
        torch.testing.assert_close(few(second), long(second))
    others = {name: value for name, value in few.state_dict().items() if name != "pos"}
    assert all(torch.equal(value, weights[name]) for name, value in others.items())


def test_an_encoder_with_fewer_positions_than_the_recipe_asks_for_is_refused() -> None:
    told = recipe(branches=[whisper(positions=60)])
    weights = {**encoder_of(told, Start()).state_dict(), "pos": torch.zeros(59, 64)}
    with pytest.raises(IncompatibleWeights, match=r"do not fit the front end 'whisper' .*pos"):
        new_network(told, Start({"whisper": weights}))


def test_pretrained_weights_of_another_shape_are_refused_in_one_sentence() -> None:
    weights = {"pos": torch.zeros(3)}
    with pytest.raises(IncompatibleWeights, match=r"do not fit the front end 'spectrum' .*: .*pos"):
        new_network(recipe(), Start({"spectrum": weights}))


def test_an_interrupt_stays_an_interrupt_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    def interrupt(epoch: int, _step: int, _steps: int, _loss: float) -> None:
        if epoch == 1:
            raise KeyboardInterrupt

    handler = signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(KeyboardInterrupt):
            fit(recipe(), CLIPS, Start(), place(tmp_path, interrupt))
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, handler)
    assert (tmp_path / LAST).exists()
    assert not (tmp_path / FITTED).exists()


def test_every_epoch_has_batches_of_its_own() -> None:
    data = EpochData(recipe(), CLIPS, workers=0)
    first, again, second = data.dataset(0)[0], data.dataset(0)[0], data.dataset(1)[0]
    assert torch.equal(first[0], again[0])
    assert first[0].shape != second[0].shape or not torch.equal(first[0], second[0])
    assert 0.3 * RATE <= first[0].shape[1] <= 0.5 * RATE


def test_the_batches_hold_augmented_and_plain_sound_as_the_recipe_says() -> None:
    plain = replace(recipe(), sampling=replace(recipe().sampling, augmented_share=0.0))
    mixed, same = (EpochData(told, CLIPS, workers=0).dataset(0)[0][0] for told in (recipe(), plain))
    changed = (mixed != same).any(dim=1)
    assert bool(changed.any())
    assert not bool(changed.all())
