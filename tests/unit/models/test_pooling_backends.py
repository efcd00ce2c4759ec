"""Back ends that pool over time: their statistics against NumPy, and what cannot change them."""

import numpy as np
import pytest
import torch

from earwitness.models.backends import BACKENDS
from earwitness.models.backends._heads import Heads
from earwitness.models.backends.attentive import AttentivePooling, AttentiveSettings
from earwitness.models.backends.moments import MOMENTS, MomentsPooling, MomentsSettings
from earwitness.models.backends.statistics import StatisticsPooling, StatisticsSettings

pytestmark = pytest.mark.torch

LAYERS, FRAMES, WIDTH = 3, 20, 8
ROWS, POWER_ROWS = 10, 4


def states(rows: int = 2, *, seed: int = 0) -> torch.Tensor:
    torch.manual_seed(seed)
    return 3 * torch.randn(rows, LAYERS, FRAMES, WIDTH) + 1


def measures(rows: int = 2) -> torch.Tensor:
    torch.manual_seed(1)
    return 2 * torch.randn(rows, ROWS, FRAMES) - 3


def moments(**more: float) -> MomentsPooling:
    torch.manual_seed(0)
    return BACKENDS.get("moments")(MomentsSettings(LAYERS, WIDTH, hidden=6, **more)).eval()


def statistics(**more: float) -> StatisticsPooling:
    torch.manual_seed(0)
    settings = StatisticsSettings(ROWS, POWER_ROWS, hidden=6, **more)
    return BACKENDS.get("statistics")(settings).eval()


def attentive() -> AttentivePooling:
    torch.manual_seed(0)
    settings = AttentiveSettings(LAYERS, WIDTH, channels=5, heads=2, hidden=6)
    return BACKENDS.get("attentive")(settings).eval()


def layer_normed(values: np.ndarray) -> np.ndarray:
    centred = values - values.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)


def six_moments(normed: np.ndarray) -> list[np.ndarray]:
    """What the moments are, column by column, over time (axis 2)."""
    centred = normed - normed.mean(axis=2, keepdims=True)
    deviation = normed.std(axis=2) + 1e-3
    standard = centred / deviation[:, :, None]
    return [
        normed.mean(axis=2),
        deviation,
        np.sqrt((np.diff(normed, axis=2) ** 2).mean(axis=2)),
        (standard**3).mean(axis=2),
        np.log((standard**4).mean(axis=2) + 1e-3),
        (standard[:, :, 2:] * standard[:, :, :-2]).mean(axis=2),
    ]


def test_moments_are_six_of_each_layer_and_column() -> None:
    expected = six_moments(layer_normed(states().double().numpy()))
    found = moments().pooled(states())
    assert len(expected) == MOMENTS
    assert found.shape == (2, MOMENTS * LAYERS * WIDTH)
    blocks = found.reshape(2, MOMENTS, LAYERS, WIDTH).numpy()
    for number, block in enumerate(expected):
        np.testing.assert_allclose(blocks[:, number], block, atol=1e-3, err_msg=str(number))


