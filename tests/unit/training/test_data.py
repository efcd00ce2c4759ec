"""Batches as tensors: cut from speech only, distorted by their seeds, 1 = bona fide."""

import numpy as np
import pytest
import torch
from made_runs import RATE, clip, easy_clips, trial

from earwitness.augmentation import Step, chain
from earwitness.records import Label
from earwitness.training.clips import Clip
from earwitness.training.data import BatchDataset, crop, loader
from earwitness.training.sampling import Batch

pytestmark = pytest.mark.torch

NOISE = chain([{"name": "noise", "share": 1.0, "snr_db": [5, 10]}])
BATCH = Batch(tuple((clip, 1000 + clip) for clip in range(8)), samples=4000)


def ramp(samples: int, *regions: tuple[int, int]) -> Clip:
    """A clip in which each sample tells its place."""
    return clip(trial("ramp", Label.BONA_FIDE), np.arange(samples, dtype=np.int16), *regions)


def places(one: Clip, samples: int, seed: int) -> np.ndarray:
    return np.rint(crop(one, samples, np.random.default_rng(seed)) * 2**15).astype(int)


def dataset(*, share: float, steps: tuple[Step, ...] = NOISE, batch: Batch = BATCH) -> BatchDataset:
    return BatchDataset(
        easy_clips(8), [batch, batch], steps, augmented_share=share, sample_rate=RATE
    )


def test_a_crop_is_one_piece_of_one_region() -> None:
    regions = ((100, 400), (1000, 1900))
    one = ramp(2000, *regions)
    for seed in range(200):
        found = places(one, 200, seed)
        assert (np.diff(found) == 1).all()
        assert any(start <= found[0] and found[-1] < end for start, end in regions)


def test_crops_reach_both_ends_of_a_region() -> None:
    firsts = {int(places(ramp(100, (10, 60)), 45, seed)[0]) for seed in range(200)}
    assert firsts == set(range(10, 16))


def test_each_second_of_speech_is_equally_likely() -> None:
    one = ramp(2000, (0, 300), (1000, 1900))
    late = [places(one, 50, seed)[0] >= 1000 for seed in range(2000)]
    assert np.mean(late) == pytest.approx(0.75, abs=0.03)


def test_a_region_that_is_shorter_is_tiled() -> None:
    found = places(ramp(500, (100, 130)), 100, seed=0)
    assert found.tolist() == [*range(100, 130)] * 3 + [*range(100, 110)]


def test_a_region_of_the_very_length_is_taken_whole() -> None:
    assert places(ramp(500, (100, 130)), 30, seed=0).tolist() == [*range(100, 130)]


def test_samples_keep_their_level() -> None:
    one = clip(trial("full", Label.SPOOF), np.array([-(2**15), 2**14, 0], np.int16))
    found = crop(one, 3, np.random.default_rng(0))
    assert found.dtype == np.float32
    assert found.tolist() == [-1.0, 0.5, 0.0]


def test_without_augmentation_the_sound_itself_comes_out() -> None:
    samples, _ = dataset(share=0.0)[0]
    for row, (number, _), one in zip(samples, BATCH.clips, easy_clips(8), strict=True):
        sound = one.sound.astype(np.float32) / 2**15
        starts = [
            np.array_equal(sound[i : i + 4000], row.numpy()) for i in range(len(sound) - 3999)
        ]
        assert sum(starts) == 1, number


def test_with_augmentation_every_clip_is_changed() -> None:
    plain, changed = dataset(share=0.0)[0][0], dataset(share=1.0)[0][0]
    assert bool((plain != changed).any(dim=1).all())


def test_a_share_of_the_clips_is_changed() -> None:
    batch = Batch(tuple((0, seed) for seed in range(400)), samples=400)
    plain, mixed = (dataset(share=share, batch=batch)[0][0] for share in (0.0, 0.3))
    share = (plain != mixed).any(dim=1).float().mean().item()
    assert share == pytest.approx(0.3, abs=0.07)


def test_a_batch_that_is_made_twice_is_the_same() -> None:
    made = dataset(share=0.7)
    again = dataset(share=0.7)
    assert torch.equal(made[0][0], made[1][0])
    assert torch.equal(made[0][0], again[0][0])


def test_another_seed_gives_another_crop() -> None:
    batch = Batch(((0, 1), (0, 2)), samples=4000)
    one, other = dataset(share=0.0, batch=batch)[0][0]
    assert not torch.equal(one, other)


def test_targets_are_1_for_bona_fide_and_0_for_spoof() -> None:
    _, targets = dataset(share=0.0)[0]
    labels = [one.trial.label for one in easy_clips(8)]
    assert targets.dtype == torch.float32
    assert targets.tolist() == [1.0 if label == "bonafide" else 0.0 for label in labels]
    assert set(targets.tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("workers", [0, 1])
def test_the_loader_gives_the_batches_in_order_in_this_process_or_another(workers: int) -> None:
    made = BatchDataset(
        easy_clips(8),
        [Batch(((n, n), (n + 1, n)), samples=1000 + n) for n in range(6)],
        NOISE,
        augmented_share=0.5,
        sample_rate=RATE,
    )
    given = list(loader(made, workers=workers))
    assert [samples.shape for samples, _ in given] == [(2, 1000 + n) for n in range(6)]
    assert all(torch.equal(given[n][0], made[n][0]) for n in range(6))
