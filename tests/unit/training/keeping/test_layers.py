import copy

import pytest
import torch
from made_remedied import aasist, branches, learn, xlsr

from earwitness.errors import SettingsError
from earwitness.training.keeping import remedies
from earwitness.training.keeping._ranges import inside, name_in_ranges, parts_of

pytestmark = pytest.mark.train


def moved(old, new):
    return {
        name_in_ranges(name)
        for name, value in new.state_dict().items()
        if not torch.equal(value, old.state_dict()[name])
    }


@pytest.mark.parametrize("make", [aasist, branches, xlsr])
@pytest.mark.parametrize("trained", ["early", "head", "all"])
def test_only_the_named_range_moves_and_the_rest_stays_to_the_bit(make, trained):
    network = make()
    old = copy.deepcopy(network)
    is_inside = inside(old, [trained])

    new = learn(network, remedies([{"name": "layers", "trained": [trained]}]))

    changed = moved(old, new)
    assert changed
    assert all(map(is_inside, changed))
    if trained != "all":
        assert any(not is_inside(name) for name in new.state_dict())


def test_statistics_of_frozen_batch_norms_stay_though_the_network_is_set_to_training():
    network = aasist()
    old = copy.deepcopy(network)

    new = learn(network, remedies([{"name": "layers", "trained": ["head"]}]))

    encoder = [name for name in moved(old, new) if name.startswith("backend.encoder")]
    assert encoder == []
    assert "backend.spectral.norm.running_mean" in moved(old, new)


def test_statistics_move_where_nothing_is_frozen():
    network = aasist()
    old = copy.deepcopy(network)

    assert "backend.encoder.0.norm.running_mean" in moved(old, learn(network, ()))


@pytest.mark.parametrize(
    ("make", "named", "first"),
    [
        (branches, "frontend.layers.1", "frontend.layers.1"),
        (xlsr, "frontend.layers.0-0", "frontend.layers.0"),
        (aasist, "backend.encoder.4-5", "backend.encoder."),
    ],
)
def test_a_named_range_is_trained_alone(make, named, first):
    network = make()
    old = copy.deepcopy(network)

    changed = moved(old, learn(network, remedies([{"name": "layers", "trained": [named]}])))

    assert changed
    assert all(name.startswith(first) for name in changed)


def test_a_range_that_is_not_there_lists_what_is():
    with pytest.raises(SettingsError, match=r"no range 'frontend.layers.7'. There are: all, early"):
        learn(branches(), remedies([{"name": "layers", "trained": ["frontend.layers.7"]}]))
    with pytest.raises(SettingsError, match="at least one range"):
        remedies([{"name": "layers", "trained": []}])


def test_parts_of_a_network_are_listed_with_the_numbers_of_their_layers():
    assert "frontend.layers.0-1" in parts_of(branches())
    assert "backend.encoder.0-5" in parts_of(aasist())


def test_early_and_head_of_any_network_are_found_by_halves_and_last_parts():
    plain = torch.nn.Sequential(*(torch.nn.Linear(2, 2) for _ in range(4)))

    assert [inside(plain, ["early"])(f"{at}.weight") for at in range(4)] == [
        True,
        True,
        False,
        False,
    ]
    assert [inside(plain, ["head"])(f"{at}.weight") for at in range(4)] == [False] * 3 + [True]
