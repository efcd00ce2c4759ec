import copy

import pytest
import torch
from made_remedied import aasist, batch, branches, distance, keep, learn

from earwitness.errors import SettingsError, UnknownName
from earwitness.training import keeping
from earwitness.training.keeping import REMEDIES, Ended, Ending, Merit, remedies
from earwitness.training.outputs import outputs_of

pytestmark = pytest.mark.train


@pytest.mark.parametrize("name", REMEDIES.names())
def test_every_remedy_can_be_built_from_its_name_alone(name):
    (built,) = remedies([{"name": name}])

    assert built.name == name
    assert any([built.adapt, built.prepare, built.fold, built.finish, built.replay])


def test_a_remedy_that_is_not_there_names_the_near_ones():
    with pytest.raises(UnknownName, match="Did you mean distillation"):
        remedies([{"name": "distilation"}])


def test_a_table_without_a_name_says_where_it_stands():
    with pytest.raises(SettingsError, match=r"my.toml: keep\[1\]: 'name' is missing"):
        remedies([{"name": "lora"}, {"strength": 1.0}], where="my.toml: keep")


def test_a_remedy_listed_twice_is_refused():
    with pytest.raises(SettingsError, match="'l2_sp' is listed twice"):
        remedies([{"name": "l2_sp"}, {"name": "l2-sp"}])


def test_a_setting_that_a_remedy_does_not_know_is_refused_by_its_name():
    with pytest.raises(SettingsError, match=r"keep\[0\]: lora: unknown key 'rang'"):
        remedies([{"name": "lora", "rang": 4}])


def test_networks_without_remedies_are_trained_whole_and_have_no_penalty():
    network = aasist()

    keeping.adapt(network, ())

    assert keeping.penalty(network, (), None) is None
    assert keeping.replayed(()) == 0.0
    assert any(weight.requires_grad for weight in network.parameters())


def test_remedies_that_freeze_everything_together_are_refused():
    chosen = remedies([{"name": "layers", "trained": ["head"]}, {"name": "lora", "beside": []}])
    network = branches()
    keeping.adapt(network, chosen)  # the adapters are left

    early = remedies([{"name": "layers", "trained": ["early"]}])
    twice = copy.deepcopy(aasist())
    keeping.adapt(twice, remedies([{"name": "layers", "trained": ["head"]}]))
    with pytest.raises(SettingsError, match="nothing is left to train: layers froze"):
        keeping.adapt(twice, early)


def test_penalties_add_up():
    network = branches()
    spring, teacher = (
        keeping.penalty(network, remedies([table]), None)
        for table in ({"name": "l2_sp"}, {"name": "distillation"})
    )
    both = keeping.penalty(network, remedies([{"name": "l2_sp"}, {"name": "distillation"}]), None)
    moved = learn(copy.deepcopy(network), ())
    for weight in moved.parameters():
        weight.requires_grad = True
    samples, _ = batch(0)
    asked = (moved, samples, outputs_of(moved, samples), 0)

    assert spring(*asked) > 0
    assert teacher(*asked) > 0
    torch.testing.assert_close(both(*asked), spring(*asked) + teacher(*asked))


def test_the_share_of_replay_is_that_of_the_recipe():
    assert keeping.replayed(remedies([{"name": "replay", "share": 0.4}])) == 0.4
    with pytest.raises(SettingsError, match=r"share \(1.5\) must lie between"):
        remedies([{"name": "replay", "share": 1.5}])


def test_remedies_at_the_end_work_one_upon_the_other():
    start = {"w": torch.zeros(1)}
    epochs = [{"w": torch.full((1,), float(n))} for n in (2, 4, 6)]
    asked = []

    def merit(weights):
        asked.append(float(weights["w"]))
        return Merit(target_eer=0.5 - float(weights["w"]) / 20, keep_eer=float(weights["w"]) / 10)

    chosen = remedies(
        [{"name": "averaging", "last": 2}, {"name": "interpolation", "alphas": [0.0, 0.5, 1.0]}]
    )
    ended = keeping.finish(Ending(start, epochs[0], epochs, merit, has_keep=True), chosen)

    assert isinstance(ended, Ended)
    assert asked == [5.0, 0.0, 2.5, 5.0]
    assert float(ended.weights["w"]) == 0.0  # each step costs the keep-set more than it gains
    assert "mean of those after epochs 2 to 3" in ended.told
    assert "0 % new and 100 % old" in ended.told


def test_without_a_remedy_at_the_end_the_chosen_epoch_is_kept():
    now = {"w": torch.ones(1)}

    ended = keeping.finish(Ending({}, now, [], lambda _weights: Merit(0.5)), ())

    assert ended == Ended(now)


def test_a_network_goes_on_training_after_its_folded_copy_was_taken():
    network = branches()
    chosen = remedies([{"name": "lora"}])
    keeping.adapt(network, chosen)
    names = [name for name, _ in network.named_parameters()]

    whole = keeping.folded(network, chosen)

    assert [name for name, _ in network.named_parameters()] == names
    assert list(whole.state_dict()) == list(branches().state_dict())
    assert distance(whole, branches()) == 0.0


ALL_TOGETHER = [
    {"name": "replay"},
    {"name": "layers", "trained": ["backend", "frontend.layers.1"]},
    {"name": "lora", "layers": ["frontend.layers.0"], "beside": ["backend", "frontend.layers.1"]},
    {"name": "l2_sp"},
    {"name": "ewc", "clips": 4},
    {"name": "distillation"},
    {"name": "averaging", "last": 2},
    {"name": "interpolation", "alphas": [0.0, 0.5, 1.0]},
]


def test_all_remedies_work_together_and_leave_the_layout_of_the_start():
    assert {table["name"] for table in ALL_TOGETHER} == set(REMEDIES.names())
    chosen = remedies(ALL_TOGETHER)
    start = branches().state_dict()

    new = learn(branches(), chosen).state_dict()
    ending = Ending(start, new, [start, new], lambda _weights: Merit(0.2, 0.1), has_keep=True)
    ended = keeping.finish(ending, chosen)

    assert list(new) == list(ended.weights) == list(start)
    moved = {name for name, value in new.items() if not torch.equal(value, start[name])}
    assert "branches.0.0.b.0.qkv.weight" in moved  # by its adapter
    assert "branches.0.0.b.0.ln1.weight" not in moved
    assert "branches.0.0.b.1.ln1.weight" in moved
    assert ended.points[0].label == "averaged"


def test_penalties_under_bfloat16_are_those_of_single_precision():
    network = branches()
    chosen = remedies(
        [table for table in ALL_TOGETHER if table["name"] in {"l2_sp", "ewc", "lora"}]
    )
    added = keeping.penalty(network, chosen, keep)
    learn(network, chosen)
    samples, _ = batch(0)
    outputs = outputs_of(network, samples)

    plain = added(network, samples, outputs, 0)
    with torch.autocast("cpu", torch.bfloat16):
        coarse = added(network, samples, outputs, 0)

    assert float(plain.detach()) > 0
    torch.testing.assert_close(coarse, plain, rtol=1e-4, atol=0.0)
