import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from made_remedied import aasist, batch, learn

from earwitness.errors import IncompatibleWeights, SettingsError
from earwitness.training.keeping import Ending, Merit, Point, remedies
from earwitness.training.keeping.averaging import averaged
from earwitness.training.keeping.interpolation import (
    InterpolationSettings,
    choose,
    interpolated,
)

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def pair():
    """An old network with batch norms, and what it became."""
    return aasist(), learn(aasist(), (), steps=3)


def test_interpolation_gives_old_and_new_to_the_bit_at_its_ends(pair):
    old, new = (one.state_dict() for one in pair)

    for alpha, whole in ((0.0, old), (1.0, new)):
        mixed = interpolated(old, new, alpha)
        assert list(mixed) == list(whole)
        assert all(torch.equal(value, whole[name]) for name, value in mixed.items())


def test_statistics_of_batch_norms_are_interpolated_like_weights(pair):
    old, new = (one.state_dict() for one in pair)
    name = "backend.encoder.0.norm.running_var"

    mixed = interpolated(old, new, 0.25)

    assert not torch.equal(old[name], new[name])
    torch.testing.assert_close(mixed[name], 0.75 * old[name] + 0.25 * new[name])
    counter = "backend.encoder.0.norm.num_batches_tracked"
    assert mixed[counter] == old[counter]
    assert interpolated(old, new, 0.75)[counter] == new[counter]


def test_interpolated_weights_go_back_into_the_network_and_score_between(pair):
    network = aasist()
    samples, _ = batch(0, samples=12_000)
    scores = {}
    for alpha in (0.0, 0.01, 1.0):
        network.load_state_dict(interpolated(pair[0].state_dict(), pair[1].state_dict(), alpha))
        with torch.no_grad():
            scores[alpha] = network(samples)

    ours, old, new = scores[0.01], scores[0.0], scores[1.0]
    assert 0 < float((ours - old).abs().max()) < float((new - old).abs().max())


def test_weights_of_two_networks_are_not_mixed():
    with pytest.raises(IncompatibleWeights, match="'b' is not in both alike"):
        interpolated({"a": torch.ones(1)}, {"a": torch.ones(1), "b": torch.ones(1)}, 0.5)
    with pytest.raises(IncompatibleWeights, match="'a' is not in both alike"):
        interpolated({"a": torch.ones(1)}, {"a": torch.ones(2)}, 0.5)


@pytest.mark.parametrize("alphas", [[1.5], [-0.1], []])
def test_alphas_lie_between_old_and_new(alphas):
    with pytest.raises(SettingsError, match="alphas must lie between 0 and 1"):
        remedies([{"name": "interpolation", "alphas": alphas}])


rates = st.integers(0, 50).map(lambda n: n / 100)


@given(st.lists(st.tuples(rates, rates), min_size=2, max_size=11), st.floats(0, 0.2))
def test_no_choice_that_keeps_first_loses_more_than_is_allowed(merits, allowed):
    points = [
        Point("", Merit(target, keep), alpha=at / 10) for at, (target, keep) in enumerate(merits)
    ]

    chosen = choose(points, InterpolationSettings(rule="keep_first", allowed_loss=allowed))

    assert chosen.merit.keep_eer <= points[0].merit.keep_eer + allowed + 1e-9
    assert chosen.merit.target_eer <= points[0].merit.target_eer


@given(st.lists(st.tuples(rates, rates), min_size=1, max_size=11))
def test_no_other_alpha_has_a_smaller_sum_than_the_one_that_is_chosen(merits):
    points = [
        Point("", Merit(target, keep), alpha=at / 10) for at, (target, keep) in enumerate(merits)
    ]

    chosen = choose(points, InterpolationSettings())

    least = min(target + keep for target, keep in merits)
    assert chosen.merit.target_eer + chosen.merit.keep_eer == pytest.approx(least)


def test_without_a_keep_set_alpha_is_what_the_recipe_says_and_the_sentence_says_why(pair):
    old, new = (one.state_dict() for one in pair)
    (remedy,) = remedies([{"name": "interpolation", "without_keep": 0.3, "alphas": [0.0, 1.0]}])

    ended = remedy.finish(Ending(old, new, [new], lambda _weights: Merit(0.1)))

    name = "backend.out.weight"
    torch.testing.assert_close(ended.weights[name], 0.7 * old[name] + 0.3 * new[name])
    assert ended.told.startswith("The weights are 30 % new and 70 % old, as the recipe says")
    assert [one.alpha for one in ended.points if one.is_chosen] == [0.3]


def test_averaging_is_the_mean_of_the_last_epochs_and_of_their_statistics(pair):
    old, new = (one.state_dict() for one in pair)
    (remedy,) = remedies([{"name": "averaging", "last": 2}])

    ended = remedy.finish(Ending(old, new, [old, old, new], lambda _weights: Merit(0.2)))

    for name in ("backend.out.weight", "backend.encoder.0.norm.running_var"):
        torch.testing.assert_close(ended.weights[name], (old[name] + new[name]) / 2)
    assert "epochs 2 to 3" in ended.told
    assert ended.points[0].merit.target_eer == 0.2


def test_equal_weights_average_to_themselves_to_the_bit(pair):
    new = pair[1].state_dict()

    mean = averaged([new, new])

    assert all(torch.equal(value, new[name]) for name, value in mean.items())


def test_fewer_epochs_than_wanted_are_averaged_as_far_as_they_go(pair):
    old, new = (one.state_dict() for one in pair)
    (remedy,) = remedies([{"name": "averaging", "last": 9}])

    ended = remedy.finish(Ending(old, new, [old, new], lambda _weights: Merit(0.2)))

    assert "epochs 1 to 2" in ended.told
    with pytest.raises(SettingsError, match="at least 2 epochs"):
        remedies([{"name": "averaging", "last": 1}])
