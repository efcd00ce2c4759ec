import copy

import pytest
import torch
from made_remedied import aasist, batch, branches, learn, xlsr
from torch import nn

from earwitness.errors import SettingsError
from earwitness.training import keeping
from earwitness.training.keeping import remedies
from earwitness.training.keeping._ranges import name_in_ranges

pytestmark = pytest.mark.train


def adapted(network: nn.Module, **settings: object) -> list[str]:
    keeping.adapt(network, remedies([{"name": "lora", **settings}]))
    return [name for name, weight in network.named_parameters() if weight.requires_grad]


@pytest.mark.parametrize("make", [branches, xlsr])
def test_a_folded_network_has_the_layout_of_the_start_and_says_what_the_adapted_one_says(make):
    network, layout = make(), list(make().state_dict())
    chosen = remedies([{"name": "lora", "rank": 4}])

    whole = learn(network, chosen)

    samples, _ = batch(77)
    with torch.no_grad():
        unmerged, merged, before = network(samples), whole(samples), make()(samples)
    assert list(whole.state_dict()) == layout
    assert float((unmerged - merged).abs().max()) <= 1e-5
    assert float((merged - before).abs().max()) > 1e-3
    make().load_state_dict(whole.state_dict())


@pytest.mark.parametrize("make", [branches, xlsr])
def test_only_adapters_are_trained_where_nothing_is_named_beside_them(make):
    trained = adapted(make(), beside=[])

    assert trained
    assert all("lora_" in name for name in trained)


def test_adapters_go_to_all_products_of_whisper_layers_and_to_attention_of_others():
    ours = {name.split(".lora_")[0].rpartition(".")[2] for name in adapted(branches(), beside=[])}
    theirs = {name.split(".lora_")[0].rpartition(".")[2] for name in adapted(xlsr(), beside=[])}

    assert ours == {"qkv", "o", "f1", "f2"}
    assert theirs == {"q_proj", "k_proj", "v_proj", "out_proj"}


def test_the_head_learns_beside_the_adapters_and_the_encoder_itself_stays():
    network = branches()
    old = copy.deepcopy(network)

    whole = learn(network, remedies([{"name": "lora"}]))

    same = {
        name_in_ranges(name)
        for name, value in whole.state_dict().items()
        if torch.equal(value, old.state_dict()[name])
    }
    assert "frontend.c1.weight" in same
    assert "frontend.layers.0.ln1.weight" in same
    assert "frontend.layers.0.qkv.weight" not in same
    assert not any(name.startswith("backend") and name.endswith("weight") for name in same)


def test_what_was_frozen_before_stays_frozen():
    network = branches()

    trained = adapted(network, beside=["all"])

    assert not any(name.endswith("pos") for name in trained)
    assert any(name.endswith("qkv.base_layer.weight") for name in trained)


def test_adapters_can_be_kept_to_a_range_of_layers():
    trained = adapted(branches(), layers=["frontend.layers.1"], beside=[])

    assert trained
    assert all(".b.1." in name for name in trained)


def test_the_same_seed_gives_the_same_adapters_and_leaves_all_other_chance_alone():
    torch.manual_seed(4)
    expected = torch.rand(1)
    torch.manual_seed(4)
    one, other = branches(), branches()
    torch.manual_seed(4)
    adapted(one)
    assert torch.rand(1) == expected
    adapted(other)

    for name, value in one.state_dict().items():
        assert torch.equal(value, other.state_dict()[name])


def test_a_network_without_such_layers_says_what_to_do():
    with pytest.raises(
        SettingsError, match=r"no linear layer called q_proj.*Name others in 'targets'"
    ):
        adapted(aasist())
    with pytest.raises(SettingsError, match=r"no range 'frontend\.layers\.9'"):
        adapted(branches(), layers=["frontend.layers.9"])


def test_other_linear_layers_can_be_named():
    trained = adapted(aasist(), targets=["out"], layers=["backend"], beside=[])

    assert {name.split(".lora_")[0] for name in trained} == {"backend.out"}


@pytest.mark.parametrize(
    ("settings", "said"), [({"rank": 0}, r"rank \(0\)"), ({"dropout": 1.0}, r"dropout \(1.0\)")]
)
def test_sizes_that_make_no_sense_are_refused(settings, said):
    with pytest.raises(SettingsError, match=said):
        remedies([{"name": "lora", **settings}])
