import copy

import pytest
import torch
from made_remedied import aasist, batch, branches, distance, keep, learn

from earwitness.errors import SettingsError
from earwitness.training import keeping
from earwitness.training.keeping import remedies
from earwitness.training.keeping.ewc import EwcSettings, fisher
from earwitness.training.outputs import outputs_of

pytestmark = pytest.mark.train


def away(*tables, make=branches, **kwargs):
    return distance(learn(make(), remedies(tables), rate=1e-3, **kwargs), make())


def test_l2_sp_with_a_huge_strength_holds_weights_and_a_weak_one_lets_them_go():
    free = away()
    weak = away({"name": "l2_sp", "strength": 1e-6})
    firm = away({"name": "l2_sp", "strength": 1e3}, steps=30)

    assert abs(weak / free - 1) < 0.01
    assert firm < 0.2 * free


def test_l2_sp_is_half_its_strength_times_the_squared_distance():
    network = branches()
    spring = keeping.penalty(network, remedies([{"name": "l2_sp", "strength": 0.5}]), None)
    samples, _ = batch(0)
    head = network.branches[0][1].head.parameters()
    first = next(head)
    with torch.no_grad():
        first += 2.0

    told = spring(network, samples, outputs_of(network, samples), 0)

    assert float(told.detach()) == pytest.approx(0.25 * 4.0 * first.numel())


def test_l2_sp_counts_what_adapters_add_as_a_distance_of_their_layer():
    network = branches()
    chosen = remedies([{"name": "lora", "beside": []}, {"name": "l2_sp", "strength": 2.0}])
    spring = keeping.penalty(network, chosen, None)
    whole = learn(network, chosen)
    samples, _ = batch(0)

    told = spring(network, samples, outputs_of(network, samples), 0)

    assert float(told.detach()) == pytest.approx(distance(whole, branches()) ** 2, rel=1e-4)


def test_a_frozen_weight_adds_nothing_to_a_spring():
    network = branches()
    spring = keeping.penalty(network, remedies([{"name": "l2_sp"}]), None)
    network.requires_grad_(False)
    samples, _ = batch(0)
    with torch.no_grad():
        for weight in network.parameters():
            weight += 1.0
        assert float(spring(network, samples, outputs_of(network, samples), 0)) == 0.0


def test_importance_is_the_mean_square_of_gradients_one_on_average_and_the_seed_s():
    network = branches()
    settings = EwcSettings(clips=6)

    found, again = (fisher(network, keep, settings) for _ in range(2))

    flat = torch.cat([one.flatten() for one in found.values()])
    assert float(flat.mean()) == pytest.approx(1.0, rel=1e-4)
    assert float(flat.min()) == 0.0  # positions that no clip reaches
    assert all(torch.equal(one, again[name]) for name, one in found.items())
    assert all(weight.grad is None for weight in network.parameters())


def test_importance_of_one_output_equals_the_formula_of_logistic_regression():
    torch.manual_seed(1)
    network = torch.nn.Sequential(torch.nn.Linear(3, 1, bias=False), torch.nn.Flatten(0))
    clips = torch.randn(400, 3)

    found = fisher(network, lambda _n: (clips, torch.zeros(400)), EwcSettings(clips=400))

    share = torch.sigmoid(network(clips)).detach()
    expected = (share * (1 - share))[:, None] * clips.square()
    expected = expected.mean(dim=0) / expected.mean()
    torch.testing.assert_close(found["0.weight"][0], expected, rtol=0.2, atol=0.0)


