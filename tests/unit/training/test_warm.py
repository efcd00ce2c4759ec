"""Heads on frozen front ends: pooled once, kept, and the same as the network's own."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from made_runs import RATE, easy_clips, recipe

from earwitness.errors import SettingsError
from earwitness.models.backends._heads import Heads
from earwitness.models.branches import Branches
from earwitness.training.clips import Clip
from earwitness.training.fit import FITTED, Start, Workplace, fit, new_network
from earwitness.training.warm import Pooled, fit_heads, head_scores, heads_of, pooled_views

pytestmark = [pytest.mark.torch, pytest.mark.train]

RECIPE = recipe(
    epochs=1,
    warm={"views": 2, "epochs": 60, "batch": 8, "rate": 3e-3},
    sampling={"batch": 6, "shortest_s": 0.3, "longest_s": 0.5, "augmented_share": 0.5},
)
# As long as the longest crop, so that the first view is the clip itself.
CLIPS = easy_clips(20, seconds=RECIPE.sampling.longest_s)


def pool(folder: Path, clips: list[Clip] = CLIPS, **more: object) -> dict[str, Pooled]:
    return pooled_views(RECIPE, new_network(RECIPE, Start()), clips, folder, workers=0, **more)


def warmed(pooled: dict[str, Pooled]) -> Branches:
    network = new_network(RECIPE, Start())
    fit_heads(RECIPE, heads_of(network), CLIPS, pooled)
    return network


@pytest.fixture(scope="module")
def pooled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pooled]:
    return pool(tmp_path_factory.mktemp("views"))


def test_every_clip_has_every_view_of_every_branch(pooled: dict[str, Pooled]) -> None:
    assert list(pooled) == [one.trial.id for one in CLIPS]
    for branches in pooled.values():
        assert [b.shape for b in branches] == [(2, 3 * 200), (2, 3 * 102)]
        assert all(bool(np.isfinite(b).all()) for b in branches)


def test_the_first_view_is_the_clip_as_it_is_and_the_second_is_not(
    pooled: dict[str, Pooled],
) -> None:
    network = new_network(RECIPE, Start())
    one = CLIPS[5]
    sound = torch.from_numpy(one.sound.astype(np.float32) / 2**15)[None]
    front, back = network.branches[0][0], network.branches[0][1]
    with torch.inference_mode():
        expected = back.pooled(front(sound))[0].numpy()
    first, second = pooled[one.trial.id][0]
    np.testing.assert_allclose(first, expected, rtol=2e-3, atol=2e-2)
    assert np.abs(second - expected).mean() > 10 * np.abs(first - expected).mean()


def test_views_are_kept_and_used_again(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    first = pool(tmp_path, on_view=lambda *view: told.append(view))
    again = pool(tmp_path, on_view=lambda *view: told.append(view))
    assert told == [(0, 2), (1, 2)]
    assert all(np.array_equal(a, b) for n in first for a, b in zip(first[n], again[n], strict=True))


def test_only_a_view_that_is_missing_is_made(tmp_path: Path) -> None:
    first, told = pool(tmp_path), []
    (tmp_path / "view_1.npz").unlink()
    again = pool(tmp_path, on_view=lambda *view: told.append(view))
    assert told == [(1, 2)]
    assert all(np.array_equal(a, b) for n in first for a, b in zip(first[n], again[n], strict=True))


def test_fitted_heads_part_the_labels(pooled: dict[str, Pooled]) -> None:
    scores = head_scores(heads_of(warmed(pooled)), CLIPS, pooled)
    bona_fide = [scores[one.trial.id] for one in CLIPS if one.trial.label == "bonafide"]
    spoof = [scores[one.trial.id] for one in CLIPS if one.trial.label == "spoof"]
    assert min(bona_fide) > 0 > max(spoof)


def test_fitting_heads_leaves_the_front_ends_alone_and_is_the_same_each_time(
    pooled: dict[str, Pooled],
) -> None:
    fresh, one, other = new_network(RECIPE, Start()).state_dict(), *(
        warmed(pooled).state_dict() for _ in range(2)
    )  # fmt: skip
    assert all(torch.equal(one[name], other[name]) for name in one)
    moved = {name for name in one if not torch.equal(one[name], fresh[name])}
    assert moved
    assert all(".1.head." in name for name in moved)


def test_the_heads_alone_say_what_the_whole_network_says_of_the_same_sound(
    pooled: dict[str, Pooled],
) -> None:
    network = warmed(pooled)
    alone = head_scores(heads_of(network), CLIPS, pooled)
    sound = torch.from_numpy(np.stack([c.sound for c in CLIPS]).astype(np.float32) / 2**15)
    with torch.inference_mode():
        whole = network(sound).numpy()
    found = np.array([alone[one.trial.id] for one in CLIPS])
    assert np.ptp(whole) > 1.0
    np.testing.assert_allclose(found, whole, atol=0.02 * float(np.ptp(whole)))


def test_a_run_starts_from_the_heads_that_were_fitted(
    pooled: dict[str, Pooled], tmp_path: Path
) -> None:
    still = replace(RECIPE, optimiser=replace(RECIPE.optimiser, pretrained_rate=0.0, head_rate=0.0))
    network = fit(still, CLIPS, Start(pooled=pooled), Workplace(tmp_path, threads=1, workers=0))
    assert (tmp_path / FITTED).exists()
    weights = dict(warmed(pooled).named_parameters())
    assert all(torch.equal(p, weights[name]) for name, p in network.named_parameters())


def drawn_heads(*, alone: int | None = None) -> list[Heads]:
    """Draw three networks for either branch, without dropout; or only one of the three."""
    torch.manual_seed(5)
    heads = [Heads(3 * rows, hidden=4, dropout=0.0, heads=3) for rows in (200, 102)]
    for head in heads if alone is not None else []:
        head.networks = head.networks[alone : alone + 1]
    return heads


@pytest.mark.parametrize("alone", [0, 2])
def test_a_network_fitted_beside_others_ends_where_it_would_end_alone(
    alone: int, pooled: dict[str, Pooled]
) -> None:
    together, apart, fresh = drawn_heads(), drawn_heads(alone=alone), drawn_heads(alone=alone)
    for heads in (together, apart):
        fit_heads(RECIPE, heads, CLIPS, pooled)
    for both, one, before in zip(together, apart, fresh, strict=True):
        found, expected = both.networks[alone].state_dict(), one.networks[0].state_dict()
        for name, start in before.networks[0].state_dict().items():
            torch.testing.assert_close(found[name], expected[name], rtol=1e-3, atol=1e-4)
            assert float((expected[name] - start).abs().max()) > 2e-3


def test_heads_alone_score_the_sum_over_branches_of_the_mean_over_networks(
    pooled: dict[str, Pooled],
) -> None:
    heads = drawn_heads()
    scores = head_scores(heads, CLIPS, pooled)
    name = CLIPS[3].trial.id
    with torch.inference_mode():
        each = [
            h(torch.from_numpy(b[:1]).float()) for h, b in zip(heads, pooled[name], strict=True)
        ]
    assert scores[name] == pytest.approx(sum(float(one.mean()) for one in each), abs=1e-5)
    assert list(scores) == [one.trial.id for one in CLIPS]


def test_without_epochs_the_fitted_heads_on_untouched_front_ends_are_the_network(
    pooled: dict[str, Pooled], tmp_path: Path
) -> None:
    steps: list[tuple[int, ...]] = []
    place = Workplace(
        tmp_path / "made" / "here", threads=1, workers=0, on_step=lambda *step: steps.append(step)
    )
    network = fit(replace(RECIPE, epochs=0), CLIPS, Start(pooled=pooled), place)
    expected = warmed(pooled).state_dict()
    assert all(torch.equal(value, expected[n]) for n, value in network.state_dict().items())
    assert not network.training
    assert steps == []
    assert [path.name for path in place.folder.iterdir()] == [FITTED]


def test_no_epoch_is_allowed_where_heads_have_a_warm_start_and_less_never_is() -> None:
    assert recipe(epochs=0, warm={"views": 1}).epochs == 0
    with pytest.raises(SettingsError, match=r"epochs \(0\) must be at least 1, or 0 where heads"):
        recipe(epochs=0)
    with pytest.raises(SettingsError, match=r"epochs \(-1\) must be at least 1"):
        recipe(epochs=-1, warm={"views": 1})


def test_a_clip_longer_than_a_view_is_cut_to_it(tmp_path: Path) -> None:
    long = easy_clips(4, seconds=2.0)
    pooled = pool(tmp_path, long)
    assert len(pooled) == 4
    assert RATE * RECIPE.sampling.longest_s < len(long[0].sound)