def test_moments_of_a_wave_of_four_frames_are_known() -> None:
    """In turn +1, +1, -1, -1 in half the columns, and turned round in the others."""
    signs = torch.tensor([1.0, 1.0, -1.0, -1.0]).repeat(25)
    columns = torch.tensor([1.0, -1.0]).repeat(WIDTH // 2)
    wave = (signs[:, None] * columns).repeat(1, LAYERS, 1, 1)
    found = moments().pooled(wave).reshape(MOMENTS, LAYERS, WIDTH)
    mean, deviation, change, skewness, kurtosis, lagged = (block.numpy() for block in found)
    np.testing.assert_allclose(mean, 0, atol=1e-4)
    np.testing.assert_allclose(deviation, 1, atol=2e-3)
    np.testing.assert_allclose(change, np.sqrt(4 * 49 / 99), rtol=1e-3)  # 49 of 99 steps are of 2
    np.testing.assert_allclose(skewness, 0, atol=1e-4)
    np.testing.assert_allclose(kurtosis, 0, atol=5e-3)
    np.testing.assert_allclose(lagged, -1, atol=5e-3)


def test_statistics_are_mean_deviation_and_the_mean_where_it_is_loud() -> None:
    x = measures().double().numpy()
    loudness = x[:, :POWER_ROWS].mean(axis=1, keepdims=True)
    weights = np.exp(2 * loudness)
    weights /= weights.sum(axis=2, keepdims=True)
    parts = [x.mean(axis=2), x.std(axis=2), (x * weights).sum(axis=2)]
    found = statistics().pooled(measures())
    assert found.shape == (2, 3 * ROWS)
    np.testing.assert_allclose(found.numpy(), np.concatenate(parts, axis=1), atol=1e-4)


def test_very_loud_frames_do_not_overflow() -> None:
    huge = measures()
    huge[:, :POWER_ROWS, 3] = 500.0
    found = statistics().pooled(huge)
    assert bool(torch.isfinite(found).all())
    torch.testing.assert_close(found[:, 2 * ROWS :], huge[:, :, 3])


@pytest.mark.parametrize("pool", [moments, statistics])
def test_a_recording_without_any_change_has_finite_gradients(pool) -> None:
    shape = (2, LAYERS, FRAMES, WIDTH) if pool is moments else (2, ROWS, FRAMES)
    still = torch.ones(shape, requires_grad=True)
    pool().pooled(still).sum().backward()
    assert still.grad is not None
    assert bool(torch.isfinite(still.grad).all())


@pytest.mark.parametrize(
    ("network", "features", "time"),
    [(statistics(), measures(), 2), (attentive(), states(), 2)],
    ids=["statistics", "attentive"],
)
def test_the_order_of_frames_does_not_matter(network, features, time) -> None:
    with torch.inference_mode():
        plain, turned = network(features), network(features.flip(time))
        repeated = network(torch.cat([features, features], dim=time))
    torch.testing.assert_close(turned, plain, atol=1e-5, rtol=0)
    torch.testing.assert_close(repeated, plain, atol=1e-4, rtol=0)
    assert plain.shape == (2,)
    assert plain[0] != plain[1]


def test_moments_hear_how_frames_follow_each_other_but_not_which_way_time_runs() -> None:
    network, features = moments(), states()
    shuffled = features[:, :, torch.randperm(FRAMES, generator=torch.Generator().manual_seed(2))]
    with torch.inference_mode():
        plain, turned, mixed = (
            network.pooled(x).reshape(2, MOMENTS, -1)
            for x in (features, features.flip(2), shuffled)
        )
    torch.testing.assert_close(turned, plain, atol=1e-4, rtol=0)
    still = [0, 1, 3, 4]
    torch.testing.assert_close(mixed[:, still], plain[:, still], atol=1e-4, rtol=0)
    for number in (2, 5):
        assert (mixed[:, number] - plain[:, number]).abs().mean() > 0.01


def test_a_layer_that_is_louder_throughout_counts_no_more() -> None:
    louder = states()
    louder[:, 1] *= 20
    for network in (moments(), attentive()):
        with torch.inference_mode():
            plain, scaled = network(states()), network(louder)
        torch.testing.assert_close(scaled, plain, atol=1e-3, rtol=0)


def test_attention_that_looks_everywhere_alike_gives_plain_statistics() -> None:
    network = attentive()
    torch.nn.init.zeros_(network.attend.weight)
    heard = []
    network.head.register_forward_pre_hook(lambda _module, given: heard.append(given[0]))
    with torch.inference_mode():
        network(states())
        mixed = torch.from_numpy(layer_normed(states().numpy())).mean(dim=1)  # equal shares
        frames = torch.nn.functional.gelu(network.project(mixed))
    mean, deviation = frames.mean(dim=1), frames.std(dim=1, correction=0).clamp(min=1e-2)
    expected = torch.cat([mean, mean, deviation, deviation], dim=1)
    torch.testing.assert_close(heard[0], expected, atol=1e-4, rtol=1e-4)


def test_what_attention_looks_away_from_counts_for_little() -> None:
    network, features = attentive(), states(1)
    with torch.inference_mode():
        network.attend.weight *= 30
        mixed = torch.from_numpy(layer_normed(features.numpy())).mean(dim=1)
        looks = network.attend(torch.nn.functional.gelu(network.project(mixed)))[0]
        shares = looks.softmax(dim=0).amax(dim=1)
        moved = []
        for frame in (int(shares.argmax()), int(shares.argmin())):
            changed = features.clone()
            changed[:, :, frame] *= 1 + 0.01 * torch.arange(WIDTH)
            moved.append((network(changed) - network(features)).abs().item())
    assert moved[0] > 100 * moved[1]


def heads(count: int = 3, *, dropout: float = 0.0) -> Heads:
    torch.manual_seed(0)
    return Heads(4, hidden=3, dropout=dropout, heads=count)


def test_heads_standardise_by_what_they_have_heard() -> None:
    network = heads().train()
    heard = torch.randn(256, 4) * torch.tensor([1.0, 10.0, 100.0, 1000.0]) + 2
    for _ in range(60):
        network(heard)
    norm = network.eval().standard
    assert norm(heard).mean(dim=0).abs().max() < 0.01
    assert norm(heard).std(dim=0) == pytest.approx(torch.ones(4), abs=0.02)
    assert list(norm.parameters()) == []


def test_each_head_gives_a_column_of_its_own() -> None:
    network, rows = heads().eval(), torch.randn(5, 4)
    with torch.inference_mode():
        found, standard = network(rows), network.standard(rows)
        assert found.shape == (5, 3)
        for column, one in enumerate(network.networks):
            torch.testing.assert_close(found[:, [column]], one(standard))
    assert float((found[:, 0] - found[:, 1]).abs().min()) > 0.0


@pytest.mark.parametrize(
    ("pool", "features"), [(moments, states), (statistics, measures)], ids=["moments", "statistics"]
)
def test_the_score_of_a_branch_is_the_mean_of_its_heads(pool, features) -> None:
    network = pool(heads=4)
    with torch.inference_mode():
        each = network.head(network.pooled(features()))
        assert each.shape == (2, 4)
        torch.testing.assert_close(network(features()), each.mean(dim=1))


def gradients(network: Heads, share: tuple[float, ...]) -> list[list[torch.Tensor]]:
    """Give the gradients of each network where the loss of each counts by its share."""
    network.zero_grad()
    rows = torch.randn(16, 4, generator=torch.Generator().manual_seed(3))
    (network(rows).square().mean(dim=0) * torch.tensor(share)).sum().backward()
    return [[p.grad.clone() for p in one.parameters()] for one in network.networks]


def test_the_loss_of_one_head_says_nothing_to_another() -> None:
    network = heads().train()
    whole, without = gradients(network, (1.0, 1.0, 1.0)), gradients(network, (1.0, 0.0, 1.0))
    for number in (0, 2):
        for ours, theirs in zip(whole[number], without[number], strict=True):
            torch.testing.assert_close(ours, theirs)
            assert bool((ours != 0).any())
    assert all(bool((gradient == 0).all()) for gradient in without[1])
    assert all(bool((gradient != 0).any()) for gradient in whole[1])


def test_dropout_is_where_it_was_asked_for() -> None:
    drops = [m.p for m in statistics(dropout=0.3).modules() if isinstance(m, torch.nn.Dropout)]
    assert drops == [0.3, 0.3] * StatisticsSettings().heads