def test_ewc_lets_weights_that_do_not_matter_go_and_holds_those_that_do():
    old = branches()
    importance = fisher(old, keep, EwcSettings(clips=24))
    free, held = (
        learn(copy.deepcopy(old), remedies(tables), rate=1e-3, steps=20)
        for tables in ([], [{"name": "ewc", "strength": 100.0, "clips": 24}])
    )

    def ways(new):
        pairs = zip(new.parameters(), old.parameters(), importance.values(), strict=True)
        flat = [((a - b).detach().square().flatten(), f.flatten()) for a, b, f in pairs]
        way, weight = (torch.cat(parts) for parts in zip(*flat, strict=True))
        matters = weight > weight.quantile(0.9) if weight.numel() < 1e7 else weight > 1.0
        return float(way[matters].sum()), float(way[~matters].sum())

    free_important, free_rest = ways(free)
    held_important, held_rest = ways(held)
    assert held_important < 0.5 * free_important
    assert held_important / free_important < held_rest / free_rest


def test_ewc_needs_a_keep_set_and_one_that_is_not_trivial():
    with pytest.raises(SettingsError, match="no keep-set to learn from"):
        learn(branches(), remedies([{"name": "ewc"}]), with_keep=False)
    sure = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(2, 1), torch.nn.Flatten(0))
    with torch.no_grad():
        sure[1].weight.zero_()
        sure[1].bias.fill_(200.0)
    with pytest.raises(SettingsError, match="so sure of every clip"):
        fisher(sure, lambda _n: (torch.ones(2, 2), torch.ones(2)), EwcSettings(clips=2))


def test_networks_with_batch_norms_have_an_importance_too():
    found = fisher(aasist(), lambda n: batch(n, samples=12_000), EwcSettings(clips=3))

    assert float(found["backend.encoder.0.norm.weight"].sum()) > 0


@pytest.mark.parametrize("name", ["l2_sp", "ewc", "distillation"])
def test_a_strength_of_nothing_is_refused(name):
    with pytest.raises(SettingsError, match="must be above 0"):
        remedies([{"name": name, "strength": 0.0}])


def said_of_keep(network):
    with torch.no_grad():
        return torch.cat([outputs_of(network, keep(100 + n)[0]).logits for n in range(4)])


@pytest.mark.parametrize("matched", ["scores", "posteriors"])
def test_distillation_keeps_what_is_said_of_the_keep_set(matched):
    before = said_of_keep(branches())
    free = learn(branches(), (), steps=25)
    taught = learn(
        branches(),
        remedies([{"name": "distillation", "matched": matched, "strength": 10.0}]),
        steps=25,
    )

    lost = float((said_of_keep(free) - before).abs().mean())
    assert float((said_of_keep(taught) - before).abs().mean()) < 0.5 * lost


def test_distillation_without_a_keep_set_listens_to_the_batch_that_is_learnt():
    network = branches()
    teacher = keeping.penalty(network, remedies([{"name": "distillation"}]), None)
    new = learn(copy.deepcopy(network), ())
    samples, _ = batch(3)
    ours, theirs = outputs_of(new, samples), outputs_of(network, samples)

    told = teacher(new, samples, ours, 3)

    expected = torch.nn.functional.smooth_l1_loss(ours.logits, theirs.logits)
    assert float(told.detach()) == pytest.approx(float(expected.detach()), rel=1e-5)


def test_the_batch_of_the_keep_set_is_that_of_the_step_so_that_a_run_can_go_on():
    asked = []
    network = branches()
    teacher = keeping.penalty(
        network,
        remedies([{"name": "distillation"}]),
        lambda n: asked.append(n) or keep(n),
    )
    samples, _ = batch(0)

    for step in (5, 6):
        teacher(network, samples, outputs_of(network, samples), step)

    assert asked == [5, 6]


def test_a_network_that_has_not_moved_pays_nothing_for_distillation():
    network = branches()
    samples, _ = batch(0)
    for matched in ("scores", "posteriors"):
        chosen = remedies([{"name": "distillation", "matched": matched}])
        told = keeping.penalty(network, chosen, keep)(
            network, samples, outputs_of(network, samples), 0
        )
        assert float(told.detach()) == pytest.approx(0.0, abs=1e-6)
